//! What each command has loaded.

mod booking;
mod parts;
mod people;
mod queue;
mod wallet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{Command, Idempotency, Instant, Request, WorkingSet};
use uuid::Uuid;

use crate::sqlite::codec::Id;
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{AnswerRow, fold};
use crate::sqlite::schema::answers;

pub(crate) use parts::{reservations, reservations_of};

/// Loads the rows that commands of one kind are decided on.
pub(crate) trait Load: Sized {
    /// Loads. The write lock is held already.
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure>;
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: Id,
}

/// Loads the answers kept for the requests' keys.
pub(crate) fn load_answers<C: Command>(
    conn: &mut SqliteConnection,
    requests: &[Request<C>],
) -> Result<Vec<Answer>, Failure> {
    let keys: Vec<&Idempotency> =
        requests.iter().filter_map(|request| request.idempotency.as_ref()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let owners = ids(keys.iter().map(|key| key.owner.0));
    let texts: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    let rows: Vec<AnswerRow> = answers::table
        .select(AnswerRow::as_select())
        .filter(answers::owner.eq_any(owners))
        .filter(answers::key.eq_any(texts))
        .load(conn)?;
    fold(rows)
}

/// Ids in their order, none twice.
pub(crate) fn ids(ids: impl IntoIterator<Item = Uuid>) -> Vec<Id> {
    let mut ids: Vec<Id> = ids.into_iter().map(Id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
