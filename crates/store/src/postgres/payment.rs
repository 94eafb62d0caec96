//! Reading payments.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{PaymentDetails, Payments, StoreError};
use stagedoor_domain::{Page, PageSize, Payment, PaymentId, Points, ReservationId, UserId};
use uuid::Uuid;

use crate::postgres::failure::Failure;
use crate::postgres::load;
use crate::postgres::rows::{PaymentRow, fold};
use crate::postgres::schema::{payments, point_entries};
use crate::postgres::store::{PostgresStore, one_more};
use crate::postgres::transaction::Isolation;

#[async_trait]
impl Payments for PostgresStore {
    async fn payment(&self, id: PaymentId) -> Result<Option<PaymentDetails>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let row = payments::table.find(id.0).select(PaymentRow::as_select()).first(conn);
            let rows: Vec<PaymentRow> = row.optional()?.into_iter().collect();
            Ok(details(conn, rows)?.pop())
        })
        .await
    }

    async fn payment_of(&self, id: ReservationId) -> Result<Option<PaymentDetails>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let of = payments::table.filter(payments::reservation_id.eq(id.0));
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
        self.run(Isolation::Snapshot, move |conn| {
            let mut query = payments::table
                .select(PaymentRow::as_select())
                .filter(payments::user_id.eq(user_id.0))
                .order(payments::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(payments::id.lt(after.0));
            }
            let rows = query.load(conn)?;
            Ok(Page::of(details(conn, rows)?, size, |details| details.payment.id))
        })
        .await
    }
}

fn details(conn: &mut PgConnection, rows: Vec<PaymentRow>) -> Result<Vec<PaymentDetails>, Failure> {
    let paid: Vec<Uuid> = rows.iter().map(|row| row.reservation_id).collect();
    let reservations = load::reservations(conn, &paid)?;
    let mut reservations: HashMap<ReservationId, _> =
        reservations.into_iter().map(|reservation| (reservation.id, reservation)).collect();
    let ids: Vec<Option<Uuid>> = rows.iter().map(|row| Some(row.id)).collect();
    let balances: HashMap<Option<Uuid>, i64> = point_entries::table
        .select((point_entries::payment_id, point_entries::balance_after))
        .filter(point_entries::payment_id.eq_any(&ids))
        .filter(point_entries::kind.eq("USE"))
        .load::<(Option<Uuid>, i64)>(conn)?
        .into_iter()
        .collect();
    let payments: Vec<Payment> = fold(rows)?;
    let mut detail = |payment: Payment| {
        let reservation = reservations.remove(&payment.reservation_id)?;
        let balance = balances.get(&Some(payment.id.0)).copied().and_then(Points::new)?;
        Some(PaymentDetails { payment, reservation, balance })
    };
    let incomplete = || Failure::Corrupt("a payment lacks its reservation or entry".to_owned());
    payments.into_iter().map(|payment| detail(payment).ok_or_else(incomplete)).collect()
}
