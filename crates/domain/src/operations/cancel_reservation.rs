//! Cancelling a paid reservation.

use serde::{Deserialize, Serialize};

use super::tickets::void_tickets;
use crate::point::{BalanceRefused, EntryOf};
use crate::reservation::NotConfirmed;
use crate::{
    Command, Corrupt, DecideError, Decided, Idempotency, Instant, Needs, PointAccount, PointEntry,
    PointEntryId, Points, Refusal, Reservation, ReservationId, Schedule, UserId, WorkingSet,
};

/// Cancels a paid reservation before its schedule's deadline: the points come back, the seats are
/// free at once (rules 12 and 14). It happens once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelReservation {
    /// The id the point entry gets.
    pub entry_id: PointEntryId,
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Whose it is.
    pub user_id: UserId,
}

/// What was released, in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// The reservation, now cancelled.
    pub reservation: Reservation,
    /// The entry that brought the points back.
    pub entry: PointEntry,
}

/// Why nothing was cancelled, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelRefused {
    /// The user has no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// It is not paid, or was cancelled before.
    #[error("the reservation is not confirmed")]
    NotConfirmed,
    /// The tickets are complimentary: staff cancel them.
    #[error("complimentary tickets are cancelled by staff")]
    Complimentary,
    /// The deadline has passed, or the schedule has none.
    #[error("cancellation is closed")]
    CancellationClosed,
    /// Another user has one of its tickets.
    #[error("a ticket was transferred")]
    TicketTransferred,
    /// The holder of one of its tickets came in.
    #[error("a ticket was checked in")]
    CheckedIn,
    /// The balance would pass its bound.
    #[error("{0}")]
    Balance(BalanceRefused),
}

impl Refusal for CancelRefused {
    fn is_final(&self) -> bool {
        match self {
            // The other user may transfer it back, and a check-in may be undone.
            Self::NotConfirmed | Self::TicketTransferred | Self::CheckedIn | Self::Balance(_) => {
                false
            }
            Self::ReservationNotFound | Self::Complimentary | Self::CancellationClosed => true,
        }
    }
}

impl Command for CancelReservation {
    type Success = Refunded;
    type Refusal = CancelRefused;
    type Key = Idempotency;
    const NAME: &'static str = "cancel_reservation";

    fn needs(&self, needs: &mut Needs) {
        needs.reservations.insert(self.reservation_id);
        needs.tickets_of.insert(self.reservation_id);
        needs.payments_of.insert(self.reservation_id);
        needs.accounts.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let own = set.reservation_of(self.user_id, self.reservation_id)?;
        let reservation = own.cloned().ok_or(CancelRefused::ReservationNotFound)?;
        check_cancellable(&reservation, set.require(&reservation.schedule_id)?, now)?;
        let tickets = set.tickets_of(reservation.id)?;
        if tickets.iter().any(|ticket| !ticket.is_void() && ticket.holder_id != self.user_id) {
            return Err(CancelRefused::TicketTransferred.into());
        }
        if tickets.iter().any(|ticket| ticket.check_in().is_some()) {
            return Err(CancelRefused::CheckedIn.into());
        }
        refund(set, reservation, self.entry_id, now)
    }
}

/// Checks that the holder of a reservation may cancel it at `now`, or a seat of it.
pub(super) fn check_cancellable(
    reservation: &Reservation,
    schedule: &Schedule,
    now: Instant,
) -> Result<(), CancelRefused> {
    reservation.check_paid().map_err(|NotConfirmed| CancelRefused::NotConfirmed)?;
    if reservation.is_complimentary() {
        return Err(CancelRefused::Complimentary);
    }
    if !schedule.is_cancellable(now) {
        return Err(CancelRefused::CancellationClosed);
    }
    Ok(())
}

/// Cancels a paid reservation, whose payment, tickets and account are in the set: the points of its seats come back, the
/// seats are free, the tickets are void.
pub(super) fn refund(
    set: &mut WorkingSet,
    mut reservation: Reservation,
    entry_id: PointEntryId,
    now: Instant,
) -> Result<Refunded, DecideError<CancelRefused>> {
    reservation.cancel_paid(now).map_err(|NotConfirmed| CancelRefused::NotConfirmed)?;
    let entry = refund_points(set, &reservation, reservation.total_price, entry_id, now)?;
    put_back(set, &mut reservation, now)?;
    Ok(Refunded { reservation, entry })
}

/// Gives points of a reservation's payment back.
pub(super) fn refund_points(
    set: &mut WorkingSet,
    reservation: &Reservation,
    amount: Points,
    entry_id: PointEntryId,
    now: Instant,
) -> Result<PointEntry, DecideError<CancelRefused>> {
    let payment = set.payment_of(reservation.id)?;
    let payment = payment.ok_or_else(|| Corrupt::new("a paid reservation has no payment"))?;
    let mut account = set.require::<PointAccount>(&reservation.user_id)?.clone();
    let of = EntryOf { id: entry_id, payment_id: Some(payment.id), at: now };
    let entry = account.refund(amount, of).map_err(CancelRefused::Balance)?;
    set.replace(account)?;
    set.insert(entry.clone());
    Ok(entry)
}

/// Cancels complimentary tickets: nothing is refunded, the seats are free.
pub(super) fn revoke(
    set: &mut WorkingSet,
    mut reservation: Reservation,
    now: Instant,
) -> Result<Reservation, Corrupt> {
    let cancelled = reservation.cancel_paid(now);
    cancelled.map_err(|error| Corrupt::transition(reservation.id, error))?;
    put_back(set, &mut reservation, now)?;
    Ok(reservation)
}

/// Puts a confirmed reservation back as a cancelled one, its seats as free ones and its tickets as void ones.
fn put_back(
    set: &mut WorkingSet,
    cancelled: &mut Reservation,
    now: Instant,
) -> Result<(), Corrupt> {
    void_tickets(set, cancelled, now)?;
    for mut seat in set.reserved_seats(cancelled)? {
        let freed = seat.take_back(cancelled.id);
        freed.map_err(|error| Corrupt::transition(seat.id, error))?;
        set.replace(seat)?;
    }
    let mut schedule = set.require::<Schedule>(&cancelled.schedule_id)?.clone();
    schedule.count_sold(-cancelled.seat_count());
    set.replace(schedule)?;
    set.replace(cancelled.clone())
}
