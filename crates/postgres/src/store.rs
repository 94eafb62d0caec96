//! Connections.

use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection};
use stagedoor_domain::PageSize;
use stagedoor_domain::ports::StoreError;

use crate::failure::Failure;
use crate::transaction::{Isolation, in_transaction};

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
}

/// The store on PostgreSQL.
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool<ConnectionManager<PgConnection>>,
}

impl PostgresStore {
    /// Opens connections.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn connect(settings: PostgresSettings) -> Result<Self, StoreError> {
        blocking(move || {
            let pool = Pool::builder()
                .max_size(settings.connections_max)
                .min_idle(Some(1))
                .connection_timeout(settings.connect_timeout)
                .connection_customizer(Box::new(Limits(settings.statement_timeout)))
                .error_handler(Box::new(Silent))
                .build(ConnectionManager::new(settings.url))
                .map_err(|_| unreachable_server())?;
            Ok(Self { pool })
        })
        .await
    }

    /// Runs `work` in a transaction of its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        isolation: Isolation,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || in_transaction(&mut *store.connection()?, isolation, work)).await
    }

    /// Reads with one statement, outside of any transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || Ok(work(&mut *store.connection()?)?)).await
    }

    /// Works on a connection as it is.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || work(&mut *store.connection()?)).await
    }

    pub(crate) fn pool_state(&self) -> diesel::r2d2::State {
        self.pool.state()
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<PgConnection>>, StoreError> {
        self.pool.get().map_err(|_| unreachable_server())
    }
}

/// How many rows to read for a page: one more tells whether there is a next one.
pub(crate) fn one_more(size: PageSize) -> i64 {
    i64::try_from(size.items()).map_or(i64::MAX, |items| items + 1)
}

fn unreachable_server() -> StoreError {
    StoreError::Unavailable("no connection to PostgreSQL could be had in time".to_owned())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        Err(StoreError::OutcomeUnknown("a thread of the store broke off".to_owned()))
    })
}

/// Bounds that every connection keeps to.
#[derive(Debug)]
struct Limits(Duration);

/// Every hot statement has its index. A plan made while a table is empty would scan it or hash all of
/// it, and be kept by the connection while the table grows: foreign keys were checked so, a thousand
/// times too slowly. What scans cost then makes the server compile plans, which takes longer than to
/// run them. A plan for the first values seen may sort a whole line: plans are made for any values.
impl CustomizeConnection<PgConnection, Error> for Limits {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let milliseconds = self.0.as_millis();
        conn.batch_execute(&format!(
            "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
             SET idle_in_transaction_session_timeout = {milliseconds}; SET timezone = 'UTC'; \
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET jit = off; SET plan_cache_mode = force_generic_plan"
        ))
        .map_err(Error::QueryError)
    }
}

/// The pool's errors quote the server; those who asked for a connection are told in our words.
#[derive(Debug)]
struct Silent;

impl diesel::r2d2::HandleError<Error> for Silent {
    fn handle_error(&self, error: Error) {
        drop(error);
        tracing::warn!("a connection to PostgreSQL failed");
    }
}
