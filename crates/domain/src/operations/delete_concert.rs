//! Deleting a concert.

use serde::{Deserialize, Serialize};

use crate::concert::NotOwn;
use crate::{
    Command, Concert, ConcertId, Decided, Instant, Needs, NoKey, Refusal, UserId, WorkingSet,
};

/// Deletes a concert of which no reservation was ever made, with its schedules, their seats, its room and the queue
/// tokens of that room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteConcert {
    /// Which.
    pub concert_id: ConcertId,
    /// Who deletes it.
    pub organizer_id: UserId,
}

/// Why a concert was not deleted, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum DeleteConcertRefused {
    /// The concert is not the user's own.
    #[error("{0}")]
    NotOwn(NotOwn),
    /// A reservation was made of it.
    #[error("a reservation was made of the concert")]
    HasSales,
}

impl Refusal for DeleteConcertRefused {}

impl Command for DeleteConcert {
    type Success = ();
    type Refusal = DeleteConcertRefused;
    type Key = NoKey;
    const NAME: &'static str = "delete_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.deleted_concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let concert = own.map_err(DeleteConcertRefused::NotOwn)?;
        if set.was_reserved(concert.id)? {
            return Err(DeleteConcertRefused::HasSales.into());
        }
        set.delete::<Concert>(&concert.id)?;
        Ok(())
    }
}
