//! The store on PostgreSQL 15 or newer.

mod dialect;
mod failure_to_connect;
mod maintenance;
mod pool;
#[path = "shared/mod.rs"]
mod shared;
mod store;
mod transaction;
mod write;

pub use pool::PLANS_REPLACED_AFTER;
pub use store::{PostgresSettings, PostgresStore};
