//! The stores that the contract is held against, each with what it lives in.

use std::path::PathBuf;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Kept, Maintenance, StoreError, Users};
use stagedoor_store::postgres::{PLANS_REPLACED_AFTER, PostgresSettings, PostgresStore};
use stagedoor_store::sqlite::SqliteStore;
use tempfile::TempDir;

use crate::contract::fixture::{Fixture, Migrated, Plant};
use crate::contract::store::together;
use crate::database::PostgresSchema;

/// Few, because tests run side by side on one server.
const CONNECTIONS_MAX: u32 = 8;
/// Longer than a race of hundreds of tasks for few connections takes on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// After this number of rounds a store has as many connections as it will get.
const ROUNDS_MAX: usize = 1_000;

/// PostgreSQL, in a schema of its own.
pub struct Postgres {
    store: PostgresStore,
    schema: PostgresSchema,
}

/// How to reach a schema.
pub fn postgres_settings(url: String) -> PostgresSettings {
    PostgresSettings {
        url,
        connections_max: CONNECTIONS_MAX,
        connect_timeout: TIMEOUT,
        statement_timeout: TIMEOUT,
        answer_timeout: TIMEOUT,
        instant_age_max: None,
        plans_replaced_after: PLANS_REPLACED_AFTER,
    }
}

impl Fixture for Postgres {
    type Store = PostgresStore;

    async fn new() -> Self {
        let schema = PostgresSchema::create();
        let settings = postgres_settings(schema.url());
        let store = PostgresStore::connect(settings).await.expect("the server answers");
        store.migrate_up().await.expect("the migrations are applied");
        fill(&store).await;
        Self { store, schema }
    }

    fn store(&self) -> PostgresStore {
        self.store.clone()
    }
}

/// Has a store open all its connections, for as long as it has one alone nothing races in it.
async fn fill(store: &PostgresStore) {
    for _ in 0..ROUNDS_MAX {
        let readiness = store.readiness().await.expect("the store answers");
        if readiness.connections_busy + readiness.connections_idle >= CONNECTIONS_MAX {
            return;
        }
        let changes_and_reads = (0..2 * CONNECTIONS_MAX).map(|_| {
            let store = store.clone();
            async move {
                store.delete_old(Kept::IdempotencyRecords, Instant::UNIX_EPOCH, 1).await?;
                store.count_users(1).await
            }
        });
        together(changes_and_reads.collect::<Vec<_>>()).await;
    }
}

impl Plant for Postgres {
    fn plant(&self, sql: &str) {
        self.schema.execute(sql);
    }

    fn swallow(&self, table: &str) {
        self.schema.execute(&format!(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER swallow BEFORE INSERT OR UPDATE OR DELETE ON {table}
                 FOR EACH ROW EXECUTE FUNCTION swallow();"
        ));
    }

    fn swallow_no_more(&self, _table: &str) {
        self.schema.execute("DROP FUNCTION swallow CASCADE");
    }
}

/// SQLite, in a folder of its own.
pub struct Sqlite {
    store: SqliteStore,
    folder: TempDir,
}

impl Sqlite {
    /// The folder that the store has opened.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The one file in the folder that is a database.
    fn file(&self) -> PathBuf {
        let files = self.folder.path().read_dir().expect("the folder reads");
        let mut paths = files.map(|file| file.expect("the folder reads").path());
        let is_database = |path: &PathBuf| {
            std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3"))
        };
        paths.find(is_database).expect("the folder has a database")
    }
}

impl Fixture for Sqlite {
    type Store = SqliteStore;

    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        let store = SqliteStore::open(folder.path()).await.expect("no other process has it open");
        store.migrate_up().await.expect("the migrations are applied");
        Self { store, folder }
    }

    fn store(&self) -> SqliteStore {
        self.store.clone()
    }
}

impl Plant for Sqlite {
    fn plant(&self, sql: &str) {
        let file = self.file();
        let file = file.to_str().expect("a folder's name is text");
        let mut connection = SqliteConnection::establish(file).expect("the file opens");
        connection.batch_execute("PRAGMA busy_timeout = 10000").expect("it is set");
        connection.batch_execute(sql).expect("the statement is executed");
    }

    fn swallow(&self, table: &str) {
        for event in ["INSERT", "UPDATE", "DELETE"] {
            self.plant(&format!(
                "CREATE TRIGGER swallow_{event} BEFORE {event} ON {table}
                 BEGIN SELECT RAISE(IGNORE); END"
            ));
        }
    }

    fn swallow_no_more(&self, _table: &str) {
        self.plant(
            "DROP TRIGGER swallow_INSERT; DROP TRIGGER swallow_UPDATE; DROP TRIGGER swallow_DELETE",
        );
    }
}

macro_rules! migrated {
    ($($fixture:ty),*) => {$(
        impl Migrated for $fixture {
            async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
                self.store.migrate_up().await
            }

            async fn migrate_down(&self) -> Result<Option<String>, StoreError> {
                self.store.migrate_down().await
            }

            async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
                self.store.migration_status().await
            }
        }
    )*};
}

migrated!(Postgres, Sqlite);
