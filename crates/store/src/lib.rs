//! The store: PostgreSQL 15 or newer, or SQLite in one file.
#![expect(clippy::duplicate_mod, reason = "both dialects mount the shared source")]

mod blocking;
mod failure;
pub mod postgres;
mod prepared;
mod rows;
mod schema;
pub mod sqlite;
mod types;
