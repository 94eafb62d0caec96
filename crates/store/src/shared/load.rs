//! Locking and loading what commands need.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use stagedoor_domain::number_range::FILL_MAX;
use stagedoor_domain::queue_token::HEARTBEAT_GRACE;
use stagedoor_domain::{
    Concert, ConcertId, Email, Hall, HallId, HallPlan, Instant, Needs, NumberRange, Occupancy,
    OperatorAction, Payment, PlanVersion, PointAccount, PosterImage, QueueToken, QueueTokenId,
    Reservation, ReservationId, Room, RoomId, Schedule, ScheduleId, Seat, SeatId, User, UserId,
    Venue, VenueId, WorkingSet,
};

use super::dialect::{self, Conn, Prepared, for_no_key_update, for_update, for_update_skip_locked};
use super::load_mails::load_mails;
use super::load_tickets::{door_staff, needed_tickets, reservations_of_tickets};
use super::load_webhooks::load_webhooks;
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{
    ConcertRow, HallPlanRow, HallRow, NumberRangeRow, OperatorActionRow, PaymentRow,
    PointAccountRow, PosterImageRow, QueueTokenRow, ReservationRow, RoomRow, ScheduleRow, SeatRow,
    UserRow, VenueRow, fold, fold_one, with_seats,
};
use crate::schema::{
    concerts, hall_plans, halls, number_ranges, operator_actions, payments, point_accounts,
    poster_images, queue_tokens, reservations, rooms, schedules, seats, users, venues,
};
use crate::types::{At, Id, SqlId, SqlInstant};

/// Locks and loads `needs`, in the order of its fields.
pub(super) fn load(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: Needs,
    now: Instant,
) -> Result<(), Failure> {
    load_people(conn, set, &needs)?;
    let tokens = load_rooms(conn, set, &needs, now)?;
    load_tokens(conn, set, &needs, &tokens, now)?;
    load_reservations(conn, set, &needs, now)?;
    load_seats(conn, set, &needs)?;
    set.load::<Payment>(payments_of(conn, &needs.payments_of)?);
    set.load(lock_accounts(conn, &needs.accounts)?);
    load_webhooks(conn, set, &needs, now)?;
    load_mails(conn, set, &needs, now)?;
    set.expect(needs);
    Ok(())
}

fn load_people(conn: &mut Conn, set: &mut WorkingSet, needs: &Needs) -> Result<(), Failure> {
    if !needs.emails.is_empty() {
        dialect::lock_sign_ups(conn)?;
    }
    if !needs.keys.is_empty() {
        set.load(dialect::lock_and_load_idempotency_records(conn, &needs.keys)?);
    }
    if !needs.emails.is_empty() {
        set.load(users_of_addresses(conn, &needs.emails)?);
    }
    set.load(lock_users(conn, &needs.users)?);
    set.load(users(conn, &needs.users_read)?);
    set.load(door_staff(conn, &needs.door_staff)?);
    let locked = &(&needs.concerts | &needs.concerts_as_a_whole()) | &needs.posters;
    set.load(lock_concerts(conn, &locked)?);
    set.load_seat_counts(seat_counts(conn, &needs.concerts)?);
    set.load::<PosterImage>(poster_images(conn, &needs.posters)?);
    set.load(concerts(conn, &needs.concerts_read)?);
    load_venues(conn, set, needs)
}

/// Loads venues, and halls with their venues and the newest versions of their plans.
fn load_venues(conn: &mut Conn, set: &mut WorkingSet, needs: &Needs) -> Result<(), Failure> {
    set.load(lock_venues(conn, &needs.venues)?);
    let halls = lock_halls(conn, &needs.halls)?;
    set.load(venues(conn, &halls.iter().map(|hall| hall.venue_id).collect())?);
    for hall in &halls {
        let version = PlanVersion { hall_id: hall.id, version: hall.plan_version };
        set.load(hall_plan(conn, version)?);
    }
    set.load(halls);
    for (hall_id, version) in &needs.plans_read {
        let version = PlanVersion { hall_id: *hall_id, version: *version };
        set.load(hall_plan(conn, version)?);
    }
    Ok(())
}

