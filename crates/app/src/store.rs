//! The store, whichever it is.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use stagedoor_domain::operations::{
    Admit, CancelReservation, ChangePoints, ChangePolicy, CreateConcert, CreateSchedule,
    CreateUser, ExpireHolds, ExpireTokens, ExtendHold, GiveBack, HoldSeats, JoinRoom, LeaveRoom,
    Pay, SeeToken,
};
use stagedoor_domain::ports::{
    Audit, Concerts, Execute, Maintenance, OperatorActions, Payments, PointAccounts, QueueTokens,
    Reservations, Rooms, Schedules, StoreError, Users, WaitingLines,
};
use stagedoor_postgres::{PLANS_KEPT_FOR, PostgresSettings, PostgresStore};
use stagedoor_sqlite::SqliteStore;

use crate::settings::StoreSettings;

/// Brings a store's tables up to date and back.
#[async_trait]
pub trait Migrate: Send + Sync {
    /// Applies what is missing; answers the names.
    async fn up(&self) -> Result<Vec<String>, StoreError>;
    /// Takes back the newest; answers its name.
    async fn down(&self) -> Result<Option<String>, StoreError>;
    /// Every migration this program knows, and whether it is applied.
    async fn status(&self) -> Result<Vec<(String, bool)>, StoreError>;
}

macro_rules! migrates {
    ($($store:ty),*) => {$(
        #[async_trait]
        impl Migrate for $store {
            async fn up(&self) -> Result<Vec<String>, StoreError> {
                self.migrate_up().await
            }

            async fn down(&self) -> Result<Option<String>, StoreError> {
                self.migrate_down().await
            }

            async fn status(&self) -> Result<Vec<(String, bool)>, StoreError> {
                self.migration_status().await
            }
        }
    )*};
}

migrates!(PostgresStore, SqliteStore);

macro_rules! store {
    (commands: $($command:ident),*; reads: $($port:ident),*;) => {
        /// Everything that is asked of a store, so that one value can stand behind every port.
        pub trait Store: $(Execute<$command> +)* $($port +)* Send + Sync + 'static {}

        impl<S> Store for S where S: $(Execute<$command> +)* $($port +)* Send + Sync + 'static {}
    };
}

store! {
    commands: CreateUser, CreateConcert, CreateSchedule, ChangePolicy, JoinRoom, LeaveRoom, SeeToken,
        Admit, ExpireTokens, HoldSeats, GiveBack, ExtendHold, ExpireHolds, ChangePoints,
        Pay, CancelReservation;
    reads: Users, Concerts, Schedules, Rooms, QueueTokens, WaitingLines, Reservations,
        PointAccounts, Payments, OperatorActions, Maintenance, Audit, Migrate;
}

/// Which store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// PostgreSQL.
    Postgres,
    /// SQLite, in the data directory.
    Embedded,
}

impl StoreKind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Embedded => "the embedded store (SQLite)",
        }
    }
}

/// Opens the store that the settings choose.
///
/// # Errors
/// Says why it cannot be opened; never shows the database URL.
pub async fn open(settings: &StoreSettings) -> anyhow::Result<(Arc<dyn Store>, StoreKind)> {
    if let Some(url) = settings.database_url() {
        let url = url.expose();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            anyhow::bail!("DATABASE_URL must start with postgres:// or postgresql://");
        }
        let settings = PostgresSettings {
            url: url.to_owned(),
            connections_max: settings.database_connections,
            connect_timeout: settings.connect_timeout(),
            statement_timeout: settings.statement_timeout(),
            plans_kept_for: PLANS_KEPT_FOR,
        };
        let store = PostgresStore::connect(settings).await.context("cannot open PostgreSQL")?;
        return Ok((Arc::new(store), StoreKind::Postgres));
    }
    make_directory(&settings.data)?;
    let store = SqliteStore::open(&settings.data).await.with_context(|| {
        format!("cannot open the embedded store in {}", settings.data.display())
    })?;
    Ok((Arc::new(store), StoreKind::Embedded))
}

/// Makes the data directory if there is none, for its owner alone: the store holds what people bought
/// and the hashes of their passwords.
///
/// # Errors
/// Names the directory.
pub fn make_directory(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the data directory {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_data_directory_is_made_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("var/stagedoor");

        make_directory(&data).unwrap();
        make_directory(&data).unwrap();

        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
