//! What the shared source asks of PostgreSQL: names, locks, and the SQL that SQLite writes in another way.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text, Untyped};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use stagedoor_domain::ports::StoreError;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    ConcertId, Delivery, EventId, Instant, OwnTickets, QueueToken, QueueTokenId, ReservationId,
    RoomId, Schedule, ScheduleId, Seat, UserId, WebhookId,
};

use super::shared::load;
use crate::failure::Failure;
use crate::prepared;
use crate::rows::{
    DeliveryRow, IdempotencyRecordRow, ReservedSeatColumns, ReservedSeatRow, ScheduleRow, SeatRow,
    fold, own_tickets_row,
};
use crate::schema::users;
use crate::types::{Id, SqlId, SqlInstant, SubjectId};

pub(crate) use super::store::PostgresStore as Store;
pub(crate) use super::write::{Rows, execute_together};
pub(crate) use diesel::PgConnection as Conn;
pub(crate) use diesel::pg::Pg as Db;

pub(crate) type Prepared<'a, ST = Untyped> = prepared::Prepared<'a, Db, ST>;

/// The most values of one list; here an array is one value.
pub(crate) const VALUES_MAX: usize = usize::MAX;

/// Locks the rows of a query.
macro_rules! for_update {
    ($query:expr) => {
        $query.for_update()
    };
}

/// Locks the rows of a query for a change of columns that no foreign key refers to.
macro_rules! for_no_key_update {
    ($query:expr) => {
        $query.for_no_key_update()
    };
}

/// Locks those rows of a query that no other transaction has locked.
macro_rules! for_update_skip_locked {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}

pub(crate) use {for_no_key_update, for_update, for_update_skip_locked};

pub(crate) const ANYONE_WAITS: &str = "SELECT EXISTS (SELECT 1 FROM number_ranges WHERE room_id = ?) OR (
    SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND idle_at > ? ORDER BY place DESC LIMIT 1) IS NOT NULL";

/// Active tokens. One that has just expired counts while a transaction has its lock: that may have been decided before and
/// keep it active for longer, and it commits later. The room is locked, so nothing that ends the token has its lock. A
/// row tells the lower 32 bits of who locks it; those from the snapshot's last one on are running too.
const ACTIVE: &str = "SELECT
    (SELECT count(*) FROM queue_tokens WHERE room_id = ? AND status = 'ACTIVE' AND expires_at > ?)
    + (SELECT count(*) FROM queue_tokens
        WHERE room_id = ? AND status = 'ACTIVE' AND expires_at <= ? AND expires_at > ?
        AND (queue_tokens.xmax::text::bigint >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint & 4294967295
            OR EXISTS (SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running
                WHERE running::text::bigint & 4294967295 = queue_tokens.xmax::text::bigint)))";
/// For longer no transaction has the lock of a token.
const LOCKED_MAX: time::Duration = time::Duration::MINUTE;

pub(crate) fn active(conn: &mut Conn, room_id: RoomId, now: Instant) -> Result<i64, Failure> {
    let count = Prepared::new(ACTIVE)
        .returning::<BigInt>()
        .bind::<SqlId, _>(room_id)
        .bind::<SqlInstant, _>(now)
        .bind::<SqlId, _>(room_id)
        .bind::<SqlInstant, _>(now)
        .bind::<SqlInstant, _>(now - LOCKED_MAX)
        .get_result(conn)?;
    Ok(count)
}

pub(crate) const HEAD_OF_LINE: &str = "SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND idle_at > ? ORDER BY place LIMIT ?";

/// Room by room and in order of time, so that each half is found by its index whatever the planner
/// knows of the table.
pub(crate) const OVERDUE_TOKENS: &str = "
    SELECT overdue.id, rooms.id AS room_id
    FROM rooms CROSS JOIN LATERAL (
        (SELECT id FROM queue_tokens
            WHERE room_id = rooms.id AND status = 'ACTIVE' AND expires_at <= ?
            ORDER BY expires_at LIMIT ?)
        UNION ALL
        (SELECT id FROM queue_tokens
            WHERE room_id = rooms.id AND status = 'WAITING'
            AND idle_at <= ?
            ORDER BY idle_at LIMIT ?)
    ) AS overdue LIMIT ?";

