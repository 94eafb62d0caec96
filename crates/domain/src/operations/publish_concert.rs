//! Publishing a draft of a concert.

use serde::{Deserialize, Serialize};

use crate::concert::{Cancelled, NotOwn};
use crate::{
    Command, Concert, ConcertId, Decided, Idempotency, Instant, Needs, Refusal, UserId, WorkingSet,
};

/// Makes a draft public and puts its dates on sale. A published concert stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishConcert {
    /// Which.
    pub concert_id: ConcertId,
    /// Who publishes it.
    pub organizer_id: UserId,
}

/// Why a concert was not published, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PublishRefused {
    /// The concert is not the user's own.
    #[error("{0}")]
    NotOwn(NotOwn),
    /// It was cancelled.
    #[error("the concert was cancelled")]
    Cancelled,
    /// It has no date, or none that was not cancelled.
    #[error("the concert has no date")]
    NoSchedule,
}

impl Refusal for PublishRefused {
    fn is_final(&self) -> bool {
        match self {
            // A date may be added.
            Self::NoSchedule => false,
            Self::NotOwn(_) | Self::Cancelled => true,
        }
    }
}

impl Command for PublishConcert {
    /// The concert as it is now.
    type Success = Concert;
    type Refusal = PublishRefused;
    type Key = Idempotency;
    const NAME: &'static str = "publish_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.whole_concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let mut concert = own.map_err(PublishRefused::NotOwn)?;
        concert.publish().map_err(|Cancelled| PublishRefused::Cancelled)?;
        if set.schedules_of(concert.id)?.iter().all(|date| date.cancelled.is_some()) {
            return Err(PublishRefused::NoSchedule.into());
        }
        set.replace_concert(concert.clone())?;
        Ok(concert)
    }
}
