//! The store on PostgreSQL 15 or newer.

mod audit;
mod concert;
mod execute;
mod failure;
mod failure_to_connect;
mod load;
mod maintenance;
mod migrations;
mod operator_action;
mod payment;
mod point;
mod pool;
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
mod word;
mod write;

pub use pool::PLANS_KEPT_FOR;
pub use store::{PostgresSettings, PostgresStore};
