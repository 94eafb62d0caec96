//! Point accounts, payments, entries and kept answers.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{Changes, Payment, PointAccount, PointEntry};

use super::for_each;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::kind_text;
use crate::sqlite::statement::Statement;

pub(super) fn write(conn: &mut SqliteConnection, changes: &Changes) -> Result<(), Failure> {
    for_each(conn, "point accounts", &changes.inserted::<PointAccount>(), |account| {
        Statement::new("INSERT INTO point_accounts (balance, entries, user_id) VALUES (?, ?, ?)")
            .bind::<BigInt, _>(account.balance.get())
            .bind::<BigInt, _>(account.entries)
            .bind::<Text, _>(Id(account.user_id.0))
    })?;
    for_each(conn, "point accounts", &changes.updated::<PointAccount>(), |account| {
        Statement::new("UPDATE point_accounts SET balance = ?, entries = ? WHERE user_id = ?")
            .bind::<BigInt, _>(account.balance.get())
            .bind::<BigInt, _>(account.entries)
            .bind::<Text, _>(Id(account.user_id.0))
    })?;
    for_each(conn, "payments", &changes.inserted::<Payment>(), |payment| {
        Statement::new(
            "INSERT INTO payments (id, user_id, reservation_id, amount, created_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind::<Text, _>(Id(payment.id.0))
        .bind::<Text, _>(Id(payment.user_id.0))
        .bind::<Text, _>(Id(payment.reservation_id.0))
        .bind::<BigInt, _>(payment.amount.get())
        .bind::<BigInt, _>(Micros(payment.created_at))
    })?;
    for_each(conn, "point entries", &changes.inserted::<PointEntry>(), |entry| {
        insert_entry(entry)
    })?;
    for_each(conn, "answers", &changes.inserted::<Answer>(), |answer| {
        Statement::new(
            "INSERT INTO answers (owner, key, command, fingerprint, verdict, recorded_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind::<Text, _>(Id(answer.owner.0))
        .bind::<Text, _>(answer.key.as_str())
        .bind::<Text, _>(answer.command.as_str())
        .bind::<Text, _>(answer.fingerprint.as_str())
        .bind::<Text, _>(answer.verdict.as_str())
        .bind::<BigInt, _>(Micros(answer.recorded_at))
    })
}

fn insert_entry(entry: &PointEntry) -> Statement<'_> {
    Statement::new(
        "INSERT INTO point_entries (id, user_id, number, kind, amount, balance_after, payment_id,
            created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(Id(entry.id.0))
    .bind::<Text, _>(Id(entry.user_id.0))
    .bind::<BigInt, _>(entry.number)
    .bind::<Text, _>(kind_text(entry.kind))
    .bind::<BigInt, _>(entry.amount.get())
    .bind::<BigInt, _>(entry.balance_after.get())
    .bind::<Nullable<Text>, _>(entry.payment_id.map(|id| Id(id.0)))
    .bind::<BigInt, _>(Micros(entry.created_at))
}
