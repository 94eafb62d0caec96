//! Looking after the store.

use super::dialect::Prepared;
use super::store::PostgresStore;
use crate::failure::Failure;
use crate::types::{SqlId, SqlInstant};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::pulse::PEER_MAX;
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

/// Moves the deadlines of tokens that were waiting when an outage began, at most to what a heartbeat would set
/// now. The tokens are not locked in an order first, which takes twice as long for a million of them: should the
/// heartbeats of another process meet it crosswise, the database ends one of the two, and it is tried again.
const REFUND: &str = "
    WITH outage AS (
        SELECT ?::timestamptz AS began_at, make_interval(secs => ?) AS refund, ?::timestamptz AS until
    )
    UPDATE queue_tokens SET
        seen_at = greatest(seen_at, least(seen_at + refund, until)),
        idle_at = greatest(idle_at, least(idle_at + refund, until + make_interval(secs => idle_seconds)))
    FROM rooms, outage WHERE rooms.id = room_id AND status = 'WAITING' AND idle_at > began_at";

/// The database's clock decides which processes are alive, because theirs may differ.
const RECORD_PROCESS: &str = "INSERT INTO processes VALUES (?, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
const PEERS: &str = "SELECT count(*) AS count FROM processes
    WHERE id <> ? AND seen_at > clock_timestamp() - make_interval(secs => ?)";
/// Removes processes that ended without leaving.
const FORGET_PROCESSES: &str =
    "DELETE FROM processes WHERE seen_at < clock_timestamp() - interval '1 hour'";

/// The row of the clock is locked, so processes pulse one after another, and of two at least one sees the other.
fn pulse(
    conn: &mut PgConnection,
    process: ProcessId,
    pulse: Pulse,
    now: Instant,
) -> Result<Peers, Failure> {
    let last: Option<Instant> = Prepared::new("SELECT alive_at FROM service_clock FOR UPDATE")
        .returning::<SqlInstant>()
        .get_result(conn)
        .optional()?;
    let outage = last.and_then(|alive_at| Some((alive_at, pulse.refund(alive_at, now)?)));
    let mut alive_at = now;
    if let Some((began_at, refund)) = outage {
        let started = time(conn)?;
        Prepared::new("SELECT id FROM rooms ORDER BY id FOR UPDATE").execute(conn)?;
        let refunded = Prepared::new(REFUND)
            .bind::<SqlInstant, _>(began_at)
            .bind::<Double, _>(refund.as_seconds_f64())
            .bind::<SqlInstant, _>(now)
            .execute(conn)?;
        tracing::info!(refunded, %refund, "waiting tokens were not charged for an outage");
        alive_at = Pulse::alive_at(now, time(conn)? - started);
    }
    Prepared::new("UPDATE service_clock SET alive_at = ?")
        .bind::<SqlInstant, _>(alive_at)
        .execute(conn)?;
    if pulse == Pulse::Start {
        Prepared::new(FORGET_PROCESSES).execute(conn)?;
    }
    Prepared::new(RECORD_PROCESS).bind::<SqlId, _>(process).execute(conn)?;
    let peers: i64 = Prepared::new(PEERS)
        .returning::<BigInt>()
        .bind::<SqlId, _>(process)
        .bind::<Double, _>(PEER_MAX.as_seconds_f64())
        .get_result(conn)?;
    Ok(if peers > 0 { Peers::Present } else { Peers::Absent })
}

fn time(conn: &mut PgConnection) -> Result<Instant, Failure> {
    Ok(Prepared::new("SELECT clock_timestamp()").returning::<SqlInstant>().get_result(conn)?)
}

#[async_trait]
impl Maintenance for PostgresStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        self.current_readiness().await
    }

    async fn time(&self) -> Result<Option<Instant>, StoreError> {
        self.read(|conn| time(conn).map(Some)).await
    }

    async fn pulse(
        &self,
        process: ProcessId,
        of: Pulse,
        now: Instant,
    ) -> Result<Peers, StoreError> {
        self.write(move |conn| pulse(conn, process, of, now)).await
    }

    async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        self.write(move |conn| {
            Prepared::new("DELETE FROM processes WHERE id = ?")
                .bind::<SqlId, _>(process)
                .execute(conn)?;
            Ok(())
        })
        .await
    }

    async fn delete_idempotency_records(
        &self,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.delete_records(before, limit).await
    }
}
