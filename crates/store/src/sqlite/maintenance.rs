//! Looking after the store.

use super::dialect::Prepared;
use super::store::SqliteStore;
use crate::failure::Failure;
use crate::types::SqlInstant;
use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

/// Moves the deadlines of tokens that were waiting when an outage began, at most to what a heartbeat would set
/// now.
const REFUND: &str = "
    UPDATE queue_tokens SET
        seen_at = max(seen_at, min(seen_at + refund, until)),
        idle_at = max(idle_at, min(idle_at + refund, until + 1000000
            * (SELECT idle_seconds FROM rooms WHERE rooms.id = room_id)))
    FROM (SELECT ? AS began_at, ? AS refund, ? AS until)
    WHERE status = 'WAITING' AND idle_at > began_at";

fn pulse(conn: &mut SqliteConnection, pulse: Pulse, now: Instant) -> Result<(), Failure> {
    let last: Option<Instant> = Prepared::new("SELECT alive_at FROM service_clock")
        .returning::<SqlInstant>()
        .get_result(conn)
        .optional()?;
    let outage = last.and_then(|alive_at| Some((alive_at, pulse.refund(alive_at, now)?)));
    let mut alive_at = now;
    if let Some((began_at, refund)) = outage {
        let started = time(conn)?;
        let refunded = Prepared::new(REFUND)
            .bind::<SqlInstant, _>(began_at)
            .bind::<BigInt, _>(i64::try_from(refund.whole_microseconds()).unwrap_or(i64::MAX))
            .bind::<SqlInstant, _>(now)
            .execute(conn)?;
        tracing::info!(refunded, %refund, "waiting tokens were not charged for an outage");
        alive_at = Pulse::alive_at(now, time(conn)? - started);
    }
    Prepared::new("UPDATE service_clock SET alive_at = ?")
        .bind::<SqlInstant, _>(alive_at)
        .execute(conn)?;
    Ok(())
}

fn time(conn: &mut SqliteConnection) -> Result<Instant, Failure> {
    Ok(Prepared::new("SELECT CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)")
        .returning::<SqlInstant>()
        .get_result(conn)?)
}

#[async_trait]
impl Maintenance for SqliteStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        self.current_readiness().await
    }

    async fn pulse(&self, _: ProcessId, of: Pulse, now: Instant) -> Result<Peers, StoreError> {
        self.write(move |conn| pulse(conn, of, now)).await?;
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