/// Loads rooms, and answers the overdue tokens that are needed, whose rooms are among them.
fn load_rooms(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: &Needs,
    now: Instant,
) -> Result<Vec<QueueTokenId>, Failure> {
    let overdue = overdue_tokens(conn, needs.overdue_tokens, now)?;
    let mut occupied = rooms_of_schedules(conn, &needs.rooms_of_schedules)?;
    occupied.extend(&needs.occupancies);
    let stale = stale_ranges(conn, needs.stale_ranges, now)?;
    let mut wanted: BTreeSet<RoomId> = overdue.iter().map(|(_, room_id)| *room_id).collect();
    wanted.extend(stale.iter().map(|(room_id, _)| *room_id));
    wanted.extend(needs.rooms.iter().chain(&occupied));
    wanted.extend(rooms_of_concerts(conn, &needs.concerts_as_a_whole())?);
    for room in lock_rooms(conn, &wanted)? {
        if occupied.contains(&room.id) {
            set.load_occupancy(room.id, occupancy(conn, room.id, now)?);
        }
        set.load([room]);
    }
    set.load(lock_ranges(conn, &needs.number_ranges)?);
    set.load(lock_stale_ranges(conn, &stale)?);
    set.load(open_ranges(conn, &needs.open_ranges)?);
    for room_id in &needs.actions_on_rooms {
        set.load(action_on_room(conn, *room_id)?);
    }
    if !needs.bookable.is_empty() {
        set.load(dialect::bookable(conn, &needs.bookable, now)?);
    }
    Ok(overdue.into_iter().map(|(token_id, _)| token_id).collect())
}

fn load_tokens(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: &Needs,
    overdue: &[QueueTokenId],
    now: Instant,
) -> Result<(), Failure> {
    if !needs.live_tokens.is_empty() {
        set.load(dialect::lock_live_tokens(conn, &needs.live_tokens)?);
    }
    let mut wanted = &needs.tokens | &needs.tokens_and_rooms;
    if !needs.tokens_in_line.is_empty() {
        wanted.extend(dialect::tokens_in_line(conn, &needs.tokens_in_line)?);
    }
    wanted.extend(overdue);
    wanted.extend(heads_of_lines(conn, &needs.heads_of_lines, now)?);
    wanted.extend(tokens_of_reservations(conn, &needs.tokens_of_reservations)?);
    wanted.extend(tokens_of_concerts(conn, &needs.deleted_concerts)?);
    let tokens = lock_tokens(conn, &wanted)?;
    let with_room = tokens.iter().filter(|token| needs.tokens_and_rooms.contains(&token.id));
    set.load(rooms(conn, &with_room.map(|token| token.room_id).collect())?);
    set.load(tokens);
    Ok(())
}

/// Loads schedules, and reservations with their schedules and seats.
fn load_reservations(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: &Needs,
    now: Instant,
) -> Result<(), Failure> {
    let mut wanted = needs.reservations.clone();
    if !needs.holds_of_tokens.is_empty() {
        wanted.extend(dialect::holds_of_tokens(conn, &needs.holds_of_tokens)?);
    }
    wanted.extend(overdue_holds(conn, needs.overdue_holds, now)?);
    wanted.extend(unsettled(conn, &needs.unsettled)?);
    wanted.extend(reservations_of_tickets(conn, needs)?);
    let paid = paid_of(conn, &needs.paid_of)?;
    wanted.extend(&paid);
    let mut schedules = needs.schedules.clone();
    schedules.extend(untold_moves(conn, needs.untold_moves)?);
    schedules.extend(schedules_of_concerts(conn, &needs.concerts_as_a_whole())?);
    if !schedules.is_empty() || !wanted.is_empty() {
        set.load(dialect::lock_schedules(conn, &schedules, &wanted)?);
    }
    for concert_id in &needs.deleted_concerts {
        set.load_reserved(was_reserved(conn, *concert_id)?.then_some(*concert_id));
    }
    let found = reservations(conn, &wanted)?;
    let taken = found.iter().flat_map(|reservation| &reservation.seats).map(|seat| seat.id);
    set.load(seats(conn, &taken.collect())?);
    set.load(found);
    set.load(needed_tickets(conn, needs, paid)?);
    set.load(reservations(conn, &needs.reservations_read)?);
    if !needs.own_tickets.is_empty() {
        set.load_own_tickets(dialect::own_tickets(conn, &needs.own_tickets, now)?);
    }
    Ok(())
}

fn load_seats(conn: &mut Conn, set: &mut WorkingSet, needs: &Needs) -> Result<(), Failure> {
    set.load(seats(conn, &needs.seats)?);
    if !needs.numbered_seats.is_empty() {
        set.load(dialect::numbered_seats(conn, &needs.numbered_seats)?);
    }
    set.load(seats_of_schedules(conn, &needs.seats_of_schedules)?);
    Ok(())
}

