//! Connections.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use diesel::PgConnection;
use diesel::r2d2::State;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::StoreError;

use super::call::{Call, Patience, Wait};
use super::gate::Gate;
use super::pool::{Connection, Lane, Reach};
use super::transaction::{SNAPSHOT, begin_unless_older, in_transaction};
use crate::batch_clock::BatchClock;
use crate::blocking::blocking;
use crate::failure::Failure;

/// How to reach PostgreSQL.
#[derive(Clone)]
pub struct PostgresSettings {
    /// A `postgres://` URL. It may hold a password, so it is never shown.
    pub url: String,
    /// The most connections: half of them, rounded up, for changes, the others for reads. A single one is for both.
    pub connections_max: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a commit may take, which a server with synchronous standbys answers when they have it and has no limit
    /// for; and how long the server may answer nothing at all.
    pub answer_timeout: Duration,
    /// How old the instant of a batch may be, by the server's clock, when its transaction begins: a process that was
    /// suspended goes on with an old one. From then on it moves with the time until the locks are had. Nothing for a store
    /// whose instants are not the server's: they stand still.
    pub instant_age_max: Option<Duration>,
    /// When a connection replaces its plans; see [`PLANS_REPLACED_AFTER`](super::PLANS_REPLACED_AFTER).
    pub plans_replaced_after: Duration,
}

/// Why no connection was opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server is not there, or no primary yet. It may be later.
    #[error(transparent)]
    Unreachable(StoreError),
    /// The URL cannot be used, or the server will not have the user or the database.
    #[error(transparent)]
    Refused(StoreError),
}

/// The store on PostgreSQL.
#[derive(Clone)]
pub struct PostgresStore {
    changes: Arc<Lane>,
    reads: Arc<Lane>,
    gate: Arc<Gate>,
    patience: Patience,
    instant_age_max: Option<Duration>,
}

impl PostgresStore {
    /// Opens connections.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses: names host, port and reason.
    pub async fn connect(settings: PostgresSettings) -> Result<Self, ConnectError> {
        let (most, reach) = (settings.connections_max, Arc::new(Reach::new()));
        let changes = Arc::new(Lane::new(&settings, most.div_ceil(2), &reach));
        let reads = match most / 2 {
            0 => Arc::clone(&changes),
            reads_max => Arc::new(Lane::new(&settings, reads_max, &reach)),
        };
        let store = Self {
            changes,
            reads,
            gate: Arc::default(),
            patience: Patience {
                statement: settings.statement_timeout,
                answer: settings.answer_timeout,
            },
            instant_age_max: settings.instant_age_max,
        };
        match store.read(|_| Ok(())).await {
            Ok(()) => Ok(store),
            Err(error) if reach.is_refused() => Err(ConnectError::Refused(error)),
            Err(error) => Err(ConnectError::Unreachable(error)),
        }
    }

    /// Runs `work` in a transaction that locks and writes.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_from("BEGIN".to_owned(), work).await
    }

    /// Runs `work`, which decides as of `now` or later, in a transaction that locks and writes.
    pub(crate) async fn write_as_of<T: Send + 'static>(
        &self,
        now: Instant,
        work: impl FnOnce(&mut PgConnection, &BatchClock) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (begin, clock) = match self.instant_age_max {
            Some(age_max) => (begin_unless_older(now, age_max)?, BatchClock::running(now)),
            None => ("BEGIN".to_owned(), BatchClock::stopped(now)),
        };
        self.write_from(begin, move |conn| work(conn, &clock)).await
    }

    async fn write_from<T: Send + 'static>(
        &self,
        begin: String,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.gate.enter()?;
        let call = Arc::new(Call::default());
        let (own, gate) = (Arc::clone(&call), Arc::clone(&self.gate));
        let run = move |lane: &Lane| {
            let write = |connection: &mut Connection| {
                in_transaction(&mut connection.conn, &begin, || own.begin_commit(), work)
            };
            let (done, is_awaited) = lane.run(&own, write);
            if !is_awaited && done.is_ok() {
                gate.open();
            }
            done
        };
        match answer(&self.changes, &call, Some(self.patience), run).await {
            Ok(done) => {
                self.gate.note(&done);
                done
            }
            Err(given_up) => {
                self.gate.give_up(&given_up);
                Err(given_up)
            }
        }
    }

    /// Reads with several statements, all on one snapshot.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_within(Some(self.patience), work).await
    }

    /// Reads whole tables, however long it takes.
    pub(crate) async fn long_snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_within(None, work).await
    }

    async fn snapshot_within<T: Send + 'static>(
        &self,
        patience: Option<Patience>,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.reads.reach().check_reads()?;
        let read = |conn: &mut PgConnection| in_transaction(conn, SNAPSHOT, || Ok(()), work);
        Self::on(&self.reads, patience, read).await
    }

    /// Reads with one statement, outside of any transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.reads.reach().check_reads()?;
        Self::on(&self.reads, Some(self.patience), |conn| Ok(work(conn)?)).await
    }

    /// Works on a connection as it is, however long it takes.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        Self::on(&self.changes, None, work).await
    }

    async fn on<T: Send + 'static>(
        lane: &Arc<Lane>,
        patience: Option<Patience>,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let call = Arc::new(Call::default());
        let own = Arc::clone(&call);
        let run = move |lane: &Lane| lane.run(&own, |connection| work(&mut connection.conn)).0;
        answer(lane, &call, patience, run).await.unwrap_or_else(Err)
    }

    /// Writes a pulse, after which the server may be read.
    pub(crate) async fn write_pulse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.write(work).await?;
        self.reads.reach().note_commit();
        Ok(done)
    }

    /// Whether changes are committed at present.
    pub(crate) fn commits(&self) -> bool {
        self.gate.is_open()
    }

    pub(crate) fn pool_states(&self) -> [State; 2] {
        [self.changes.state(), self.reads.state()]
    }
}

/// What `run` answers on a thread of its own.
///
/// # Errors
/// The call was given up.
async fn answer<T: Send + 'static>(
    lane: &Arc<Lane>,
    call: &Call,
    patience: Option<Patience>,
    run: impl FnOnce(&Lane) -> Result<T, StoreError> + Send + 'static,
) -> Result<Result<T, StoreError>, StoreError> {
    let own = Arc::clone(lane);
    let mut answer = pin!(blocking(move || run(&own)));
    let Some(patience) = patience else { return Ok(answer.await) };
    loop {
        let left = match call.wait(patience) {
            Wait::On(left) => left,
            Wait::NoMore(error) => {
                lane.give_up(&error);
                return Err(error);
            }
        };
        if let Ok(answered) = tokio::time::timeout(left, &mut answer).await {
            return Ok(answered);
        }
    }
}
