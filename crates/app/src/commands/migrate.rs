//! `stagedoor migrate`.

use std::process::ExitCode;

use super::print;
use crate::settings::StoreSettings;
use crate::store::{self, Access};

pub(super) async fn up(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Make).await?;
    let applied = store.up().await?;
    for name in &applied {
        print(format_args!("applied {name}"))?;
    }
    if applied.is_empty() {
        print("nothing to apply")?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn down(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Change).await?;
    match store.down().await? {
        Some(name) => print(format_args!("took back {name}"))?,
        None => print("nothing to take back")?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn status(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Look).await?;
    for (name, is_applied) in store.status().await? {
        let state = if is_applied { "applied" } else { "missing" };
        print(format_args!("{state} {name}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
