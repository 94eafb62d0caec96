//! Concerts.

mod details;
mod search;
mod slug;
mod state;

use serde::{Deserialize, Serialize};

use crate::{ConcertId, Instant, Poster, UserId};

pub use details::{
    AgeLimit, ConcertDetails, Description, DetailsEdit, RunningTime, Subtitle, Tags, Title,
};
pub use search::SearchWords;
pub use slug::Slug;
pub use state::{Cancelled, ConcertState, NotOwn, NotPublished};

/// A show with a title and an organizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concert {
    /// Which.
    pub id: ConcertId,
    /// Who made it, and alone may change it and add schedules.
    pub organizer_id: UserId,
    /// What is told of it.
    #[serde(flatten)]
    pub details: ConcertDetails,
    /// Its readable name in addresses. Nothing in what versions before slugs kept or created.
    #[serde(default)]
    pub slug: Option<Slug>,
    /// Where it stands. Its room and its schedules have a copy of this, so that a command that has locked one of them knows it.
    #[serde(default)]
    pub state: ConcertState,
    /// Its poster, if it has one.
    #[serde(default)]
    pub poster: Option<Poster>,
    /// How often it was changed.
    #[serde(default)]
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}

impl Concert {
    /// A new concert, published.
    pub fn new(id: ConcertId, organizer_id: UserId, details: ConcertDetails, now: Instant) -> Self {
        let slug = Some(Slug::of(&details.title, id));
        let state = ConcertState::Published;
        let poster = None;
        Self { id, organizer_id, details, slug, state, poster, version: 0, created_at: now }
    }

    /// Checks that a user may change the concert (rule 18).
    ///
    /// # Errors
    /// The user is not its organizer. Another organizer's draft is told as if it did not exist.
    pub fn check_own(&self, user_id: UserId) -> Result<(), NotOwn> {
        if self.organizer_id == user_id {
            Ok(())
        } else if self.state.is_public() {
            Err(NotOwn::AnotherOrganizers)
        } else {
            Err(NotOwn::NotFound)
        }
    }

    /// Makes a draft public; a published concert stays as it is. From then on its slug never changes.
    ///
    /// # Errors
    /// It was cancelled.
    pub fn publish(&mut self) -> Result<(), Cancelled> {
        match self.state {
            ConcertState::Draft => self.change_state(ConcertState::Published),
            ConcertState::Published => {}
            ConcertState::Cancelled => return Err(Cancelled),
        }
        Ok(())
    }

    /// Ends the sale; a cancelled concert stays as it is.
    ///
    /// # Errors
    /// It is a draft.
    pub fn cancel(&mut self) -> Result<(), NotPublished> {
        match self.state {
            ConcertState::Draft => return Err(NotPublished),
            ConcertState::Published => self.change_state(ConcertState::Cancelled),
            ConcertState::Cancelled => {}
        }
        Ok(())
    }

    /// Changes some of what is told of it. The slug of a draft follows its title; that of a public concert never
    /// changes.
    pub fn edit(&mut self, edit: &DetailsEdit) {
        let details = edit.applied_to(&self.details);
        if details == self.details {
            return;
        }
        self.details = details;
        if !self.state.is_public() || self.slug.is_none() {
            self.slug = Some(Slug::of(&self.details.title, self.id));
        }
        self.version = self.version.saturating_add(1);
    }

    /// Gives it this poster, or none. Whether it has another one now.
    pub fn show(&mut self, poster: Option<Poster>) -> bool {
        let is_new = self.poster != poster;
        if is_new {
            self.poster = poster;
            self.version = self.version.saturating_add(1);
        }
        is_new
    }

    fn change_state(&mut self, state: ConcertState) {
        self.state = state;
        self.version = self.version.saturating_add(1);
    }
}
