//! Locking and loading e-mails and the tokens of their links.

use std::collections::BTreeSet;

use diesel::prelude::*;
use stagedoor_domain::{Instant, Mail, MailId, MailToken, Needs, WorkingSet};
use uuid::Uuid;

use super::dialect::{self, Conn, for_update, for_update_skip_locked};
use super::load::limit;
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{MailRow, MailTokenRow, fold};
use crate::schema::{mail_tokens, mails};
use crate::types::{At, Id, SubjectId};

/// Loads the e-mails and the tokens that are needed.
pub(super) fn load_mails(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: &Needs,
    now: Instant,
) -> Result<(), Failure> {
    if !needs.mail_tokens.is_empty() {
        let digests: Vec<_> = needs.mail_tokens.iter().map(|digest| digest.as_str()).collect();
        for digests in digests.chunks(dialect::VALUES_MAX) {
            let named = mail_tokens::table.filter(mail_tokens::digest.eq_any(digests));
            let rows: Vec<MailTokenRow> = named.select(MailTokenRow::as_select()).load(conn)?;
            set.load::<MailToken>(fold(rows)?);
        }
    }
    set.load(lock_mails(conn, &needs.mails)?);
    if needs.due_mails > 0 {
        set.load(lock_due_mails(conn, needs.due_mails, now)?);
    }
    Ok(())
}

/// E-mails by their ids. Others about the same subjects are locked with them.
fn lock_mails(conn: &mut Conn, wanted: &BTreeSet<MailId>) -> Result<Vec<Mail>, Failure> {
    let subjects: BTreeSet<Uuid> = wanted.iter().map(|id| id.subject_id).collect();
    let subjects: Vec<_> = subjects.into_iter().map(|id| Id(SubjectId(id))).collect();
    let mut found: Vec<Mail> = Vec::new();
    for subjects in subjects.chunks(dialect::VALUES_MAX) {
        let named = mails::table
            .select(MailRow::as_select())
            .filter(mails::subject_id.eq_any(subjects))
            .order((mails::subject_id, mails::number));
        let rows: Vec<MailRow> = for_update!(named).load(conn)?;
        found.extend(fold::<_, Mail>(rows)?);
    }
    found.retain(|mail| wanted.contains(&mail.id));
    Ok(found)
}

/// E-mails that are due. Those that another process claims or records now are left to it.
fn lock_due_mails(conn: &mut Conn, most: usize, now: Instant) -> Result<Vec<Mail>, Failure> {
    let due = mails::table
        .select(MailRow::as_select())
        .filter(mails::state.eq(Literal("OPEN")))
        .filter(mails::due_at.le(At(now)))
        .order(mails::due_at)
        .limit(limit(most));
    let rows: Vec<MailRow> = for_update_skip_locked!(due).load(conn)?;
    fold(rows)
}