/// Reads rows by ids, in parts that the database takes; nothing when there are no ids.
pub(super) fn by_ids<I: Copy, R, T: TryFrom<R, Error = Failure>>(
    ids: &BTreeSet<I>,
    mut read: impl FnMut(&[Id<I>]) -> QueryResult<Vec<R>>,
) -> Result<Vec<T>, Failure> {
    let ids: Vec<Id<I>> = ids.iter().copied().map(Id).collect();
    let mut found = Vec::new();
    for ids in ids.chunks(dialect::VALUES_MAX) {
        found.extend(fold(read(ids)?)?);
    }
    Ok(found)
}

fn users_of_addresses(conn: &mut Conn, emails: &BTreeSet<Email>) -> Result<Vec<User>, Failure> {
    let rows: Vec<UserRow> = users::table
        .select(UserRow::as_select())
        .filter(users::email.eq_any(emails.iter().map(Email::as_str)))
        .load(conn)?;
    fold(rows)
}

pub(super) fn users(conn: &mut Conn, wanted: &BTreeSet<UserId>) -> Result<Vec<User>, Failure> {
    by_ids(wanted, |ids| {
        users::table.select(UserRow::as_select()).filter(users::id.eq_any(ids)).load(conn)
    })
}

fn lock_users(conn: &mut Conn, wanted: &BTreeSet<UserId>) -> Result<Vec<User>, Failure> {
    by_ids(wanted, |ids| {
        let found = users::table.select(UserRow::as_select()).filter(users::id.eq_any(ids));
        for_no_key_update!(found.order(users::id)).load(conn)
    })
}

fn lock_concerts(conn: &mut Conn, wanted: &BTreeSet<ConcertId>) -> Result<Vec<Concert>, Failure> {
    by_ids(wanted, |ids| {
        let found =
            concerts::table.select(ConcertRow::as_select()).filter(concerts::id.eq_any(ids));
        for_no_key_update!(found.order(concerts::id)).load(conn)
    })
}

