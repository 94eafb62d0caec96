//! What SQLite alone does: it belongs to one process at a time, and lives in a folder.

use std::sync::atomic::{AtomicUsize, Ordering};

use stagedoor_domain::operations::CreateSchedule;
use stagedoor_domain::ports::{Maintenance, Users};
use stagedoor_store::sqlite::{OpenError, SqliteStore};
use stagedoor_tests::contract::fixture::Fixture;
use stagedoor_tests::contract::world::{OPENING, World};
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

/// Dates are made one after another, and a charge waits for the one that is being written at most.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_no_more_than_one_that_was_there_before() {
    let world = World::new(Sqlite::new().await.store());
    let show = world.show(1, 1).await;
    let user_id = world.users(1).await[0];
    let (written, plans) = (AtomicUsize::new(0), (0..12).map(|_| world.plan(20, 50)));
    let making = async {
        for plan in plans {
            let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
            world.done(CreateSchedule { concert_id, organizer_id, plan }, OPENING).await;
            written.fetch_add(1, Ordering::SeqCst);
        }
    };
    let charging = async {
        while written.load(Ordering::SeqCst) < 10 {
            let before = written.load(Ordering::SeqCst);
            world.charge(user_id, 1).await;
            let waited_for = written.load(Ordering::SeqCst) - before;
            assert!(waited_for <= 1, "it waited for {waited_for}");
        }
    };
    tokio::join!(making, charging);
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
