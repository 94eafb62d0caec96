//! The embedded store: SQLite in one file.

mod backup;
mod dialect;
mod maintenance;
#[path = "shared/mod.rs"]
mod shared;
mod store;
mod transaction;
mod write;

pub use backup::BackupError;
pub use store::{OpenError, SqliteStore};
