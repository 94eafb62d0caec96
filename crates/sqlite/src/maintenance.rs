//! Looking after the store.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};

use crate::codec::Micros;
use crate::statement::Statement;
use crate::store::SqliteStore;

#[async_trait]
impl Maintenance for SqliteStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        let status = self.migration_status().await?;
        let pools = self.pool_states();
        let open: u32 = pools.iter().map(|pool| pool.connections).sum();
        let idle: u32 = pools.iter().map(|pool| pool.idle_connections).sum();
        Ok(Readiness {
            migrations_current: status.iter().all(|(_, applied)| *applied),
            connections_busy: open.saturating_sub(idle),
            connections_idle: idle,
        })
    }

    async fn forget_answers(&self, before: Instant, limit: usize) -> Result<usize, StoreError> {
        self.write(move |conn| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let forgotten = Statement::new(
                "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers
                    WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?)",
            )
            .bind::<BigInt, _>(Micros(before))
            .bind::<BigInt, _>(limit)
            .execute(conn)?;
            Ok(forgotten)
        })
        .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.unlock()
    }
}
