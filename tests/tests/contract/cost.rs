//! What operations cost PostgreSQL, in blocks: the same whether tables are small or large. Time is not
//! measured here; `make bench` does that.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::future::Future;

use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use stagedoor_domain::operations::ExpireHolds;
use stagedoor_domain::ports::QueueTokens;
use stagedoor_store::postgres::{PostgresSettings, PostgresStore};
use stagedoor_tests::contract::world::{
    CHARGE, OPENING, Show, World, at, heartbeat, leave, release,
};
use stagedoor_tests::database::PostgresSchema;
use stagedoor_tests::stores::postgres_settings;

use super::plans::{ANALYZE, GROWN};

/// Has a session report what it has read whenever a user signs up in it.
const TELL: &str = "
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_stat_force_next_flush(); RETURN NULL; END';
    CREATE TRIGGER tell AFTER INSERT ON users FOR EACH STATEMENT EXECUTE FUNCTION tell();";

/// All blocks that were looked at, but for those of signing up itself.
const BLOCKS: &str = "
    SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))::bigint AS count
    FROM pg_statio_user_tables
    WHERE schemaname = current_schema() AND relname NOT IN ('users', 'point_accounts', 'answers')";

/// A tree over a hundred times as many rows is a level or two deeper.
const TIMES_MAX: i64 = 3;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

struct Meter<'a> {
    schema: &'a PostgresSchema,
    world: &'a World<PostgresStore>,
}

impl Meter<'_> {
    async fn blocks_so_far(&self) -> i64 {
        self.world.users(1).await;
        let mut conn = PgConnection::establish(&self.schema.url()).unwrap();
        sql_query(BLOCKS).get_result::<Count>(&mut conn).unwrap().count
    }

    async fn blocks<T>(&self, work: impl Future<Output = T>) -> (i64, T) {
        let before = self.blocks_so_far().await;
        let done = work.await;
        (self.blocks_so_far().await - before, done)
    }
}

/// What each operation costs, with this seat to hold. The job that expires tokens is not among them:
/// it asks room by room.
async fn costs(meter: &Meter<'_>, show: &Show, seat: i32) -> Vec<(&'static str, i64)> {
    let world = meter.world;
    let (fan, other) = (world.fan(show.room_id).await, world.fan(show.room_id).await);
    world.done(world.points(fan.user_id, CHARGE, 100_000), OPENING).await;
    let new = world.users(1).await[0];
    let (join, _) = meter.blocks(world.enter(show.room_id, new, OPENING)).await;
    let (see, _) = meter.blocks(world.ask(heartbeat(fan, at(1)), at(1))).await;
    let (hold, held) = meter.blocks(world.held(fan, show, &[seat], OPENING)).await;
    let (pay, _) = meter.blocks(world.done(world.pay(fan, held.id), OPENING)).await;
    let held = world.held(other, show, &[seat + 1], OPENING).await;
    let (back, _) = meter.blocks(world.done(release(&held), OPENING)).await;
    world.held(other, show, &[seat + 1], OPENING).await;
    let (away, _) = meter.blocks(world.done(leave(other), at(1))).await;
    let (expire_holds, _) = meter.blocks(world.done(ExpireHolds, at(1))).await;
    let (admit, _) = meter.blocks(world.admit(show.room_id, at(1))).await;
    let (token, _) = meter.blocks(world.store.queue_token(fan.token_id)).await;
    vec![
        ("join", join),
        ("heartbeat", see),
        ("hold", hold),
        ("pay", pay),
        ("release", back),
        ("leave", away),
        ("expire holds", expire_holds),
        ("admit", admit),
        ("read a token", token),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_looks_at_no_more_blocks_when_tables_have_grown() {
    let schema = PostgresSchema::create();
    let settings = PostgresSettings { connections_max: 1, ..postgres_settings(schema.url()) };
    let store = PostgresStore::connect(settings).await.unwrap();
    store.migrate_up().await.unwrap();
    schema.execute(TELL);
    let world = World::new(store);
    let show = world.open_show(2, 10).await;
    let meter = Meter { schema: &schema, world: &world };

    let small = costs(&meter, &show, 1).await;
    schema.execute(GROWN);
    schema.execute(ANALYZE);
    let large = costs(&meter, &show, 5).await;

    for ((operation, small), (_, large)) in small.iter().zip(&large) {
        println!("{operation}: {small} to {large} blocks");
        assert!(*small > 0, "{operation} is measured");
    }
    let dearer = |(small, large): &(&(&str, i64), &(&str, i64))| large.1 > TIMES_MAX * small.1;
    let dearer: Vec<_> = small.iter().zip(&large).filter(dearer).collect();
    assert!(dearer.is_empty(), "blocks, small and large: {dearer:?}");
}
