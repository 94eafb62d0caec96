//! Copying a store, also while another process works on it.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::store::{FILE, SqliteStore};

/// How long the copy waits for a lock. No connection holds one for long.
const LOCK_TIMEOUT: &str = "PRAGMA busy_timeout = 5000";

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("there is no store in the data directory {}", .0.display())]
    NoStore(PathBuf),
    /// The copy does not overwrite a file.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The copy cannot be written.
    #[error("the copy {} cannot be written: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// The store cannot be read, or the copy does not read back.
    #[error("the store cannot be copied: {0}")]
    Database(String),
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text, column_name = name)]
    _name: String,
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

impl SqliteStore {
    /// Copies the store in a directory, as of one instant, to a new file that only its owner can read. Other processes
    /// can use the store meanwhile. The copy gets its name when it is complete and on the disk.
    ///
    /// # Errors
    /// Why there is no copy. No file of that name is left.
    pub async fn back_up(directory: &Path, copy: &Path) -> Result<(), BackupError> {
        let (directory, copy) = (directory.to_owned(), copy.to_owned());
        let copied = tokio::task::spawn_blocking(move || back_up(&directory, &copy)).await;
        copied.unwrap_or_else(|error| Err(BackupError::Database(error.to_string())))
    }
}

fn back_up(directory: &Path, copy: &Path) -> Result<(), BackupError> {
    let store = directory.join(FILE);
    if !SqliteStore::is_in(directory) || is_empty(&store)? {
        return Err(BackupError::NoStore(directory.to_owned()));
    }
    if copy.exists() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let mut partial = copy.as_os_str().to_owned();
    partial.push(format!(".{}", std::process::id()));
    let partial = PathBuf::from(partial);
    let copied = copy_whole(&store, &partial).and_then(|()| {
        let kept = sync(&partial).and_then(|()| std::fs::rename(&partial, copy));
        kept.and_then(|()| sync(folder_of(copy))).map_err(|e| BackupError::Io(copy.to_owned(), e))
    });
    if copied.is_err() {
        // The partial copy is useless. It may not exist, which is not another failure.
        let _ = std::fs::remove_file(&partial);
    }
    copied
}

fn copy_whole(store: &Path, partial: &Path) -> Result<(), BackupError> {
    make_private(partial).map_err(|error| BackupError::Io(partial.to_owned(), error))?;
    let mut conn = open(store)?;
    conn.batch_execute(LOCK_TIMEOUT).map_err(failed)?;
    let into = sql_query("VACUUM INTO ?").bind::<Text, _>(partial.to_string_lossy());
    into.execute(&mut conn).map_err(failed)?;
    let findings: Vec<Finding> =
        sql_query("PRAGMA quick_check").load(&mut open(partial)?).map_err(failed)?;
    match findings.into_iter().find(|finding| finding.quick_check != "ok") {
        Some(finding) => Err(BackupError::Database(finding.quick_check)),
        None => Ok(()),
    }
}

/// Makes an empty file that only its owner can read, which SQLite fills.
fn make_private(file: &Path) -> io::Result<()> {
    File::options().write(true).create_new(true).mode(0o600).open(file)?;
    Ok(())
}

/// Whether a store has no tables: nothing was ever written to it.
fn is_empty(store: &Path) -> Result<bool, BackupError> {
    let mut conn = open(store)?;
    conn.batch_execute(LOCK_TIMEOUT).map_err(failed)?;
    let users = sql_query("SELECT name FROM sqlite_master WHERE name = 'users'");
    let users: Vec<Table> = users.load(&mut conn).map_err(failed)?;
    Ok(users.is_empty())
}

fn failed(error: diesel::result::Error) -> BackupError {
    BackupError::Database(error.to_string())
}

fn open(file: &Path) -> Result<SqliteConnection, BackupError> {
    SqliteConnection::establish(&file.to_string_lossy())
        .map_err(|error| BackupError::Database(error.to_string()))
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
