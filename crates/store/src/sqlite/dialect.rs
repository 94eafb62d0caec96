//! What the shared source asks of SQLite: names, and the SQL that PostgreSQL writes in another way.
//!
//! SQLite locks no rows: a transaction that writes takes the one write lock before its first read.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Untyped};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use stagedoor_domain::ports::StoreError;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    ConcertId, Delivery, EventId, Instant, OwnTickets, QueueToken, QueueTokenId, ReservationId,
    RoomId, Schedule, ScheduleId, Seat, UserId, WebhookId,
};

use crate::failure::Failure;
use crate::prepared::{self, Literal};
use crate::rows::{
    DeliveryRow, IdempotencyRecordRow, QueueTokenRow, ReservedSeatRow, ScheduleRow, SeatRow, fold,
    own_tickets_row,
};
use crate::schema::{
    answers, deliveries, queue_tokens, reservation_seats, reservations, schedules, seats,
};
use crate::types::{At, Id, SqlId, SqlInstant, SubjectId};

pub(crate) use super::store::SqliteStore as Store;
pub(crate) use super::write::{Rows, execute_together};
pub(crate) use diesel::SqliteConnection as Conn;
pub(crate) use diesel::sqlite::Sqlite as Db;

pub(crate) type Prepared<'a, ST = Untyped> = prepared::Prepared<'a, Db, ST>;

/// The most values of one list; SQLite's own bound for a statement is a little higher.
pub(crate) const VALUES_MAX: usize = 30_000;

/// Leaves a query as it is: SQLite locks no rows.
macro_rules! for_update {
    ($query:expr) => {
        $query
    };
}
pub(crate) use for_update;
pub(crate) use for_update as for_no_key_update;
pub(crate) use for_update as for_update_skip_locked;

/// `+` keeps the planner from the index of silent tokens, with which it would sort the whole line.
pub(crate) const ANYONE_WAITS: &str = "SELECT EXISTS (SELECT 1 FROM number_ranges WHERE room_id = ?) OR (
    SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND +idle_at > ? ORDER BY place DESC LIMIT 1) IS NOT NULL";

pub(crate) fn active(conn: &mut Conn, room_id: RoomId, now: Instant) -> Result<i64, Failure> {
    let active = queue_tokens::table
        .filter(queue_tokens::room_id.eq(Id(room_id)))
        .filter(queue_tokens::status.eq(Literal("ACTIVE")))
        .filter(queue_tokens::expires_at.gt(At(now)));
    Ok(active.count().get_result(conn)?)
}

/// `+` as in [`ANYONE_WAITS`].
pub(crate) const HEAD_OF_LINE: &str = "SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND +idle_at > ? ORDER BY place LIMIT ?";

/// Room by room, so that each half is found by its index.
pub(crate) const OVERDUE_TOKENS: &str = "
    SELECT * FROM (SELECT queue_tokens.id, room_id FROM rooms CROSS JOIN queue_tokens
        WHERE room_id = rooms.id AND status = 'ACTIVE' AND queue_tokens.expires_at <= ? LIMIT ?)
    UNION ALL
    SELECT * FROM (SELECT queue_tokens.id, room_id FROM rooms CROSS JOIN queue_tokens
        WHERE room_id = rooms.id AND status = 'WAITING'
        AND idle_at <= ? LIMIT ?)
    LIMIT ?";

/// Schedule by schedule, so that each half is found by its index.
/// Confirmed reservations without tickets, and others with tickets.
pub(crate) const MISMATCHED: &str = "
    SELECT id FROM reservations WHERE (status = 'CONFIRMED') <> tickets_issued ORDER BY id LIMIT ?";

pub(crate) const UNSETTLED: &str = "
    SELECT reservations.id FROM schedules CROSS JOIN reservations INDEXED BY reservations_of_schedule
        WHERE cancelled_at IS NOT NULL AND schedule_id = schedules.id
        AND status = 'CONFIRMED' AND reservations.id > ?
    UNION ALL
    SELECT reservations.id FROM schedules CROSS JOIN reservations INDEXED BY reservations_live
        WHERE cancelled_at IS NOT NULL AND schedule_id = schedules.id
        AND status = 'HELD' AND reservations.id > ?
    ORDER BY 1 LIMIT ?";

