//! Cancelling a concert.

use serde::{Deserialize, Serialize};

use crate::concert::{NotOwn, NotPublished};
use crate::{
    Command, Concert, ConcertId, Decided, Idempotency, Instant, Needs, Refusal, UserId, WorkingSet,
};

/// Ends the sale of a concert: no token is given out, no seat held and no hold paid any more. A cancelled concert stays
/// as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelConcert {
    /// Which.
    pub concert_id: ConcertId,
    /// Who cancels it.
    pub organizer_id: UserId,
}

/// Why a concert was not cancelled, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelConcertRefused {
    /// The concert is not the user's own.
    #[error("{0}")]
    NotOwn(NotOwn),
    /// It is a draft.
    #[error("the concert is a draft")]
    NotPublished,
    /// Seats of it are paid. Their dates are to be cancelled first, which refunds them.
    #[error("seats of the concert are sold")]
    HasSales,
}

impl Refusal for CancelConcertRefused {
    fn is_final(&self) -> bool {
        match self {
            // A draft may be published, and paid reservations may be cancelled.
            Self::NotPublished | Self::HasSales => false,
            Self::NotOwn(_) => true,
        }
    }
}

impl Command for CancelConcert {
    /// The concert as it is now.
    type Success = Concert;
    type Refusal = CancelConcertRefused;
    type Key = Idempotency;
    const NAME: &'static str = "cancel_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.whole_concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let mut concert = own.map_err(CancelConcertRefused::NotOwn)?;
        concert.cancel().map_err(|NotPublished| CancelConcertRefused::NotPublished)?;
        if set.schedules_of(concert.id)?.iter().any(|schedule| schedule.sold_count > 0) {
            return Err(CancelConcertRefused::HasSales.into());
        }
        set.replace_concert(concert.clone())?;
        Ok(concert)
    }
}
