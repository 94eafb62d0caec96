//! The databases of a run: one for the service, one for the reference, made anew.

use anyhow::{Context, Result};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// A database on the private server.
#[derive(Clone, Debug)]
pub struct Database {
    pub url: String,
}

impl Database {
    /// Makes a database, after dropping what had its name.
    pub fn create(server_url: &str, name: &str) -> Result<Self> {
        let mut server = PgConnection::establish(server_url)?;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        server.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (base, _) = server_url.rsplit_once('/').context("a URL with a database")?;
        Ok(Self { url: format!("{base}/{name}") })
    }

    /// Runs statements.
    pub fn run(&self, statements: &str) -> Result<()> {
        let mut conn = PgConnection::establish(&self.url)?;
        conn.batch_execute(statements).with_context(|| statements.to_owned())
    }

    /// Makes the planner know the tables, and takes work from the vacuum that would come later.
    pub fn settle(&self) -> Result<()> {
        self.run("VACUUM ANALYZE")?;
        self.run("CHECKPOINT")
    }
}
