//! Refunding the tickets of cancelled schedules.

use serde::{Deserialize, Serialize};

use super::cancel_reservation::{CancelRefused, refund, revoke};
use super::expire_holds::release_seats;
use crate::{
    Command, Corrupt, DecideError, Decided, Instant, Needs, NeverRefused, NoKey, PointEntryId,
    Reservation, ReservationId, ReservationState, ReservationStatus, Schedule, WorkingSet,
};

/// Refunds paid reservations of cancelled schedules and ends their holds and complimentary tickets: the next ones in the order of their ids, as
/// many as there are entry ids. One transaction does all of it or nothing, so each payment is refunded once, whenever
/// a process ends.
///
/// A refund for which the balance has no room is left out, and is tried again by the next run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettleCancelled {
    /// Reservations up to this id have been looked at; the nil id for none.
    pub after: ReservationId,
    /// The ids that the point entries get.
    pub entry_ids: Vec<PointEntryId>,
}

/// What was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// How many payments were refunded.
    pub refunded: usize,
    /// The number of holds and of reservations of complimentary tickets that ended.
    pub released: usize,
    /// How many refunds would have passed the bound of a balance.
    pub left: usize,
    /// The last reservation that was looked at; nothing when there was none.
    pub last: Option<ReservationId>,
}

impl SettleCancelled {
    /// The most reservations settled by one transaction.
    pub const RESERVATIONS_MAX: usize = 200;

    /// The next reservations that are not settled.
    fn next(&self, set: &WorkingSet) -> Result<Vec<Reservation>, Corrupt> {
        let mut found = Vec::new();
        for reservation in set.unsettled(self.after)? {
            let is_open = matches!(
                reservation.state,
                ReservationState::Held | ReservationState::Confirmed { .. }
            );
            let schedule = set.require::<Schedule>(&reservation.schedule_id)?;
            if is_open && schedule.cancelled.is_some() {
                found.push(reservation.clone());
            }
        }
        found.sort_by_key(|reservation| reservation.id);
        found.truncate(self.entry_ids.len());
        Ok(found)
    }
}

impl Command for SettleCancelled {
    type Success = Settled;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "settle_cancelled";

    fn needs(&self, needs: &mut Needs) {
        needs.unsettled.insert(self.after, self.entry_ids.len());
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        for reservation in self.next(set)? {
            if reservation.state == ReservationState::Held {
                continue;
            }
            needs.tickets_of.insert(reservation.id);
            if !reservation.is_complimentary() {
                needs.payments_of.insert(reservation.id);
                needs.accounts.insert(reservation.user_id);
            }
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut settled = Settled { refunded: 0, released: 0, left: 0, last: None };
        for (reservation, entry_id) in self.next(set)?.into_iter().zip(&self.entry_ids) {
            settled.last = Some(reservation.id);
            if reservation.state == ReservationState::Held {
                end_hold(set, reservation, now)?;
                settled.released += 1;
                continue;
            }
            if reservation.is_complimentary() {
                revoke(set, reservation, now)?;
                settled.released += 1;
                continue;
            }
            match refund(set, reservation, *entry_id, now) {
                Ok(_) => settled.refunded += 1,
                Err(DecideError::Refused(CancelRefused::Balance(_))) => settled.left += 1,
                Err(DecideError::Refused(refused)) => {
                    return Err(Corrupt::transition(settled.last, refused).into());
                }
                Err(DecideError::Corrupt(bug)) => return Err(bug.into()),
            }
        }
        Ok(settled)
    }
}

/// Ends a hold, whether or not its time has expired.
fn end_hold(set: &mut WorkingSet, mut hold: Reservation, now: Instant) -> Result<(), Corrupt> {
    if hold.status(now) == ReservationStatus::Held {
        hold.cancel(now).map_err(|error| Corrupt::transition(hold.id, error))?;
    } else if !hold.expire_if_overdue(now) {
        return Err(Corrupt::new("a hold is neither live nor overdue"));
    }
    release_seats(set, &hold)?;
    set.replace(hold)
}
