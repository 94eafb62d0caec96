//! `stagedoor user`.

use std::io::{BufRead, IsTerminal, Read};
use std::process::ExitCode;

use anyhow::Context;
use stagedoor_domain::operations::{self, CreateUserRefused};
use stagedoor_domain::ports::Passwords;
use stagedoor_domain::{Email, NewPassword, PersonName, Request, UserId};

use super::CreateUser;
use crate::clock::time_of;
use crate::ids::new_id;
use crate::passwords::Argon2Passwords;
use crate::store::{self, Access};

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
    };
    let verdicts = store.execute(&[Request::new(command)], time_of(&*store).await?).await?;
    match verdicts.into_iter().next().context("the store gave no answer")? {
        Ok(created) => println!("{}", created.id),
        Err(refused @ CreateUserRefused::EmailTaken) => {
            anyhow::bail!("{}: {refused}", user.email)
        }
        Err(refused) => return Err(refused.into()),
    }
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