/// Confirmed reservations without tickets, and others with tickets.
pub(crate) const MISMATCHED: &str = "
    SELECT id FROM reservations WHERE (status = 'CONFIRMED') <> tickets_issued ORDER BY id LIMIT ?";

/// Schedule by schedule (`OFFSET 0`), so that each half is found by its index.
pub(crate) const UNSETTLED: &str = "
    SELECT unsettled.id FROM schedules CROSS JOIN LATERAL (
        (SELECT id FROM reservations
            WHERE schedule_id = schedules.id AND status = 'CONFIRMED' AND reservations.id > ? OFFSET 0)
        UNION ALL
        (SELECT id FROM reservations
            WHERE schedule_id = schedules.id AND status LIKE 'HELD' AND reservations.id > ? OFFSET 0)
    ) AS unsettled
    WHERE schedules.cancelled_at IS NOT NULL ORDER BY unsettled.id LIMIT ?";

/// What is paid of a concert, by quarters of an hour, schedules, sections and prices.
pub(crate) const SALES_BY_TIME: &str = "
    SELECT floor(extract(epoch FROM reservations.ended_at) / 900)::bigint AS quarter, schedules.id, label, price, count(*), sum(price)::bigint
    FROM schedules
    JOIN reservations ON reservations.schedule_id = schedules.id AND reservations.status = 'CONFIRMED'
        AND reservations.queue_token_id IS NOT NULL
    JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
    JOIN seats ON seats.id = reservation_seats.seat_id
    WHERE schedules.concert_id = ?
    GROUP BY quarter, schedules.id, label, price ORDER BY quarter, schedules.id, label, price";

pub(crate) const CLOCK: &str = "SELECT clock_timestamp()";

pub(crate) const SERVICE_CLOCK: &str = "SELECT alive_at, up_since FROM service_clock FOR UPDATE";

/// The database's clock says which processes answer, because theirs may differ.
pub(crate) const RECORD_PROCESS: &str = "
    INSERT INTO processes (id, seen_at, reserves, alive_at) VALUES (?, clock_timestamp(), true, ?)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, alive_at = excluded.alive_at";

/// Moves the deadlines of chosen tokens by an outage, at most to what a heartbeat would have set when it ended, and
/// answers where the chosen ones are. The tokens are locked in the order of their ids, as heartbeats lock them.
macro_rules! move_deadlines {
    ($choice:literal) => {
        concat!(
            "WITH outage AS (
                SELECT ?::bigint AS number, ?::timestamptz AS began_at, ?::timestamptz AS until,
                    ? * interval '1 microsecond' AS refund
            ), chosen AS MATERIALIZED (",
            $choice,
            "), locked AS MATERIALIZED (
                SELECT id, status, seen_at, idle_at, outage_number FROM queue_tokens
                WHERE id = ANY(ARRAY(SELECT id FROM chosen)) ORDER BY id FOR UPDATE
            ), moved AS (
                UPDATE queue_tokens SET
                    outage_number = number,
                    seen_at = greatest(seen_at, least(seen_at + refund, until)),
                    idle_at = greatest(idle_at, least(idle_at + refund, until + make_interval(
                        secs => (SELECT idle_seconds FROM rooms WHERE rooms.id = room_id))))
                FROM outage WHERE id = ANY(ARRAY(SELECT id FROM locked CROSS JOIN outage
                    WHERE status = 'WAITING' AND idle_at > began_at AND seen_at < until AND outage_number < number))
            ) SELECT room_id, place FROM chosen"
        )
    };
}

