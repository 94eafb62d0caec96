//! Whether a concert is public and on sale.

use serde::{Deserialize, Serialize};

/// Where a concert stands: `DRAFT → PUBLISHED → CANCELLED`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConcertState {
    /// Only its organizer and operators see it.
    Draft,
    /// Everyone sees it, and its dates are on sale. What has no state, such as concerts of older versions, is published.
    #[default]
    Published,
    /// Everyone sees it, and nothing of it is sold any more.
    Cancelled,
}

impl ConcertState {
    /// Whether everyone sees the concert.
    pub fn is_public(self) -> bool {
        self != Self::Draft
    }

    /// Whether its dates are on sale.
    pub fn is_on_sale(self) -> bool {
        self == Self::Published
    }
}

/// Why a user may not change a concert (rule 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotOwn {
    /// There is no such concert, or it is another organizer's draft.
    #[error("there is no such concert")]
    NotFound,
    /// The concert is another organizer's.
    #[error("the concert is another organizer's")]
    AnotherOrganizers,
}

/// The concert was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the concert was cancelled")]
pub struct Cancelled;

/// The concert is a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the concert is a draft")]
pub struct NotPublished;
