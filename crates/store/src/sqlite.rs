//! The embedded store: SQLite in one file.

mod audit;
mod backup;
mod codec;
mod concert;
mod execute;
mod failure;
mod load;
mod maintenance;
mod migrations;
mod operator_action;
mod payment;
mod point;
mod queue_token;
mod reservation;
mod room;
mod rows;
mod schedule;
mod schema;
mod statement;
mod store;
mod transaction;
mod user;
mod waiting_line;
mod write;

pub use backup::BackupError;
pub use store::{OpenError, SqliteStore};
