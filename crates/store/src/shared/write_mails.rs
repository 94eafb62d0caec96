//! Writing e-mails and the tokens of their links.

use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use stagedoor_domain::{Changes, Mail, MailToken};

use super::dialect::{Conn, Rows};
use crate::failure::Failure;
use crate::rows::mail_columns;
use crate::types::{SqlId, SqlInstant, SubjectId};

pub(super) fn write_mails(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    let made = changes.inserted::<Mail>();
    let made = Rows::of("mails", &made)
        .column::<SqlId, _>("user_id", |mail| mail.user_id)
        .column::<Text, _>("kind", |mail| mail.kind.as_str())
        .column::<SqlInstant, _>("created_at", |mail| mail.created_at);
    state_and_key_columns(made).insert().execute(conn)?;
    let changed = changes.updated::<Mail>();
    state_and_key_columns(Rows::of("mails", &changed)).update_by_last(2).execute(conn)?;
    Rows::of("mail_tokens", &changes.inserted::<MailToken>())
        .column::<Text, _>("digest", |token| token.digest.as_str())
        .column::<SqlId, _>("user_id", |token| token.user_id)
        .column::<Text, _>("kind", |token| token.kind.as_str())
        .column::<BigInt, _>("session_version", |token| token.session_version)
        .column::<SqlInstant, _>("expires_at", |token| token.expires_at)
        .insert()
        .execute(conn)
}

fn state_and_key_columns(rows: Rows<'_, Mail>) -> Rows<'_, Mail> {
    rows.column::<Text, _>("state", |mail| mail_columns(mail).0)
        .column::<Nullable<SqlInstant>, _>("due_at", |mail| mail_columns(mail).1)
        .column::<Integer, _>("attempts", |mail| mail.attempts)
        .column::<SqlId, _>("subject_id", |mail| SubjectId(mail.id.subject_id))
        .column::<BigInt, _>("number", |mail| mail.id.number)
}
