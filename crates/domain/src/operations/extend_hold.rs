//! Extending a hold.

use serde::{Deserialize, Serialize};

use super::refuses_reused_keys;
use crate::reservation::NotHeld;
use crate::{
    Command, ExpiryReason, Instant, Needs, QueueToken, QueueTokenId, Refusal, Reservation,
    ReservationId, Schedule, Seat, SeatId, TokenState, UserId, WorkingSet,
};

/// Moves the deadline of a hold and of its seats to the latest instant that is offered, once, and not
/// past the closing of the booking window (rules 9 and 11).
/// The queue token it was made with does not expire before (rule 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendHold {
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Who holds it.
    pub user_id: UserId,
}

/// Why nothing was extended, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ExtendRefused {
    /// The user has no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// It is no longer held.
    #[error("{0}")]
    NotHeld(NotHeld),
    /// It was extended before, extending is not offered, or booking closes first.
    #[error("the hold cannot be extended")]
    NotExtendable,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

refuses_reused_keys!(ExtendRefused);

impl Refusal for ExtendRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::ReservationNotFound
            | Self::NotHeld(_)
            | Self::NotExtendable
            | Self::KeyReused => true,
        }
    }
}

/// By a clock that is behind, a hold may seem to live whose seats somebody else has taken since.
fn is_of(set: &WorkingSet, seat_id: SeatId, reservation_id: ReservationId) -> bool {
    set.get::<Seat>(&seat_id).is_some_and(|seat| seat.is_held_by(reservation_id))
}

/// Nor does a hold outlive its token (rule 8), unless that was spent on another payment.
fn has_ended(set: &WorkingSet, token_id: QueueTokenId) -> bool {
    let token = set.get::<QueueToken>(&token_id);
    token.is_some_and(|token| match token.state {
        TokenState::Expired { reason, .. } => reason != ExpiryReason::Completed,
        TokenState::Waiting { .. } | TokenState::Active { .. } => false,
    })
}

impl Command for ExtendHold {
    type Success = Reservation;
    type Refusal = ExtendRefused;
    const NAME: &'static str = "extend_hold";

    fn needs(&self, needs: &mut Needs) {
        needs.tokens_of_reservations.insert(self.reservation_id);
        needs.reservations.insert(self.reservation_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Result<Reservation, ExtendRefused> {
        let mut held = set
            .get::<Reservation>(&self.reservation_id)
            .filter(|reservation| reservation.user_id == self.user_id)
            .cloned()
            .ok_or(ExtendRefused::ReservationNotFound)?;
        let schedule = set.get::<Schedule>(&held.schedule_id);
        let schedule = schedule.ok_or(ExtendRefused::ReservationNotFound)?;
        let extended = held.extend(&schedule.booking, now).map_err(ExtendRefused::NotHeld)?;
        if has_ended(set, held.queue_token_id)
            || !held.seats.iter().all(|seat| is_of(set, seat.id, held.id))
        {
            return Err(ExtendRefused::NotHeld(NotHeld::Over));
        }
        if !extended {
            return Err(ExtendRefused::NotExtendable);
        }
        for seat in &held.seats {
            set.change::<Seat>(&seat.id, |seat| seat.extend(held.id, held.expires_at));
        }
        set.change::<QueueToken>(&held.queue_token_id, |token| token.outlive(held.expires_at));
        set.replace(held.clone());
        Ok(held)
    }
}
