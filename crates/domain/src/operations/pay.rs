//! Paying.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::tickets::issue_tickets;
use crate::point::{BalanceRefused, EntryOf};
use crate::queue_token::NotActive;
use crate::reservation::{NotHeld, Timeliness};
use crate::seat::SeatTaken;
use crate::{
    Command, Corrupt, DecideError, Decided, ExpiryReason, Idempotency, Instant, Needs, NewTickets,
    Payment, PaymentId, PointAccount, PointEntryId, Points, QueueToken, QueueTokenId, Refusal,
    Reservation, ReservationId, ReservationStatus, Room, RoomId, Schedule, Seat, TokenStatus,
    UserId, WorkingSet,
};

/// Pays a held reservation with points (rule 15). A moment after the hold has expired, it takes the same
/// seats again in the same step, if all of them are free and booking is open.
///
/// A token that has ended still pays the holds that were made with it, because it can do nothing else
/// for them: a token that an earlier payment completed, and one whose time ended with its hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    /// The id the payment gets.
    pub payment_id: PaymentId,
    /// The id the point entry gets.
    pub entry_id: PointEntryId,
    /// Who pays.
    pub user_id: UserId,
    /// With which queue token; not necessarily the one that the hold was made with.
    pub token_id: QueueTokenId,
    /// The token's room.
    pub room_id: RoomId,
    /// What is paid.
    pub reservation_id: ReservationId,
    /// What the tickets get.
    pub tickets: NewTickets,
    /// How long after the hold has expired it may be paid.
    pub grace: Duration,
    /// The price that the payer expects, if it named one.
    pub expected: Option<Points>,
}

/// What was paid, in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The payment.
    pub payment: Payment,
    /// The balance after it.
    pub balance: Points,
    /// The reservation, now confirmed.
    pub reservation: Reservation,
    /// The queue token, now ended. One that had ended before keeps its reason.
    pub token: QueueToken,
    /// Whether the hold had expired and the seats were taken again.
    #[serde(default)]
    pub late: bool,
}

/// Why nothing was paid, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PayRefused {
    /// The queue token does not admit to booking.
    #[error("{0}")]
    NotActive(NotActive),
    /// The user has no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// The queue token is of another concert's room (rule 7), or another user's.
    #[error("the queue token is of another room")]
    OtherRoom,
    /// The schedule was cancelled.
    #[error("the schedule was cancelled")]
    ScheduleCancelled,
    /// The reservation is no longer held.
    #[error("{0}")]
    NotHeld(NotHeld),
    /// The concert was cancelled.
    #[error("the concert was cancelled")]
    ConcertCancelled,
    /// The price is this one, and the payer expects another.
    #[error("the price is another one")]
    OtherPrice(Points),
    /// The balance is smaller than the price.
    #[error("{0}")]
    Balance(BalanceRefused),
}

impl Refusal for PayRefused {
    fn is_final(&self) -> bool {
        match self {
            // The same request may come with another queue token.
            Self::NotActive(_) | Self::OtherRoom => false,
            // The older contracts name a hold by the client's own reference, or as "the user's
            // hold": the same request may mean another hold later.
            Self::ReservationNotFound | Self::NotHeld(_) | Self::OtherPrice(_) => false,
            Self::ConcertCancelled => false,
            Self::Balance(_) => false,
            Self::ScheduleCancelled => true,
        }
    }
}

impl Pay {
    /// The user's reservation, if the token admits to its payment.
    fn own(&self, set: &WorkingSet, now: Instant) -> Result<Reservation, DecideError<PayRefused>> {
        let expired = PayRefused::NotActive(NotActive::Expired);
        let token = set.token_of(self.room_id, self.token_id)?.ok_or(expired)?;
        let room = set.require::<Room>(&token.room_id)?;
        let own = set.reservation_of(self.user_id, self.reservation_id)?;
        match token.status(now) {
            TokenStatus::Active { .. } => {}
            TokenStatus::Waiting { .. } => {
                return Err(PayRefused::NotActive(NotActive::Waiting).into());
            }
            TokenStatus::Expired { reason, .. } => {
                if !admits_after_its_end(token.id, reason, own, now) {
                    return Err(expired.into());
                }
            }
        }
        let reservation = own.ok_or(PayRefused::ReservationNotFound)?;
        if !room.covers(reservation.concert_id) || token.user_id != self.user_id {
            return Err(PayRefused::OtherRoom.into());
        }
        Ok(reservation.clone())
    }

