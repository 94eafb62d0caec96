//! Reading halls and their seat plans.

use async_trait::async_trait;

use super::StoreError;
use crate::{Hall, HallId, HallPlan, Page, PageSize, PlanVersion, Venue, VenueId};

/// Reads halls and their seat plans.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Halls: Send + Sync {
    /// The hall of this id, and its venue.
    ///
    /// # Errors
    /// A failure of the store.
    async fn hall(&self, id: HallId) -> Result<Option<(Hall, Venue)>, StoreError>;

    /// A venue's halls, newest id first, from those below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn halls(
        &self,
        venue_id: VenueId,
        after: Option<HallId>,
        size: PageSize,
    ) -> Result<Page<Hall, HallId>, StoreError>;

    /// A version of a hall's plan.
    ///
    /// # Errors
    /// A failure of the store.
    async fn hall_plan(&self, version: PlanVersion) -> Result<Option<HallPlan>, StoreError>;
}
