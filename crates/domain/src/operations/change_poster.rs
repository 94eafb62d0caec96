//! Giving a concert a poster, and taking it away.

use super::EditConcertRefused;
use crate::poster::RenderedPoster;
use crate::{
    Command, Concert, ConcertId, Decided, ExpectedVersion, Instant, Needs, NoKey, OtherVersion,
    UserId, WorkingSet,
};

/// Gives a concert another poster, or takes away the one that it has. The images of the poster before are deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePoster {
    /// The concert.
    pub concert_id: ConcertId,
    /// The user who changes it.
    pub organizer_id: UserId,
    /// The new poster; nothing: no poster.
    pub poster: Option<RenderedPoster>,
    /// The versions of the concert that the change applies to.
    pub expected: ExpectedVersion,
}

impl Command for ChangePoster {
    /// The concert as it is now.
    type Success = Concert;
    /// As for any edit of a concert.
    type Refusal = EditConcertRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_poster";

    fn needs(&self, needs: &mut Needs) {
        needs.posters.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let mut concert = own.map_err(EditConcertRefused::NotOwn)?;
        let expected = self.expected.check(concert.version);
        expected.map_err(|OtherVersion| EditConcertRefused::OtherVersion)?;
        if concert.show(self.poster.as_ref().map(|rendered| rendered.poster.clone())) {
            let images = self.poster.as_ref().map(|rendered| rendered.images(concert.id));
            set.replace_poster(concert.id, images.unwrap_or_default())?;
            set.replace(concert.clone())?;
        }
        Ok(concert)
    }
}
