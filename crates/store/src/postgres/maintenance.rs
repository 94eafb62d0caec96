//! Looking after the store.

use super::dialect::Prepared;
use super::shared::pulse::{note_pulse, time};
use super::store::PostgresStore;
use crate::failure::Failure;
use crate::types::SqlId;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use stagedoor_domain::ports::{Maintenance, Readiness, StoreError};
use stagedoor_domain::pulse::PEER_MAX;
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

/// The database's clock decides which processes are alive, because theirs may differ.
const RECORD_PROCESS: &str = "INSERT INTO processes VALUES (?, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
const PEERS: &str = "SELECT count(*) AS count FROM processes
    WHERE id <> ? AND seen_at > clock_timestamp() - make_interval(secs => ?)";
/// Removes processes that ended without leaving.
const FORGET_PROCESSES: &str =
    "DELETE FROM processes WHERE seen_at < clock_timestamp() - interval '1 hour'";

/// Processes pulse one after another, so of two at least one sees the other.
fn pulse(
    conn: &mut PgConnection,
    process: ProcessId,
    pulse: Pulse,
    now: Instant,
) -> Result<Peers, Failure> {
    note_pulse(conn, pulse, now)?;
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
