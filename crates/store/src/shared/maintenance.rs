//! Looking after the store: what is the same for both databases.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Kept, Readiness, StoreError};

use super::dialect::{Prepared, Store};
use crate::types::SqlInstant;

const DELETE_IDEMPOTENCY_RECORDS: &str = "
    DELETE FROM answers WHERE (owner, key) IN (
        SELECT owner, key FROM answers WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?
    )";

const DELETE_LINE_CHANGES: &str = "
    DELETE FROM line_changes WHERE (room_id, version) IN (
        SELECT room_id, version FROM line_changes WHERE written_at < ? ORDER BY written_at LIMIT ?
    )";

const DELETE_EVENTS: &str = "
    DELETE FROM events WHERE (subject_id, number) IN (
        SELECT subject_id, number FROM events WHERE at < ? AND fanned_out ORDER BY at LIMIT ?
    )";

const DELETE_DELIVERIES: &str = "
    DELETE FROM deliveries WHERE (webhook_id, subject_id, number) IN (
        SELECT webhook_id, subject_id, number FROM deliveries
        WHERE created_at < ? AND state <> 'PENDING' ORDER BY created_at LIMIT ?
    )";

const DELETE_MAILS: &str = "
    DELETE FROM mails WHERE (subject_id, number) IN (
        SELECT subject_id, number FROM mails
        WHERE created_at < ? AND state <> 'OPEN' ORDER BY created_at LIMIT ?
    )";

const DELETE_MAIL_TOKENS: &str = "
    DELETE FROM mail_tokens WHERE digest IN (
        SELECT digest FROM mail_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT ?
    )";

impl Store {
    pub(crate) async fn current_readiness(&self) -> Result<Readiness, StoreError> {
        let status = self.migration_status().await?;
        let pools = self.pool_states();
        let open: u32 = pools.iter().map(|pool| pool.connections).sum();
        let idle: u32 = pools.iter().map(|pool| pool.idle_connections).sum();
        Ok(Readiness {
            migrations_current: status.iter().all(|(_, applied)| *applied),
            commits: self.commits(),
            connections_busy: open.saturating_sub(idle),
            connections_idle: idle,
        })
    }

    pub(crate) async fn delete_kept(
        &self,
        what: Kept,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let statements: &[&str] = match what {
            Kept::IdempotencyRecords => &[DELETE_IDEMPOTENCY_RECORDS],
            Kept::LineChanges => &[DELETE_LINE_CHANGES],
            Kept::Events => &[DELETE_EVENTS, DELETE_DELIVERIES, DELETE_MAILS, DELETE_MAIL_TOKENS],
        };
        self.write(move |conn| {
            let mut most = 0;
            for statement in statements {
                let deleted = Prepared::new(*statement)
                    .bind::<SqlInstant, _>(before)
                    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
                    .execute(conn)?;
                most = most.max(deleted);
            }
            Ok(most)
        })
        .await
    }
}