/// What is paid of a concert, by quarters of an hour, schedules, sections and prices.
pub(crate) const SALES_BY_TIME: &str = "
    SELECT reservations.ended_at / 900000000 AS quarter, schedules.id, label, price, count(*), sum(price)
    FROM schedules
    JOIN reservations ON reservations.schedule_id = schedules.id AND reservations.status = 'CONFIRMED'
        AND reservations.queue_token_id IS NOT NULL
    JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
    JOIN seats ON seats.id = reservation_seats.seat_id
    WHERE schedules.concert_id = ?
    GROUP BY quarter, schedules.id, label, price ORDER BY quarter, schedules.id, label, price";

pub(crate) const CLOCK: &str = "SELECT CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)";

pub(crate) const SERVICE_CLOCK: &str = "SELECT alive_at, up_since FROM service_clock";

pub(crate) const RECORD_PROCESS: &str = "
    INSERT INTO processes (id, alive_at) VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET alive_at = excluded.alive_at";

/// Moves the deadlines of chosen tokens by an outage, at most to what a heartbeat would have set when it ended, and
/// answers where they are.
macro_rules! move_deadlines {
    ($choice:literal) => {
        concat!(
            "WITH outage AS (SELECT ? AS number, ? AS began_at, ? AS until, ? AS refund), chosen AS MATERIALIZED (",
            $choice,
            ")
            UPDATE queue_tokens SET
                outage_number = number,
                seen_at = max(seen_at, min(seen_at + refund, until)),
                idle_at = max(idle_at, min(idle_at + refund, until + 1000000 * idle_seconds))
            FROM chosen CROSS JOIN rooms CROSS JOIN outage
            WHERE queue_tokens.id = chosen.id AND rooms.id = queue_tokens.room_id
            RETURNING room_id, place"
        )
    };
}

/// Room by room, so that each room's are found by its index.
pub(crate) const MOVE_COMING_UP: &str = move_deadlines!(
    "SELECT queue_tokens.id FROM outage CROSS JOIN rooms CROSS JOIN queue_tokens
    WHERE room_id = rooms.id AND status = 'WAITING'
        AND idle_at > began_at AND idle_at <= ? AND seen_at < until AND outage_number < number
    LIMIT ?"
);

pub(crate) const MOVE_NEXT_IN_LINE: &str = move_deadlines!(
    "SELECT id FROM outage CROSS JOIN queue_tokens INDEXED BY queue_tokens_line
    WHERE status = 'WAITING' AND +idle_at > began_at AND seen_at < until AND outage_number < number
        AND (room_id, place) > (?, ?) AND (room_id, place) <= (?, ?)
    ORDER BY room_id, place LIMIT ?"
);

/// Events that are not fanned out, subject by subject, so that earlier ones are found by the index.
pub(crate) const NEW_EVENTS: &str = "
    SELECT events.* FROM (
        SELECT subject_id, max(number) AS number FROM (
            SELECT subject_id, number FROM events WHERE NOT fanned_out AND at <= ? ORDER BY at LIMIT ?
        ) GROUP BY subject_id
    ) AS last CROSS JOIN events
    WHERE events.subject_id = last.subject_id AND events.number <= last.number AND NOT fanned_out";

/// Deliveries of events to webhooks, and perhaps others of these subjects.
pub(crate) fn deliveries(
    conn: &mut Conn,
    wanted: &BTreeSet<(WebhookId, EventId)>,
) -> Result<Vec<Delivery>, Failure> {
    let subjects = distinct(wanted.iter().map(|(_, event_id)| SubjectId(event_id.subject_id)));
    let rows: Vec<DeliveryRow> = deliveries::table
        .select(DeliveryRow::as_select())
        .filter(deliveries::webhook_id.eq_any(distinct(wanted.iter().map(|(id, _)| *id))))
        .filter(deliveries::subject_id.eq_any(subjects))
        .load(conn)?;
    fold(rows)
}

