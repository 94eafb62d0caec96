//! Reading payments.

use async_trait::async_trait;

use super::StoreError;
use crate::{Page, PageSize, Payment, PaymentId, Points, Reservation, ReservationId, UserId};

/// A payment, what was paid, and what was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDetails {
    /// The payment.
    pub payment: Payment,
    /// What was paid.
    pub reservation: Reservation,
    /// The balance right after it.
    pub balance: Points,
}

/// Reads payments.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Payments: Send + Sync {
    /// The payment of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn payment(&self, id: PaymentId) -> Result<Option<PaymentDetails>, StoreError>;

    /// The payment of this reservation.
    ///
    /// # Errors
    /// A failure of the store.
    async fn payment_of(&self, id: ReservationId) -> Result<Option<PaymentDetails>, StoreError>;

    /// A user's payments, newest id first, from those below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn payments(
        &self,
        user_id: UserId,
        after: Option<PaymentId>,
        size: PageSize,
    ) -> Result<Page<PaymentDetails, PaymentId>, StoreError>;
}
