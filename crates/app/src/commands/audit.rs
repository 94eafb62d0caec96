//! `stagedoor audit`.

use std::process::ExitCode;

use super::print;
use crate::clock::time_of;
use crate::settings::StoreSettings;
use crate::store::{self, Access};

pub(super) async fn audit(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let (store, _) = store::open(settings, Access::Look).await?;
    if store.status().await?.iter().any(|(_, is_applied)| !is_applied) {
        anyhow::bail!("the store is not up to date; run `stagedoor migrate up` first");
    }
    let violations = store.audit(time_of(&*store).await?).await?;
    if violations.is_empty() {
        print("no violations")?;
        return Ok(ExitCode::SUCCESS);
    }
    for found in violations {
        print(format_args!("{}: {}", found.invariant, found.detail))?;
    }
    Ok(ExitCode::FAILURE)
}
