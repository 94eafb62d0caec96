//! Looking after a store.

use async_trait::async_trait;

use super::StoreError;
use crate::Instant;

/// What a store says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether every migration this program knows has been applied.
    pub migrations_current: bool,
    /// Connections in use.
    pub connections_busy: u32,
    /// Connections open and unused.
    pub connections_idle: u32,
}

/// Keeps a store in order.
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Reaches the store.
    ///
    /// # Errors
    /// A failure of the store.
    async fn readiness(&self) -> Result<Readiness, StoreError>;

    /// Deletes up to `limit` kept answers recorded before an instant; answers how many.
    ///
    /// # Errors
    /// A failure of the store.
    async fn forget_answers(&self, before: Instant, limit: usize) -> Result<usize, StoreError>;

    /// Lets go of what keeps other processes out. Whoever has it open asks it nothing afterwards.
    ///
    /// # Errors
    /// A failure of the store.
    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
