//! What each command has locked and loaded.

mod booking;
mod parts;
mod people;
mod queue;
mod wallet;

use diesel::prelude::*;
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{Command, Idempotency, Instant, Request, WorkingSet};
use uuid::Uuid;

use crate::failure::Failure;
use crate::rows::{AnswerRow, fold};
use crate::schema::{answers, users};

pub(crate) use parts::{reservations, reservations_of};

/// Locks and loads the rows that commands of one kind are decided on.
pub(crate) trait Load: Sized {
    /// Takes a lock that comes before those of owners of keys; most commands have none.
    fn lock_first(_conn: &mut PgConnection) -> Result<(), Failure> {
        Ok(())
    }

    /// Locks and loads.
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure>;
}

/// Locks the owners of the requests' keys and loads the answers kept for those keys.
pub(crate) fn load_answers<C: Command>(
    conn: &mut PgConnection,
    requests: &[Request<C>],
) -> Result<Vec<Answer>, Failure> {
    let keys: Vec<&Idempotency> =
        requests.iter().filter_map(|request| request.idempotency.as_ref()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let owners = ids(keys.iter().map(|key| key.owner.0));
    let _locked: Vec<Uuid> = users::table
        .select(users::id)
        .filter(users::id.eq_any(&owners))
        .order(users::id)
        .for_no_key_update()
        .load(conn)?;
    let mut texts: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    let rows: Vec<AnswerRow> = answers::table
        .select(AnswerRow::as_select())
        .filter(answers::owner.eq_any(&owners))
        .filter(answers::key.eq_any(&texts))
        .load(conn)?;
    fold(rows)
}

/// Ids in their order, none twice.
pub(crate) fn ids(ids: impl IntoIterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
