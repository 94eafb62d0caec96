//! Concerts.

mod details;
mod slug;

use serde::{Deserialize, Serialize};

use crate::{ConcertId, Instant, UserId};

pub use details::{AgeLimit, ConcertDetails, Description, RunningTime, Subtitle, Tags, Title};
pub use slug::Slug;

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
    /// When it was made.
    pub created_at: Instant,
}

impl Concert {
    /// A new concert.
    pub fn new(id: ConcertId, organizer_id: UserId, details: ConcertDetails, now: Instant) -> Self {
        let slug = Some(Slug::of(&details.title, id));
        Self { id, organizer_id, details, slug, created_at: now }
    }
}
