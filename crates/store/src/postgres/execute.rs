//! Carrying out batches: lock and load, decide, write, commit.

use async_trait::async_trait;
use diesel::PgConnection;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Request, Verdict, decide_all};

use crate::postgres::failure::Failure;
use crate::postgres::load::{Load, load_answers};
use crate::postgres::store::PostgresStore;
use crate::postgres::transaction::Isolation;
use crate::postgres::write::write;

#[async_trait]
impl<C: Command + Load> Execute<C> for PostgresStore {
    async fn execute(
        &self,
        requests: &[Request<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let requests = requests.to_vec();
        self.run(Isolation::ReadCommitted, move |conn| decide_and_write(conn, &requests, now)).await
    }
}

fn decide_and_write<C: Command + Load>(
    conn: &mut PgConnection,
    requests: &[Request<C>],
    now: Instant,
) -> Result<Vec<Verdict<C>>, Failure> {
    C::lock_first(conn)?;
    let answers = load_answers(conn, requests)?;
    let commands: Vec<&C> = requests.iter().map(|request| &request.command).collect();
    let mut set = C::load(conn, &commands, now)?;
    set.load(answers);
    let (verdicts, changes) = decide_all(set, requests, now)?;
    write(conn, &changes)?;
    Ok(verdicts)
}
