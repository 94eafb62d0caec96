//! `stagedoor user`.

use std::io::{BufRead, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use stagedoor_domain::operations;
use stagedoor_domain::ports::Passwords;
use stagedoor_domain::use_cases::find_user;
use stagedoor_domain::{Email, NewPassword, PageSize, PersonName, Role, UserId};
use time::format_description::well_known::Rfc3339;

use super::{CreateUser, RoleName, SetPassword, SetRole, print};
use crate::clock::time_of;
use crate::ids::new_id;
use crate::passwords::Argon2Passwords;
use crate::settings::StoreSettings;
use crate::store::{self, Access, Store};

pub(super) async fn create(user: CreateUser) -> anyhow::Result<ExitCode> {
    let name = PersonName::parse(&user.name)?;
    let email = Email::parse(&user.email)?;
    let password = NewPassword::parse(&tokio::task::spawn_blocking(read_password).await??)?;

    let (store, _) = store::open(&user.store, Access::Make).await?;
    store.up().await?;
    let command = operations::CreateUser {
        id: UserId(new_id()),
        name,
        email,
        password_hash: Argon2Passwords::new(None)?.hash(password.into_text()).await?,
        role: user.role.into(),
        verification: None,
    };
    let created = store.execute_one(command, time_of(&*store).await?).await?;
    let created = created.with_context(|| user.email.clone())?;
    print(created.id)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(settings: &StoreSettings) -> anyhow::Result<ExitCode> {
    let store = open(settings, Access::Look).await?;
    let mut after = None;
    loop {
        let page = store.users(after, PageSize::LARGEST).await?;
        for user in &page.items {
            let role = RoleName::from(user.role).to_possible_value();
            let role = role.as_ref().map_or("", PossibleValue::get_name);
            let (email, name) = (user.email.as_str(), user.name.as_str());
            let created_at = user.created_at.format(&Rfc3339)?;
            print(format_args!("{role}\t{email}\t{name}\t{created_at}"))?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

pub(super) async fn set_role(change: &SetRole) -> anyhow::Result<ExitCode> {
    Email::parse(&change.email)?;
    let store = open(&change.store, Access::Change).await?;
    end_sessions(&*store, &change.email, Some(change.role.into()), None).await
}

pub(super) async fn set_password(change: &SetPassword) -> anyhow::Result<ExitCode> {
    Email::parse(&change.email)?;
    let password = NewPassword::parse(&tokio::task::spawn_blocking(read_password).await??)?;
    let store = open(&change.store, Access::Change).await?;
    let hash = Argon2Passwords::new(None)?.hash(password.into_text()).await?;
    end_sessions(&*store, &change.email, None, Some(hash)).await
}

/// Opens a store whose tables are up to date.
async fn open(settings: &StoreSettings, access: Access) -> anyhow::Result<Arc<dyn Store>> {
    let (store, _) = store::open(settings, access).await?;
    if store.status().await?.iter().any(|(_, is_applied)| !is_applied) {
        anyhow::bail!("the store is not up to date; run `stagedoor migrate up` first");
    }
    Ok(store)
}

async fn end_sessions(
    store: &dyn Store,
    email: &str,
    role: Option<Role>,
    password_hash: Option<String>,
) -> anyhow::Result<ExitCode> {
    let user = find_user(store, email).await?;
    let user = user.with_context(|| format!("{email}: there is no such user"))?;
    let command = operations::EndSessions { user_id: user.id, role, password_hash };
    let now = time_of(store).await?;
    store.execute_one(command, now).await??;
    print(user.id)?;
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Password, which will be shown as you type:");
    }
    // A line without an end must not fill the memory.
    let most = 4 * NewPassword::CHARACTERS_MAX as u64 + 3;
    let mut line = String::new();
    input.lock().take(most).read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
