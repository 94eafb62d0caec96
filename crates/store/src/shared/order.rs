//! Reading reservations as staff see them.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Text;
use stagedoor_domain::ports::{Order, OrderQuery, OrderText, Orders, PrintedSeat, StoreError};
use stagedoor_domain::{
    Instant, Page, PageSize, Profile, Reservation, ReservationId, ScheduleId, TicketNumber, User,
    UserId,
};

use super::dialect::{Conn, Db, Store};
use super::load;
use super::one_more;
use super::reservation::stands;
use crate::failure::Failure;
use crate::rows::{ReservationRow, corrupt};
use crate::schema::{reservation_seats, reservations, schedules, seats, tickets, users};
use crate::types::Id;

diesel::define_sql_function! {
    /// Text in small letters.
    fn lower(text: Text) -> Text;
}

/// Whether a seat has this printed number in this place: its section, its row or both. A seat without a printed number has that
/// of its column, and a section of a single block has the number of its row.
macro_rules! is_printed {
    ($place:expr, $number:expr) => {{
        let (label, row) = (seats::label, seats::row_label.assume_not_null());
        let number = seats::seat_number.assume_not_null().eq($number);
        let column = seats::seat_number.is_null().and(seats::column_number.eq($number));
        let counted = $place.parse::<i32>().unwrap_or(0);
        let by_count = seats::seat_number
            .is_null()
            .and(seats::row_label.is_null())
            .and(seats::row_number.eq(counted));
        let by_row = lower(row).eq(lower($place)).or(by_count);
        let whole = lower(label.concat(" ").concat(row)).eq(lower($place));
        number.or(column).and(lower(label).eq(lower($place)).or(by_row).or(whole))
    }};
}

type Query<'a> = reservations::BoxedQuery<'a, Db, SqlTypes>;
type SqlTypes = diesel::dsl::SqlTypeOf<diesel::dsl::AsSelect<ReservationRow, Db>>;

#[async_trait]
impl Orders for Store {
    async fn orders(
        &self,
        query: &OrderQuery,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Order, ReservationId>, StoreError> {
        let wanted = query.clone();
        self.snapshot(move |conn| {
            let mut query: Query<'_> = reservations::table
                .select(ReservationRow::as_select())
                .order(reservations::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(reservations::id.lt(Id(after)));
            }
            if let Some(id) = wanted.concert_id {
                let dates: Vec<ScheduleId> = schedules::table
                    .filter(schedules::concert_id.eq(Id(id)))
                    .select(schedules::id)
                    .load(conn)?;
                query = query.filter(reservations::schedule_id.eq_any(dates.into_iter().map(Id)));
            }
            if let Some(id) = wanted.schedule_id {
                query = query.filter(reservations::schedule_id.eq(Id(id)));
            }
            if let Some(status) = wanted.status {
                query = stands!(query, status, now);
            }
            if let Some(text) = &wanted.text {
                query = found_by(query, text);
            }
            let rows = query.load(conn)?;
            let found = load::reservations_of(conn, rows)?;
            let orders = with_holders(conn, found)?;
            Ok(Page::of(orders, size, |order: &Order| order.reservation.id))
        })
        .await
    }
}

/// Those that a text finds: by their ids, by the number of a seat, or else by that of a ticket, by a printed seat or by their holders.
fn found_by<'a>(query: Query<'a>, text: &OrderText) -> Query<'a> {
    if let Some(id) = text.reservation() {
        return query.filter(reservations::id.eq(Id(id)));
    }
    let with_seat = reservation_seats::table
        .inner_join(seats::table.on(seats::id.eq(reservation_seats::seat_id)))
        .select(reservation_seats::reservation_id);
    if let Some(number) = text.seat_number() {
        let numbered = seats::number.eq(number);
        let printed = seats::seat_number.assume_not_null().eq(number);
        return query.filter(reservations::id.eq_any(with_seat.filter(numbered.or(printed))));
    }
    let like = pattern(text.as_str());
    let named = lower(users::name).like(lower(like.clone())).escape('\\');
    let addressed = lower(users::email).like(lower(like)).escape('\\');
    let holders = users::table.filter(named.or(addressed)).select(users::id);
    let of_holders = reservations::user_id.eq_any(holders);
    // No ticket has a number below zero.
    let number = text.ticket().map_or(-1, TicketNumber::get);
    let numbered = tickets::table.filter(tickets::number.eq(number));
    let numbered = reservations::id.eq_any(numbered.select(tickets::reservation_id));
    let found = of_holders.or(numbered);
    let Some(PrintedSeat { place, number }) = text.printed_seat() else {
        return query.filter(found);
    };
    let printed = with_seat.filter(is_printed!(place.to_owned(), number));
    query.filter(found.or(reservations::id.eq_any(printed)))
}

/// The pattern of texts that contain this one.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn with_holders(conn: &mut Conn, found: Vec<Reservation>) -> Result<Vec<Order>, Failure> {
    let holders: Vec<User> = load::users(conn, &found.iter().map(|it| it.user_id).collect())?;
    let holders: HashMap<UserId, Profile> =
        holders.into_iter().map(|user| (user.id, user.profile())).collect();
    let starts: HashMap<ScheduleId, Instant> = schedules::table
        .select((schedules::id, schedules::starts_at))
        .filter(schedules::id.eq_any(found.iter().map(|it| Id(it.schedule_id))))
        .load::<(ScheduleId, Instant)>(conn)?
        .into_iter()
        .collect();
    let order = |reservation: Reservation| {
        let wrong = |column| corrupt("reservation", reservation.id, column);
        let holder = holders.get(&reservation.user_id).cloned();
        let starts_at = starts.get(&reservation.schedule_id).copied();
        Ok(Order {
            holder: holder.ok_or_else(|| wrong("user_id"))?,
            starts_at: starts_at.ok_or_else(|| wrong("schedule_id"))?,
            reservation,
        })
    };
    found.into_iter().map(order).collect()
}
