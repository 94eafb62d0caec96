//! Reading reservations.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{Reservations, StoreError};
use stagedoor_domain::{
    Instant, Page, PageSize, Reference, Reservation, ReservationId, ReservationStatus, UserId,
};

use super::dialect::Store;
use super::load;
use super::one_more;
use crate::rows::ReservationRow;
use crate::schema::reservations;
use crate::types::{At, Id};

#[async_trait]
impl Reservations for Store {
    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        self.snapshot(move |conn| Ok(load::reservations(conn, &[id].into())?.pop())).await
    }

    async fn reservation_by_reference(
        &self,
        user_id: UserId,
        reference: &Reference,
    ) -> Result<Option<Reservation>, StoreError> {
        let reference = reference.as_str().to_owned();
        self.snapshot(move |conn| {
            let rows = reservations::table
                .select(ReservationRow::as_select())
                .filter(reservations::user_id.eq(Id(user_id)))
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
        self.snapshot(move |conn| {
            let mut query = reservations::table
                .select(ReservationRow::as_select())
                .filter(reservations::user_id.eq(Id(user_id)))
                .order(reservations::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(reservations::id.lt(Id(after)));
            }
            let written = reservations::status;
            let has_expired = reservations::expires_at.le(At(now));
            query = match status {
                None => query,
                Some(ReservationStatus::Confirmed) => query.filter(written.eq("CONFIRMED")),
                Some(ReservationStatus::Cancelled) => query.filter(written.eq("CANCELLED")),
                Some(ReservationStatus::Held) => {
                    query.filter(written.eq("HELD").and(reservations::expires_at.gt(At(now))))
                }
                Some(ReservationStatus::Expired) => {
                    query.filter(written.eq("EXPIRED").or(written.eq("HELD").and(has_expired)))
                }
            };
            let rows = query.load(conn)?;
            let found = load::reservations_of(conn, rows)?;
            Ok(Page::of(found, size, |reservation| reservation.id))
        })
        .await
    }
}
