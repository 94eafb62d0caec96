//! The file and its connections.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection, State};
use diesel::{Connection as _, SqliteConnection};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::StoreError;
use tokio::sync::Mutex;

use super::transaction::{in_read_transaction, in_write_transaction};
use crate::batch_clock::BatchClock;
use crate::blocking::blocking;
use crate::failure::Failure;

pub(crate) const FILE: &str = "stagedoor.db";
const LOCK_FILE: &str = "stagedoor.lock";
/// How many connections read concurrently.
const READERS: u32 = 4;

type Connections = Pool<ConnectionManager<SqliteConnection>>;
type Connection = PooledConnection<ConnectionManager<SqliteConnection>>;

/// The store in one file. It belongs to one process at a time.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Connections,
    readers: Connections,
    /// Writers take turns in the order of their arrival. A pool would prefer a writer that returns at once to
    /// those that wait.
    turn: Arc<Mutex<()>>,
    /// `None` when the store was opened only to read.
    lock: Option<Arc<File>>,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "another process uses the data directory {}: stop it first, or choose another directory",
        .0.display()
    )]
    InUse(PathBuf),
    /// The directory cannot be used.
    #[error("the data directory {} cannot be used: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// The file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqliteStore {
    /// Opens the store in a directory, which is made if it is missing.
    ///
    /// # Errors
    /// Another process has it open, or it cannot be used.
    pub async fn open(directory: &Path) -> Result<Self, OpenError> {
        let directory = directory.to_owned();
        blocking(move || Self::open_blocking(&directory)).await
    }

    fn open_blocking(directory: &Path) -> Result<Self, OpenError> {
        let lock = lock(directory)?;
        let file = directory.join(FILE).to_string_lossy().into_owned();
        check(&file, WRITER)?;
        let writer = connections(&file, 1, WRITER)?;
        let readers = connections(&file, READERS, READER)?;
        Ok(Self { writer, readers, turn: Arc::default(), lock: Some(Arc::new(lock)) })
    }

    /// Whether there is a store in a directory.
    pub fn is_in(directory: &Path) -> bool {
        directory.join(FILE).is_file()
    }

    /// Opens the store in a directory to read it, also while another process works on it. Writes fail.
    ///
    /// # Errors
    /// There is no store, or it cannot be used.
    pub async fn look(directory: &Path) -> Result<Self, OpenError> {
        let file = existing(&directory.join(FILE));
        blocking(move || Self::look_blocking(&file)).await
    }

    fn look_blocking(file: &str) -> Result<Self, OpenError> {
        check(file, READER)?;
        let readers = connections(file, 1, READER)?;
        Ok(Self { writer: readers.clone(), readers, turn: Arc::default(), lock: None })
    }

    /// Lets another process open the store, although clones of it may exist here for a moment longer.
    pub(crate) fn unlock(&self) -> Result<(), StoreError> {
        let unlocked = self.lock.as_ref().map_or(Ok(()), |lock| lock.unlock());
        unlocked.map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    /// Runs `work` in a transaction that writes, one at a time, in the order in which they come.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with(|conn| in_write_transaction(conn, work)).await
    }

    /// Runs `work`, which decides as of an instant, in a transaction that writes. One process at most has the store, so no
    /// other one decided anything after that instant.
    pub(crate) async fn write_as_of<T: Send + 'static>(
        &self,
        now: Instant,
        work: impl FnOnce(&mut SqliteConnection, &BatchClock) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let clock = BatchClock::stopped(now);
        self.write(move |conn| work(conn, &clock)).await
    }

    /// Reads with one statement.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot(work).await
    }

    /// Reads with several statements, all on one snapshot.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || in_read_transaction(&mut *connection(&store.readers)?, work)).await
    }

    /// Reads whole tables.
    pub(crate) async fn long_snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot(work).await
    }

    /// Whether changes are committed at present: a failure of one says nothing of the next.
    pub(crate) fn commits(&self) -> bool {
        true
    }

    /// Works on the connection that writes, as it is.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let store = self.clone();
        blocking(move || {
            let _turn = turn;
            work(&mut *connection(&store.writer)?)
        })
        .await
    }

    pub(crate) fn pool_states(&self) -> [State; 2] {
        [self.writer.state(), self.readers.state()]
    }
}

/// Rejects a file that is no store at once; a pool would keep trying to open it.
fn check(file: &str, pragmas: &str) -> Result<(), OpenError> {
    let opened = SqliteConnection::establish(file);
    let mut conn = opened.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let checked = conn.batch_execute(pragmas).and_then(|()| conn.batch_execute(HEADER));
    checked.map_err(|error| StoreError::from(Failure::from(error)))?;
    Ok(())
}

/// The URI of a file that SQLite does not create if it is missing.
fn existing(file: &Path) -> String {
    let path = file.to_string_lossy();
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?mode=rw")
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let unusable = |error| OpenError::Io(directory.to_owned(), error);
    std::fs::create_dir_all(directory).map_err(unusable)?;
    let options = File::options().create(true).truncate(false).write(true).to_owned();
    let file = options.open(directory.join(LOCK_FILE)).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// What was answered survives a power failure: a commit is synced before it is answered. The timeout
/// comes first: the process that had the store before may still be closing it, which locks the file.
const WRITER: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON";
/// Makes SQLite read the file, which it does not do before the first query.
const HEADER: &str = "PRAGMA schema_version";

#[derive(Debug)]
struct Pragmas(&'static str);

impl CustomizeConnection<SqliteConnection, Error> for Pragmas {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), Error> {
        conn.batch_execute(self.0).map_err(Error::QueryError)
    }
}

fn connections(file: &str, most: u32, pragmas: &'static str) -> Result<Connections, StoreError> {
    Pool::builder()
        .max_size(most)
        .connection_customizer(Box::new(Pragmas(pragmas)))
        .build(ConnectionManager::new(file))
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

fn connection(connections: &Connections) -> Result<Connection, StoreError> {
    connections.get().map_err(|error| StoreError::Unavailable(error.to_string()))
}
