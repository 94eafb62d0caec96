//! The store: PostgreSQL 15 or newer, or SQLite in one file.
//!
//! `schema`, `rows` and `types` say how entities are stored. Code that runs queries is in `shared`, which [`postgres`]
//! and [`sqlite`] each mount as a module of their own: `load` locks and loads what commands need, `write` writes what
//! they changed, and the other files are named after the ports that they implement. Beside it, each database has its
//! `dialect`, with the SQL that differs, its connections and its transactions.
#![expect(clippy::duplicate_mod, reason = "both dialects mount the shared source")]

mod batch_clock;
mod blocking;
mod failure;
pub mod postgres;
mod prepared;
mod rows;
mod schema;
pub mod sqlite;
mod types;
