//! Reading venues.

use async_trait::async_trait;

use super::StoreError;
use crate::{Page, PageSize, Venue, VenueId};

/// Reads venues.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Venues: Send + Sync {
    /// The venue of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn venue(&self, id: VenueId) -> Result<Option<Venue>, StoreError>;

    /// Venues, newest id first, from those below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn venues(
        &self,
        after: Option<VenueId>,
        size: PageSize,
    ) -> Result<Page<Venue, VenueId>, StoreError>;
}
