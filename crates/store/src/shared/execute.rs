//! Carrying out batches: lock and load, decide, write, commit.

use async_trait::async_trait;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Needs, Submission, Verdict, WorkingSet, decide_all};

use super::dialect::{Conn, Store};
use super::load::load;
use super::write::write;
use crate::batch_clock::BatchClock;
use crate::failure::Failure;

#[async_trait]
impl<C: Command> Execute<C> for Store {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let submissions = submissions.to_vec();
        self.write_as_of(now, move |conn, clock| decide_and_write(conn, &submissions, clock)).await
    }
}

/// The instant of the batch is one at which the locks of what its commands name are had, so no other batch decided about
/// them since. What was loaded with the locks is as of an earlier instant: tokens and holds that ended in between count as
/// live for a room or a limit, and those that are overdue since then are left to the next run.
fn decide_and_write<C: Command>(
    conn: &mut Conn,
    submissions: &[Submission<C>],
    clock: &BatchClock,
) -> Result<Vec<Verdict<C>>, Failure> {
    let mut set = WorkingSet::limited();
    load(conn, &mut set, Needs::of(submissions), clock.now())?;
    // From here on one instant: which rows a rule reads depends on it.
    let now = clock.now();
    let besides = Needs::besides(submissions, &set, now)?;
    load(conn, &mut set, besides, now)?;
    let (verdicts, changes) = decide_all(set, submissions, now)?;
    write(conn, &changes, now)?;
    Ok(verdicts)
}
