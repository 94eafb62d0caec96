//! One side of a scenario: made ready, measured, stopped.

use anyhow::{Context, Result, ensure};

use crate::bench::Bench;
use crate::figures::Figures;
use crate::requests::{self, Request};
use crate::scenarios::{Beside, Scenario, Side};
use crate::service::{Server, postgres_cpu_time};
use crate::store::Store;
use crate::{open_loop, pgbench, sqlite_commits, wrk};

/// One side of a scenario, ready to run.
pub struct Ready<'a> {
    bench: &'a Bench,
    scenario: &'a Scenario,
    side: &'a Side,
    pub server: Option<Server>,
    store: Option<Store>,
}

impl<'a> Ready<'a> {
    /// Makes the data of a side in a store of this name, and starts its server.
    pub async fn new(
        bench: &'a Bench,
        scenario: &'a Scenario,
        side: &'a Side,
        name: &str,
    ) -> Result<Self> {
        let ready = |server, store| Self { bench, scenario, side, server, store };
        if let Side::Bare { bytes } = side {
            return Ok(ready(Some(Server::start_bare(*bytes).await?), None));
        }
        let store = bench.new_store(scenario.store, name).await?;
        let seed =
            if let Side::Service { seed: Some(own), .. } = side { *own } else { scenario.seed };
        store.run(&seed(bench))?;
        store.settle()?;
        let server = match side {
            Side::Service { arguments, .. } => {
                Some(Server::start(&bench.program, &store, arguments).await?)
            }
            Side::Pgbench { .. } | Side::SqliteCommits { .. } | Side::Bare { .. } => None,
        };
        Ok(ready(server, Some(store)))
    }

    /// Runs it once; runs are numbered from 0.
    pub async fn measure(&self, round: u64) -> Result<Figures> {
        let batches = self.batches().await?;
        let cpu = || self.server.as_ref().map(Server::cpu_time).unwrap_or_default();
        let (server_before, database_before) = (cpu(), postgres_cpu_time());
        let mut run = self.run(round).await?;
        let done = run.rate * self.bench.run_time.as_secs_f64();
        run.server_us = cpu().saturating_sub(server_before).as_secs_f64() * 1e6 / done;
        let database = postgres_cpu_time().saturating_sub(database_before);
        run.database_us = database.as_secs_f64() * 1e6 / done;
        let after = self.batches().await?;
        let count = after.0 - batches.0;
        run.batch_size = if count > 0.0 { (after.1 - batches.1) / count } else { 0.0 };
        ensure!(run.failed == 0, "{} requests failed: {run:?}", run.failed);
        Ok(run)
    }

    async fn run(&self, round: u64) -> Result<Figures> {
        let time = self.bench.run_time;
        match (self.side, &self.server, &self.store) {
            (Side::Pgbench { script }, _, Some(Store::Postgres(url))) => {
                pgbench::run(url, script, time).await
            }
            (Side::SqliteCommits { statement }, _, Some(Store::Embedded(folder))) => {
                let first = 1 + round * self.bench.supply(sqlite_commits::PER_SECOND_MAX);
                sqlite_commits::run(folder.path(), statement, first, time)
            }
            (Side::Service { requests, expected, .. }, Some(server), _) => {
                let requests = requests(self.bench, round);
                let load = self.load(server, &requests, *expected);
                let (run, beside) = tokio::join!(load, self.load_beside(server, round));
                beside?;
                run
            }
            (Side::Bare { .. }, Some(server), _) => {
                let request = Request::get("/", &"t".repeat(300));
                self.load(server, &[request], 200).await
            }
            _ => anyhow::bail!("a side without what it runs on"),
        }
    }

    async fn load(&self, server: &Server, requests: &[Request], expected: u16) -> Result<Figures> {
        let file = tempfile::NamedTempFile::new()?;
        requests::write(requests, file.path())?;
        let load = wrk::Load { connections: self.scenario.connections, time: self.bench.run_time };
        wrk::run(&server.address, file.path(), load, expected).await
    }

    async fn load_beside(&self, server: &Server, round: u64) -> Result<()> {
        let Some(Beside { requests, per_second, expected }) = &self.scenario.beside else {
            return Ok(());
        };
        let requests = requests(self.bench, round);
        let time = self.bench.run_time;
        let run = open_loop::run(&server.address, &requests, *per_second, time, *expected).await?;
        ensure!(run.failed == 0, "{} requests beside it failed", run.failed);
        Ok(())
    }

    /// The service at a fixed rate.
    pub async fn at_rate(&self, per_second: f64, round: u64) -> Result<Figures> {
        let (Side::Service { requests, expected, .. }, Some(server)) = (self.side, &self.server)
        else {
            anyhow::bail!("only the service is loaded at a fixed rate");
        };
        let requests = requests(self.bench, round);
        let time = self.bench.run_time;
        let load = open_loop::run(&server.address, &requests, per_second, time, *expected);
        let (run, beside) = tokio::join!(load, self.load_beside(server, round));
        beside?;
        let run = run?;
        ensure!(run.failed == 0, "{} requests failed at a fixed rate", run.failed);
        Ok(run)
    }

    async fn batches(&self) -> Result<(f64, f64)> {
        match (self.side, &self.server) {
            (Side::Service { .. }, Some(server)) => server.batches().await,
            _ => Ok((0.0, 0.0)),
        }
    }

    /// Stops it and checks what it has left behind.
    pub async fn finish(self) -> Result<()> {
        if let (Some(server), Some(store)) = (self.server, self.store) {
            server.stop().await.context("the service did not end")?;
            store.stagedoor(&self.bench.program, &["audit"]).await?;
        }
        Ok(())
    }
}
