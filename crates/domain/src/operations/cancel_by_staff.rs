//! Cancelling what a user reserved, by staff.

use serde::{Deserialize, Serialize};

use super::cancel_reservation::{CancelRefused, refund, revoke};
use super::expire_holds::release_seats;
use super::management::{NotManager, check_manages};
use crate::point::BalanceRefused;
use crate::reservation::NotHeld;
use crate::{
    Command, Corrupt, DecideError, Decided, Instant, Needs, NoKey, OperatorAction,
    OperatorActionId, OperatorDeed, PointEntryId, Reason, Refusal, Reservation, ReservationId,
    ReservationStatus, UserId, WorkingSet,
};

/// Ends a user's reservation: releases a live hold, cancels and refunds a paid one, whatever its deadline for
/// cancellation, or cancels complimentary tickets. A record of it is kept. It happens once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelByStaff {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// The id that the point entry of a refund gets.
    pub entry_id: PointEntryId,
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Who ends it: the organizer of its concert, or an operator.
    pub manager_id: UserId,
    /// Why, in words for the holder.
    pub reason: Reason,
}

/// Why nothing was ended, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelByStaffRefused {
    /// There is no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer or an operator may end a reservation")]
    NotManager,
    /// It is neither held nor paid.
    #[error("{0}")]
    NotHeld(NotHeld),
    /// The balance would pass its bound.
    #[error("{0}")]
    Balance(BalanceRefused),
}

impl Refusal for CancelByStaffRefused {}

impl From<NotManager> for CancelByStaffRefused {
    fn from(_: NotManager) -> Self {
        Self::NotManager
    }
}

impl CancelByStaff {
    /// Refunds the reservation, which is paid.
    fn refunded(
        &self,
        set: &mut WorkingSet,
        reservation: Reservation,
        now: Instant,
    ) -> Result<Reservation, DecideError<CancelByStaffRefused>> {
        let id = reservation.id;
        match refund(set, reservation, self.entry_id, now) {
            Ok(refunded) => Ok(refunded.reservation),
            Err(DecideError::Refused(CancelRefused::Balance(refused))) => {
                Err(CancelByStaffRefused::Balance(refused).into())
            }
            Err(DecideError::Refused(refused)) => Err(Corrupt::transition(id, refused).into()),
            Err(DecideError::Corrupt(bug)) => Err(bug.into()),
        }
    }
}

impl Command for CancelByStaff {
    type Success = Reservation;
    type Refusal = CancelByStaffRefused;
    type Key = NoKey;
    const NAME: &'static str = "cancel_by_staff";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.manager_id);
        needs.reservations.insert(self.reservation_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(reservation) = set.get::<Reservation>(&self.reservation_id)? {
            needs.concerts_read.insert(reservation.concert_id);
            let is_paid = reservation.status(now) == ReservationStatus::Confirmed;
            if is_paid {
                needs.tickets_of.insert(reservation.id);
            }
            if is_paid && !reservation.is_complimentary() {
                needs.payments_of.insert(reservation.id);
                needs.accounts.insert(reservation.user_id);
            }
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let found = set.get::<Reservation>(&self.reservation_id)?;
        let found = found.cloned().ok_or(CancelByStaffRefused::ReservationNotFound)?;
        check_manages(set, self.manager_id, found.concert_id)?
            .map_err(CancelByStaffRefused::from)?;
        let ended = if found.status(now) == ReservationStatus::Confirmed {
            if found.is_complimentary() {
                revoke(set, found, now)?
            } else {
                self.refunded(set, found, now)?
            }
        } else {
            let mut hold = found;
            hold.cancel(now).map_err(CancelByStaffRefused::NotHeld)?;
            release_seats(set, &hold)?;
            set.replace(hold.clone())?;
            hold
        };
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.manager_id,
            deed: OperatorDeed::ReservationCancelled {
                reservation_id: ended.id,
                user_id: ended.user_id,
                reason: self.reason.clone(),
            },
            at: now,
        });
        Ok(ended)
    }
}
