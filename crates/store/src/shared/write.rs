//! Writing what a batch changed.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use stagedoor_domain::concert::{AgeLimit, RunningTime, Slug};
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Changes, Concert, ConcertId, Hall, HallPlan, Instant, NumberRange, OperatorAction, Payment,
    PointAccount, PointEntry, PosterImage, QueueToken, Reference, Reservation, Room, Schedule,
    Seat, User, Venue,
};

use super::dialect::{Conn, Prepared, Rows, execute_together};
use super::write_events::{write_events, write_webhooks};
use super::write_mails::write_mails;
use super::write_tickets::{write_door_staff, write_tickets};
use crate::failure::Failure;
use crate::rows::{
    HallPlanRow, OperatorActionRow, concert_state_text, kind_text, reservation_columns, role_text,
    seat_columns, seat_kind_column, sequence_bytes, tags_text, token_columns,
};
use crate::types::{SqlId, SqlInstant};

/// Writes all changes. Rows that others refer to come first, and tokens that end come before those
/// that take their place. As many rows must be written as there are changes.
pub(super) fn write(conn: &mut Conn, changes: &Changes, now: Instant) -> Result<(), Failure> {
    write_people(conn, changes)?;
    write_venues(conn, changes)?;
    write_concerts(conn, changes)?;
    write_queues(conn, changes)?;
    write_line_changes(conn, changes, now)?;
    write_schedules(conn, changes)?;
    write_bookings(conn, changes)?;
    write_tickets(conn, changes)?;
    write_door_staff(conn, changes)?;
    write_wallets(conn, changes)?;
    write_answers(conn, changes)?;
    write_operator_actions(conn, changes)?;
    write_events(conn, changes)?;
    write_webhooks(conn, changes)?;
    write_mails(conn, changes)?;
    changes.deleted_concerts().into_iter().try_for_each(|id| delete_concert(conn, id))
}

fn write_people(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    Rows::of("users", &changes.inserted::<User>())
        .column::<SqlId, _>("id", |user| user.id)
        .column::<Text, _>("name", |user| user.name.as_str())
        .column::<Text, _>("email", |user| user.email.as_str())
        .column::<Text, _>("password_hash", |user| user.password_hash.as_str())
        .column::<Text, _>("role", |user| role_text(user.role))
        .column::<SqlInstant, _>("created_at", |user| user.created_at)
        .column::<Text, _>("language", |user| user.contact.language.as_str())
        .insert()
        .execute(conn)?;
    Rows::of("users", &changes.updated::<User>())
        .column::<Text, _>("name", |user| user.name.as_str())
        .column::<Text, _>("email", |user| user.email.as_str())
        .column::<Text, _>("role", |user| role_text(user.role))
        .column::<Text, _>("password_hash", |user| user.password_hash.as_str())
        .column::<BigInt, _>("session_version", |user| user.sessions.version)
        .column::<Nullable<SqlInstant>, _>("sessions_ended_at", |user| user.sessions.ended_at)
        .column::<Nullable<SqlInstant>, _>("email_verified_at", |user| user.contact.verified_at)
        .column::<Text, _>("language", |user| user.contact.language.as_str())
        .update_by::<SqlId, _>("id", |user| user.id)
        .execute(conn)
}

fn write_concerts(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let made = changes.inserted::<Concert>();
    let made = Rows::of("concerts", &made)
        .column::<SqlId, _>("id", |concert| concert.id)
        .column::<SqlId, _>("organizer_id", |concert| concert.organizer_id)
        .column::<SqlInstant, _>("created_at", |concert| concert.created_at);
    concert_columns(made).insert().execute(conn)?;
    let changed = changes.updated::<Concert>();
    concert_columns(Rows::of("concerts", &changed))
        .update_by::<SqlId, _>("id", |concert| concert.id)
        .execute(conn)?;
    write_posters(conn, changes)
}

fn write_posters(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    for image in changes.deleted_images() {
        let sql = "DELETE FROM poster_images WHERE concert_id = ? AND digest = ? AND width = ?";
        let image = Prepared::new(sql)
            .bind::<SqlId, _>(image.concert_id)
            .bind::<Text, _>(image.digest.as_str())
            .bind::<Integer, _>(image.size.width);
        check_deleted("poster image", image.execute(conn)?)?;
    }
    Rows::of("poster_images", &changes.inserted::<PosterImage>())
        .column::<SqlId, _>("concert_id", |image| image.concert_id)
        .column::<Text, _>("digest", |image| image.digest.as_str())
        .column::<Integer, _>("width", |image| image.size.width)
        .column::<Integer, _>("height", |image| image.size.height)
        .column::<Binary, _>("content", |image| &*image.content)
        .insert()
        .execute(conn)
}

