//! The stores of a run: a database on the private server, or an embedded store, made anew.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::process::Command;

/// Where the data of a run live.
#[derive(Debug)]
pub enum Store {
    /// A database of the private server, by its URL.
    Postgres(String),
    /// An embedded store in a folder.
    Embedded(TempDir),
}

/// Which store a scenario is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Postgres,
    Embedded,
}

impl Store {
    /// Makes an empty database, after dropping what had its name.
    pub fn postgres(server_url: &str, name: &str) -> Result<Self> {
        let mut server = PgConnection::establish(server_url)?;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        server.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (base, _) = server_url.rsplit_once('/').context("a URL with a database")?;
        Ok(Self::Postgres(format!("{base}/{name}")))
    }

    /// Makes an empty folder in another, which must be on a disk.
    pub fn embedded(parent: &Path) -> Result<Self> {
        std::fs::create_dir_all(parent)?;
        Ok(Self::Embedded(tempfile::Builder::new().prefix("embedded").tempdir_in(parent)?))
    }

    /// The environment in which the program finds the store.
    pub fn environment(&self) -> Result<(&'static str, &str)> {
        Ok(match self {
            Self::Postgres(url) => ("DATABASE_URL", url),
            Self::Embedded(folder) => ("STAGEDOOR_DATA", folder.path().to_str().context("a path")?),
        })
    }

    /// Runs a command of the program on the store.
    pub async fn stagedoor(&self, program: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(program);
        let (name, value) = self.environment()?;
        let output = command.args(arguments).env_clear().env(name, value).output().await?;
        ensure!(
            output.status.success(),
            "stagedoor {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Runs statements.
    pub fn run(&self, statements: &str) -> Result<()> {
        let done = match self {
            Self::Postgres(url) => PgConnection::establish(url)?.batch_execute(statements),
            Self::Embedded(folder) => sqlite(folder.path())?.batch_execute(statements),
        };
        done.with_context(|| statements.to_owned())
    }

    /// Makes the functions that seeds and references are written with.
    pub fn prepare(&self) -> Result<()> {
        match self {
            Self::Postgres(_) => self.run(include_str!("../sql/functions.sql")),
            Self::Embedded(_) => Ok(()),
        }
    }

    /// Makes the planner know the tables, and takes work from the vacuum that would come later.
    pub fn settle(&self) -> Result<()> {
        match self {
            Self::Postgres(_) => {
                self.run("VACUUM ANALYZE")?;
                self.run("CHECKPOINT")
            }
            Self::Embedded(_) => self.run("ANALYZE"),
        }
    }
}

/// Opens an embedded store as the program does: as durable.
pub fn sqlite(folder: &Path) -> Result<SqliteConnection> {
    let file = folder.join("stagedoor.db");
    let mut conn = SqliteConnection::establish(file.to_str().context("a path")?)?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA busy_timeout = 10000",
    )?;
    Ok(conn)
}
