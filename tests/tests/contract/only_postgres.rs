//! What PostgreSQL alone can do: be away, be slow, and be shared by several processes.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Timestamptz};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use stagedoor_domain::operations::{ExpireTokens, FillRange, FillRefused, PolicyEdit};
use stagedoor_domain::ports::{
    Audit, Execute, Maintenance, PointAccounts, QueueTokens, StoreError, Users,
};
use stagedoor_domain::{Instant, Peers, ProcessId, Pulse, RoomId, Submission, TokenState};
use stagedoor_store::postgres::{ConnectError, PostgresSettings, PostgresStore};
use stagedoor_tests::contract::fixture::{Fixture, Plant};
use stagedoor_tests::contract::ids::fresh;
use stagedoor_tests::contract::store::{ask, ask_all, together};
use stagedoor_tests::contract::world::{CHARGE, OPENING, World, at, points};
use stagedoor_tests::database::PostgresSchema;
use stagedoor_tests::stores::{Postgres, postgres_settings};

/// A store without rows, and the schema that it lives in.
async fn an_empty_world() -> (PostgresSchema, World<PostgresStore>) {
    let schema = PostgresSchema::create();
    let store = PostgresStore::connect(postgres_settings(schema.url())).await;
    let store = store.unwrap_or_else(|error| panic!("no connection: {error}"));
    store.migrate_up().await.expect("the schema is empty");
    (schema, World::new(store))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_unavailable_and_no_password_is_told() {
    let settings = PostgresSettings {
        connect_timeout: Duration::from_secs(2),
        ..postgres_settings("postgres://app:geheim@127.0.0.1:1/stagedoor".to_owned())
    };
    let answer = PostgresStore::connect(settings).await.err();
    let Some(ConnectError::Unreachable(StoreError::Unavailable(cause))) = answer else {
        panic!("it is unavailable: {answer:?}");
    };
    assert!(!cause.contains("geheim") && cause.contains("refused"), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_no_such_database_refuses_once_and_for_all() {
    let url = PostgresSchema::create().url();
    let (server, _) = url.rsplit_once('/').unwrap();

    let answer = PostgresStore::connect(postgres_settings(format!("{server}/nothing"))).await.err();

    assert!(matches!(answer, Some(ConnectError::Refused(_))), "{answer:?}");
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

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Waits until another session waits for a lock of this one.
async fn await_one_that_waits(session: &mut PgConnection) {
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))) AS found";
    while !sql_query(waits).get_result::<Found>(session).expect("the server answers").found {
        tokio::task::yield_now().await;
    }
}

/// The tokens of both batches have the same users, here with ids in the order that is not that of the users.
#[tokio::test(flavor = "multi_thread")]
async fn batches_that_write_tokens_of_the_same_users_never_wait_for_each_other_in_a_circle() {
    let (schema, world) = an_empty_world().await;
    let room_id = world.closed_show().await.room_id;
    let [third, mut users @ ..]: [_; 3] = world.users(3).await.try_into().unwrap();
    let present = world.done(world.join(room_id, third), OPENING).await.token;
    users.sort_unstable();
    let [low, high] = users;
    let tokens = world.reserve(room_id, &[high, low], OPENING).await;
    let mut other = PgConnection::establish(&schema.url()).unwrap();
    let copy =
        format!("CREATE TEMP TABLE copy AS SELECT * FROM queue_tokens WHERE id = '{}'", present.id);
    let write = |user, place| {
        format!(
            "UPDATE copy SET id = gen_random_uuid(), user_id = '{user}', place = {place}; INSERT INTO queue_tokens SELECT * FROM copy"
        )
    };
    other.batch_execute(&format!("{copy}; BEGIN; {}", write(low, 8))).unwrap();

    let (store, fill) = (world.store.clone(), [Submission::new(FillRange { tokens })]);
    let filling = tokio::spawn(async move { store.execute(&fill, OPENING).await });
    await_one_that_waits(&mut other).await;
    other.batch_execute(&format!("{}; COMMIT", write(high, 9))).unwrap();

    let filled = filling.await.unwrap();
    assert!(matches!(filled, Err(StoreError::Overtaken(_))), "{filled:?}");
}

/// Takes a range back and fills it at the same time: whichever has the lock of its row first.
#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_is_being_taken_back_is_not_filled() {
    let (schema, world) = an_empty_world().await;
    let room_id = world.closed_show().await.room_id;
    let tokens = world.reserve(room_id, &world.users(2).await, OPENING).await;
    let mut other = PgConnection::establish(&schema.url()).unwrap();
    other.batch_execute("BEGIN; DELETE FROM number_ranges").unwrap();

    let (store, fill) = (world.store.clone(), FillRange { tokens });
    let filling = tokio::spawn(async move { ask(&store, fill, OPENING).await });
    await_one_that_waits(&mut other).await;
    other.batch_execute("COMMIT").unwrap();

    assert_eq!(filling.await.unwrap(), Err(FillRefused::RangeVoid));
}

