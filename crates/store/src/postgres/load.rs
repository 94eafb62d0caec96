//! What each command has locked and loaded.

mod booking;
mod parts;
mod people;
mod queue;
mod wallet;

use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{Command, Idempotency, Instant, Request, WorkingSet};
use uuid::Uuid;

use crate::postgres::failure::Failure;
use crate::postgres::rows::{AnswerRow, fold};
use crate::postgres::schema::users;
use crate::postgres::statement::Statement;

pub(crate) use parts::{reservations, reservations_of, rooms};

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

/// Answers by owner and key, pair by pair (`OFFSET 0`), not all of an owner.
const ANSWERS: &str = "
    SELECT kept.* FROM unnest(?, ?) AS wanted (owner, key) CROSS JOIN LATERAL (
        SELECT * FROM answers WHERE owner = wanted.owner AND key = wanted.key OFFSET 0
    ) AS kept";

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
    let wanted = ids(keys.iter().map(|key| (key.owner.0, key.key.as_str())));
    let (owners, texts): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    let rows: Vec<AnswerRow> = Statement::new(ANSWERS)
        .bind::<Array<SqlUuid>, _>(owners)
        .bind::<Array<Text>, _>(texts)
        .load(conn)?;
    fold(rows)
}

/// Ids, or pairs of them, in their order, none twice.
pub(crate) fn ids<I: Ord>(ids: impl IntoIterator<Item = I>) -> Vec<I> {
    let mut ids: Vec<I> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