pub(super) fn concerts(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<Concert>, Failure> {
    by_ids(wanted, |ids| {
        concerts::table.select(ConcertRow::as_select()).filter(concerts::id.eq_any(ids)).load(conn)
    })
}

/// The images of the posters of concerts that are locked.
fn poster_images(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<PosterImage>, Failure> {
    by_ids(wanted, |ids| {
        let found = poster_images::table.filter(poster_images::concert_id.eq_any(ids));
        found.select(PosterImageRow::as_select()).load(conn)
    })
}

fn lock_venues(conn: &mut Conn, wanted: &BTreeSet<VenueId>) -> Result<Vec<Venue>, Failure> {
    by_ids(wanted, |ids| {
        let found = venues::table.select(VenueRow::as_select()).filter(venues::id.eq_any(ids));
        for_no_key_update!(found.order(venues::id)).load(conn)
    })
}

/// Venues, unlocked.
pub(super) fn venues(conn: &mut Conn, wanted: &BTreeSet<VenueId>) -> Result<Vec<Venue>, Failure> {
    by_ids(wanted, |ids| {
        venues::table.select(VenueRow::as_select()).filter(venues::id.eq_any(ids)).load(conn)
    })
}

fn lock_halls(conn: &mut Conn, wanted: &BTreeSet<HallId>) -> Result<Vec<Hall>, Failure> {
    by_ids(wanted, |ids| {
        let found = halls::table.select(HallRow::as_select()).filter(halls::id.eq_any(ids));
        for_no_key_update!(found.order(halls::id)).load(conn)
    })
}

/// A version of a hall's plan, which never changes.
pub(super) fn hall_plan(
    conn: &mut Conn,
    version: PlanVersion,
) -> Result<Option<HallPlan>, Failure> {
    let row: Option<HallPlanRow> = hall_plans::table
        .select(HallPlanRow::as_select())
        .filter(hall_plans::hall_id.eq(Id(version.hall_id)))
        .filter(hall_plans::version.eq(version.version))
        .first(conn)
        .optional()?;
    fold_one(row)
}

fn rooms_of_concerts(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<RoomId>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = rooms::table.filter(rooms::concert_id.eq_any(wanted.iter().map(Id)));
    Ok(found.select(rooms::id).load(conn)?)
}

/// Schedules, unlocked.
pub(super) fn schedules(
    conn: &mut Conn,
    wanted: &BTreeSet<ScheduleId>,
) -> Result<Vec<Schedule>, Failure> {
    by_ids(wanted, |ids| {
        schedules::table
            .select(ScheduleRow::as_select())
            .filter(schedules::id.eq_any(ids))
            .load(conn)
    })
}

/// The schedules of concerts that are locked, so that none is added.
fn schedules_of_concerts(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<ScheduleId>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = schedules::table.filter(schedules::concert_id.eq_any(wanted.iter().map(Id)));
    Ok(found.select(schedules::id).load(conn)?)
}

/// The tokens of the rooms of concerts. The rooms are locked, so that none is added.
fn tokens_of_concerts(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<QueueTokenId>, Failure> {
    let rooms = rooms_of_concerts(conn, wanted)?;
    if rooms.is_empty() {
        return Ok(Vec::new());
    }
    let found = queue_tokens::table.filter(queue_tokens::room_id.eq_any(rooms.iter().map(Id)));
    Ok(found.select(queue_tokens::id).load(conn)?)
}

/// Whether a reservation was ever made of a concert whose schedules are locked.
fn was_reserved(conn: &mut Conn, concert_id: ConcertId) -> Result<bool, Failure> {
    let dates = schedules_of_concerts(conn, &BTreeSet::from([concert_id]))?;
    let made = reservations::table.filter(reservations::schedule_id.eq_any(dates.iter().map(Id)));
    Ok(diesel::select(diesel::dsl::exists(made)).get_result(conn)?)
}

/// How many seats concerts have on all their dates, of each that has one.
fn seat_counts(
    conn: &mut Conn,
    wanted: &BTreeSet<ConcertId>,
) -> Result<Vec<(ConcertId, i64)>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(ConcertId, Option<i64>)> = schedules::table
        .group_by(schedules::concert_id)
        .select((schedules::concert_id, sum(schedules::seat_count)))
        .filter(schedules::concert_id.eq_any(wanted.iter().map(Id)))
        .load(conn)?;
    Ok(found.into_iter().map(|(id, count)| (id, count.unwrap_or_default())).collect())
}

fn lock_rooms(conn: &mut Conn, wanted: &BTreeSet<RoomId>) -> Result<Vec<Room>, Failure> {
    by_ids(wanted, |ids| {
        let found = rooms::table.select(RoomRow::as_select()).filter(rooms::id.eq_any(ids));
        for_update!(found.order(rooms::id)).load(conn)
    })
}

/// Rooms of which only the policy is used, which needs no lock.
pub(super) fn rooms(conn: &mut Conn, wanted: &BTreeSet<RoomId>) -> Result<Vec<Room>, Failure> {
    by_ids(wanted, |ids| {
        rooms::table.select(RoomRow::as_select()).filter(rooms::id.eq_any(ids)).load(conn)
    })
}

/// The rooms of the schedules' concerts. Which concert a schedule belongs to never changes.
fn rooms_of_schedules(
    conn: &mut Conn,
    wanted: &BTreeSet<ScheduleId>,
) -> Result<BTreeSet<RoomId>, Failure> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Vec<RoomId> = rooms::table
        .inner_join(schedules::table.on(rooms::concert_id.eq(schedules::concert_id.nullable())))
        .select(rooms::id)
        .filter(schedules::id.eq_any(wanted.iter().map(Id)))
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// How full a room is. Overdue tokens do not count; the numbers of ranges wait.
fn occupancy(conn: &mut Conn, room_id: RoomId, now: Instant) -> Result<Occupancy, Failure> {
    let active = dialect::active(conn, room_id, now)?;
    let anyone_waits = Prepared::new(dialect::ANYONE_WAITS)
        .returning::<Bool>()
        .bind::<SqlId, _>(room_id)
        .bind::<SqlId, _>(room_id)
        .bind::<SqlInstant, _>(now)
        .get_result(conn)?;
    Ok(Occupancy { active, anyone_waits })
}

/// The ranges of rooms, as far as their tokens are not written.
fn open_ranges(conn: &mut Conn, wanted: &BTreeSet<RoomId>) -> Result<Vec<NumberRange>, Failure> {
    by_ids(wanted, |rooms| {
        let found = number_ranges::table.select(NumberRangeRow::as_select());
        found.filter(number_ranges::room_id.eq_any(rooms)).load(conn)
    })
}

/// The query of one range.
macro_rules! range {
    ($room_id:expr, $first:expr) => {
        number_ranges::table
            .select(NumberRangeRow::as_select())
            .filter(number_ranges::room_id.eq(Id($room_id)))
            .filter(number_ranges::first_place.eq($first))
    };
}

fn lock_ranges(
    conn: &mut Conn,
    wanted: &BTreeSet<(RoomId, i64)>,
) -> Result<Vec<NumberRange>, Failure> {
    let mut found: Vec<NumberRangeRow> = Vec::new();
    for (room_id, first) in wanted {
        found.extend(for_update!(range!(room_id, first)).load(conn)?);
    }
    fold(found)
}

/// Those of these ranges that no other transaction has locked: what is being filled is not stale.
fn lock_stale_ranges(
    conn: &mut Conn,
    stale: &BTreeSet<(RoomId, i64)>,
) -> Result<Vec<NumberRange>, Failure> {
    let mut found: Vec<NumberRangeRow> = Vec::new();
    for (room_id, first) in stale {
        found.extend(for_update_skip_locked!(range!(room_id, first)).load(conn)?);
    }
    fold(found)
}

fn stale_ranges(
    conn: &mut Conn,
    most: usize,
    now: Instant,
) -> Result<BTreeSet<(RoomId, i64)>, Failure> {
    if most == 0 {
        return Ok(BTreeSet::new());
    }
    let found: Vec<(RoomId, i64)> = number_ranges::table
        .select((number_ranges::room_id, number_ranges::first_place))
        .filter(number_ranges::reserved_at.le(At(now - FILL_MAX)))
        .limit(limit(most))
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// The newest action on a room, if there is any.
fn action_on_room(conn: &mut Conn, room_id: RoomId) -> Result<Option<OperatorAction>, Failure> {
    let row: Option<OperatorActionRow> = operator_actions::table
        .select(OperatorActionRow::as_select())
        .filter(operator_actions::room_id.eq(Id(room_id)))
        .order(operator_actions::id.desc())
        .first(conn)
        .optional()?;
    fold_one(row)
}

pub(crate) fn lock_tokens(
    conn: &mut Conn,
    wanted: &BTreeSet<QueueTokenId>,
) -> Result<Vec<QueueToken>, Failure> {
    by_ids(wanted, |ids| {
        let found = queue_tokens::table
            .select(QueueTokenRow::as_select())
            .filter(queue_tokens::id.eq_any(ids));
        for_update!(found.order(queue_tokens::id)).load(conn)
    })
}

fn heads_of_lines(
    conn: &mut Conn,
    wanted: &BTreeMap<RoomId, usize>,
    now: Instant,
) -> Result<Vec<QueueTokenId>, Failure> {
    let mut found = Vec::new();
    for (room_id, most) in wanted.iter().filter(|(_, most)| **most > 0) {
        let head: Vec<QueueTokenId> = Prepared::new(dialect::HEAD_OF_LINE)
            .returning::<SqlId>()
            .bind::<SqlId, _>(room_id)
            .bind::<SqlInstant, _>(now)
            .bind::<BigInt, _>(limit(*most))
            .load(conn)?;
        found.extend(head);
    }
    Ok(found)
}

/// Overdue tokens and their rooms. A waiting token that is overdue is left for [`HEARTBEAT_GRACE`].
fn overdue_tokens(
    conn: &mut Conn,
    most: usize,
    now: Instant,
) -> Result<Vec<(QueueTokenId, RoomId)>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let found = Prepared::new(dialect::OVERDUE_TOKENS)
        .returning::<(SqlId, SqlId)>()
        .bind::<SqlInstant, _>(now)
        .bind::<BigInt, _>(limit(most))
        .bind::<SqlInstant, _>(now - HEARTBEAT_GRACE)
        .bind::<BigInt, _>(limit(most))
        .bind::<BigInt, _>(limit(most))
        .load(conn)?;
    Ok(found)
}

fn tokens_of_reservations(
    conn: &mut Conn,
    wanted: &BTreeSet<ReservationId>,
) -> Result<Vec<QueueTokenId>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = reservations::table.filter(reservations::id.eq_any(wanted.iter().map(Id)));
    let found = found.filter(reservations::queue_token_id.is_not_null());
    Ok(found.select(reservations::queue_token_id.assume_not_null()).load(conn)?)
}

/// Reservations with their seats, the newest first.
pub(super) fn reservations(
    conn: &mut Conn,
    wanted: &BTreeSet<ReservationId>,
) -> Result<Vec<Reservation>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ReservationRow> = reservations::table
        .select(ReservationRow::as_select())
        .filter(reservations::id.eq_any(wanted.iter().map(Id)))
        .order(reservations::id.desc())
        .load(conn)?;
    reservations_of(conn, rows)
}

