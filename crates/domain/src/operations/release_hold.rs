//! Releasing a hold.

use serde::{Deserialize, Serialize};

use super::expire_holds;
use crate::reservation::NotHeld;
use crate::{
    Command, Decided, Instant, Needs, NoKey, Refusal, ReservationId, ReservationStatus, UserId,
    WorkingSet,
};

/// Releases a hold; its seats are free at once (rule 12). Releasing twice is releasing once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Who releases it.
    pub user_id: UserId,
}

/// Why nothing was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ReleaseRefused {
    /// The user has no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// It is no longer held.
    #[error("{0}")]
    NotHeld(NotHeld),
}

impl Refusal for ReleaseRefused {}

impl Command for ReleaseHold {
    type Success = ();
    type Refusal = ReleaseRefused;
    type Key = NoKey;
    const NAME: &'static str = "release_hold";

    fn needs(&self, needs: &mut Needs) {
        needs.reservations.insert(self.reservation_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let own = set.reservation_of(self.user_id, self.reservation_id)?;
        let mut reservation = own.cloned().ok_or(ReleaseRefused::ReservationNotFound)?;
        if reservation.status(now) == ReservationStatus::Cancelled {
            return Ok(());
        }
        reservation.cancel(now).map_err(ReleaseRefused::NotHeld)?;
        expire_holds::release_seats(set, &reservation)?;
        set.replace(reservation)?;
        Ok(())
    }
}
