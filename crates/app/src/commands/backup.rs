//! `stagedoor backup`.

use std::process::ExitCode;

use stagedoor_store::sqlite::SqliteStore;

use super::{Backup, print};

pub(super) async fn backup(backup: &Backup) -> anyhow::Result<ExitCode> {
    if backup.store.database_url()?.is_some() {
        anyhow::bail!("this copies the embedded store; copy PostgreSQL with `pg_dump`");
    }
    SqliteStore::back_up(backup.store.data(), &backup.file).await?;
    print(format_args!("copied to {}", backup.file.display()))?;
    Ok(ExitCode::SUCCESS)
}
