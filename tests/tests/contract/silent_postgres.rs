//! A PostgreSQL that says nothing: commits that it holds back, a server that is suspended, and a process that was.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use stagedoor_domain::operations::HoldRefused;
use stagedoor_domain::ports::{Execute, Maintenance, PointAccounts, StoreError, Users};
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::{Instant, ProcessId, Pulse, Refused, Role, Submission};
use stagedoor_store::postgres::{PostgresSettings, PostgresStore};
use stagedoor_tests::contract::ids::fresh;
use stagedoor_tests::contract::store::ask;
use stagedoor_tests::contract::world::{CHARGE, OPENING, World};
use stagedoor_tests::database::PostgresSchema;
use stagedoor_tests::relay::{Relay, authority};
use stagedoor_tests::stores::postgres_settings;

/// A store that soon gives up on a server which says nothing.
async fn impatient(url: String) -> PostgresStore {
    let settings =
        PostgresSettings { answer_timeout: Duration::from_secs(1), ..postgres_settings(url) };
    PostgresStore::connect(settings).await.expect("the server answers")
}

/// What a commit waits for, as it waits for standbys: here, at its end, for a lock.
const HOLD_COMMITS_BACK: &str = "
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext(current_schema())); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON point_entries DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait()";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_held_back_is_unknown_and_holds_up_neither_reads_nor_other_changes() {
    let schema = PostgresSchema::create();
    let world = World::new(impatient(schema.url()).await);
    world.store.migrate_up().await.unwrap();
    let user_id = world.users(1).await[0];
    schema.execute(HOLD_COMMITS_BACK);
    let mut standby = PgConnection::establish(&schema.url()).unwrap();
    standby.batch_execute("SELECT pg_advisory_lock(hashtext(current_schema()))").unwrap();

    let held_back = [Submission::new(world.points(user_id, CHARGE, 7))];
    let held_back = world.store.execute(&held_back, OPENING).await;
    let next = [Submission::new(world.points(user_id, CHARGE, 9))];
    let next = world.store.execute(&next, OPENING).await;

    assert!(matches!(held_back, Err(StoreError::OutcomeUnknown(_))), "{held_back:?}");
    let Err(StoreError::Unavailable(cause)) = next else { panic!("{next:?}") };
    assert!(cause.starts_with("nothing commits"), "{cause}");
    assert!(!world.store.readiness().await.unwrap().commits);
    assert_eq!(world.store.count_users(1).await, Ok(1), "reads go on");

    standby.batch_execute("SELECT pg_advisory_unlock_all()").unwrap();
    until(async || world.store.readiness().await.unwrap().commits).await;
    let balance = world.store.point_account(user_id).await.unwrap().unwrap().balance;
    assert_eq!(balance.get(), 7, "what was held back has been done, once");
    ask(&world.store, world.points(user_id, CHARGE, 9), OPENING).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_server_is_given_up_and_the_next_host_of_the_url_is_used() {
    let schema = PostgresSchema::create();
    let url = schema.url();
    let server = authority(&url);
    let first = Relay::to(server);
    let url = url.replacen(server, &format!("{},{server}", first.address()), 1);
    let world = World::new(impatient(format!("{url}&target_session_attrs=read-write")).await);
    world.store.migrate_up().await.unwrap();
    let user_id = world.users(1).await[0];

    first.suspend();
    let failed = world.store.count_users(1).await;
    assert!(world.store.count_users(1).await.is_err(), "it may be another server's turn");
    let process = ProcessId(fresh());
    until(async || world.store.pulse(process, Pulse::Start, OPENING).await.is_ok()).await;
    until(async || world.store.count_users(1).await.is_ok()).await;
    let charge = world.points(user_id, CHARGE, 9);
    until(async || world.store.execute(&[Submission::new(charge.clone())], OPENING).await.is_ok())
        .await;

    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    let account = world.store.point_account(user_id).await.unwrap().unwrap();
    assert_eq!(account.balance.get(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_process_that_was_suspended_is_refused_by_the_servers_clock() {
    let schema = PostgresSchema::create();
    let fenced = PostgresSettings {
        instant_age_max: Some(Duration::from_secs(10)),
        ..postgres_settings(schema.url())
    };
    let world = World::new(PostgresStore::connect(fenced).await.unwrap());
    world.store.migrate_up().await.unwrap();
    let now = world.store.time().await.unwrap().unwrap();
    let user = [Submission::new(world.sign_up(Role::Fan))];

    let late = world.store.execute(&user, now - Duration::from_secs(11)).await;

    let Err(StoreError::Unavailable(cause)) = late else { panic!("{late:?}") };
    assert!(cause.contains("came too late"), "{cause}");
    assert_eq!(world.store.count_users(1).await, Ok(0));
    let in_time: Instant = world.store.time().await.unwrap().unwrap() - Duration::from_secs(8);
    assert!(world.store.execute(&user, in_time).await.unwrap()[0].is_ok());
}

/// Another process may have given its place away while the batch waited for the locks.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_before_the_locks_of_its_batch_are_had_holds_nothing() {
    let schema = PostgresSchema::create();
    // The clock of a batch goes on, from an instant of the test.
    let running = PostgresSettings {
        instant_age_max: Some(Duration::from_hours(24 * 36_500)),
        ..postgres_settings(schema.url())
    };
    let world = World::new(PostgresStore::connect(running).await.unwrap());
    world.store.migrate_up().await.unwrap();
    let show = world.open_show(1, 2).await;
    let (ends, stays) = (world.fan(show.room_id).await, world.fan(show.room_id).await);
    let soon = OPENING + Duration::from_micros(1);
    schema.execute(&format!(
        "UPDATE queue_tokens SET expires_at = '{soon}' WHERE id = '{}'",
        ends.token_id
    ));

    let holds = [(ends, 1), (stays, 2)].map(|(fan, seat)| world.hold(fan, &show, &[seat]));
    let held = world.store.execute(&holds.map(Submission::new), OPENING).await.unwrap();

    let refused = Refused::Rule(HoldRefused::NotActive(NotActive::Expired));
    assert_eq!(held[0].as_ref().unwrap_err(), &refused);
    assert!(held[1].is_ok(), "{held:?}");
}

/// Asks again until it is so; the test's own time limit ends it otherwise.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    while !is_so().await {
        tokio::task::yield_now().await;
    }
}
