//! Looking after the store.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};

use crate::statement::Statement;
use crate::store::PostgresStore;

#[async_trait]
impl Maintenance for PostgresStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        let status = self.migration_status().await?;
        let pool = self.pool_state();
        Ok(Readiness {
            migrations_current: status.iter().all(|(_, applied)| *applied),
            connections_busy: pool.connections.saturating_sub(pool.idle_connections),
            connections_idle: pool.idle_connections,
        })
    }

    async fn forget_answers(&self, before: Instant, limit: usize) -> Result<usize, StoreError> {
        self.read(move |conn| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let forgotten = Statement::new(
                "DELETE FROM answers WHERE (owner, key) IN (SELECT owner, key FROM answers
                    WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?)",
            )
            .bind::<Timestamptz, _>(before)
            .bind::<BigInt, _>(limit)
            .execute(conn)?;
            Ok(forgotten)
        })
        .await
    }
}
