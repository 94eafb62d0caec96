//! Reading payments.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{PaymentDetails, Payments, StoreError};
use stagedoor_domain::{Page, PageSize, Payment, PaymentId, Points, ReservationId, UserId};

use crate::sqlite::codec::Id;
use crate::sqlite::failure::Failure;
use crate::sqlite::load;
use crate::sqlite::rows::{PaymentRow, fold};
use crate::sqlite::schema::{payments, point_entries};
use crate::sqlite::store::{SqliteStore, one_more};

#[async_trait]
impl Payments for SqliteStore {
    async fn payment(&self, id: PaymentId) -> Result<Option<PaymentDetails>, StoreError> {
        self.read(move |conn| {
            let row = payments::table.find(Id(id.0)).select(PaymentRow::as_select()).first(conn);
            let rows: Vec<PaymentRow> = row.optional()?.into_iter().collect();
            Ok(details(conn, rows)?.pop())
        })
        .await
    }

    async fn payment_of(&self, id: ReservationId) -> Result<Option<PaymentDetails>, StoreError> {
        self.read(move |conn| {
            let of = payments::table.filter(payments::reservation_id.eq(Id(id.0)));
            let rows = of.select(PaymentRow::as_select()).load(conn)?;
            Ok(details(conn, rows)?.pop())
        })
        .await
    }

    async fn payments(
        &self,
        user_id: UserId,
        after: Option<PaymentId>,
        size: PageSize,
    ) -> Result<Page<PaymentDetails, PaymentId>, StoreError> {
        self.read(move |conn| {
            let mut query = payments::table
                .select(PaymentRow::as_select())
                .filter(payments::user_id.eq(Id(user_id.0)))
                .order(payments::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(payments::id.lt(Id(after.0)));
            }
            let rows = query.load(conn)?;
            Ok(Page::of(details(conn, rows)?, size, |details| details.payment.id))
        })
        .await
    }
}

fn details(
    conn: &mut SqliteConnection,
    rows: Vec<PaymentRow>,
) -> Result<Vec<PaymentDetails>, Failure> {
    let paid: Vec<Id> = rows.iter().map(|row| row.reservation_id).collect();
    let reservations = load::reservations(conn, &paid)?;
    let mut reservations: HashMap<ReservationId, _> =
        reservations.into_iter().map(|reservation| (reservation.id, reservation)).collect();
    let ids: Vec<Option<Id>> = rows.iter().map(|row| Some(row.id)).collect();
    let balances: HashMap<Option<Id>, i64> = point_entries::table
        .select((point_entries::payment_id, point_entries::balance_after))
        .filter(point_entries::payment_id.eq_any(&ids))
        .filter(point_entries::kind.eq("USE"))
        .load::<(Option<Id>, i64)>(conn)?
        .into_iter()
        .collect();
    let payments: Vec<Payment> = fold(rows)?;
    let mut detail = |payment: Payment| {
        let reservation = reservations.remove(&payment.reservation_id)?;
        let balance = balances.get(&Some(Id(payment.id.0))).copied().and_then(Points::new)?;
        Some(PaymentDetails { payment, reservation, balance })
    };
    let incomplete = || Failure::Corrupt("a payment lacks its reservation or entry".to_owned());
    payments.into_iter().map(|payment| detail(payment).ok_or_else(incomplete)).collect()
}