pub(crate) fn lock_fan_out(_: &mut Conn) -> Result<(), Failure> {
    Ok(())
}

pub(crate) fn lock_sign_ups(_: &mut Conn) -> Result<(), Failure> {
    Ok(())
}

/// Loads the records of idempotency keys, and perhaps others of their owners.
pub(crate) fn lock_and_load_idempotency_records(
    conn: &mut Conn,
    keys: &BTreeSet<(UserId, String)>,
) -> Result<Vec<IdempotencyRecord>, Failure> {
    let rows: Vec<IdempotencyRecordRow> = answers::table
        .select(IdempotencyRecordRow::as_select())
        .filter(answers::owner.eq_any(keys.iter().map(|(owner, _)| Id(*owner))))
        .filter(answers::key.eq_any(keys.iter().map(|(_, key)| key)))
        .load(conn)?;
    fold(rows)
}

/// Of a concert one schedule whose booking is not over, if possible one with seats left.
const BOOKABLE: &str = "SELECT * FROM schedules
    WHERE concert_id = ? AND booking_closes_at > ? AND cancelled_at IS NULL ORDER BY sold_count + blocked_count < seat_count DESC LIMIT 1";

pub(crate) fn bookable(
    conn: &mut Conn,
    concerts: &BTreeSet<ConcertId>,
    now: Instant,
) -> Result<Vec<Schedule>, Failure> {
    let mut found: Vec<ScheduleRow> = Vec::new();
    for concert_id in concerts {
        let bookable = Prepared::new(BOOKABLE)
            .bind::<SqlId, _>(concert_id)
            .bind::<SqlInstant, _>(now)
            .load(conn)?;
        found.extend::<Vec<_>>(bookable);
    }
    fold(found)
}

pub(crate) fn lock_live_tokens(
    conn: &mut Conn,
    wanted: &BTreeSet<(RoomId, UserId)>,
) -> Result<Vec<QueueToken>, Failure> {
    let rows: Vec<QueueTokenRow> = queue_tokens::table
        .select(QueueTokenRow::as_select())
        .filter(queue_tokens::room_id.eq_any(distinct(wanted.iter().map(|(room_id, _)| *room_id))))
        .filter(queue_tokens::user_id.eq_any(distinct(wanted.iter().map(|(_, user_id)| *user_id))))
        .filter(queue_tokens::status.ne(Literal("EXPIRED")))
        .order(queue_tokens::id)
        .load(conn)?;
    fold(rows)
}

/// The waiting tokens with sequence numbers in rooms, and perhaps others that have these numbers in other rooms.
pub(crate) fn tokens_in_line(
    conn: &mut Conn,
    wanted: &BTreeSet<(RoomId, i64)>,
) -> Result<Vec<QueueTokenId>, Failure> {
    let found = queue_tokens::table
        .select(queue_tokens::id)
        .filter(queue_tokens::room_id.eq_any(distinct(wanted.iter().map(|(room_id, _)| *room_id))))
        .filter(queue_tokens::place.eq_any(wanted.iter().map(|(_, place)| *place)))
        .filter(queue_tokens::status.eq(Literal("WAITING")));
    Ok(found.load(conn)?)
}

pub(crate) fn holds_of_tokens(
    conn: &mut Conn,
    tokens: &BTreeSet<QueueTokenId>,
) -> Result<Vec<ReservationId>, Failure> {
    let held = reservations::table
        .select(reservations::id)
        .filter(reservations::queue_token_id.eq_any(tokens.iter().map(Id)))
        .filter(reservations::status.eq(Literal("HELD")));
    Ok(held.load(conn)?)
}

