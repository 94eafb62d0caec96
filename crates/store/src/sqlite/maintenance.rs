//! Looking after the store.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

use crate::sqlite::codec::Micros;
use crate::sqlite::failure::Failure;
use crate::sqlite::statement::Statement;
use crate::sqlite::store::SqliteStore;

#[derive(QueryableByName)]
struct AliveRow {
    #[diesel(sql_type = BigInt)]
    alive_at: Micros,
}

/// Moves the deadlines of those who waited when an outage began, at most to what a heartbeat would set
/// now.
const REFUND: &str = "
    UPDATE queue_tokens SET
        seen_at = max(seen_at, min(seen_at + refund, until)),
        idle_at = max(idle_at, min(idle_at + refund, until + 1000000
            * (SELECT idle_seconds FROM rooms WHERE rooms.id = room_id)))
    FROM (SELECT ? AS began_at, ? AS refund, ? AS until)
    WHERE status = 'WAITING' AND idle_at > began_at";

fn pulse(conn: &mut SqliteConnection, pulse: Pulse, now: Instant) -> Result<(), Failure> {
    let last: Option<AliveRow> =
        Statement::new("SELECT alive_at FROM service_clock").get_result(conn).optional()?;
    let outage = last.and_then(|row| Some((row.alive_at.0, pulse.refund(row.alive_at.0, now)?)));
    if let Some((began_at, refund)) = outage {
        let refunded = Statement::new(REFUND)
            .bind::<BigInt, _>(Micros(began_at))
            .bind::<BigInt, _>(i64::try_from(refund.whole_microseconds()).unwrap_or(i64::MAX))
            .bind::<BigInt, _>(Micros(now))
            .execute(conn)?;
        tracing::info!(refunded, %refund, "waiting tokens were not charged for an outage");
    }
    Statement::new("UPDATE service_clock SET alive_at = ?")
        .bind::<BigInt, _>(Micros(now))
        .execute(conn)?;
    Ok(())
}

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

    async fn pulse(&self, _: ProcessId, of: Pulse, now: Instant) -> Result<Peers, StoreError> {
        self.write(move |conn| pulse(conn, of, now)).await?;
        Ok(Peers::Impossible)
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
