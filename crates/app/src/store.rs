//! The store, whichever it is.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use secrecy::ExposeSecret;
use stagedoor_domain::operations::{
    Admit, AskForPasswordReset, AskForVerification, BlockSeats, CancelByStaff, CancelConcert,
    CancelReservation, CancelSchedule, CancelTicket, ChangeDoorStaff, ChangeName, ChangePassword,
    ChangePlan, ChangePoints, ChangePolicy, ChangePoster, ChangeRole, ChangeVenue, ChangeWebhook,
    CheckInTicket, ClaimDeliveries, ClaimMails, CreateConcert, CreateHall, CreateSchedule,
    CreateUser, CreateVenue, CreateWebhook, DeleteConcert, DeleteUser, EditConcert, EditSchedule,
    EndSessions, ExpireHolds, ExpireTokens, ExtendHold, FanOutEvents, FillRange, GiveTickets,
    HoldSeats, JoinRoom, KeepWaiting, LeaveRoom, Pay, PublishConcert, ReadUser, RecordAttempt,
    RecordHeartbeats, RecordMail, ReleaseHold, RemoveToken, RepairTickets, ReplayEvents,
    ReserveNumber, ResetPassword, SetUpSite, SettleCancelled, TellMoves, TransferTicket,
    UndoCheckIn, VerifyEmail, VoidRange,
};
use stagedoor_domain::ports::{
    Audit, Concerts, Doors, Events, Execute, Halls, Maintenance, OperatorActions, Orders, Payments,
    PointAccounts, PosterImages, QueueTokens, Reservations, Rooms, Schedules, StoreError, Tickets,
    Users, Venues, WaitingLines, Webhooks,
};
use stagedoor_store::postgres::{
    ConnectError, PLANS_REPLACED_AFTER, PostgresSettings, PostgresStore,
};
use stagedoor_store::sqlite::SqliteStore;

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
    commands: CreateUser, ChangeName, ChangePassword, EndSessions, CreateConcert, CreateSchedule, CreateVenue, ChangeVenue, CreateHall, ChangePlan, ChangePolicy, JoinRoom, LeaveRoom, RecordHeartbeats, KeepWaiting, EditConcert, ChangePoster, PublishConcert, CancelConcert, DeleteConcert,
        Admit, ExpireTokens, HoldSeats, ReleaseHold, ExtendHold, ExpireHolds, ChangePoints,
        Pay, CancelReservation, CancelTicket, TransferTicket, CheckInTicket, UndoCheckIn, ChangeDoorStaff, RepairTickets, ReadUser, SetUpSite, EditSchedule, CancelSchedule, SettleCancelled,
        BlockSeats, GiveTickets, CancelByStaff, RemoveToken, ChangeRole, DeleteUser, ReserveNumber, FillRange, VoidRange,
        CreateWebhook, ChangeWebhook, ReplayEvents, FanOutEvents, ClaimDeliveries, RecordAttempt,
        AskForVerification, AskForPasswordReset, ClaimMails, RecordMail, VerifyEmail, ResetPassword, TellMoves;
    reads: Users, Concerts, PosterImages, Venues, Halls, Schedules, Rooms, QueueTokens, WaitingLines, Reservations, Orders, Tickets, Doors,
        PointAccounts, Payments, OperatorActions, Webhooks, Events, Maintenance, Audit, Migrate;
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

/// What a command does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Writes, and makes an embedded store that is missing.
    Make,
    /// Writes to a store that is there.
    Change,
    /// Reads a store that is there, also while a server uses it.
    Look,
}

/// How old the instant may be at which a batch of a server is decided; see
/// [`PostgresSettings::instant_age_max`].
const INSTANT_AGE_MAX: Duration = Duration::from_secs(10);
/// How long a server that starts rests between attempts to reach PostgreSQL.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Opens the store that the settings choose.
///
/// # Errors
/// Says why it cannot be opened; never shows a password.
pub async fn open(
    settings: &StoreSettings,
    access: Access,
) -> anyhow::Result<(Arc<dyn Store>, StoreKind)> {
    match postgres_settings(settings)? {
        Some(postgres) => on_postgres(PostgresStore::connect(postgres).await),
        None => open_embedded(settings, access).await,
    }
}

