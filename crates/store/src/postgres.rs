//! The store on PostgreSQL 15 or newer.

mod call;
mod dialect;
mod failure_to_connect;
mod gate;
mod maintenance;
mod pool;
#[path = "shared/mod.rs"]
mod shared;
mod store;
mod transaction;
mod write;

pub use pool::PLANS_REPLACED_AFTER;
pub use store::{ConnectError, PostgresSettings, PostgresStore};
