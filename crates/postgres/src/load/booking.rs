//! Seats and reservations.

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Uuid as SqlUuid};
use stagedoor_domain::operations::{ExpireHolds, GiveBack, HoldSeats, SeatChoice};
use stagedoor_domain::{Instant, WorkingSet};
use uuid::Uuid;

use super::{Load, ids, parts};
use crate::failure::Failure;
use crate::rows::{SeatRow, fold};
use crate::schema::{reservations, seats};
use crate::statement::Statement;
use crate::word::Word;

impl Load for HoldSeats {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let tokens = parts::lock_tokens(conn, &ids(commands.iter().map(|c| c.token_id.0)))?;
        set.load(parts::rooms(conn, &ids(tokens.iter().map(|token| token.room_id.0)))?);
        set.load_queue_tokens(tokens);
        let schedules = ids(commands.iter().map(|command| command.schedule_id.0));
        set.load(parts::lock_schedules(conn, &schedules)?);
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
                SeatChoice::Best(_) => whole.push(schedule),
            }
        }
        load_chosen(conn, &mut set, &ids(named), ids(numbered), &ids(whole))?;
        Ok(set)
    }
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

impl Load for ExpireHolds {
    fn load(conn: &mut PgConnection, _: &[&Self], now: Instant) -> Result<WorkingSet, Failure> {
        let overdue: Vec<Uuid> = reservations::table
            .select(reservations::id)
            .filter(reservations::status.eq(Word("HELD")))
            .filter(reservations::expires_at.le(now))
            .order(reservations::expires_at)
            .limit(i64::try_from(Self::RESERVATIONS_MAX).unwrap_or(i64::MAX))
            .load(conn)?;
        let mut set = WorkingSet::new();
        parts::lock_reservations(conn, &mut set, &overdue)?;
        Ok(set)
    }
}
