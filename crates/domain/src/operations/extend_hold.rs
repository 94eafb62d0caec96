//! Extending a hold.

use serde::{Deserialize, Serialize};

use crate::reservation::{NotExtended, NotHeld};
use crate::{
    Command, Corrupt, DecideError, Decided, ExpiryReason, Idempotency, Instant, Needs, QueueToken,
    Refusal, Reservation, ReservationId, Schedule, TokenState, UserId, WorkingSet,
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
    /// It was extended before, extending is not offered, booking closes first, or the schedule was cancelled.
    #[error("the hold cannot be extended")]
    NotExtendable,
}

impl Refusal for ExtendRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::ReservationNotFound | Self::NotHeld(_) | Self::NotExtendable => true,
        }
    }
}

impl From<NotExtended> for DecideError<ExtendRefused> {
    fn from(refused: NotExtended) -> Self {
        Self::Refused(match refused {
            NotExtended::NotHeld(refused) => ExtendRefused::NotHeld(refused),
            NotExtended::NotExtendable => ExtendRefused::NotExtendable,
        })
    }
}

/// Whether the token of a hold has ended, and the hold with it (rule 8): not by another payment.
fn has_ended(token: &QueueToken) -> bool {
    match token.state {
        TokenState::Expired { reason, .. } => reason != ExpiryReason::Completed,
        TokenState::Waiting { .. } | TokenState::Active { .. } => false,
    }
}

impl Command for ExtendHold {
    type Success = Reservation;
    type Refusal = ExtendRefused;
    type Key = Idempotency;
    const NAME: &'static str = "extend_hold";

    fn needs(&self, needs: &mut Needs) {
        needs.tokens_of_reservations.insert(self.reservation_id);
        needs.reservations.insert(self.reservation_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let held = set.reservation_of(self.user_id, self.reservation_id)?;
        let mut held = held.cloned().ok_or(ExtendRefused::ReservationNotFound)?;
        held.check_held(now).map_err(ExtendRefused::NotHeld)?;
        let token_id = held.queue_token_id.ok_or_else(|| Corrupt::new("a hold has no token"))?;
        let mut token = set.require::<QueueToken>(&token_id)?.clone();
        let mut seats = set.reserved_seats(&held)?;
        // A process whose clock is behind still sees a hold whose seats another user has taken.
        if has_ended(&token) || !seats.iter().all(|seat| seat.is_held_by(held.id)) {
            return Err(ExtendRefused::NotHeld(NotHeld::Over).into());
        }
        let schedule = set.require::<Schedule>(&held.schedule_id)?;
        if schedule.cancelled.is_some() {
            return Err(ExtendRefused::NotExtendable.into());
        }
        held.extend(&schedule.booking, now)?;
        for seat in &mut seats {
            let extended = seat.extend(held.id, held.expires_at);
            extended.map_err(|error| Corrupt::transition(seat.id, error))?;
        }
        if let TokenState::Active { .. } = token.state {
            let extended = token.extend_to(held.expires_at);
            extended.map_err(|error| Corrupt::transition(token.id, error))?;
        }
        set.replace_all(seats)?;
        set.replace(token)?;
        set.replace(held.clone())?;
        Ok(held)
    }
}
