//! Looking after the store.

use super::shared::pulse::note_pulse;
use super::store::SqliteStore;
use async_trait::async_trait;
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

#[async_trait]
impl Maintenance for SqliteStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        self.current_readiness().await
    }

    async fn pulse(&self, _: ProcessId, of: Pulse, now: Instant) -> Result<Peers, StoreError> {
        self.write(move |conn| note_pulse(conn, of, now)).await?;
        Ok(Peers::Impossible)
    }

    async fn delete_idempotency_records(
        &self,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.delete_records(before, limit).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.unlock()
    }
}