/// The schedules with these ids, and those of reservations.
pub(crate) fn lock_schedules(
    conn: &mut Conn,
    schedules: &BTreeSet<ScheduleId>,
    reservations: &BTreeSet<ReservationId>,
) -> Result<Vec<Schedule>, Failure> {
    let of_reservations = reservations::table
        .select(reservations::schedule_id)
        .filter(reservations::id.eq_any(reservations.iter().map(Id)));
    let rows: Vec<ScheduleRow> = schedules::table
        .select(ScheduleRow::as_select())
        .filter(schedules::id.eq_any(schedules.iter().map(Id)))
        .or_filter(schedules::id.eq_any(of_reservations))
        .order(schedules::id)
        .load(conn)?;
    fold(rows)
}

/// The tickets of a user in a schedule: live holds, and paid reservations, but no complimentary ones.
const OWN_TICKETS: &str = "
    SELECT id, false, (SELECT count(*) FROM reservation_seats WHERE reservation_id = reservations.id)
    FROM reservations WHERE schedule_id = ? AND user_id = ? AND status = 'HELD' AND expires_at > ?
    UNION ALL
    SELECT id, true, (SELECT count(*) FROM reservation_seats WHERE reservation_id = reservations.id)
    FROM reservations WHERE schedule_id = ? AND user_id = ? AND status = 'CONFIRMED' AND queue_token_id IS NOT NULL";

pub(crate) fn own_tickets(
    conn: &mut Conn,
    wanted: &BTreeSet<(ScheduleId, UserId)>,
    now: Instant,
) -> Result<Vec<(ScheduleId, UserId, OwnTickets)>, Failure> {
    let mut found = Vec::new();
    for (schedule_id, user_id) in wanted {
        let rows: Vec<(ReservationId, bool, i64)> = Prepared::new(OWN_TICKETS)
            .returning::<(SqlId, Bool, BigInt)>()
            .bind::<SqlId, _>(schedule_id)
            .bind::<SqlId, _>(user_id)
            .bind::<SqlInstant, _>(now)
            .bind::<SqlId, _>(schedule_id)
            .bind::<SqlId, _>(user_id)
            .load(conn)?;
        let own =
            |(id, is_paid, count)| (*schedule_id, *user_id, own_tickets_row(id, is_paid, count));
        found.extend(rows.into_iter().map(own));
    }
    Ok(found)
}

pub(crate) fn seats_of_reservations(
    conn: &mut Conn,
    wanted: Vec<ReservationId>,
) -> Result<Vec<ReservedSeatRow>, Failure> {
    let found = reservation_seats::table
        .inner_join(seats::table.on(seats::id.eq(reservation_seats::seat_id)))
        .select((
            reservation_seats::reservation_id,
            seats::id,
            seats::number,
            seats::row_number,
            seats::column_number,
            seats::label,
            seats::price,
            seats::kind,
            seats::row_label,
            seats::seat_number,
        ))
        .filter(reservation_seats::reservation_id.eq_any(wanted.into_iter().map(Id)))
        .order(seats::number)
        .load(conn)?;
    Ok(found)
}

/// Seats that have one of the schedules and one of the numbers.
pub(crate) fn numbered_seats(
    conn: &mut Conn,
    wanted: &BTreeSet<(ScheduleId, i32)>,
) -> Result<Vec<Seat>, Failure> {
    let numbers: BTreeSet<i32> = wanted.iter().map(|(_, number)| *number).collect();
    let rows: Vec<SeatRow> = seats::table
        .select(SeatRow::as_select())
        .filter(seats::schedule_id.eq_any(distinct(wanted.iter().map(|(id, _)| *id))))
        .filter(seats::number.eq_any(numbers))
        .load(conn)?;
    fold(rows)
}

/// Ids in their order, none twice.
fn distinct<I: Ord>(ids: impl Iterator<Item = I>) -> impl Iterator<Item = Id<I>> {
    ids.collect::<BTreeSet<I>>().into_iter().map(Id)
}

pub(crate) fn read_whole_tables(_: &mut Conn) -> Result<(), Failure> {
    Ok(())
}

pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

pub(crate) const TABLE_OF_MIGRATIONS: &str =
    "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'";

/// The store's file belongs to one process.
pub(crate) fn one_process_at_a_time<T>(
    conn: &mut Conn,
    migrate: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    migrate(conn)
}
