//! Point accounts, payments, entries and kept answers.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{Changes, Payment, PointAccount, PointEntry};

use super::{column, execute};
use crate::postgres::failure::Failure;
use crate::postgres::rows::kind_text;
use crate::postgres::statement::Statement;

pub(super) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    let opened = changes.inserted::<PointAccount>();
    if !opened.is_empty() {
        let statement = Statement::new(
            "INSERT INTO point_accounts (user_id, balance, entries) SELECT * FROM unnest(?, ?, ?)",
        );
        execute(conn, "point accounts", opened.len(), with_accounts(statement, &opened))?;
    }
    let changed = changes.updated::<PointAccount>();
    if !changed.is_empty() {
        let statement = Statement::new(
            "UPDATE point_accounts SET balance = new.balance, entries = new.entries
             FROM unnest(?, ?, ?) AS new (user_id, balance, entries)
             WHERE point_accounts.user_id = new.user_id",
        );
        execute(conn, "point accounts", changed.len(), with_accounts(statement, &changed))?;
    }
    let payments = changes.inserted::<Payment>();
    if !payments.is_empty() {
        insert_payments(conn, &payments)?;
    }
    let entries = changes.inserted::<PointEntry>();
    if !entries.is_empty() {
        insert_entries(conn, &entries)?;
    }
    let answers = changes.inserted::<Answer>();
    if answers.is_empty() { Ok(()) } else { insert_answers(conn, &answers) }
}

fn with_accounts<'a>(statement: Statement<'a>, accounts: &[&PointAccount]) -> Statement<'a> {
    statement
        .bind::<Array<SqlUuid>, _>(column(accounts, |account| account.user_id.0))
        .bind::<Array<BigInt>, _>(column(accounts, |account| account.balance.get()))
        .bind::<Array<BigInt>, _>(column(accounts, |account| account.entries))
}

fn insert_payments(conn: &mut PgConnection, payments: &[&Payment]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO payments (id, user_id, reservation_id, amount, created_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(payments, |payment| payment.id.0))
    .bind::<Array<SqlUuid>, _>(column(payments, |payment| payment.user_id.0))
    .bind::<Array<SqlUuid>, _>(column(payments, |payment| payment.reservation_id.0))
    .bind::<Array<BigInt>, _>(column(payments, |payment| payment.amount.get()))
    .bind::<Array<Timestamptz>, _>(column(payments, |payment| payment.created_at));
    execute(conn, "payments", payments.len(), statement)
}

fn insert_entries(conn: &mut PgConnection, entries: &[&PointEntry]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO point_entries (id, user_id, number, kind, amount, balance_after, payment_id,
            created_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(entries, |entry| entry.id.0))
    .bind::<Array<SqlUuid>, _>(column(entries, |entry| entry.user_id.0))
    .bind::<Array<BigInt>, _>(column(entries, |entry| entry.number))
    .bind::<Array<Text>, _>(column(entries, |entry| kind_text(entry.kind)))
    .bind::<Array<BigInt>, _>(column(entries, |entry| entry.amount.get()))
    .bind::<Array<BigInt>, _>(column(entries, |entry| entry.balance_after.get()))
    .bind::<Array<Nullable<SqlUuid>>, _>(column(entries, |e| e.payment_id.map(|id| id.0)))
    .bind::<Array<Timestamptz>, _>(column(entries, |entry| entry.created_at));
    execute(conn, "point entries", entries.len(), statement)
}

fn insert_answers(conn: &mut PgConnection, answers: &[&Answer]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO answers (owner, key, command, fingerprint, verdict, recorded_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(answers, |answer| answer.owner.0))
    .bind::<Array<Text>, _>(column(answers, |answer| answer.key.clone()))
    .bind::<Array<Text>, _>(column(answers, |answer| answer.command.clone()))
    .bind::<Array<Text>, _>(column(answers, |answer| answer.fingerprint.clone()))
    .bind::<Array<Text>, _>(column(answers, |answer| answer.verdict.clone()))
    .bind::<Array<Timestamptz>, _>(column(answers, |answer| answer.recorded_at));
    execute(conn, "answers", answers.len(), statement)
}
