//! Point accounts, entries, payments and kept answers.

use diesel::prelude::*;
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{
    Payment, PaymentId, PointAccount, PointEntry, PointEntryId, PointKind, Points, ReservationId,
    UserId,
};

use super::corrupt;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::point_accounts, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct PointAccountRow {
    user_id: Id,
    balance: i64,
    entries: i64,
}

impl TryFrom<PointAccountRow> for PointAccount {
    type Error = Failure;

    fn try_from(row: PointAccountRow) -> Result<Self, Failure> {
        let balance = Points::new(row.balance);
        Ok(Self {
            user_id: UserId(row.user_id.0),
            balance: balance.ok_or_else(|| corrupt("point account", row.user_id, "balance"))?,
            entries: row.entries,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::point_entries, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct PointEntryRow {
    id: Id,
    user_id: Id,
    number: i64,
    kind: String,
    amount: i64,
    balance_after: i64,
    payment_id: Option<Id>,
    created_at: Micros,
}

impl TryFrom<PointEntryRow> for PointEntry {
    type Error = Failure;

    fn try_from(row: PointEntryRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("point entry", row.id, column);
        Ok(Self {
            id: PointEntryId(row.id.0),
            user_id: UserId(row.user_id.0),
            number: row.number,
            kind: kind(&row.kind).ok_or_else(|| wrong("kind"))?,
            amount: Points::new(row.amount).ok_or_else(|| wrong("amount"))?,
            balance_after: Points::new(row.balance_after).ok_or_else(|| wrong("balance_after"))?,
            payment_id: row.payment_id.map(|id| PaymentId(id.0)),
            created_at: row.created_at.0,
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
#[diesel(table_name = schema::payments, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct PaymentRow {
    pub(crate) id: Id,
    user_id: Id,
    pub(crate) reservation_id: Id,
    amount: i64,
    created_at: Micros,
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Failure;

    fn try_from(row: PaymentRow) -> Result<Self, Failure> {
        let amount = Points::new(row.amount);
        Ok(Self {
            id: PaymentId(row.id.0),
            user_id: UserId(row.user_id.0),
            reservation_id: ReservationId(row.reservation_id.0),
            amount: amount.ok_or_else(|| corrupt("payment", row.id, "amount"))?,
            created_at: row.created_at.0,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::answers, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct AnswerRow {
    owner: Id,
    key: String,
    command: String,
    fingerprint: String,
    verdict: String,
    recorded_at: Micros,
}

impl TryFrom<AnswerRow> for Answer {
    type Error = Failure;

    fn try_from(row: AnswerRow) -> Result<Self, Failure> {
        Ok(Self {
            owner: UserId(row.owner.0),
            key: row.key,
            command: row.command,
            fingerprint: row.fingerprint,
            verdict: row.verdict,
            recorded_at: row.recorded_at.0,
        })
    }
}
