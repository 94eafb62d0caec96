//! E-mails and the tokens of their links.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::mail::{Language, MailState, TokenDigest};
use stagedoor_domain::{Instant, Mail, MailId, MailKind, MailToken, UserId};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;
use crate::types::SubjectId;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::mails, check_for_backend(Pg, Sqlite))]
pub(crate) struct MailRow {
    subject_id: SubjectId,
    number: i64,
    user_id: UserId,
    kind: String,
    state: String,
    due_at: Option<Instant>,
    attempts: i32,
    created_at: Instant,
}

impl MailRow {
    fn state(&self) -> Option<MailState> {
        match self.state.as_str() {
            "OPEN" => Some(MailState::Open { due_at: self.due_at? }),
            "SENT" => Some(MailState::Sent),
            "FAILED" => Some(MailState::Failed),
            _ => None,
        }
    }
}

impl TryFrom<MailRow> for Mail {
    type Error = Failure;

    fn try_from(row: MailRow) -> Result<Self, Failure> {
        let id = MailId { subject_id: row.subject_id.0, number: row.number };
        let wrong = |column| corrupt("mail", id, column);
        Ok(Self {
            id,
            user_id: row.user_id,
            kind: kind(&row.kind).ok_or_else(|| wrong("kind"))?,
            state: row.state().ok_or_else(|| wrong("state"))?,
            attempts: row.attempts,
            created_at: row.created_at,
        })
    }
}

fn kind(text: &str) -> Option<MailKind> {
    MailKind::ALL.into_iter().find(|kind| kind.as_str() == text)
}

/// The columns `state` and `due_at`.
pub(crate) fn mail_columns(mail: &Mail) -> (&'static str, Option<Instant>) {
    match mail.state {
        MailState::Open { due_at } => ("OPEN", Some(due_at)),
        MailState::Sent => ("SENT", None),
        MailState::Failed => ("FAILED", None),
    }
}

/// The language with a code.
pub(super) fn language(code: &str) -> Option<Language> {
    [Language::Ko, Language::En].into_iter().find(|language| language.as_str() == code)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::mail_tokens, check_for_backend(Pg, Sqlite))]
pub(crate) struct MailTokenRow {
    digest: String,
    user_id: UserId,
    kind: String,
    session_version: i64,
    expires_at: Instant,
}

impl TryFrom<MailTokenRow> for MailToken {
    type Error = Failure;

    fn try_from(row: MailTokenRow) -> Result<Self, Failure> {
        Ok(Self {
            digest: TokenDigest::new(row.digest),
            user_id: row.user_id,
            kind: kind(&row.kind)
                .ok_or_else(|| corrupt("a token of an e-mail to", row.user_id, "kind"))?,
            session_version: row.session_version,
            expires_at: row.expires_at,
        })
    }
}
