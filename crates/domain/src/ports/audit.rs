//! Checking stored data against the invariants.

use async_trait::async_trait;

use super::StoreError;
use crate::Instant;

/// One place where stored data break an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The invariant, in a few words.
    pub invariant: String,
    /// What breaks it: ids and figures.
    pub detail: String,
}

/// Looks for broken invariants.
#[async_trait]
pub trait Audit: Send + Sync {
    /// All breaks there are, as of `now`; none in a sound store. MUST read one snapshot and MUST
    /// NOT change anything.
    ///
    /// # Errors
    /// A failure of the store.
    async fn audit(&self, now: Instant) -> Result<Vec<Break>, StoreError>;
}