/// Reads the seats of reservations.
pub(super) fn reservations_of(
    conn: &mut Conn,
    rows: Vec<ReservationRow>,
) -> Result<Vec<Reservation>, Failure> {
    let ids: Vec<ReservationId> = rows.iter().map(|row| row.id).collect();
    with_seats(rows, dialect::seats_of_reservations(conn, ids)?)
}

fn overdue_holds(
    conn: &mut Conn,
    most: usize,
    now: Instant,
) -> Result<Vec<ReservationId>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let overdue = reservations::table
        .select(reservations::id)
        .filter(reservations::status.eq(Literal("HELD")))
        // A hold has not ended; this condition makes the index `reservations_held` usable.
        .filter(reservations::ended_at.is_null())
        .filter(reservations::expires_at.le(At(now)));
    Ok(overdue.order(reservations::expires_at).limit(limit(most)).load(conn)?)
}

/// The next reservations of cancelled schedules that are held or paid, above each of these ids.
fn unsettled(
    conn: &mut Conn,
    wanted: &BTreeMap<ReservationId, usize>,
) -> Result<Vec<ReservationId>, Failure> {
    let mut found = Vec::new();
    for (after, most) in wanted {
        let next: Vec<ReservationId> = Prepared::new(dialect::UNSETTLED)
            .returning::<SqlId>()
            .bind::<SqlId, _>(after)
            .bind::<SqlId, _>(after)
            .bind::<BigInt, _>(limit(*most))
            .load(conn)?;
        found.extend(next);
    }
    Ok(found)
}

