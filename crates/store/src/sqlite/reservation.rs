//! Reading reservations.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{Reservations, StoreError};
use stagedoor_domain::{
    Instant, Page, PageSize, Reference, Reservation, ReservationId, ReservationStatus, UserId,
};

use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::load;
use crate::sqlite::rows::ReservationRow;
use crate::sqlite::schema::reservations;
use crate::sqlite::store::{SqliteStore, one_more};

#[async_trait]
impl Reservations for SqliteStore {
    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        self.read(move |conn| Ok(load::reservations(conn, &[Id(id.0)])?.pop())).await
    }

    async fn reservation_by_reference(
        &self,
        user_id: UserId,
        reference: &Reference,
    ) -> Result<Option<Reservation>, StoreError> {
        let reference = reference.as_str().to_owned();
        self.read(move |conn| {
            let rows = reservations::table
                .select(ReservationRow::as_select())
                .filter(reservations::user_id.eq(Id(user_id.0)))
                .filter(reservations::reference.eq(reference))
                .order(reservations::id.desc())
                .limit(1)
                .load(conn)?;
            Ok(load::reservations_of(conn, rows)?.pop())
        })
        .await
    }

    async fn reservations(
        &self,
        user_id: UserId,
        status: Option<ReservationStatus>,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Reservation, ReservationId>, StoreError> {
        self.read(move |conn| {
            let mut query = reservations::table
                .select(ReservationRow::as_select())
                .filter(reservations::user_id.eq(Id(user_id.0)))
                .order(reservations::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(reservations::id.lt(Id(after.0)));
            }
            let written = reservations::status;
            let ran_out = reservations::expires_at.le(Micros(now));
            query = match status {
                None => query,
                Some(ReservationStatus::Confirmed) => query.filter(written.eq("CONFIRMED")),
                Some(ReservationStatus::Cancelled) => query.filter(written.eq("CANCELLED")),
                Some(ReservationStatus::Held) => {
                    query.filter(written.eq("HELD").and(reservations::expires_at.gt(Micros(now))))
                }
                Some(ReservationStatus::Expired) => {
                    query.filter(written.eq("EXPIRED").or(written.eq("HELD").and(ran_out)))
                }
            };
            let rows = query.load(conn)?;
            let found = load::reservations_of(conn, rows)?;
            Ok(Page::of(found, size, |reservation| reservation.id))
        })
        .await
    }
}