/// Room by room (`OFFSET 0`), so that each room's are found by its index.
pub(crate) const MOVE_COMING_UP: &str = move_deadlines!(
    "SELECT due.* FROM rooms CROSS JOIN outage CROSS JOIN LATERAL (
        SELECT id, room_id, place FROM queue_tokens
        WHERE room_id = rooms.id AND status = 'WAITING'
            AND idle_at > began_at AND idle_at <= ? AND seen_at < until AND outage_number < number
        OFFSET 0
    ) AS due LIMIT ?"
);

pub(crate) const MOVE_NEXT_IN_LINE: &str = move_deadlines!(
    "SELECT id, room_id, place FROM outage CROSS JOIN queue_tokens
    WHERE status = 'WAITING' AND idle_at > began_at AND seen_at < until AND outage_number < number
        AND (room_id, place) > (?, ?) AND (room_id, place) <= (?, ?)
    ORDER BY room_id, place LIMIT ?"
);

/// Events that are not fanned out, subject by subject (`OFFSET 0`). Earlier ones are found by their key: as an integer,
/// the condition does not suit the index of all that are new.
pub(crate) const NEW_EVENTS: &str = "
    SELECT event.* FROM (
        SELECT subject_id, max(number) AS number FROM (
            SELECT subject_id, number FROM events WHERE NOT fanned_out AND at <= ? ORDER BY at LIMIT ?
        ) AS first GROUP BY subject_id
    ) AS last CROSS JOIN LATERAL (
        SELECT * FROM events
        WHERE subject_id = last.subject_id AND number <= last.number AND fanned_out::integer = 0 OFFSET 0
    ) AS event";

/// Deliveries of events to webhooks, one by one (`OFFSET 0`).
const DELIVERIES: &str = "
    SELECT delivery.* FROM unnest(?, ?, ?) AS wanted (webhook_id, subject_id, number) CROSS JOIN LATERAL (
        SELECT * FROM deliveries
        WHERE webhook_id = wanted.webhook_id AND subject_id = wanted.subject_id AND number = wanted.number OFFSET 0
    ) AS delivery";

pub(crate) fn deliveries(
    conn: &mut Conn,
    wanted: &BTreeSet<(WebhookId, EventId)>,
) -> Result<Vec<Delivery>, Failure> {
    let (webhooks, events): (Vec<WebhookId>, Vec<EventId>) = wanted.iter().copied().unzip();
    let rows: Vec<DeliveryRow> = Prepared::new(DELIVERIES)
        .bind::<Array<SqlId>, _>(webhooks)
        .bind::<Array<SqlId>, _>(
            events.iter().map(|it| SubjectId(it.subject_id)).collect::<Vec<_>>(),
        )
        .bind::<Array<BigInt>, _>(events.iter().map(|it| it.number).collect::<Vec<_>>())
        .load(conn)?;
    fold(rows)
}

/// Those who fan out events lock each other.
pub(crate) fn lock_fan_out(conn: &mut Conn) -> Result<(), Failure> {
    Prepared::new(
        "SELECT pg_advisory_xact_lock(hashtext('stagedoor fan-out'), hashtext(current_schema()))",
    )
    .execute(conn)?;
    Ok(())
}

/// A new e-mail address has no row to lock yet, so sign-ups lock each other.
pub(crate) fn lock_sign_ups(conn: &mut Conn) -> Result<(), Failure> {
    Prepared::new(
        "SELECT pg_advisory_xact_lock(hashtext('stagedoor sign-up'), hashtext(current_schema()))",
    )
    .execute(conn)?;
    Ok(())
}

/// Idempotency records by owner and key, pair by pair (`OFFSET 0`), not all of an owner.
const IDEMPOTENCY_RECORDS: &str = "
    SELECT kept.* FROM unnest(?, ?) AS wanted (owner, key) CROSS JOIN LATERAL (
        SELECT * FROM answers WHERE owner = wanted.owner AND key = wanted.key OFFSET 0
    ) AS kept";

