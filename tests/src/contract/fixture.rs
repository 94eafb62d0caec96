//! A store that the contract is held against, with what only its tests may do to it.

use std::future::Future;

use stagedoor_domain::ports::StoreError;

use super::store::Store;

/// A store of its own for one test.
pub trait Fixture: Sized + Send + Sync {
    /// What it is a fixture of.
    type Store: Store;

    /// Makes an empty store with all migrations applied.
    fn new() -> impl Future<Output = Self> + Send;

    /// The store.
    fn store(&self) -> Self::Store;
}

/// A store whose data can be broken behind its back, as a bug or a careless hand would.
pub trait Plant: Fixture {
    /// Executes a statement that every store understands.
    fn plant(&self, sql: &str);

    /// From now on rows that are inserted into a table or updated in it vanish without an error.
    fn swallow(&self, table: &str);

    /// Ends what [`swallow`](Self::swallow) began.
    fn swallow_no_more(&self, table: &str);
}

/// A store whose tables come from migrations.
pub trait Migrated: Fixture {
    /// Applies what is missing and answers the names.
    fn migrate_up(&self) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Takes the newest one back and answers its name.
    fn migrate_down(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Every migration, and whether it was applied.
    fn migration_status(
        &self,
    ) -> impl Future<Output = Result<Vec<(String, bool)>, StoreError>> + Send;
}