/// The next confirmed reservations of schedules, above each of these ids.
fn paid_of(
    conn: &mut Conn,
    wanted: &BTreeMap<(ScheduleId, ReservationId), usize>,
) -> Result<Vec<ReservationId>, Failure> {
    let mut found = Vec::new();
    for ((schedule_id, after), most) in wanted {
        let next = reservations::table
            .select(reservations::id)
            .filter(reservations::schedule_id.eq(Id(*schedule_id)))
            .filter(reservations::status.eq(Literal("CONFIRMED")))
            .filter(reservations::id.gt(Id(*after)));
        let next = next.order(reservations::id).limit(limit(*most));
        found.extend(next.load::<ReservationId>(conn)?);
    }
    Ok(found)
}

/// The schedules with a move of which not all holders have been told.
fn untold_moves(conn: &mut Conn, most: usize) -> Result<Vec<ScheduleId>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let untold = schedules::table.filter(schedules::move_told_to.is_not_null());
    Ok(untold.select(schedules::id).order(schedules::id).limit(limit(most)).load(conn)?)
}

pub(super) fn seats(conn: &mut Conn, wanted: &BTreeSet<SeatId>) -> Result<Vec<Seat>, Failure> {
    by_ids(wanted, |ids| {
        seats::table.select(SeatRow::as_select()).filter(seats::id.eq_any(ids)).load(conn)
    })
}

fn seats_of_schedules(
    conn: &mut Conn,
    wanted: &BTreeSet<ScheduleId>,
) -> Result<Vec<Seat>, Failure> {
    by_ids(wanted, |ids| {
        seats::table.select(SeatRow::as_select()).filter(seats::schedule_id.eq_any(ids)).load(conn)
    })
}

fn payments_of(conn: &mut Conn, wanted: &BTreeSet<ReservationId>) -> Result<Vec<Payment>, Failure> {
    by_ids(wanted, |ids| {
        payments::table
            .select(PaymentRow::as_select())
            .filter(payments::reservation_id.eq_any(ids))
            .load(conn)
    })
}

fn lock_accounts(conn: &mut Conn, wanted: &BTreeSet<UserId>) -> Result<Vec<PointAccount>, Failure> {
    by_ids(wanted, |ids| {
        let found = point_accounts::table
            .select(PointAccountRow::as_select())
            .filter(point_accounts::user_id.eq_any(ids));
        for_update!(found.order(point_accounts::user_id)).load(conn)
    })
}

/// The most rows of a query.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
