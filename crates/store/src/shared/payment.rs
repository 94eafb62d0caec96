//! Reading payments.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{PaymentDetails, Payments, StoreError};
use stagedoor_domain::{Page, PageSize, Payment, PaymentId, Points, ReservationId, UserId};

use super::dialect::{Conn, Store};
use super::load;
use super::one_more;
use crate::failure::Failure;
use crate::rows::{PaymentRow, fold};
use crate::schema::{payments, point_entries};
use crate::types::Id;

#[async_trait]
impl Payments for Store {
    async fn payment(&self, id: PaymentId) -> Result<Option<PaymentDetails>, StoreError> {
        self.snapshot(move |conn| {
            let row = payments::table.find(Id(id)).select(PaymentRow::as_select()).first(conn);
            let rows: Vec<PaymentRow> = row.optional()?.into_iter().collect();
            Ok(details(conn, rows)?.pop())
        })
        .await
    }

    async fn payment_of(&self, id: ReservationId) -> Result<Option<PaymentDetails>, StoreError> {
        self.snapshot(move |conn| {
            let of = payments::table.filter(payments::reservation_id.eq(Id(id)));
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
        self.snapshot(move |conn| {
            let mut query = payments::table
                .select(PaymentRow::as_select())
                .filter(payments::user_id.eq(Id(user_id)))
                .order(payments::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(payments::id.lt(Id(after)));
            }
            let rows = query.load(conn)?;
            Ok(Page::of(details(conn, rows)?, size, |details| details.payment.id))
        })
        .await
    }
}

fn details(conn: &mut Conn, rows: Vec<PaymentRow>) -> Result<Vec<PaymentDetails>, Failure> {
    let paid = rows.iter().map(|row| row.reservation_id).collect();
    let reservations = load::reservations(conn, &paid)?;
    let mut reservations: HashMap<ReservationId, _> =
        reservations.into_iter().map(|reservation| (reservation.id, reservation)).collect();
    let balances: HashMap<Option<PaymentId>, i64> = point_entries::table
        .select((point_entries::payment_id, point_entries::balance_after))
        .filter(point_entries::payment_id.eq_any(rows.iter().map(|row| Id(row.id))))
        .filter(point_entries::kind.eq("USE"))
        .load::<(Option<PaymentId>, i64)>(conn)?
        .into_iter()
        .collect();
    let payments: Vec<Payment> = fold(rows)?;
    let mut detail = |payment: Payment| {
        let reservation = reservations.remove(&payment.reservation_id)?;
        let balance = balances.get(&Some(payment.id)).copied().and_then(Points::new)?;
        Some(PaymentDetails { payment, reservation, balance })
    };
    let incomplete = || Failure::Corrupt("a payment lacks its reservation or entry".to_owned());
    payments.into_iter().map(|payment| detail(payment).ok_or_else(incomplete)).collect()
}