    /// The reservation's seats, sold to it.
    fn sold_seats(
        set: &WorkingSet,
        reservation: &Reservation,
        timeliness: Timeliness,
        now: Instant,
    ) -> Result<Vec<Seat>, DecideError<PayRefused>> {
        let over = PayRefused::NotHeld(NotHeld::Over);
        let schedule = set.require::<Schedule>(&reservation.schedule_id)?;
        if !schedule.concert_state.is_on_sale() {
            return Err(PayRefused::ConcertCancelled.into());
        }
        if schedule.cancelled.is_some() {
            return Err(PayRefused::ScheduleCancelled.into());
        }
        if timeliness == Timeliness::Late {
            let own = set.own_tickets(reservation.schedule_id, reservation.user_id)?;
            let is_allowed = schedule.ticket_limit.allows(own, reservation.seats.len());
            if !schedule.is_bookable(now) || !is_allowed {
                return Err(over.into());
            }
        }
        let mut seats = set.reserved_seats(reservation)?;
        for seat in &mut seats {
            let sold = match timeliness {
                Timeliness::InTime => seat.sell(reservation.id, now),
                Timeliness::Late => seat.sell_late(reservation.id, now),
            };
            sold.map_err(|SeatTaken| over)?;
        }
        Ok(seats)
    }

    /// Ends the token that pays. One that has ended keeps its reason.
    fn spent_token(&self, set: &mut WorkingSet, now: Instant) -> Result<QueueToken, Corrupt> {
        let mut token = set.require::<QueueToken>(&self.token_id)?.clone();
        let mut room = set.require::<Room>(&token.room_id)?.clone();
        if !token.expire_if_overdue(&mut room, now) && token.is_live(now) {
            let ended = token.end(ExpiryReason::Completed, &mut room, now);
            ended.map_err(|error| Corrupt::transition(token.id, error))?;
        }
        set.replace(room)?;
        set.replace(token.clone())?;
        Ok(token)
    }
}

/// Whether a token that ended for this reason is not what keeps a user from paying: the user's own
/// reservation answers then, or that there is none.
fn admits_after_its_end(
    token_id: QueueTokenId,
    reason: ExpiryReason,
    own: Option<&Reservation>,
    now: Instant,
) -> bool {
    let Some(own) = own else { return reason == ExpiryReason::Completed };
    let made_with_it = own.queue_token_id == Some(token_id);
    match (own.status(now), reason) {
        (ReservationStatus::Confirmed, _)
        | (ReservationStatus::Cancelled, ExpiryReason::Completed) => true,
        (
            ReservationStatus::Held | ReservationStatus::Expired,
            ExpiryReason::Completed | ExpiryReason::TimedOut,
        ) => made_with_it,
        _ => false,
    }
}

impl Command for Pay {
    type Success = Paid;
    type Refusal = PayRefused;
    type Key = Idempotency;
    const NAME: &'static str = "pay";

    fn needs(&self, needs: &mut Needs) {
        needs.rooms.insert(self.room_id);
        needs.tokens.insert(self.token_id);
        needs.reservations.insert(self.reservation_id);
        needs.accounts.insert(self.user_id);
    }

    /// The tickets of the user, to which those of an expired hold are added again.
    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(own) = set.reservation_of(self.user_id, self.reservation_id)?
            && own.check_payable(self.grace, now) == Ok(Timeliness::Late)
        {
            needs.own_tickets.insert((own.schedule_id, own.user_id));
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut reservation = self.own(set, now)?;
        let timeliness = reservation.confirm(self.grace, now).map_err(PayRefused::NotHeld)?;
        let seats = Self::sold_seats(set, &reservation, timeliness, now)?;
        if self.expected.is_some_and(|expected| expected != reservation.total_price) {
            return Err(PayRefused::OtherPrice(reservation.total_price).into());
        }
        let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
        let mut account = set.get::<PointAccount>(&self.user_id)?.cloned().ok_or(insufficient)?;
        let of = EntryOf { id: self.entry_id, payment_id: Some(self.payment_id), at: now };
        let entry = account.spend(reservation.total_price, of).map_err(PayRefused::Balance)?;
        let payment = Payment {
            id: self.payment_id,
            user_id: self.user_id,
            reservation_id: self.reservation_id,
            amount: reservation.total_price,
            created_at: now,
        };
        let mut schedule = set.require::<Schedule>(&reservation.schedule_id)?.clone();
        schedule.count_sold(reservation.seat_count());
        let token = self.spent_token(set, now)?;
        issue_tickets(set, &mut reservation, &self.tickets, now)?;
        set.replace_all(seats)?;
        set.replace(schedule)?;
        set.replace(account)?;
        if timeliness == Timeliness::Late {
            set.note_tickets(&reservation, now);
        }
        set.replace(reservation.clone())?;
        set.insert(payment.clone());
        let balance = entry.balance_after;
        set.insert(entry);
        let late = timeliness == Timeliness::Late;
        Ok(Paid { payment, balance, reservation, token, late })
    }
}
