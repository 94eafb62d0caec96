//! Payments.

use serde::{Deserialize, Serialize};

use crate::{Instant, PaymentId, Points, ReservationId, UserId};

/// Points paid for one reservation. A payment is complete from the start: it is made in the same
/// step that takes the points off (rule 15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Which.
    pub id: PaymentId,
    /// Who paid.
    pub user_id: UserId,
    /// For what; each reservation is paid at most once.
    pub reservation_id: ReservationId,
    /// How many points.
    pub amount: Points,
    /// When.
    pub created_at: Instant,
}
