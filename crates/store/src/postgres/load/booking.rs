//! Seats and reservations.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::operations::{
    CancelReservation, ExpireHolds, ExtendHold, GiveBack, HoldSeats, SeatChoice,
};
use stagedoor_domain::{Instant, Payment, ReservationId, RoomId, ScheduleId, UserId, WorkingSet};
use uuid::Uuid;

use super::{Load, ids, parts};
use crate::postgres::failure::Failure;
use crate::postgres::rows::{PaymentRow, SeatRow, fold};
use crate::postgres::schema::{payments, reservations, rooms, schedules, seats};
use crate::postgres::statement::Statement;
use crate::postgres::word::Word;

impl Load for HoldSeats {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let from_the_site = commands.iter().filter(|command| command.room_id == RoomId::SITE);
        let from_the_site = ids(from_the_site.map(|command| command.schedule_id.0));
        if !from_the_site.is_empty() {
            lock_rooms_before(conn, &mut set, &from_the_site, now)?;
        }
        let tokens = parts::lock_tokens(conn, &ids(commands.iter().map(|c| c.token_id.0)))?;
        set.load(parts::rooms(conn, &ids(tokens.iter().map(|token| token.room_id.0)))?);
        set.load_queue_tokens(tokens);
        let schedules = ids(commands.iter().map(|command| command.schedule_id.0));
        set.load(parts::lock_schedules(conn, &schedules)?);
        load_live_holds(conn, &mut set, commands, now)?;
        let mut named = Vec::new();
        let mut numbered = Vec::new();
        let mut whole = Vec::new();
        for command in commands {
            let schedule = command.schedule_id.0;
            match &command.choice {
                SeatChoice::Ids(seats) => named.extend(seats.iter().map(|seat| seat.0)),
                SeatChoice::Numbers(numbers) => {
                    numbered.extend(numbers.iter().map(|number| (schedule, *number)));
                }
                SeatChoice::Best(_) => {
                    whole.extend(command.needs_every_seat(&set, now).then_some(schedule));
                }
            }
        }
        load_chosen(conn, &mut set, &ids(named), ids(numbered), &ids(whole))?;
        Ok(set)
    }
}

/// Locks the rooms of the schedules' concerts and loads how full they are. Which concert a schedule is of
/// never changes.
fn lock_rooms_before(
    conn: &mut PgConnection,
    set: &mut WorkingSet,
    of_schedules: &[Uuid],
    now: Instant,
) -> Result<(), Failure> {
    let before: Vec<Uuid> = rooms::table
        .inner_join(schedules::table.on(rooms::concert_id.eq(schedules::concert_id.nullable())))
        .select(rooms::id)
        .filter(schedules::id.eq_any(of_schedules))
        .load(conn)?;
    super::queue::load_rooms_and_crowds(conn, set, &ids(before), now)?;
    Ok(())
}

/// The live holds that each user has in a schedule, pair by pair (`OFFSET 0`). Put like this, no index is as
/// good as that of the pairs (`reservations_live`), whatever the statistics say.
const LIVE_HOLDS: &str = "
    SELECT wanted.schedule_id, wanted.user_id, held.id
    FROM unnest(?, ?) AS wanted (schedule_id, user_id) CROSS JOIN LATERAL (
        SELECT id FROM reservations
        WHERE reservations.schedule_id = wanted.schedule_id
            AND reservations.user_id BETWEEN wanted.user_id AND wanted.user_id
            AND status LIKE 'HELD' AND expires_at > ? OFFSET 0
    ) AS held";

