//! Looking after the store.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::service_clock::PEER_MAX;
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

use crate::postgres::failure::Failure;
use crate::postgres::statement::Statement;
use crate::postgres::store::PostgresStore;
use crate::postgres::transaction::Isolation;

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

#[derive(QueryableByName)]
struct PeersRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Moves the deadlines of those who waited when an outage began, at most to what a heartbeat would set
/// now. Tokens are locked in the order of their ids.
const REFUND: &str = "
    WITH outage AS (
        SELECT ?::timestamptz AS began_at, make_interval(secs => ?) AS refund, ?::timestamptz AS until
    ), waiting AS (
        SELECT queue_tokens.id, make_interval(secs => idle_seconds) AS idle
        FROM queue_tokens JOIN rooms ON rooms.id = room_id
        WHERE status = 'WAITING' AND idle_at > (SELECT began_at FROM outage)
        ORDER BY queue_tokens.id FOR UPDATE OF queue_tokens
    )
    UPDATE queue_tokens SET
        seen_at = greatest(seen_at, least(seen_at + refund, until)),
        idle_at = greatest(idle_at, least(idle_at + refund, until + idle))
    FROM waiting, outage WHERE queue_tokens.id = waiting.id";

/// Processes are told apart by the store's clock, whatever theirs say.
const TELL: &str = "INSERT INTO processes VALUES (?, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
const PEERS: &str = "SELECT count(*) AS count FROM processes
    WHERE id <> ? AND seen_at > clock_timestamp() - make_interval(secs => ?)";
/// Of processes that did not end well.
const FORGET: &str = "DELETE FROM processes WHERE seen_at < clock_timestamp() - interval '1 hour'";

/// The lock of the clock has one process pulse after the other, so that of two at least one sees the
/// other.
fn pulse(
    conn: &mut PgConnection,
    process: ProcessId,
    pulse: Pulse,
    now: Instant,
) -> Result<Peers, Failure> {
    let last: Option<AliveRow> = Statement::new("SELECT alive_at FROM service_clock FOR UPDATE")
        .get_result(conn)
        .optional()?;
    let outage = last.and_then(|row| Some((row.alive_at, pulse.refund(row.alive_at, now)?)));
    if let Some((began_at, refund)) = outage {
        Statement::new("SELECT id FROM rooms ORDER BY id FOR UPDATE").execute(conn)?;
        let refunded = Statement::new(REFUND)
            .bind::<Timestamptz, _>(began_at)
            .bind::<Double, _>(refund.as_seconds_f64())
            .bind::<Timestamptz, _>(now)
            .execute(conn)?;
        tracing::info!(refunded, %refund, "waiting tokens were not charged for an outage");
    }
    Statement::new("UPDATE service_clock SET alive_at = ?")
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    if pulse == Pulse::Start {
        Statement::new(FORGET).execute(conn)?;
    }
    Statement::new(TELL).bind::<SqlUuid, _>(process.0).execute(conn)?;
    let peers: PeersRow = Statement::new(PEERS)
        .bind::<SqlUuid, _>(process.0)
        .bind::<Double, _>(PEER_MAX.as_seconds_f64())
        .get_result(conn)?;
    Ok(if peers.count > 0 { Peers::Present } else { Peers::Absent })
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

    async fn pulse(
        &self,
        process: ProcessId,
        of: Pulse,
        now: Instant,
    ) -> Result<Peers, StoreError> {
        self.run(Isolation::ReadCommitted, move |conn| pulse(conn, process, of, now)).await
    }

    async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        self.read(move |conn| {
            Statement::new("DELETE FROM processes WHERE id = ?")
                .bind::<SqlUuid, _>(process.0)
                .execute(conn)?;
            Ok(())
        })
        .await
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