/// Opens the store for a server, which waits up to `patience` until PostgreSQL is there.
///
/// # Errors
/// Says why it cannot be opened; never shows a password.
pub async fn open_for_server(
    settings: &StoreSettings,
    patience: Duration,
) -> anyhow::Result<(Arc<dyn Store>, StoreKind)> {
    let Some(postgres) = postgres_settings(settings)? else {
        return open_embedded(settings, Access::Make).await;
    };
    let postgres = PostgresSettings { instant_age_max: Some(INSTANT_AGE_MAX), ..postgres };
    let started = tokio::time::Instant::now();
    loop {
        let opened = PostgresStore::connect(postgres.clone()).await;
        if !matches!(opened, Err(ConnectError::Unreachable(_))) || started.elapsed() >= patience {
            return on_postgres(opened);
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

fn on_postgres(
    opened: Result<PostgresStore, ConnectError>,
) -> anyhow::Result<(Arc<dyn Store>, StoreKind)> {
    let store = opened.context("cannot open PostgreSQL")?;
    Ok((Arc::new(store), StoreKind::Postgres))
}

fn postgres_settings(settings: &StoreSettings) -> anyhow::Result<Option<PostgresSettings>> {
    let Some(url) = settings.database_url()? else { return Ok(None) };
    check_url(url.expose_secret())?;
    Ok(Some(PostgresSettings {
        url: url.expose_secret().to_owned(),
        connections_max: settings.database_connections,
        connect_timeout: settings.connect_timeout(),
        statement_timeout: settings.statement_timeout(),
        answer_timeout: settings.answer_timeout(),
        instant_age_max: None,
        plans_replaced_after: PLANS_REPLACED_AFTER,
    }))
}

async fn open_embedded(
    settings: &StoreSettings,
    access: Access,
) -> anyhow::Result<(Arc<dyn Store>, StoreKind)> {
    let directory = settings.data();
    if access == Access::Make {
        make_directory(directory)?;
    } else if !SqliteStore::is_in(directory) {
        anyhow::bail!(
            "there is no store in the data directory {}. Name another one with --data \
             (STAGEDOOR_DATA), or make a store with `stagedoor migrate up`",
            directory.display()
        );
    }
    let opened = match access {
        Access::Look => SqliteStore::look(directory).await,
        Access::Make | Access::Change => SqliteStore::open(directory).await,
    };
    let store = opened
        .with_context(|| format!("cannot open the embedded store in {}", directory.display()))?;
    Ok((Arc::new(store), StoreKind::Embedded))
}

/// Refuses a URL of which a part of the password could be taken for the host, and be shown.
fn check_url(url: &str) -> anyhow::Result<()> {
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let rest = rest.context("DATABASE_URL must start with postgres:// or postgresql://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let signs = |text: &str| text.matches('@').count();
    if signs(authority) > 1 || signs(rest) > signs(authority) {
        anyhow::bail!(
            "DATABASE_URL: the characters @ / ? # in a user name or password must be percent-encoded, \
             such as %40 for @"
        );
    }
    Ok(())
}

/// Makes the data directory if there is none, for its owner alone: the store holds what people bought
/// and the hashes of their passwords. One that other users can enter is closed to them.
///
/// # Errors
/// Names the directory, which cannot be made, or is no data directory and open to other users.
pub fn make_directory(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("cannot make the data directory {shown}"))?;
    if is_private(path)? {
        return Ok(());
    }
    let mut files = path.read_dir().with_context(|| format!("cannot read {shown}"))?;
    if files.next().is_some() && !SqliteStore::is_in(path) {
        anyhow::bail!(
            "other users of this machine can enter the data directory {shown}, and it holds other \
             files. Choose a directory for the data alone, or run `chmod 700 {shown}`"
        );
    }
    keep_private(path, 0o700)
}

/// Takes a file or directory away from other users, and logs it.
///
/// # Errors
/// It belongs to another user.
pub(crate) fn keep_private(path: &Path, mode: u32) -> anyhow::Result<()> {
    if is_private(path)? {
        return Ok(());
    }
    let shown = path.display();
    std::fs::set_permissions(path, Permissions::from_mode(mode)).with_context(|| {
        format!(
            "other users of this machine can read {shown}, and it is not ours to `chmod {mode:o}`"
        )
    })?;
    tracing::warn!("other users of this machine could read {shown}; its mode is {mode:o} now");
    Ok(())
}

fn is_private(path: &Path) -> anyhow::Result<bool> {
    let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(metadata.permissions().mode() & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_is_made_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("var/stagedoor");

        make_directory(&data).unwrap();
        make_directory(&data).unwrap();

        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_data_directory_that_others_can_enter_is_closed_to_them() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let open_up = || {
            std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
        };
        make_directory(&data).unwrap();
        open_up();
        make_directory(&data).unwrap();
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);

        std::fs::write(data.join("stagedoor.db"), "").unwrap();
        open_up();
        make_directory(&data).unwrap();
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_of_other_files_that_others_can_enter_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path();
        std::fs::write(data.join("notes.txt"), "").unwrap();
        std::fs::set_permissions(data, Permissions::from_mode(0o755)).unwrap();

        let told = make_directory(data).unwrap_err().to_string();

        assert!(told.contains(&format!("chmod 700 {}", data.display())), "{told}");
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_url_that_would_show_a_part_of_its_password_is_refused() {
        for url in
            ["postgres://u:hunter@2@h/d", "postgres://u:hun/ter2@h/d", "postgres://u:#hunter2@h"]
        {
            let told = check_url(url).unwrap_err().to_string();
            assert!(told.contains("percent-encoded") && !told.contains("hun"), "{told}");
        }
        for url in ["postgres://u:p@h:5/d?options=-cx%3D1", "postgresql:///d", "postgres://h"] {
            check_url(url).unwrap();
        }
    }
}
