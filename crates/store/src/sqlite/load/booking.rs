//! Seats and reservations.

use std::collections::BTreeSet;

use crate::sqlite::codec::{Id, Micros};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use stagedoor_domain::operations::{
    CancelReservation, ExpireHolds, ExtendHold, GiveBack, HoldSeats, SeatChoice,
};
use stagedoor_domain::{Instant, Payment, ReservationId, RoomId, WorkingSet};

use super::{Load, ids, parts};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{PaymentRow, SeatRow, fold};
use crate::sqlite::schema::{payments, reservations, rooms, schedules, seats};
use crate::sqlite::statement::Statement;

impl Load for HoldSeats {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let from_the_site = commands.iter().filter(|command| command.room_id == RoomId::SITE);
        let from_the_site = ids(from_the_site.map(|command| command.schedule_id.0));
        if !from_the_site.is_empty() {
            load_rooms_before(conn, &mut set, &from_the_site, now)?;
        }
        let tokens = parts::tokens(conn, &ids(commands.iter().map(|c| c.token_id.0)))?;
        set.load(parts::rooms(conn, &ids(tokens.iter().map(|token| token.room_id.0)))?);
        set.load_queue_tokens(tokens);
        let schedules = ids(commands.iter().map(|command| command.schedule_id.0));
        set.load(parts::schedules(conn, &schedules)?);
        load_live_holds(conn, &mut set, commands, now)?;
        let mut named = Vec::new();
        let mut numbered = (Vec::new(), Vec::new());
        let mut whole = Vec::new();
        for command in commands {
            let schedule = command.schedule_id.0;
            match &command.choice {
                SeatChoice::Ids(seats) => named.extend(seats.iter().map(|seat| seat.0)),
                SeatChoice::Numbers(numbers) => {
                    numbered.0.push(Id(schedule));
                    numbered.1.extend(numbers);
                }
                SeatChoice::Best(_) => {
                    whole.extend(command.needs_every_seat(&set, now).then_some(schedule));
                }
            }
        }
        load_chosen(conn, &mut set, &ids(named), &numbered, &ids(whole))?;
        Ok(set)
    }
}

/// Loads the rooms of the schedules' concerts, and how full they are.
fn load_rooms_before(
    conn: &mut SqliteConnection,
    set: &mut WorkingSet,
    of_schedules: &[Id],
    now: Instant,
) -> Result<(), Failure> {
    let before: Vec<Id> = rooms::table
        .inner_join(schedules::table.on(rooms::concert_id.eq(schedules::concert_id.nullable())))
        .select(rooms::id)
        .filter(schedules::id.eq_any(of_schedules))
        .load(conn)?;
    super::queue::load_rooms_and_crowds(conn, set, &before, now)?;
    Ok(())
}

const LIVE_HOLDS: &str = "SELECT id FROM reservations
    WHERE schedule_id = ? AND user_id = ? AND status = 'HELD' AND expires_at > ?";

#[derive(QueryableByName)]
struct LiveHold {
    #[diesel(sql_type = Text)]
    id: Id,
}

fn load_live_holds(
    conn: &mut SqliteConnection,
    set: &mut WorkingSet,
    commands: &[&HoldSeats],
    now: Instant,
) -> Result<(), Failure> {
    let wanted: BTreeSet<_> =
        commands.iter().map(|hold| (hold.schedule_id, hold.user_id)).collect();
    for (schedule_id, user_id) in wanted {
        let found: Vec<LiveHold> = Statement::new(LIVE_HOLDS)
            .bind::<Text, _>(Id(schedule_id.0))
            .bind::<Text, _>(Id(user_id.0))
            .bind::<BigInt, _>(Micros(now))
            .load(conn)?;
        let holds = found.into_iter().map(|hold| ReservationId(hold.id.0)).collect();
        set.load_live_holds(schedule_id, user_id, holds);
    }
    Ok(())
}

/// Loads the seats that are named, those of these schedules that have one of these numbers, and all
/// seats of other schedules.
fn load_chosen(
    conn: &mut SqliteConnection,
    set: &mut WorkingSet,
    named: &[Id],
    (schedules, numbers): &(Vec<Id>, Vec<i32>),
    whole: &[Id],
) -> Result<(), Failure> {
    if !named.is_empty() {
        set.load_seats(parts::seats(conn, named)?);
    }
    if !numbers.is_empty() {
        let rows: Vec<SeatRow> = seats::table
            .select(SeatRow::as_select())
            .filter(seats::schedule_id.eq_any(schedules))
            .filter(seats::number.eq_any(numbers))
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
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        parts::load_reservations(conn, &mut set, &wanted)?;
        Ok(set)
    }
}

impl Load for ExtendHold {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        let made_with: Vec<Id> = reservations::table
            .select(reservations::queue_token_id)
            .filter(reservations::id.eq_any(&wanted))
            .load(conn)?;
        set.load_queue_tokens(parts::tokens(conn, &made_with)?);
        parts::load_reservations(conn, &mut set, &wanted)?;
        Ok(set)
    }
}

impl Load for CancelReservation {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        parts::load_reservations(conn, &mut set, &wanted)?;
        let paid: Vec<PaymentRow> = payments::table
            .select(PaymentRow::as_select())
            .filter(payments::reservation_id.eq_any(&wanted))
            .load(conn)?;
        set.load::<Payment>(fold(paid)?);
        set.load(parts::accounts(conn, &ids(commands.iter().map(|c| c.user_id.0)))?);
        Ok(set)
    }
}

impl Load for ExpireHolds {
    fn load(conn: &mut SqliteConnection, _: &[&Self], now: Instant) -> Result<WorkingSet, Failure> {
        let overdue: Vec<Id> = reservations::table
            .select(reservations::id)
            // Written out, as the index `reservations_held` has it.
            .filter(sql::<Bool>("status = 'HELD' AND ended_at IS NULL"))
            .filter(reservations::expires_at.le(Micros(now)))
            .order(reservations::expires_at)
            .limit(i64::try_from(Self::RESERVATIONS_MAX).unwrap_or(i64::MAX))
            .load(conn)?;
        let mut set = WorkingSet::new();
        parts::load_reservations(conn, &mut set, &overdue)?;
        Ok(set)
    }
}
