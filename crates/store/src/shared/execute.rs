//! Carrying out batches: lock and load, decide, write, commit.

use async_trait::async_trait;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Needs, Request, Verdict, WorkingSet, decide_all};

use super::dialect::{Conn, Store};
use super::load::load;
use super::write::write;
use crate::failure::Failure;

#[async_trait]
impl<C: Command> Execute<C> for Store {
    async fn execute(
        &self,
        requests: &[Request<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let requests = requests.to_vec();
        self.write(move |conn| decide_and_write(conn, &requests, now)).await
    }
}

fn decide_and_write<C: Command>(
    conn: &mut Conn,
    requests: &[Request<C>],
    now: Instant,
) -> Result<Vec<Verdict<C>>, Failure> {
    let mut set = WorkingSet::limited();
    load(conn, &mut set, Needs::of(requests), now)?;
    let besides = Needs::besides(requests, &set, now)?;
    load(conn, &mut set, besides, now)?;
    let (verdicts, changes) = decide_all(set, requests, now)?;
    write(conn, &changes)?;
    Ok(verdicts)
}
