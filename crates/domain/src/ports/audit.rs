//! Checking stored data against the invariants.

use async_trait::async_trait;

use super::StoreError;
use crate::Instant;

/// One place where stored data violate an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant, in a few words.
    pub invariant: String,
    /// What violates it: ids and figures.
    pub detail: String,
}

/// Looks for violations of invariants.
#[async_trait]
pub trait Audit: Send + Sync {
    /// All violations there are, as of `now`; none in a sound store. MUST read one snapshot and MUST
    /// NOT change anything.
    ///
    /// # Errors
    /// A failure of the store.
    async fn audit(&self, now: Instant) -> Result<Vec<Violation>, StoreError>;
}