/// Locks the owners of idempotency keys and loads the records of the keys.
pub(crate) fn lock_and_load_idempotency_records(
    conn: &mut Conn,
    keys: &BTreeSet<(UserId, String)>,
) -> Result<Vec<IdempotencyRecord>, Failure> {
    let (owners, texts): (Vec<UserId>, Vec<&str>) =
        keys.iter().map(|(owner, key)| (*owner, key.as_str())).unzip();
    let _locked: Vec<UserId> = users::table
        .select(users::id)
        .filter(users::id.eq_any(owners.iter().map(Id)))
        .order(users::id)
        .for_no_key_update()
        .load(conn)?;
    let rows: Vec<IdempotencyRecordRow> = Prepared::new(IDEMPOTENCY_RECORDS)
        .bind::<Array<SqlId>, _>(owners)
        .bind::<Array<Text>, _>(texts)
        .load(conn)?;
    fold(rows)
}

/// Of each concert one schedule whose booking is not over, if possible one with seats left.
const BOOKABLE: &str = "
    SELECT bookable.* FROM unnest(?) AS wanted (concert_id) CROSS JOIN LATERAL (
        SELECT * FROM schedules
        WHERE concert_id = wanted.concert_id AND booking_closes_at > ? AND cancelled_at IS NULL
        ORDER BY sold_count + blocked_count < seat_count DESC LIMIT 1
    ) AS bookable";

pub(crate) fn bookable(
    conn: &mut Conn,
    concerts: &BTreeSet<ConcertId>,
    now: Instant,
) -> Result<Vec<Schedule>, Failure> {
    let rows: Vec<ScheduleRow> = Prepared::new(BOOKABLE)
        .bind::<Array<SqlId>, _>(Vec::from_iter(concerts))
        .bind::<SqlInstant, _>(now)
        .load(conn)?;
    fold(rows)
}

/// The tokens of users in rooms that are written as live, pair by pair (`OFFSET 0`).
const LIVE_TOKENS: &str = "
    SELECT live.id FROM unnest(?, ?) AS wanted (room_id, user_id) CROSS JOIN LATERAL (
        SELECT id FROM queue_tokens
        WHERE room_id = wanted.room_id AND user_id = wanted.user_id AND status <> 'EXPIRED' OFFSET 0
    ) AS live";

pub(crate) fn lock_live_tokens(
    conn: &mut Conn,
    wanted: &BTreeSet<(RoomId, UserId)>,
) -> Result<Vec<QueueToken>, Failure> {
    let (rooms, users): (Vec<RoomId>, Vec<UserId>) = wanted.iter().copied().unzip();
    let live: Vec<QueueTokenId> = Prepared::new(LIVE_TOKENS)
        .returning::<SqlId>()
        .bind::<Array<SqlId>, _>(rooms)
        .bind::<Array<SqlId>, _>(users)
        .load(conn)?;
    load::lock_tokens(conn, &live.into_iter().collect())
}

/// The waiting tokens with sequence numbers in rooms, pair by pair (`OFFSET 0`).
const TOKENS_IN_LINE: &str = "
    SELECT token.id FROM unnest(?, ?) AS wanted (room_id, place) CROSS JOIN LATERAL (
        SELECT id FROM queue_tokens
        WHERE room_id = wanted.room_id AND place = wanted.place AND status = 'WAITING' OFFSET 0
    ) AS token";

pub(crate) fn tokens_in_line(
    conn: &mut Conn,
    wanted: &BTreeSet<(RoomId, i64)>,
) -> Result<Vec<QueueTokenId>, Failure> {
    let (rooms, places): (Vec<RoomId>, Vec<i64>) = wanted.iter().copied().unzip();
    let found = Prepared::new(TOKENS_IN_LINE)
        .returning::<SqlId>()
        .bind::<Array<SqlId>, _>(rooms)
        .bind::<Array<BigInt>, _>(places)
        .load(conn)?;
    Ok(found)
}

