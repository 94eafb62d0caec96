//! Where a store lives while a test runs.

use std::path::Path;

use stagedoor::Settings;
use stagedoor::settings::Switch;
use tempfile::TempDir;

use crate::database::{PostgresDatabase, PostgresSchema};

/// A signing key for tests.
pub const SIGNING_KEY: &str = "a signing key that only tests may use";
/// What lets a test read the metrics.
pub const METRICS_TOKEN: &str = "a-metrics-token-that-only-tests-may-use";

/// Which store a service works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// SQLite in a directory of its own.
    Embedded,
    /// PostgreSQL in a schema of its own.
    Postgres,
}

/// Where a store lives while a test runs.
pub enum Home {
    /// A directory.
    Directory(TempDir),
    /// A schema.
    Schema(PostgresSchema),
    /// A database.
    Database(PostgresDatabase),
}

/// How to reach a store.
pub enum Address<'h> {
    /// The directory of an embedded store.
    Directory(&'h Path),
    /// The URL of a PostgreSQL.
    Url(String),
}

impl Home {
    /// A new place for a store.
    pub fn new(kind: StoreKind) -> Self {
        match kind {
            StoreKind::Embedded => Self::Directory(TempDir::new().expect("a directory")),
            StoreKind::Postgres => Self::Schema(PostgresSchema::create()),
        }
    }

    /// How to reach the store.
    pub fn address(&self) -> Address<'_> {
        match self {
            Self::Directory(directory) => Address::Directory(directory.path()),
            Self::Schema(schema) => Address::Url(schema.url()),
            Self::Database(database) => Address::Url(database.url()),
        }
    }

    /// Settings of a service that works here.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::defaults();
        match self.address() {
            Address::Directory(directory) => settings.store.data = Some(directory.to_owned()),
            Address::Url(url) => settings.store.set_database_url(&url),
        }
        settings.store.database_connections = 6;
        settings.listen = "127.0.0.1:0".parse().expect("an address");
        settings.server.workers = Some(1);
        settings.signing_key = Some(SIGNING_KEY.into());
        settings.server.metrics_token = Some(METRICS_TOKEN.into());
        // All the people of a test come from one address, and a busy machine is slow, not hostile.
        settings.limits.rate_limits = Switch::Off;
        settings.direct_charges = true;
        settings.work.queue_wait_milliseconds = 60_000;
        settings.server.header_timeout_seconds = 60;
        settings
    }
}
