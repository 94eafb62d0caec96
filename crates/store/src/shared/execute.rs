//! Carrying out batches: lock and load, decide, write, commit.

use async_trait::async_trait;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Needs, Submission, Verdict, WorkingSet, decide_all};

use super::dialect::{Conn, Store};
use super::load::load;
use super::write::write;
use crate::failure::Failure;

#[async_trait]
impl<C: Command> Execute<C> for Store {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let submissions = submissions.to_vec();
        self.write(move |conn| decide_and_write(conn, &submissions, now)).await
    }
}

fn decide_and_write<C: Command>(
    conn: &mut Conn,
    submissions: &[Submission<C>],
    now: Instant,
) -> Result<Vec<Verdict<C>>, Failure> {
    let mut set = WorkingSet::limited();
    load(conn, &mut set, Needs::of(submissions), now)?;
    let besides = Needs::besides(submissions, &set, now)?;
    load(conn, &mut set, besides, now)?;
    let (verdicts, changes) = decide_all(set, submissions, now)?;
    write(conn, &changes)?;
    Ok(verdicts)
}
