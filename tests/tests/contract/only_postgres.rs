//! What PostgreSQL alone can do: be away, be slow, and be shared by several processes.

use std::time::Duration;

use diesel::sql_types::Timestamptz;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use stagedoor_domain::ports::{
    Execute, Maintenance, PointAccounts, QueueTokens, StoreError, Users,
};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse, RoomId, Submission};
use stagedoor_store::postgres::{PostgresSettings, PostgresStore};
use stagedoor_tests::contract::fixture::Fixture;
use stagedoor_tests::contract::ids::fresh;
use stagedoor_tests::contract::store::{ask, ask_all, together};
use stagedoor_tests::contract::world::{CHARGE, OPENING, World, at, points};
use stagedoor_tests::database::PostgresSchema;
use stagedoor_tests::stores::{Postgres, postgres_settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_unavailable_and_no_password_is_told() {
    let settings = PostgresSettings {
        connect_timeout: Duration::from_secs(2),
        ..postgres_settings("postgres://app:geheim@127.0.0.1:1/stagedoor".to_owned())
    };
    let answer = PostgresStore::connect(settings).await.err();
    let Some(StoreError::Unavailable(cause)) = answer else {
        panic!("it is unavailable: {answer:?}");
    };
    assert!(!cause.contains("geheim"), "{cause}");
}

/// Processes on one server have one clock: its own, not that of any machine they run on.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_tells_its_own_time() {
    let schema = PostgresSchema::create();
    let store = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
    let mut conn = PgConnection::establish(&schema.url()).unwrap();
    let mut told = || {
        let told = sql_query("SELECT clock_timestamp() AS time").get_result::<Told>(&mut conn);
        told.unwrap().time
    };
    let before = told();
    let time = store.time().await.unwrap().unwrap();
    assert!((before..=told()).contains(&time), "{before} {time}");
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Timestamptz)]
    time: Instant,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_migrate_at_once_both_succeed() {
    let schema = PostgresSchema::create();
    let one = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
    let two = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
    let (first, second) = tokio::join!(one.migrate_up(), two.migrate_up());
    let applied = first.unwrap().len() + second.unwrap().len();
    let status = one.migration_status().await.unwrap();
    assert_eq!(applied, status.len(), "each migration is applied once");
    assert_eq!(two.migration_status().await.unwrap(), status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_waits_too_long_for_a_lock_is_unavailable_and_not_applied() {
    let schema = PostgresSchema::create();
    let hasty = PostgresSettings {
        statement_timeout: Duration::from_millis(300),
        ..postgres_settings(schema.url())
    };
    let patient = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
    patient.migrate_up().await.unwrap();
    let world = World::new(PostgresStore::connect(hasty).await.unwrap());
    let user_id = world.users(1).await[0];
    let mut blocker = PgConnection::establish(&schema.url()).unwrap();
    sql_query("BEGIN").execute(&mut blocker).unwrap();
    sql_query("LOCK TABLE rooms, point_accounts").execute(&mut blocker).unwrap();
    let join = world.join(RoomId::SITE, user_id);
    let submissions = [Submission::new(join.clone())];
    let answer = world.store.execute(&submissions, OPENING).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    sql_query("ROLLBACK").execute(&mut blocker).unwrap();
    assert_eq!(world.store.queue_token(join.token_id).await, Ok(None));
    assert!(ask(&world.store, join, OPENING).await.unwrap().is_new);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_cut_is_found_out_by_one_failure_and_replaced() {
    let schema = PostgresSchema::create();
    let name = format!("{}&application_name=cut", schema.url());
    let settings = PostgresSettings { connections_max: 1, ..postgres_settings(name) };
    let store = PostgresStore::connect(settings).await.unwrap();
    store.migrate_up().await.unwrap();
    schema.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'cut' AND pid <> pg_backend_pid()",
    );

    let first = store.count_users(1).await;
    let second = store.count_users(1).await;

    assert!(matches!(first, Err(StoreError::Unavailable(_)) | Ok(0)), "{first:?}");
    assert_eq!(second, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_share_a_schema_count_everything_once() {
    let schema = PostgresSchema::create();
    let mut replicas = Vec::new();
    for _ in 0..3 {
        let store = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
        store.migrate_up().await.unwrap();
        replicas.push(store);
    }
    let world = World::new(replicas[0].clone());
    let show = world.open_show(1, 5).await;
    let fans = world.fans(show.room_id, 30).await;
    let rich = fans[0].user_id;
    let tasks = fans.iter().enumerate().map(|(index, fan)| {
        let store = replicas[index % replicas.len()].clone();
        let hold = world.hold(*fan, &show, &[1 + i32::try_from(index % 5).unwrap()]);
        let charges = [world.points(rich, CHARGE, 1), world.points(fan.user_id, CHARGE, 1)];
        async move {
            let charged = ask_all(&store, charges, at(1)).await;
            assert!(charged.iter().all(Result::is_ok));
            ask(&store, hold, at(1)).await.is_ok()
        }
    });
    let held = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(held.into_iter().filter(|held| *held).count(), 5);
    let account = replicas[2].point_account(rich).await;
    assert_eq!(account.unwrap().map(|account| account.balance), Some(points(31)));
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_do_not_see_each_other() {
    let (one, two) = (Postgres::new().await, Postgres::new().await);
    World::new(one.store()).users(3).await;
    let counted = two.store().count_users(9).await;
    assert_eq!(counted, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_finds_others_while_they_pulse_and_until_they_leave() {
    let schema = PostgresSchema::create();
    let store = PostgresStore::connect(postgres_settings(schema.url())).await.unwrap();
    store.migrate_up().await.unwrap();
    let [one, two] = [fresh(), fresh()].map(ProcessId);
    let pulse = async |process, of| store.pulse(process, of, OPENING).await.unwrap();

    assert_eq!(pulse(one, Pulse::Start).await, Peers::Absent);
    assert_eq!(pulse(two, Pulse::Start).await, Peers::Present);
    assert_eq!(pulse(one, Pulse::Steady).await, Peers::Present);
    store.leave(two).await.unwrap();
    assert_eq!(pulse(one, Pulse::Steady).await, Peers::Absent);

    pulse(two, Pulse::Start).await;
    for (age, found) in [("2 seconds", Peers::Present), ("3 seconds", Peers::Absent)] {
        schema.execute(&format!("UPDATE processes SET seen_at = now() - interval '{age}'"));
        assert_eq!(pulse(one, Pulse::Steady).await, found, "after {age}");
    }
    schema.execute("UPDATE processes SET seen_at = now() - interval '61 minutes'");
    pulse(ProcessId(fresh()), Pulse::Start).await;
    let mut connection = PgConnection::establish(&schema.url()).unwrap();
    let left = sql_query("DELETE FROM processes").execute(&mut connection).unwrap();
    assert_eq!(left, 1, "those that did not end well are forgotten");
}
