//! Connections.

use std::time::Duration;

use diesel::PgConnection;
use diesel::r2d2::{Error, Pool, State};
use stagedoor_domain::ports::StoreError;

use super::failure_to_connect;
use super::pool::Connections;
use super::transaction::{Isolation, in_transaction};
use crate::blocking::blocking;
use crate::failure::Failure;

/// How to reach PostgreSQL.
#[derive(Clone)]
pub struct PostgresSettings {
    /// A `postgres://` URL. It may hold a password, so it is never shown.
    pub url: String,
    /// The most connections.
    pub connections_max: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// When a connection replaces its plans; see [`PLANS_REPLACED_AFTER`](super::PLANS_REPLACED_AFTER).
    pub plans_replaced_after: Duration,
}

/// The store on PostgreSQL.
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool<Connections>,
}

impl PostgresStore {
    /// Opens connections.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached: names host, port and reason.
    pub async fn connect(settings: PostgresSettings) -> Result<Self, StoreError> {
        blocking(move || {
            let server = failure_to_connect::server(&settings.url);
            let seconds = settings.connect_timeout.as_secs();
            let pool = Pool::builder()
                .max_size(settings.connections_max)
                .min_idle(Some(1))
                .connection_timeout(settings.connect_timeout)
                .error_handler(Box::new(Silent))
                .build(Connections::new(settings))
                .map_err(|error| {
                    let reason = failure_to_connect::reason(&error.to_string());
                    StoreError::Unavailable(format!(
                        "no connection to PostgreSQL at {server} within {seconds} s: {reason}"
                    ))
                })?;
            Ok(Self { pool })
        })
        .await
    }

    /// Runs `work` in a transaction that locks and writes.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with(|conn| in_transaction(conn, Isolation::ReadCommitted, work)).await
    }

    /// Reads with several statements, all on one snapshot.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with(|conn| in_transaction(conn, Isolation::Snapshot, work)).await
    }

    /// Reads with one statement, outside of any transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with(move |conn| Ok(work(conn)?)).await
    }

    /// Works on a connection as it is.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let pool = self.pool.clone();
        blocking(move || {
            let mut connection = pool.get().map_err(|_| unreachable_server())?;
            let done = work(&mut connection.conn);
            connection.record_use(&done);
            done
        })
        .await
    }

    pub(crate) fn pool_states(&self) -> [State; 1] {
        [self.pool.state()]
    }
}

fn unreachable_server() -> StoreError {
    StoreError::Unavailable("no connection to PostgreSQL could be had in time".to_owned())
}

/// The pool's errors may quote the URL: the log gets the reason alone.
#[derive(Debug)]
struct Silent;

impl diesel::r2d2::HandleError<Error> for Silent {
    fn handle_error(&self, error: Error) {
        let reason = failure_to_connect::reason(&error.to_string());
        tracing::warn!(reason, "a connection to PostgreSQL failed");
    }
}