fn concert_columns(rows: Rows<'_, Concert>) -> Rows<'_, Concert> {
    rows.column::<Text, _>("title", |concert| concert.details.title.as_str())
        .column::<Text, _>("subtitle", |concert| concert.details.subtitle.as_str())
        .column::<Text, _>("description", |concert| concert.details.description.as_str())
        .column::<Text, _>("tags", |concert| tags_text(&concert.details.tags))
        .column::<Nullable<Integer>, _>("running_minutes", |concert| {
            concert.details.running_time.map(RunningTime::minutes)
        })
        .column::<Nullable<Integer>, _>("age_limit", |concert| {
            concert.details.age_limit.map(AgeLimit::years)
        })
        .column::<Nullable<Text>, _>("slug", |concert| concert.slug.as_ref().map(Slug::as_str))
        .column::<Text, _>("search_text", |concert| concert.details.search_text())
        .column::<Text, _>("state", |concert| concert_state_text(concert.state))
        .column::<BigInt, _>("version", |concert| concert.version)
        .column::<Nullable<Text>, _>("poster_digest", |concert| {
            concert.poster.as_ref().map(|poster| poster.digest.as_str())
        })
        .column::<Nullable<Integer>, _>("poster_width", |concert| {
            concert.poster.as_ref().map(|poster| poster.size.width)
        })
        .column::<Nullable<Integer>, _>("poster_height", |concert| {
            concert.poster.as_ref().map(|poster| poster.size.height)
        })
}

fn write_venues(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let made = changes.inserted::<Venue>();
    let made = Rows::of("venues", &made)
        .column::<SqlId, _>("id", |venue| venue.id)
        .column::<SqlId, _>("organizer_id", |venue| venue.organizer_id)
        .column::<SqlInstant, _>("created_at", |venue| venue.created_at);
    venue_columns(made).insert().execute(conn)?;
    let changed = changes.updated::<Venue>();
    venue_columns(Rows::of("venues", &changed))
        .update_by::<SqlId, _>("id", |venue| venue.id)
        .execute(conn)?;
    let made = changes.inserted::<Hall>();
    let made = Rows::of("halls", &made)
        .column::<SqlId, _>("id", |hall| hall.id)
        .column::<SqlId, _>("venue_id", |hall| hall.venue_id)
        .column::<Text, _>("name", |hall| hall.name.as_str())
        .column::<SqlInstant, _>("created_at", |hall| hall.created_at);
    hall_plan_columns(made).insert().execute(conn)?;
    let plans = changes.inserted::<HallPlan>().into_iter().map(HallPlanRow::try_from);
    let plans: Vec<HallPlanRow> = plans.collect::<Result<_, _>>()?;
    let plans: Vec<_> = plans.iter().collect();
    Rows::of("hall_plans", &plans)
        .column::<SqlId, _>("hall_id", |plan| plan.hall_id)
        .column::<Integer, _>("version", |plan| plan.version)
        .column::<Text, _>("document", |plan| plan.document.as_str())
        .column::<Integer, _>("place_count", |plan| plan.place_count)
        .column::<SqlId, _>("created_by", |plan| plan.created_by)
        .column::<SqlInstant, _>("created_at", |plan| plan.created_at)
        .insert()
        .execute(conn)?;
    let changed = changes.updated::<Hall>();
    hall_plan_columns(Rows::of("halls", &changed))
        .update_by::<SqlId, _>("id", |hall| hall.id)
        .execute(conn)
}

fn venue_columns(rows: Rows<'_, Venue>) -> Rows<'_, Venue> {
    rows.column::<Text, _>("name", |venue| venue.name.as_str())
        .column::<Text, _>("address", |venue| venue.address.as_str())
        .column::<Text, _>("time_zone", |venue| venue.time_zone.as_str())
        .column::<Text, _>("search_text", |venue| venue.search_text())
        .column::<BigInt, _>("version", |venue| venue.version)
}

fn hall_plan_columns(rows: Rows<'_, Hall>) -> Rows<'_, Hall> {
    rows.column::<Integer, _>("plan_version", |hall| hall.plan_version)
        .column::<Integer, _>("place_count", |hall| hall.place_count)
}

fn write_queues(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let opened = changes.inserted::<Room>();
    let opened = Rows::of("rooms", &opened)
        .column::<SqlId, _>("id", |room| room.id)
        .column::<Nullable<SqlId>, _>("concert_id", |room| room.concert_id);
    room_columns(opened).insert().execute(conn)?;
    let changed = changes.updated::<Room>();
    room_columns(Rows::of("rooms", &changed))
        .update_by::<SqlId, _>("id", |room| room.id)
        .execute(conn)?;
    let changed = changes.updated::<QueueToken>();
    token_state_columns(Rows::of("queue_tokens", &changed))
        .update_by::<SqlId, _>("id", |token| token.id)
        .execute(conn)?;
    let mut joined = changes.inserted::<QueueToken>();
    // Two batches with the same users wait for each other's entries in an index. In one order, that is never a circle.
    joined.sort_unstable_by_key(|token| (token.room_id, token.user_id));
    let joined = Rows::of("queue_tokens", &joined)
        .column::<SqlId, _>("id", |token| token.id)
        .column::<SqlId, _>("room_id", |token| token.room_id)
        .column::<SqlId, _>("user_id", |token| token.user_id)
        .column::<Nullable<BigInt>, _>("place", |token| token.sequence)
        .column::<SqlInstant, _>("created_at", |token| token.created_at);
    token_state_columns(joined).insert().execute(conn)?;
    write_ranges(conn, changes)
}

fn write_ranges(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    for range in changes.ended_ranges() {
        let sql = "DELETE FROM number_ranges WHERE room_id = ? AND first_place = ?";
        let range =
            Prepared::new(sql).bind::<SqlId, _>(range.room_id).bind::<BigInt, _>(range.first);
        check_deleted("range of numbers", range.execute(conn)?)?;
    }
    Rows::of("number_ranges", &changes.inserted::<NumberRange>())
        .column::<SqlId, _>("room_id", |range| range.room_id)
        .column::<BigInt, _>("first_place", |range| range.first)
        .column::<BigInt, _>("last_place", |range| range.last)
        .column::<SqlInstant, _>("reserved_at", |range| range.reserved_at)
        .column::<SqlInstant, _>("idle_at", |range| range.idle_at)
        .insert()
        .execute(conn)
}

/// A row for each line that the batch changed, for those who follow it.
fn write_line_changes(conn: &mut Conn, changes: &Changes, now: Instant) -> Result<(), Failure> {
    let deltas = changes.line_deltas();
    Rows::of("line_changes", &deltas.iter().collect::<Vec<_>>())
        .column::<SqlId, _>("room_id", |delta| delta.room_id)
        .column::<BigInt, _>("since", |delta| delta.since)
        .column::<BigInt, _>("version", |delta| delta.version)
        .column::<Binary, _>("joined", |delta| sequence_bytes(&delta.joined))
        .column::<Nullable<SqlInstant>, _>("waiting_until", |delta| delta.waiting_until)
        .column::<Binary, _>("gone", |delta| sequence_bytes(&delta.gone))
        .column::<SqlInstant, _>("written_at", |_| now)
        .insert()
        .execute(conn)
}

fn room_columns(rows: Rows<'_, Room>) -> Rows<'_, Room> {
    rows.column::<Text, _>("concert_state", |room| concert_state_text(room.concert_state))
        .column::<Integer, _>("capacity", |room| room.policy.capacity)
        .column::<Integer, _>("admit_batch", |room| room.policy.admit_batch)
        .column::<Integer, _>("admit_interval_seconds", |room| room.policy.admit_interval_seconds)
        .column::<Integer, _>("active_seconds", |room| room.policy.active_seconds)
        .column::<Integer, _>("idle_seconds", |room| room.policy.idle_seconds)
        .column::<Bool, _>("paused", |room| room.policy.paused)
        .column::<Text, _>("message", |room| room.message.as_str())
        .column::<SqlInstant, _>("policy_changed_at", |room| room.policy_changed_at)
        .column::<BigInt, _>("policy_version", |room| room.policy_version)
        .column::<BigInt, _>("last_place", |room| room.last_sequence)
        .column::<BigInt, _>("version", |room| room.version)
        .column::<SqlInstant, _>("admissions_since", |room| room.admissions.since)
        .column::<Integer, _>("admissions_count", |room| room.admissions.count)
}

fn token_state_columns(rows: Rows<'_, QueueToken>) -> Rows<'_, QueueToken> {
    rows.column::<BigInt, _>("version", |token| token.version)
        .column::<Text, _>("status", |token| token_columns(&token.state).0)
        .column::<Nullable<SqlInstant>, _>("seen_at", |token| token_columns(&token.state).1)
        .column::<Nullable<SqlInstant>, _>("idle_at", |token| token_columns(&token.state).2)
        .column::<Nullable<SqlInstant>, _>("active_since", |token| token_columns(&token.state).3)
        .column::<Nullable<SqlInstant>, _>("expires_at", |token| token_columns(&token.state).4)
        .column::<Nullable<Text>, _>("reason", |token| token_columns(&token.state).5)
        .column::<Nullable<SqlInstant>, _>("ended_at", |token| token_columns(&token.state).6)
}

fn write_schedules(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let made = changes.inserted::<Schedule>();
    let made = Rows::of("schedules", &made)
        .column::<SqlId, _>("id", |schedule| schedule.id)
        .column::<SqlId, _>("concert_id", |schedule| schedule.concert_id)
        .column::<Integer, _>("seat_count", |schedule| schedule.seat_count)
        .column::<SqlInstant, _>("created_at", |schedule| schedule.created_at)
        .column::<Nullable<SqlId>, _>("hall_id", |s| s.plan.map(|plan| plan.hall_id))
        .column::<Nullable<Integer>, _>("plan_version", |s| s.plan.map(|plan| plan.version));
    schedule_columns(made).insert().execute(conn)?;
    let seats = changes.inserted::<Seat>();
    let seats = Rows::of("seats", &seats)
        .column::<SqlId, _>("id", |seat| seat.id)
        .column::<SqlId, _>("schedule_id", |seat| seat.schedule_id)
        .column::<Integer, _>("number", |seat| seat.number)
        .column::<Integer, _>("row_number", |seat| seat.row)
        .column::<Integer, _>("column_number", |seat| seat.column)
        .column::<Text, _>("label", |seat| seat.label.as_str())
        .column::<BigInt, _>("price", |seat| seat.price.get())
        .column::<Nullable<Text>, _>("kind", |seat| seat_kind_column(seat.details.kind))
        .column::<Nullable<Text>, _>("row_label", |seat| seat.details.row_label.as_deref())
        .column::<Nullable<Integer>, _>("seat_number", |seat| seat.details.seat_number);
    seat_state_columns(seats).insert().execute(conn)?;
    let changed = changes.updated::<Schedule>();
    schedule_columns(Rows::of("schedules", &changed))
        .update_by::<SqlId, _>("id", |schedule| schedule.id)
        .execute(conn)
}

fn schedule_columns(rows: Rows<'_, Schedule>) -> Rows<'_, Schedule> {
    rows.column::<Text, _>("concert_state", |it| concert_state_text(it.concert_state))
        .column::<SqlInstant, _>("starts_at", |schedule| schedule.starts_at)
        .column::<SqlInstant, _>("ends_at", |schedule| schedule.ends_at)
        .column::<SqlInstant, _>("booking_opens_at", |schedule| schedule.booking.opens_at)
        .column::<SqlInstant, _>("booking_closes_at", |schedule| schedule.booking.closes_at)
        .column::<Nullable<SqlInstant>, _>("cancellation_closes_at", |it| it.cancellation_closes_at)
        .column::<Integer, _>("ticket_limit", |schedule| schedule.ticket_limit.get())
        .column::<Integer, _>("sold_count", |schedule| schedule.sold_count)
        .column::<Integer, _>("blocked_count", |schedule| schedule.blocked_count)
        .column::<BigInt, _>("version", |schedule| schedule.version)
        .column::<Nullable<SqlInstant>, _>("moved_at", |it| it.moved.map(|moved| moved.at))
        .column::<Nullable<SqlInstant>, _>("moved_from", |it| it.moved.map(|moved| moved.from))
        .column::<Nullable<SqlInstant>, _>("refundable_until", |it| {
            it.moved.map(|moved| moved.refundable_until)
        })
        .column::<Nullable<SqlId>, _>("move_told_to", |it| it.moved.and_then(|it| it.told_to))
        .column::<Nullable<SqlInstant>, _>("cancelled_at", |it| {
            it.cancelled.as_ref().map(|cancelled| cancelled.at)
        })
        .column::<Nullable<Text>, _>("cancel_reason", |it| {
            it.cancelled.as_ref().map(|cancelled| cancelled.reason.as_str())
        })
}

fn seat_state_columns(rows: Rows<'_, Seat>) -> Rows<'_, Seat> {
    rows.column::<Text, _>("status", |seat| seat_columns(seat.state).0)
        .column::<Nullable<SqlId>, _>("reservation_id", |seat| seat_columns(seat.state).1)
        .column::<Nullable<SqlInstant>, _>("held_until", |seat| seat_columns(seat.state).2)
        .column::<Nullable<SqlId>, _>("block_id", |seat| seat_columns(seat.state).3)
}

fn write_bookings(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let made = changes.inserted::<Reservation>();
    let reserved: Vec<_> = made
        .iter()
        .flat_map(|reservation| reservation.seats.iter().map(|seat| (reservation.id, seat.id)))
        .collect();
    let reserved: Vec<_> = reserved.iter().collect();
    let seats = changes.updated::<Seat>();
    let reservations = Rows::of("reservations", &made)
        .column::<SqlId, _>("id", |reservation| reservation.id)
        .column::<SqlId, _>("user_id", |reservation| reservation.user_id)
        .column::<SqlId, _>("concert_id", |reservation| reservation.concert_id)
        .column::<SqlId, _>("schedule_id", |reservation| reservation.schedule_id)
        .column::<Nullable<SqlId>, _>("queue_token_id", |reservation| reservation.queue_token_id)
        .column::<SqlInstant, _>("created_at", |reservation| reservation.created_at)
        .column::<Nullable<Text>, _>("reference", |reservation| {
            reservation.reference.as_ref().map(Reference::as_str)
        });
    let reserved = Rows::of("reservation_seats", &reserved)
        .column::<SqlId, _>("reservation_id", |(reservation_id, _)| *reservation_id)
        .column::<SqlId, _>("seat_id", |(_, seat_id)| *seat_id);
    let seats = seat_state_columns(Rows::of("seats", &seats));
    execute_together(
        conn,
        [
            reservation_state_columns(reservations).insert(),
            reserved.insert(),
            seats.update_by::<SqlId, _>("id", |seat| seat.id),
        ],
    )?;
    let changed = changes.updated::<Reservation>();
    reservation_state_columns(Rows::of("reservations", &changed))
        .update_by::<SqlId, _>("id", |reservation| reservation.id)
        .execute(conn)
}

fn reservation_state_columns(rows: Rows<'_, Reservation>) -> Rows<'_, Reservation> {
    rows.column::<SqlInstant, _>("expires_at", |reservation| reservation.expires_at)
        .column::<Nullable<SqlInstant>, _>("extendable_until", |it| it.extendable_until)
        .column::<BigInt, _>("total_price", |reservation| reservation.total_price.get())
        .column::<Bool, _>("tickets_issued", |reservation| reservation.tickets_issued)
        .column::<Text, _>("status", |reservation| reservation_columns(reservation.state).0)
        .column::<Nullable<SqlInstant>, _>("ended_at", |it| reservation_columns(it.state).1)
}

fn write_wallets(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let opened = changes.inserted::<PointAccount>();
    account_columns(Rows::of("point_accounts", &opened))
        .column::<SqlId, _>("user_id", |account| account.user_id)
        .insert()
        .execute(conn)?;
    let changed = changes.updated::<PointAccount>();
    account_columns(Rows::of("point_accounts", &changed))
        .update_by::<SqlId, _>("user_id", |account| account.user_id)
        .execute(conn)?;
    Rows::of("payments", &changes.inserted::<Payment>())
        .column::<SqlId, _>("id", |payment| payment.id)
        .column::<SqlId, _>("user_id", |payment| payment.user_id)
        .column::<SqlId, _>("reservation_id", |payment| payment.reservation_id)
        .column::<BigInt, _>("amount", |payment| payment.amount.get())
        .column::<SqlInstant, _>("created_at", |payment| payment.created_at)
        .insert()
        .execute(conn)?;
    Rows::of("point_entries", &changes.inserted::<PointEntry>())
        .column::<SqlId, _>("id", |entry| entry.id)
        .column::<SqlId, _>("user_id", |entry| entry.user_id)
        .column::<BigInt, _>("number", |entry| entry.number)
        .column::<Text, _>("kind", |entry| kind_text(entry.kind))
        .column::<BigInt, _>("amount", |entry| entry.amount.get())
        .column::<BigInt, _>("balance_after", |entry| entry.balance_after.get())
        .column::<Nullable<SqlId>, _>("payment_id", |entry| entry.payment_id)
        .column::<SqlInstant, _>("created_at", |entry| entry.created_at)
        .insert()
        .execute(conn)
}

fn account_columns(rows: Rows<'_, PointAccount>) -> Rows<'_, PointAccount> {
    rows.column::<BigInt, _>("balance", |account| account.balance.get())
        .column::<BigInt, _>("entries", |account| account.entries)
}

fn write_answers(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    Rows::of("answers", &changes.inserted::<IdempotencyRecord>())
        .column::<SqlId, _>("owner", |answer| answer.owner)
        .column::<Text, _>("key", |answer| answer.key.as_str())
        .column::<Text, _>("command", |answer| answer.command.as_str())
        .column::<Text, _>("fingerprint", |answer| answer.fingerprint.as_str())
        .column::<Text, _>("verdict", |answer| answer.verdict.as_str())
        .column::<SqlInstant, _>("recorded_at", |answer| answer.recorded_at)
        .insert()
        .execute(conn)
}

fn write_operator_actions(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let rows = changes.inserted::<OperatorAction>().into_iter().map(OperatorActionRow::try_from);
    let rows: Vec<OperatorActionRow> = rows.collect::<Result<_, _>>()?;
    let rows: Vec<_> = rows.iter().collect();
    Rows::of("operator_actions", &rows)
        .column::<SqlId, _>("id", |row| row.id)
        .column::<SqlId, _>("operator_id", |row| row.operator_id)
        .column::<Text, _>("kind", |row| row.kind.as_str())
        .column::<Nullable<SqlId>, _>("room_id", |row| row.room_id)
        .column::<Nullable<Text>, _>("before", |row| row.before.as_deref())
        .column::<Nullable<Text>, _>("after", |row| row.after.as_deref())
        .column::<Nullable<SqlId>, _>("user_id", |row| row.user_id)
        .column::<Nullable<SqlId>, _>("subject_id", |row| row.subject_id)
        .column::<Nullable<Text>, _>("reason", |row| row.reason.as_deref())
        .column::<SqlInstant, _>("at", |row| row.at)
        .insert()
        .execute(conn)
}

/// What belongs to a concert, in an order in which no row refers to one that is gone.
const BELONGINGS: [&str; 8] = [
    "DELETE FROM door_staff WHERE concert_id = ?",
    "DELETE FROM number_ranges WHERE room_id = (SELECT id FROM rooms WHERE concert_id = ?)",
    "DELETE FROM line_changes WHERE room_id = (SELECT id FROM rooms WHERE concert_id = ?)",
    "DELETE FROM poster_images WHERE concert_id = ?",
    "DELETE FROM queue_tokens WHERE room_id = (SELECT id FROM rooms WHERE concert_id = ?)",
    "DELETE FROM rooms WHERE concert_id = ?",
    "DELETE FROM seats WHERE schedule_id IN (SELECT id FROM schedules WHERE concert_id = ?)",
    "DELETE FROM schedules WHERE concert_id = ?",
];

fn delete_concert(conn: &mut Conn, id: ConcertId) -> Result<(), Failure> {
    for statement in BELONGINGS {
        Prepared::new(statement).bind::<SqlId, _>(id).execute(conn)?;
    }
    let concert = Prepared::new("DELETE FROM concerts WHERE id = ?").bind::<SqlId, _>(id);
    check_deleted("concert", concert.execute(conn)?)
}

pub(super) fn check_deleted(what: &str, rows: usize) -> Result<(), Failure> {
    match rows {
        1 => Ok(()),
        rows => Err(Failure::Corrupt(format!("one {what} is deleted but {rows} rows were"))),
    }
}
