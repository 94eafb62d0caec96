//! Looking after the store.

use super::dialect::Prepared;
use super::shared::pulse::{leave, note_pulse, time};
use super::store::PostgresStore;
use crate::failure::Failure;
use crate::types::SqlId;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use stagedoor_domain::ports::{Kept, Maintenance, Readiness, StoreError};
use stagedoor_domain::pulse::{OLDER_MAX, PEER_MAX};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse};

/// The database's clock decides which processes answer, because theirs may differ.
const PEERS: &str = "SELECT
        count(*) FILTER (WHERE seen_at > clock_timestamp() - make_interval(secs => ?)) AS found,
        count(*) FILTER (WHERE NOT reserves AND seen_at > clock_timestamp() - make_interval(secs => ?)) AS older
    FROM processes WHERE id <> ?";
/// Removes processes of older versions that ended without leaving.
const FORGET_PROCESSES: &str =
    "DELETE FROM processes WHERE seen_at < clock_timestamp() - interval '1 hour'";

/// Processes pulse one after another, so of two at least one sees the other.
fn pulse(
    conn: &mut PgConnection,
    process: ProcessId,
    pulse: Pulse,
    now: Instant,
) -> Result<Peers, Failure> {
    note_pulse(conn, process, pulse, now)?;
    if pulse == Pulse::Start {
        Prepared::new(FORGET_PROCESSES).execute(conn)?;
    }
    let (found, older): (i64, i64) = Prepared::new(PEERS)
        .returning::<(BigInt, BigInt)>()
        .bind::<Double, _>(PEER_MAX.as_seconds_f64())
        .bind::<Double, _>(OLDER_MAX.as_seconds_f64())
        .bind::<SqlId, _>(process)
        .get_result(conn)?;
    Ok(match (found, older) {
        (0, _) => Peers::Absent,
        (_, 0) => Peers::Present,
        _ => Peers::Older,
    })
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
        self.write_pulse(move |conn| pulse(conn, process, of, now)).await
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
}
