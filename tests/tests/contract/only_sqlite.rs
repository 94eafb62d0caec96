//! What SQLite alone does: it belongs to one process at a time, and lives in a folder.

use stagedoor_domain::ports::{Maintenance, Users};
use stagedoor_sqlite::{OpenError, SqliteStore};
use stagedoor_tests::contract::fixture::Fixture;
use stagedoor_tests::contract::world::World;
use stagedoor_tests::stores::Sqlite;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_open_is_not_opened_again() {
    let first = Sqlite::new().await;
    for _ in 0..2 {
        let second = SqliteStore::open(&first.folder()).await;
        assert!(matches!(second, Err(OpenError::InUse { .. })));
    }
    assert_eq!(first.store().count_users(1).await, Ok(0), "the first one still works");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_closed_is_opened_again_with_all_that_was_written() {
    let folder = TempDir::new().unwrap();
    for opened in 0..3 {
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let applied = store.migrate_up().await.unwrap();
        assert_eq!(applied.is_empty(), opened > 0);
        assert_eq!(store.count_users(9).await, Ok(opened));
        World::new(store).users(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machines_clock_is_the_only_clock() {
    assert_eq!(Sqlite::new().await.store().time().await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_are_two_stores() {
    let (one, two) = (Sqlite::new().await, Sqlite::new().await);
    World::new(one.store()).users(2).await;
    assert_eq!(two.store().count_users(9).await, Ok(0));
}

/// The last connection to a file tidies it up as it closes, and locks it for as long as that takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_opened_while_the_one_before_still_closes() {
    for _ in 0..20 {
        let directory = TempDir::new().unwrap();
        let before = SqliteStore::open(directory.path()).await.unwrap();
        before.migrate_up().await.unwrap();
        before.close().await.unwrap();

        let closing = tokio::task::spawn_blocking(move || drop(before));
        let opened = SqliteStore::open(directory.path()).await;
        closing.await.unwrap();

        assert!(opened.is_ok(), "{:?}", opened.err());
    }
}