/// The reservations that tokens hold, token by token (`OFFSET 0`), not all that are held.
const HOLDS_OF_TOKENS: &str = "
    SELECT held.id FROM unnest(?) AS token (id) CROSS JOIN LATERAL (
        SELECT id FROM reservations WHERE queue_token_id = token.id AND status = 'HELD' OFFSET 0
    ) AS held";

pub(crate) fn holds_of_tokens(
    conn: &mut Conn,
    tokens: &BTreeSet<QueueTokenId>,
) -> Result<Vec<ReservationId>, Failure> {
    let found = Prepared::new(HOLDS_OF_TOKENS)
        .returning::<SqlId>()
        .bind::<Array<SqlId>, _>(Vec::from_iter(tokens))
        .load(conn)?;
    Ok(found)
}

/// In one statement, because each payment makes it.
const LOCK_SCHEDULES: &str = "
    SELECT * FROM schedules
    WHERE id = ANY(? || ARRAY(SELECT schedule_id FROM reservations WHERE id = ANY(?))) ORDER BY id FOR UPDATE";

/// Locks schedules and those of reservations, which guards their seats and reservations. Which schedule a reservation
/// belongs to never changes.
pub(crate) fn lock_schedules(
    conn: &mut Conn,
    schedules: &BTreeSet<ScheduleId>,
    reservations: &BTreeSet<ReservationId>,
) -> Result<Vec<Schedule>, Failure> {
    let rows: Vec<ScheduleRow> = Prepared::new(LOCK_SCHEDULES)
        .bind::<Array<SqlId>, _>(Vec::from_iter(schedules))
        .bind::<Array<SqlId>, _>(Vec::from_iter(reservations))
        .load(conn)?;
    fold(rows)
}

/// The tickets that each user has in a schedule, pair by pair (`OFFSET 0`): live holds, and paid reservations, but no
/// complimentary ones. With
/// these conditions, no index is as good as those of the pairs (`reservations_live`, `reservations_of_schedule`), whatever
/// the statistics say.
const OWN_TICKETS: &str = "
    SELECT wanted.schedule_id, wanted.user_id, own.id, own.is_paid,
        (SELECT count(*) FROM reservation_seats WHERE reservation_id = own.id)
    FROM unnest(?, ?) AS wanted (schedule_id, user_id) CROSS JOIN LATERAL (
        (SELECT id, false AS is_paid FROM reservations
        WHERE reservations.schedule_id = wanted.schedule_id
            AND reservations.user_id BETWEEN wanted.user_id AND wanted.user_id
            AND status LIKE 'HELD' AND expires_at > ? OFFSET 0)
        UNION ALL
        (SELECT id, true AS is_paid FROM reservations
        WHERE reservations.schedule_id = wanted.schedule_id
            AND reservations.user_id BETWEEN wanted.user_id AND wanted.user_id
            AND status = 'CONFIRMED' AND queue_token_id IS NOT NULL OFFSET 0)
    ) AS own";

pub(crate) fn own_tickets(
    conn: &mut Conn,
    wanted: &BTreeSet<(ScheduleId, UserId)>,
    now: Instant,
) -> Result<Vec<(ScheduleId, UserId, OwnTickets)>, Failure> {
    let (schedules, users): (Vec<ScheduleId>, Vec<UserId>) = wanted.iter().copied().unzip();
    let rows: Vec<(ScheduleId, UserId, ReservationId, bool, i64)> = Prepared::new(OWN_TICKETS)
        .returning::<(SqlId, SqlId, SqlId, Bool, BigInt)>()
        .bind::<Array<SqlId>, _>(schedules)
        .bind::<Array<SqlId>, _>(users)
        .bind::<SqlInstant, _>(now)
        .load(conn)?;
    let own = |(schedule_id, user_id, reservation_id, is_paid, count)| {
        (schedule_id, user_id, own_tickets_row(reservation_id, is_paid, count))
    };
    Ok(rows.into_iter().map(own).collect())
}

