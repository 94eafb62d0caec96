//! Point accounts, entries, payments and idempotency records.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Instant, Payment, PaymentId, PointAccount, PointEntry, PointEntryId, PointKind, Points,
    ReservationId, UserId,
};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::point_accounts, check_for_backend(Pg, Sqlite))]
pub(crate) struct PointAccountRow {
    user_id: UserId,
    balance: i64,
    entries: i64,
}

impl TryFrom<PointAccountRow> for PointAccount {
    type Error = Failure;

    fn try_from(row: PointAccountRow) -> Result<Self, Failure> {
        let balance = Points::new(row.balance);
        Ok(Self {
            user_id: row.user_id,
            balance: balance.ok_or_else(|| corrupt("point account", row.user_id, "balance"))?,
            entries: row.entries,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::point_entries, check_for_backend(Pg, Sqlite))]
pub(crate) struct PointEntryRow {
    id: PointEntryId,
    user_id: UserId,
    number: i64,
    kind: String,
    amount: i64,
    balance_after: i64,
    payment_id: Option<PaymentId>,
    created_at: Instant,
}

impl TryFrom<PointEntryRow> for PointEntry {
    type Error = Failure;

    fn try_from(row: PointEntryRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("point entry", row.id, column);
        Ok(Self {
            id: row.id,
            user_id: row.user_id,
            number: row.number,
            kind: kind(&row.kind).ok_or_else(|| wrong("kind"))?,
            amount: Points::new(row.amount).ok_or_else(|| wrong("amount"))?,
            balance_after: Points::new(row.balance_after).ok_or_else(|| wrong("balance_after"))?,
            payment_id: row.payment_id,
            created_at: row.created_at,
        })
    }
}

fn kind(text: &str) -> Option<PointKind> {
    let kinds = [PointKind::Charge, PointKind::Use, PointKind::Refund];
    kinds.into_iter().find(|kind| kind_text(*kind) == text)
}

pub(crate) fn kind_text(kind: PointKind) -> &'static str {
    match kind {
        PointKind::Charge => "CHARGE",
        PointKind::Use => "USE",
        PointKind::Refund => "REFUND",
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::payments, check_for_backend(Pg, Sqlite))]
pub(crate) struct PaymentRow {
    pub(crate) id: PaymentId,
    user_id: UserId,
    pub(crate) reservation_id: ReservationId,
    amount: i64,
    created_at: Instant,
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Failure;

    fn try_from(row: PaymentRow) -> Result<Self, Failure> {
        let amount = Points::new(row.amount);
        Ok(Self {
            id: row.id,
            user_id: row.user_id,
            reservation_id: row.reservation_id,
            amount: amount.ok_or_else(|| corrupt("payment", row.id, "amount"))?,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::answers, check_for_backend(Pg, Sqlite))]
pub(crate) struct IdempotencyRecordRow {
    owner: UserId,
    key: String,
    command: String,
    fingerprint: String,
    verdict: String,
    recorded_at: Instant,
}

impl TryFrom<IdempotencyRecordRow> for IdempotencyRecord {
    type Error = Failure;

    fn try_from(row: IdempotencyRecordRow) -> Result<Self, Failure> {
        Ok(Self {
            owner: row.owner,
            key: row.key,
            command: row.command,
            fingerprint: row.fingerprint,
            verdict: row.verdict,
            recorded_at: row.recorded_at,
        })
    }
}
