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
use crate::types::Id;

/// Reservations that stand so at an instant, as `Reservation::status` says.
macro_rules! stands {
    ($query:expr, $status:expr, $now:expr) => {{
        let written = crate::schema::reservations::status;
        let expires_at = crate::schema::reservations::expires_at;
        let now = crate::types::At($now);
        match $status {
            stagedoor_domain::ReservationStatus::Confirmed => {
                $query.filter(written.eq("CONFIRMED"))
            }
            stagedoor_domain::ReservationStatus::Cancelled => {
                $query.filter(written.eq("CANCELLED"))
            }
            stagedoor_domain::ReservationStatus::Held => {
                $query.filter(written.eq("HELD").and(expires_at.gt(now)))
            }
            stagedoor_domain::ReservationStatus::Expired => {
                let has_expired = written.eq("HELD").and(expires_at.le(now));
                $query.filter(written.eq("EXPIRED").or(has_expired))
            }
        }
    }};
}
pub(super) use stands;

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
            if let Some(status) = status {
                query = stands!(query, status, now);
            }
            let rows = query.load(conn)?;
            let found = load::reservations_of(conn, rows)?;
            Ok(Page::of(found, size, |reservation| reservation.id))
        })
        .await
    }
}
