//! The store as SQL sees it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
};

/// Which store a service works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// SQLite in a directory.
    Embedded,
    /// PostgreSQL.
    Postgres,
    /// Three PostgreSQL nodes with synchronous replication by quorum, through HAProxy.
    Cluster,
    /// The same, by a URL that names all nodes.
    ClusterByHosts,
    /// The same with asynchronous replication: a control that must lose acknowledged changes.
    ClusterAsynchronous,
}

impl StoreKind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Postgres => "PostgreSQL",
            Self::Cluster => "quorum, HAProxy",
            Self::ClusterByHosts => "quorum, three hosts",
            Self::ClusterAsynchronous => "asynchronous, HAProxy",
        }
    }

    /// Whether it is three nodes.
    pub fn is_cluster(self) -> bool {
        matches!(self, Self::Cluster | Self::ClusterByHosts | Self::ClusterAsynchronous)
    }
}

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A `postgres://` URL.
    Postgres(String),
    /// The data directory of the embedded store.
    Embedded(PathBuf),
}

/// A connection to a store that does not go through the service.
pub enum Connection {
    /// To PostgreSQL.
    Postgres(PgConnection),
    /// To the file of the embedded store.
    Embedded(SqliteConnection),
}

impl Place {
    /// Connects.
    ///
    /// # Errors
    /// The store is not there.
    pub fn connect(&self) -> Result<Connection> {
        match self {
            Self::Postgres(url) => {
                Ok(Connection::Postgres(PgConnection::establish(url).context("PostgreSQL")?))
            }
            Self::Embedded(directory) => {
                let file = format!("file:{}/stagedoor.db?mode=rw", directory.display());
                let mut connection = SqliteConnection::establish(&file).context("the file")?;
                connection.batch_execute("PRAGMA busy_timeout = 10000")?;
                Ok(Connection::Embedded(connection))
            }
        }
    }
}

impl Connection {
    /// Executes statements.
    ///
    /// # Errors
    /// One of them failed.
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(sql)?,
            Self::Embedded(connection) => connection.batch_execute(sql)?,
        }
        Ok(())
    }

    /// The column `count` of the only row of a query.
    ///
    /// # Errors
    /// It failed.
    pub fn count(&mut self, sql: &str) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let row: Row = match self {
            Self::Postgres(connection) => sql_query(sql).get_result(connection)?,
            Self::Embedded(connection) => sql_query(sql).get_result(connection)?,
        };
        Ok(row.count)
    }

    /// Begins a transaction that sees one state of everything.
    ///
    /// # Errors
    /// The store failed.
    pub fn begin_snapshot(&mut self) -> Result<()> {
        match self {
            Self::Postgres(_) => self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ"),
            Self::Embedded(_) => self.execute("BEGIN"),
        }
    }

    /// Undoes what was done since the snapshot began.
    ///
    /// # Errors
    /// The store failed.
    pub fn roll_back(&mut self) -> Result<()> {
        self.execute("ROLLBACK")
    }
}