/// A process that is slow to write its tokens has not ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_range_that_is_being_filled_is_left_and_delays_no_janitor() {
    let (schema, world) = an_empty_world().await;
    let room_id = world.closed_show().await.room_id;
    world.reserve(room_id, &world.users(2).await, OPENING).await;
    let mut other = PgConnection::establish(&schema.url()).unwrap();
    other.batch_execute("BEGIN; SELECT FROM number_ranges FOR UPDATE").unwrap();

    assert_eq!(world.done(ExpireTokens, at(60)).await, 0);
    other.batch_execute("COMMIT").unwrap();
    assert_eq!(world.done(ExpireTokens, at(60)).await, 1);
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

/// PostgreSQL checks no foreign keys of queue tokens, so that a join does not write to the row of its user.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_finds_queue_tokens_without_a_room_or_a_user() {
    let fixture = Postgres::new().await;
    let world = World::new(fixture.store());
    let fans = world.fans(RoomId::SITE, 3).await;
    for (column, fan) in [("user_id", fans[0]), ("room_id", fans[1])] {
        fixture.plant(&format!(
            "UPDATE queue_tokens SET {column} = '01900000-0000-7000-8000-00000000dead' WHERE id = '{}'",
            fan.token_id
        ));
    }

    let found = world.store.audit(OPENING).await.unwrap();

    let mut details: Vec<_> = found.iter().map(|violation| violation.detail.clone()).collect();
    details.retain(|detail| detail.contains("of which one is not there"));
    assert_eq!(details.len(), 2, "{found:?}");
    assert!(!details.iter().any(|detail| detail.contains(&fans[2].token_id.to_string())));
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
    // As a process of an older version does.
    let older = fresh();
    schema.execute(&format!("INSERT INTO processes VALUES ('{older}', now())"));
    assert_eq!(pulse(one, Pulse::Steady).await, Peers::Older);
    for (age, found) in [("9 minutes", Peers::Older), ("10 minutes", Peers::Present)] {
        schema.execute(&format!(
            "UPDATE processes SET seen_at = now() - interval '{age}' WHERE NOT reserves"
        ));
        assert_eq!(pulse(one, Pulse::Steady).await, found, "the older one {age} ago");
    }
    schema.execute("DELETE FROM processes WHERE NOT reserves");
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

/// A hold that keeps it active for longer may have been decided before it expired, and commit later.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_just_expired_takes_its_place_while_a_transaction_has_its_lock() {
    let (schema, world) = an_empty_world().await;
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 3).await;
    let (capacity, active_seconds) = (Some(1), Some(60));
    let edit = PolicyEdit { capacity, active_seconds, ..PolicyEdit::default() };
    world.update_controls(room_id, edit, OPENING).await;
    assert_eq!(world.admit(room_id, at(1)).await, 1);
    let TokenState::Active { expires_at, .. } = world.token(fans[0].token_id).await.state else {
        panic!("it was admitted");
    };
    let mut hold = PgConnection::establish(&schema.url()).unwrap();
    hold.batch_execute(&format!(
        "BEGIN; SELECT FROM queue_tokens WHERE id = '{}' FOR UPDATE",
        fans[0].token_id
    ))
    .unwrap();

    assert_eq!(world.admit(room_id, expires_at).await, 0);
    hold.batch_execute("ROLLBACK").unwrap();
    assert_eq!(world.admit(room_id, expires_at).await, 1);
}
