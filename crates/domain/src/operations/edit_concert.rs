//! Changing what is told of a concert.

use serde::{Deserialize, Serialize};

use crate::concert::{DetailsEdit, NotOwn};
use crate::{
    Command, Concert, ConcertId, Decided, ExpectedVersion, Instant, Needs, NoKey, OtherVersion,
    Refusal, UserId, WorkingSet,
};

/// Changes some of what is told of a concert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditConcert {
    /// Which.
    pub concert_id: ConcertId,
    /// Who changes it.
    pub organizer_id: UserId,
    /// What is to change.
    pub edit: DetailsEdit,
    /// Which versions of the concert it is meant for.
    pub expected: ExpectedVersion,
}

/// Why a concert was not changed, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EditConcertRefused {
    /// The concert is not the user's own.
    #[error("{0}")]
    NotOwn(NotOwn),
    /// It was changed meanwhile.
    #[error("the concert was changed meanwhile")]
    OtherVersion,
}

impl Refusal for EditConcertRefused {}

impl Command for EditConcert {
    /// The concert as it is now.
    type Success = Concert;
    type Refusal = EditConcertRefused;
    type Key = NoKey;
    const NAME: &'static str = "edit_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let mut concert = own.map_err(EditConcertRefused::NotOwn)?;
        let expected = self.expected.check(concert.version);
        expected.map_err(|OtherVersion| EditConcertRefused::OtherVersion)?;
        concert.edit(&self.edit);
        set.replace(concert.clone())?;
        Ok(concert)
    }
}
