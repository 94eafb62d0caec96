//! Reading reservations.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    Instant, Page, PageSize, Reference, Reservation, ReservationId, ReservationStatus, UserId,
};

/// Reads reservations.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Reservations: Send + Sync {
    /// The reservation of this id, with its seats.
    ///
    /// # Errors
    /// A failure of the store.
    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, StoreError>;

    /// The newest of a user's reservations that has this reference.
    ///
    /// # Errors
    /// A failure of the store.
    async fn reservation_by_reference(
        &self,
        user_id: UserId,
        reference: &Reference,
    ) -> Result<Option<Reservation>, StoreError>;

    /// A user's reservations, newest id first, from those below `after` on. With `status`, those
    /// alone that have it at `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn reservations(
        &self,
        user_id: UserId,
        status: Option<ReservationStatus>,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Reservation, ReservationId>, StoreError>;
}
