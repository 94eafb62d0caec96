//! `stagedoor migrate`.

use std::process::ExitCode;

use crate::settings::StoreSettings;
use crate::store::{self, Access};

pub(super) async fn up(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Make).await?;
    let applied = store.up().await?;
    for name in &applied {
        println!("applied {name}");
    }
    if applied.is_empty() {
        println!("nothing to apply");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn down(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Change).await?;
    match store.down().await? {
        Some(name) => println!("took back {name}"),
        None => println!("nothing to take back"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn status(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Look).await?;
    for (name, is_applied) in store.status().await? {
        println!("{} {name}", if is_applied { "applied" } else { "missing" });
    }
    Ok(ExitCode::SUCCESS)
}
