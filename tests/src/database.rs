//! A schema of its own for each test on PostgreSQL.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use uuid::Uuid;

/// A fresh schema, which is gone when this is dropped.
#[derive(Debug)]
pub struct PostgresSchema {
    name: String,
    server: String,
}

impl PostgresSchema {
    /// Makes a schema on the server that `DATABASE_URL` names.
    ///
    /// # Panics
    /// Without a server, because a test that is silently passed over tests nothing.
    pub fn create() -> Self {
        let schema = Self { name: fresh_name(), server: server() };
        let create = format!("CREATE SCHEMA {}", schema.name);
        on_the_server(&schema.server, &create).expect("the schema is made");
        schema
    }

    /// The address of the server with this schema in front.
    pub fn url(&self) -> String {
        with_search_path(&self.server, &self.name)
    }

    /// Executes a statement in the schema.
    ///
    /// # Panics
    /// When the statement fails.
    pub fn execute(&self, sql: &str) {
        let mut connection = PgConnection::establish(&self.url()).expect("the server answers");
        connection.batch_execute(sql).expect("the statement is executed");
    }
}

impl Drop for PostgresSchema {
    fn drop(&mut self) {
        let Ok(mut connection) = PgConnection::establish(&self.server) else { return };
        for sql in ["SET lock_timeout = '10s'", &format!("DROP SCHEMA {} CASCADE", self.name)] {
            if let Err(cause) = connection.batch_execute(sql) {
                eprintln!("the schema {} stays: {cause}", self.name);
            }
        }
    }
}

/// A fresh database of its own, which is gone when this is dropped.
#[derive(Debug)]
pub struct PostgresDatabase {
    name: String,
    server: String,
}

impl PostgresDatabase {
    /// Makes a database on the server that `DATABASE_URL` names.
    ///
    /// # Panics
    /// Without a server.
    pub fn create() -> Self {
        let database = Self { name: fresh_name(), server: server() };
        let create = format!("CREATE DATABASE {}", database.name);
        on_the_server(&database.server, &create).expect("the database is made");
        database
    }

    /// The address of the database.
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        if let Err(cause) = on_the_server(&self.server, &drop) {
            eprintln!("the database {} stays: {cause}", self.name);
        }
    }
}

fn server() -> String {
    std::env::var("DATABASE_URL")
        .expect("DATABASE_URL names no PostgreSQL to test on: run `make test`, which starts one")
}

#[expect(clippy::disallowed_methods, reason = "the name is no id of the service's")]
fn fresh_name() -> String {
    format!("test_{}", Uuid::now_v7().simple())
}

fn on_the_server(server: &str, sql: &str) -> anyhow::Result<()> {
    Ok(PgConnection::establish(server)?.batch_execute(sql)?)
}

/// Names another database in an address.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let host = address.split('/').nth(2).expect("an address has a host");
    let scheme = address.split("//").next().expect("an address has a scheme");
    let separator = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}//{host}/{name}{separator}{parameters}")
}

/// Adds a search path to an address, which may have parameters and even options already.
fn with_search_path(url: &str, schema: &str) -> String {
    let setting = format!("-csearch_path%3D{schema}");
    match (url.split_once("options="), url.contains('?')) {
        (Some((front, options)), _) => format!("{front}options={setting}%20{options}"),
        (None, true) => format!("{url}&options={setting}"),
        (None, false) => format!("{url}?options={setting}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{with_database, with_search_path};

    #[test]
    fn another_database_is_named_in_every_form_of_address() {
        let cases = [
            ("postgres://u:p@h:5/d", "postgres://u:p@h:5/n"),
            ("postgres://h/d?a=1&b=/", "postgres://h/n?a=1&b=/"),
            ("postgresql://h", "postgresql://h/n"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "n"), expected);
        }
    }

    #[test]
    fn a_search_path_goes_with_every_form_of_address() {
        let cases = [
            ("postgres://h/d", "postgres://h/d?options=-csearch_path%3Ds"),
            ("postgres://h/d?a=1", "postgres://h/d?a=1&options=-csearch_path%3Ds"),
            (
                "postgres://h/d?options=-cx%3D1",
                "postgres://h/d?options=-csearch_path%3Ds%20-cx%3D1",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(with_search_path(url, "s"), expected);
        }
    }
}
