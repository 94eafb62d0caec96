//! Looking after the store.

use super::shared::pulse::{leave, note_pulse};
use super::store::SqliteStore;
use async_trait::async_trait;
use stagedoor_domain::ports::{Kept, Maintenance, Readiness, StoreError};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

#[async_trait]
impl Maintenance for SqliteStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        self.current_readiness().await
    }

    async fn pulse(
        &self,
        process: ProcessId,
        of: Pulse,
        now: Instant,
    ) -> Result<Peers, StoreError> {
        self.write(move |conn| note_pulse(conn, process, of, now)).await?;
        Ok(Peers::Impossible)
    }

    async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        self.write(move |conn| leave(conn, process)).await
    }

    async fn delete_old(
        &self,
        what: Kept,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.delete_kept(what, before, limit).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.unlock()
    }
}
