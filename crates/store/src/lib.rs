//! The store: PostgreSQL 15 or newer, or SQLite in one file.

pub mod postgres;
pub mod sqlite;
