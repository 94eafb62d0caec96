//! Looking after the store.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::{Instant, Pulse};

use crate::failure::Failure;
use crate::statement::Statement;
use crate::store::PostgresStore;
use crate::transaction::Isolation;

#[derive(QueryableByName)]
struct TimeRow {
    #[diesel(sql_type = Timestamptz)]
    time: Instant,
}

#[derive(QueryableByName)]
struct AliveRow {
    #[diesel(sql_type = Timestamptz)]
    alive_at: Instant,
}

/// Moves the last heartbeats of those who waited when an outage began. Tokens are locked in the order
/// of their ids.
const REFUND: &str = "
    WITH waiting AS (
        SELECT queue_tokens.id FROM queue_tokens JOIN rooms ON rooms.id = room_id
        WHERE status = 'WAITING' AND seen_at + make_interval(secs => idle_seconds) > ?
        ORDER BY queue_tokens.id FOR UPDATE OF queue_tokens
    )
    UPDATE queue_tokens SET seen_at = greatest(seen_at, least(seen_at + (?::timestamptz - ?), ?))
    FROM waiting WHERE queue_tokens.id = waiting.id";

fn pulse(conn: &mut PgConnection, pulse: Pulse, now: Instant) -> Result<(), Failure> {
    let last: Option<AliveRow> = Statement::new("SELECT alive_at FROM service_clock FOR UPDATE")
        .get_result(conn)
        .optional()?;
    let outage = last.and_then(|row| Some((row.alive_at, pulse.refund(row.alive_at, now)?)));
    if let Some((began_at, refund)) = outage {
        Statement::new("SELECT id FROM rooms ORDER BY id FOR UPDATE").execute(conn)?;
        let refunded = Statement::new(REFUND)
            .bind::<Timestamptz, _>(began_at)
            .bind::<Timestamptz, _>(began_at + refund)
            .bind::<Timestamptz, _>(began_at)
            .bind::<Timestamptz, _>(now)
            .execute(conn)?;
        tracing::info!(refunded, %refund, "waiting tokens were not charged for an outage");
    }
    Statement::new("UPDATE service_clock SET alive_at = ?")
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    Ok(())
}

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

    async fn time(&self) -> Result<Option<Instant>, StoreError> {
        self.read(|conn| {
            let row: TimeRow =
                Statement::new("SELECT clock_timestamp() AS time").get_result(conn)?;
            Ok(Some(row.time))
        })
        .await
    }

    async fn pulse(&self, of: Pulse, now: Instant) -> Result<(), StoreError> {
        self.run(Isolation::ReadCommitted, move |conn| pulse(conn, of, now)).await
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
