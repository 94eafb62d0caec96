//! The command line.

mod audit;
mod backup;
mod migrate;
mod serve;
mod user;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use stagedoor_domain::Role;

use crate::settings::{
    self, LogFormat, LogSettings, SIGNING_KEY_VARIABLE, Settings, StoreSettings,
};
use crate::telemetry;

const EXAMPLES: &str = "\
Settings are flags, then environment variables, then defaults.

Examples:
  stagedoor serve --demo
      Try it out: example users and concerts in ./data-demo, on http://127.0.0.1:8080
  STAGEDOOR_SIGNING_KEY=\"$(head -c 48 /dev/urandom | base64 -w0)\" stagedoor serve
      Serve from the embedded store in ./data
  DATABASE_URL=postgres://stagedoor@db/stagedoor stagedoor serve
      Serve from PostgreSQL
  echo \"$PASSWORD\" | stagedoor user create --role operator --name Kim --email kim@example.com
      Make the first operator
  stagedoor user set-role kim@example.com organizer
      Change what a user may do, which ends the user's sessions
  stagedoor audit
      Check the stored data
  stagedoor backup /var/backups/stagedoor.db
      Copy the embedded store while the service runs";

/// Stagedoor: a concert reservation service with a waiting room
#[derive(Debug, Parser)]
#[command(name = "stagedoor", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the HTTP API, migrating the store first
    #[command(after_help = EXAMPLES)]
    Serve(Box<Settings>),
    /// Bring the store's tables up to date, or back
    #[command(subcommand)]
    Migrate(Migrate),
    /// Look after users
    #[command(subcommand)]
    User(User),
    /// Check the stored data: a row for each violation and exit code 1, or "no violations" and 0
    Audit(StoreSettings),
    /// Copy the embedded store to a new file, also while the service runs
    Backup(Backup),
    /// Print the OpenAPI document
    Openapi,
}

/// A copy to be made.
#[derive(Args, Debug)]
pub struct Backup {
    /// The copy; nothing is written over
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreSettings,
}

/// What to do with the store's tables.
#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Apply what is missing
    Up(StoreSettings),
    /// Take back the newest migration
    Down(StoreSettings),
    /// List the migrations and whether they are applied
    Status(StoreSettings),
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user; the password is the first line of the standard input
    Create(CreateUser),
    /// List the users, newest first: role, e-mail address, name, and when the account was made
    List(StoreSettings),
    /// Change what a user may do; the user's sessions end
    SetRole(SetRole),
    /// Change a user's password to the first line of the standard input; the user's sessions end
    SetPassword(SetPassword),
}

/// A role to be given to a user.
#[derive(Args, Debug)]
pub struct SetRole {
    /// The address that the user signs in with
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// What the user may do from now on
    #[arg(value_name = "ROLE")]
    pub role: RoleName,
    #[command(flatten)]
    pub store: StoreSettings,
}

/// A password to be given to a user.
#[derive(Args, Debug)]
pub struct SetPassword {
    /// The address that the user signs in with
    #[arg(value_name = "EMAIL")]
    pub email: String,
    #[command(flatten)]
    pub store: StoreSettings,
}

/// A user to be made.
#[derive(Args, Debug)]
pub struct CreateUser {
    /// What the user may do
    #[arg(long)]
    pub role: RoleName,
    /// What the user is called
    #[arg(long)]
    pub name: String,
    /// The address to sign in with
    #[arg(long)]
    pub email: String,
    #[command(flatten)]
    pub store: StoreSettings,
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Queues, books and pays
    Fan,
    /// Also creates concerts
    Organizer,
    /// Checks tickets at doors
    Door,
    /// Also controls waiting rooms
    Operator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Fan => Self::Fan,
            RoleName::Organizer => Self::Organizer,
            RoleName::Door => Self::Door,
            RoleName::Operator => Self::Operator,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Fan => Self::Fan,
            Role::Organizer => Self::Organizer,
            Role::Door => Self::Door,
            Role::Operator => Self::Operator,
        }
    }
}

/// Runs the program: reads its arguments, does what they say, and tells how that went.
pub fn main() -> ExitCode {
    let line = read(std::env::args_os().collect());
    let line = line.unwrap_or_else(|error| error.exit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(run(line.command));
    // No caller still waits for work that waits for a database.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    outcome.unwrap_or_else(|error| failed(&error))
}

fn read(line: Vec<OsString>) -> Result<CommandLine, clap::Error> {
    let matches = settings::parse(CommandLine::command(), line)?;
    let mut line = CommandLine::from_arg_matches(&matches)?;
    if let Command::Serve(settings) = &mut line.command {
        settings.complete(std::env::var(SIGNING_KEY_VARIABLE).ok());
    }
    Ok(line)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    if error.is::<OutputClosed>() {
        return ExitCode::from(OutputClosed::EXIT_CODE);
    }
    // The standard error may be closed too, and then nothing can be told.
    let _ = writeln!(io::stderr(), "stagedoor: {error:#}");
    ExitCode::FAILURE
}

/// The reader of the output has closed it, as `head` does.
#[derive(Debug)]
struct OutputClosed;

impl OutputClosed {
    /// What a shell reports of a program that the signal SIGPIPE (13) ended.
    const EXIT_CODE: u8 = 128 + 13;
}

impl Display for OutputClosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the output is closed")
    }
}

impl std::error::Error for OutputClosed {}

/// Prints a line. `println!` would panic when the output is closed.
fn print(line: impl Display) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => OutputClosed.into(),
        _ => anyhow::Error::from(error).context("cannot print"),
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    if !matches!(command, Command::Serve(_)) {
        let log_filter = "warn".to_owned();
        telemetry::start_logs(&LogSettings { log_format: LogFormat::Human, log_filter })?;
    }
    match command {
        Command::Serve(settings) => serve::serve(*settings).await,
        Command::Migrate(Migrate::Up(store)) => migrate::up(&store).await,
        Command::Migrate(Migrate::Down(store)) => migrate::down(&store).await,
        Command::Migrate(Migrate::Status(store)) => migrate::status(&store).await,
        Command::User(User::Create(user)) => user::create(user).await,
        Command::User(User::List(store)) => user::list(&store).await,
        Command::User(User::SetRole(change)) => user::set_role(&change).await,
        Command::User(User::SetPassword(change)) => user::set_password(&change).await,
        Command::Audit(store) => audit::audit(&store).await,
        Command::Backup(copy) => backup::backup(&copy).await,
        Command::Openapi => {
            print(stagedoor_http::openapi_json())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
