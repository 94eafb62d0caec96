//! Reading reservations as staff see them.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Text;
use stagedoor_domain::ports::{Order, OrderQuery, OrderText, Orders, StoreError};
use stagedoor_domain::{
    Instant, Page, PageSize, Profile, Reservation, ReservationId, ScheduleId, User, UserId,
};

use super::dialect::{Conn, Db, Store};
use super::load;
use super::one_more;
use super::reservation::stands;
use crate::failure::Failure;
use crate::rows::{ReservationRow, corrupt};
use crate::schema::{reservation_seats, reservations, schedules, seats, users};
use crate::types::Id;

diesel::define_sql_function! {
    /// Text in small letters.
    fn lower(text: Text) -> Text;
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

/// Those that a text finds: by the number of a ticket or of a seat, or by their holders.
fn found_by<'a>(query: Query<'a>, text: &OrderText) -> Query<'a> {
    if let Some(id) = text.ticket() {
        return query.filter(reservations::id.eq(Id(id)));
    }
    if let Some(number) = text.seat_number() {
        let with_seat = reservation_seats::table
            .inner_join(seats::table.on(seats::id.eq(reservation_seats::seat_id)))
            .filter(seats::number.eq(number))
            .select(reservation_seats::reservation_id);
        return query.filter(reservations::id.eq_any(with_seat));
    }
    let like = pattern(text.as_str());
    let named = lower(users::name).like(like.clone()).escape('\\');
    let addressed = lower(users::email).like(like).escape('\\');
    let holders = users::table.filter(named.or(addressed)).select(users::id);
    query.filter(reservations::user_id.eq_any(holders))
}

/// The pattern of texts that contain this one, in small letters.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
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