#[derive(QueryableByName)]
struct LiveHold {
    #[diesel(sql_type = SqlUuid)]
    schedule_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn load_live_holds(
    conn: &mut PgConnection,
    set: &mut WorkingSet,
    commands: &[&HoldSeats],
    now: Instant,
) -> Result<(), Failure> {
    let wanted = ids(commands.iter().map(|hold| (hold.schedule_id.0, hold.user_id.0)));
    let (schedules, users): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    let found: Vec<LiveHold> = Statement::new(LIVE_HOLDS)
        .bind::<Array<SqlUuid>, _>(schedules)
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    let mut holds: HashMap<_, Vec<_>> = HashMap::new();
    for LiveHold { schedule_id, user_id, id } in found {
        holds.entry((schedule_id, user_id)).or_default().push(ReservationId(id));
    }
    for ((schedule_id, user_id), holds) in holds {
        set.load_live_holds(ScheduleId(schedule_id), UserId(user_id), holds);
    }
    Ok(())
}

/// Seats by the schedule and the number of each, pair by pair (`OFFSET 0`).
const NUMBERED: &str = "
    SELECT seat.* FROM unnest(?, ?) AS wanted (schedule_id, number) CROSS JOIN LATERAL (
        SELECT * FROM seats WHERE schedule_id = wanted.schedule_id AND number = wanted.number OFFSET 0
    ) AS seat";

/// Loads the seats that are named, those that are numbered, and all seats of other schedules.
fn load_chosen(
    conn: &mut PgConnection,
    set: &mut WorkingSet,
    named: &[Uuid],
    numbered: Vec<(Uuid, i32)>,
    whole: &[Uuid],
) -> Result<(), Failure> {
    if !named.is_empty() {
        set.load_seats(parts::seats(conn, named)?);
    }
    if !numbered.is_empty() {
        let (schedules, numbers): (Vec<_>, Vec<_>) = numbered.into_iter().unzip();
        let rows: Vec<SeatRow> = Statement::new(NUMBERED)
            .bind::<Array<SqlUuid>, _>(schedules)
            .bind::<Array<Integer>, _>(numbers)
            .load(conn)?;
        set.load_seats(fold(rows)?);
    }
    if !whole.is_empty() {
        let rows: Vec<SeatRow> = seats::table
            .select(SeatRow::as_select())
            .filter(seats::schedule_id.eq_any(whole))
            .load(conn)?;
        set.load_seats(fold(rows)?);
    }
    Ok(())
}

impl Load for GiveBack {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        parts::lock_reservations(conn, &mut set, &wanted)?;
        Ok(set)
    }
}

impl Load for ExtendHold {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        let made_with: Vec<Uuid> = reservations::table
            .select(reservations::queue_token_id)
            .filter(reservations::id.eq_any(&wanted))
            .load(conn)?;
        set.load_queue_tokens(parts::lock_tokens(conn, &ids(made_with))?);
        parts::lock_reservations(conn, &mut set, &wanted)?;
        Ok(set)
    }
}

impl Load for CancelReservation {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        parts::lock_reservations(conn, &mut set, &wanted)?;
        let paid: Vec<PaymentRow> = payments::table
            .select(PaymentRow::as_select())
            .filter(payments::reservation_id.eq_any(&wanted))
            .load(conn)?;
        set.load::<Payment>(fold(paid)?);
        set.load(parts::lock_accounts(conn, &ids(commands.iter().map(|c| c.user_id.0)))?);
        Ok(set)
    }
}

impl Load for ExpireHolds {
    fn load(conn: &mut PgConnection, _: &[&Self], now: Instant) -> Result<WorkingSet, Failure> {
        let overdue: Vec<Uuid> = reservations::table
            .select(reservations::id)
            .filter(reservations::status.eq(Word("HELD")))
            // A hold has not ended; said here, it leads to the index `reservations_held`.
            .filter(reservations::ended_at.is_null())
            .filter(reservations::expires_at.le(now))
            .order(reservations::expires_at)
            .limit(i64::try_from(Self::RESERVATIONS_MAX).unwrap_or(i64::MAX))
            .load(conn)?;
        let mut set = WorkingSet::new();
        parts::lock_reservations(conn, &mut set, &overdue)?;
        Ok(set)
    }
}
