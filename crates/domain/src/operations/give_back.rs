//! Giving a hold back.

use serde::{Deserialize, Serialize};

use super::expire_holds;
use crate::reservation::NotHeld;
use crate::{
    Command, DecideError, Instant, Needs, NoKey, Refusal, ReservationId, ReservationStatus, UserId,
    WorkingSet,
};

/// Gives a hold back; its seats are free at once (rule 12). Giving back twice is giving back once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveBack {
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Who gives it back.
    pub user_id: UserId,
}

/// Why nothing was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum GiveBackRefused {
    /// The user has no such reservation.
    #[error("there is no such reservation")]
    ReservationNotFound,
    /// It is no longer held.
    #[error("{0}")]
    NotHeld(NotHeld),
}

impl Refusal for GiveBackRefused {}

impl Command for GiveBack {
    type Success = ();
    type Refusal = GiveBackRefused;
    type Key = NoKey;
    const NAME: &'static str = "give_back";

    fn needs(&self, needs: &mut Needs) {
        needs.reservations.insert(self.reservation_id);
    }

    fn decide(
        &self,
        set: &mut WorkingSet,
        now: Instant,
    ) -> Result<(), DecideError<GiveBackRefused>> {
        let own = set.reservation_of(self.user_id, self.reservation_id)?;
        let mut reservation = own.cloned().ok_or(GiveBackRefused::ReservationNotFound)?;
        if reservation.status(now) == ReservationStatus::Cancelled {
            return Ok(());
        }
        reservation.cancel(now).map_err(GiveBackRefused::NotHeld)?;
        expire_holds::release_seats(set, &reservation)?;
        set.replace(reservation)?;
        Ok(())
    }
}