/// The seats of reservations, one reservation after another (`OFFSET 0`).
const SEATS_OF_RESERVATIONS: &str = "
    SELECT reserved.* FROM unnest(?) AS wanted (id) CROSS JOIN LATERAL (
        SELECT of.reservation_id, seats.id, number, row_number, column_number, label, price, kind, row_label, seat_number
        FROM reservation_seats AS of JOIN seats ON seats.id = of.seat_id
        WHERE of.reservation_id = wanted.id OFFSET 0
    ) AS reserved ORDER BY number";

pub(crate) fn seats_of_reservations(
    conn: &mut Conn,
    reservations: Vec<ReservationId>,
) -> Result<Vec<ReservedSeatRow>, Failure> {
    let found = Prepared::new(SEATS_OF_RESERVATIONS)
        .returning::<ReservedSeatColumns>()
        .bind::<Array<SqlId>, _>(reservations)
        .load(conn)?;
    Ok(found)
}

/// Seats by the schedule and the number of each, pair by pair (`OFFSET 0`).
const NUMBERED_SEATS: &str = "
    SELECT seat.* FROM unnest(?, ?) AS wanted (schedule_id, number) CROSS JOIN LATERAL (
        SELECT * FROM seats WHERE schedule_id = wanted.schedule_id AND number = wanted.number OFFSET 0
    ) AS seat";

pub(crate) fn numbered_seats(
    conn: &mut Conn,
    wanted: &BTreeSet<(ScheduleId, i32)>,
) -> Result<Vec<Seat>, Failure> {
    let (schedules, numbers): (Vec<ScheduleId>, Vec<i32>) = wanted.iter().copied().unzip();
    let rows: Vec<SeatRow> = Prepared::new(NUMBERED_SEATS)
        .bind::<Array<SqlId>, _>(schedules)
        .bind::<Array<Integer>, _>(numbers)
        .load(conn)?;
    fold(rows)
}

/// Lets an audit read whole tables in the fastest way, without a time limit.
pub(crate) fn read_whole_tables(conn: &mut Conn) -> Result<(), Failure> {
    conn.batch_execute(
        "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on;
         SET LOCAL enable_mergejoin = on; SET LOCAL enable_sort = on;
         SET LOCAL enable_incremental_sort = on;
         SET LOCAL plan_cache_mode = auto; SET LOCAL statement_timeout = 0",
    )?;
    Ok(())
}

pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

pub(crate) const TABLE_OF_MIGRATIONS: &str = "SELECT relname::text AS version FROM pg_class
    WHERE oid = to_regclass('__diesel_schema_migrations')";

const LOCK_MIGRATIONS: &str =
    "SELECT pg_advisory_lock(hashtext('stagedoor migrations'), hashtext(current_schema()))";
const UNLOCK_MIGRATIONS: &str =
    "SELECT pg_advisory_unlock(hashtext('stagedoor migrations'), hashtext(current_schema()))";

/// While a migration waits for a lock, all others wait behind it. So it gives up soon, and before a deadlock ends a batch
/// (`deadlock_timeout`, 1 s), and is tried again.
const WAIT_BRIEFLY: &str =
    "SELECT set_config('stagedoor.lock_timeout', current_setting('lock_timeout'), false),
        set_config('lock_timeout', '200ms', false)";
const WAIT_AS_BEFORE: &str =
    "SELECT set_config('lock_timeout', current_setting('stagedoor.lock_timeout'), false)";

/// Migrates while no other process does.
pub(crate) fn one_process_at_a_time<T>(
    conn: &mut Conn,
    migrate: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.batch_execute(LOCK_MIGRATIONS).map_err(Failure::from)?;
    conn.batch_execute(WAIT_BRIEFLY).map_err(Failure::from)?;
    let done = migrate(conn);
    conn.batch_execute(WAIT_AS_BEFORE).map_err(Failure::from)?;
    conn.batch_execute(UNLOCK_MIGRATIONS).map_err(Failure::from)?;
    done
}
