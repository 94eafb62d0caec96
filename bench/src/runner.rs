//! Runs scenarios: both sides in turn, several rounds, nothing reported that failed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use stagedoor_http::SigningKeys;

use crate::database::Database;
use crate::figures::{Figures, median, medians};
use crate::requests::{self, Request};
use crate::scenarios::{Measure, Scenario, Side};
use crate::service::{SIGNING_KEY, Server, postgres_cpu_time};
use crate::{open_loop, pgbench, wrk};

const ROUNDS: usize = 3;
const RUN_TIME: Duration = Duration::from_secs(3);

/// What runs are made with.
pub struct Bench {
    server_url: String,
    program: PathBuf,
    /// How long a run lasts, and how many rounds count; one more warms up.
    pub run_time: Duration,
    pub rounds: usize,
    pub keys: SigningKeys,
}

/// A scenario and what came of it.
#[derive(Serialize)]
pub struct Row {
    pub name: String,
    pub at: String,
    pub against: String,
    pub goal: f64,
    pub service: Figures,
    pub reference: Figures,
    /// The service at half its rate, open loop.
    pub half: Option<Figures>,
    /// The service's rate, or latency, over the reference's: the median of the rounds, least, most.
    pub ratio: f64,
    pub ratio_min: f64,
    pub ratio_max: f64,
    pub met: bool,
    pub start_seconds: f64,
    pub resident_mb: f64,
}

/// One side of a scenario, ready to run.
struct Ready {
    server: Option<Server>,
    database: Option<Database>,
}

impl Bench {
    pub fn new(server_url: String, program: PathBuf, short: bool) -> Result<Self> {
        ensure!(program.exists(), "{} is missing: run `make build`", program.display());
        let keys = SigningKeys::parse(SIGNING_KEY).map_err(anyhow::Error::msg)?;
        let (run_time, rounds) =
            if short { (Duration::from_secs(1), 1) } else { (RUN_TIME, ROUNDS) };
        Ok(Self { server_url, program, run_time, rounds, keys })
    }

    /// How many distinct requests last through a run at this rate.
    pub fn supply(&self, per_second: u64) -> u64 {
        per_second * self.run_time.as_secs()
    }

    /// The number of runs of each side: one warms up, one is at half the rate.
    pub fn runs(&self) -> u64 {
        self.rounds as u64 + 2
    }

    pub async fn run(&self, scenarios: Vec<Scenario>) -> Result<Vec<Row>> {
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed} {msg}")?;
        let steps = scenarios.len() * (2 * (self.rounds + 1) + 1);
        let progress = ProgressBar::new(steps as u64).with_style(style);
        let mut rows = Vec::new();
        for scenario in scenarios {
            progress.set_message(scenario.name);
            let row = self.run_one(&scenario, &progress).await;
            rows.push(row.with_context(|| scenario.name)?);
            progress.suspend(|| {
                println!("{}", rows.last().map(crate::report::line).unwrap_or_default())
            });
        }
        progress.finish_and_clear();
        Ok(rows)
    }

    async fn run_one(&self, scenario: &Scenario, progress: &ProgressBar) -> Result<Row> {
        let ours = self.make_ready(scenario, &scenario.service, "bench_service").await?;
        let theirs = self.make_ready(scenario, &scenario.reference, "bench_reference").await?;
        progress.inc(1);
        let (mut service, mut reference) = (Vec::new(), Vec::new());
        for round in 0..=self.rounds {
            for (side, ready, runs) in [
                (&scenario.service, &ours, &mut service),
                (&scenario.reference, &theirs, &mut reference),
            ] {
                let run = self.measure(side, ready, scenario.connections, round as u64).await?;
                ensure!(run.failed == 0, "{} requests failed: {run:?}", run.failed);
                if round > 0 {
                    runs.push(run);
                }
                progress.inc(1);
            }
        }
        let peak = medians(&service).rate;
        let half = self.at_half(scenario, &ours, peak).await?;
        let server = ours.server.as_ref().context("the service runs")?;
        let (start_seconds, resident_mb) = (server.start_time.as_secs_f64(), server.resident_mb()?);
        self.finish(ours).await?;
        self.finish(theirs).await?;
        let ratios: Vec<f64> =
            service.iter().zip(&reference).map(|(a, b)| scenario.measure.ratio(a, b)).collect();
        let ratio = median(ratios.iter().copied());
        Ok(Row {
            name: scenario.name.to_owned(),
            at: scenario.at.to_owned(),
            against: scenario.against.to_owned(),
            goal: scenario.goal,
            service: medians(&service),
            reference: medians(&reference),
            half,
            ratio,
            ratio_min: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratio_max: ratios.iter().copied().fold(0.0, f64::max),
            met: scenario.measure.is_met(ratio, scenario.goal),
            start_seconds,
            resident_mb,
        })
    }

    async fn make_ready(&self, scenario: &Scenario, side: &Side, name: &str) -> Result<Ready> {
        if let Side::Bare { bytes } = side {
            return Ok(Ready { server: Some(Server::start_bare(*bytes).await?), database: None });
        }
        let database = Database::create(&self.server_url, name)?;
        self.stagedoor(&database, &["migrate", "up"]).await?;
        database.run(include_str!("../sql/functions.sql"))?;
        let seed =
            if let Side::Service { seed: Some(own), .. } = side { *own } else { scenario.seed };
        database.run(&seed(self))?;
        database.settle()?;
        let server = match side {
            Side::Service { arguments, .. } => {
                Some(Server::start(&self.program, &database, arguments).await?)
            }
            Side::Pgbench { .. } | Side::Bare { .. } => None,
        };
        Ok(Ready { server, database: Some(database) })
    }

    async fn measure(
        &self,
        side: &Side,
        ready: &Ready,
        connections: usize,
        round: u64,
    ) -> Result<Figures> {
        let batches = self.batches(side, ready).await?;
        let cpu = || ready.server.as_ref().map(Server::cpu_time).unwrap_or_default();
        let (server_before, database_before) = (cpu(), postgres_cpu_time());
        let mut run = match (side, &ready.server, &ready.database) {
            (Side::Pgbench { script }, _, Some(database)) => {
                pgbench::run(database, script, self.run_time).await?
            }
            (Side::Service { requests, expected, .. }, Some(server), _) => {
                self.load(server, &requests(self, round), connections, *expected).await?
            }
            (Side::Bare { .. }, Some(server), _) => {
                let request = Request::get("/", &"t".repeat(300));
                self.load(server, &[request], connections, 200).await?
            }
            _ => anyhow::bail!("a side without what it runs on"),
        };
        let done = run.rate * self.run_time.as_secs_f64();
        run.server_us = cpu().saturating_sub(server_before).as_secs_f64() * 1e6 / done;
        let database = postgres_cpu_time().saturating_sub(database_before);
        run.database_us = database.as_secs_f64() * 1e6 / done;
        let after = self.batches(side, ready).await?;
        let count = after.0 - batches.0;
        run.batch_size = if count > 0.0 { (after.1 - batches.1) / count } else { 0.0 };
        Ok(run)
    }

    async fn batches(&self, side: &Side, ready: &Ready) -> Result<(f64, f64)> {
        match (side, &ready.server) {
            (Side::Service { .. }, Some(server)) => server.batches().await,
            _ => Ok((0.0, 0.0)),
        }
    }

    async fn load(
        &self,
        server: &Server,
        requests: &[Request],
        connections: usize,
        expected: u16,
    ) -> Result<Figures> {
        let file = tempfile::NamedTempFile::new()?;
        requests::write(requests, file.path())?;
        let load = wrk::Load { connections, time: self.run_time };
        wrk::run(&server.address, file.path(), load, expected).await
    }

    /// The service at half the rate that it can do, if rates are what the scenario is about.
    async fn at_half(
        &self,
        scenario: &Scenario,
        ready: &Ready,
        peak: f64,
    ) -> Result<Option<Figures>> {
        let (Measure::Rate, Side::Service { requests, expected, .. }, Some(server)) =
            (scenario.measure, &scenario.service, &ready.server)
        else {
            return Ok(None);
        };
        let requests = requests(self, self.runs() - 1);
        let run = open_loop::run(&server.address, &requests, peak / 2.0, self.run_time, *expected);
        let run = run.await?;
        ensure!(run.failed == 0, "{} requests failed at half the rate", run.failed);
        Ok(Some(run))
    }

    /// Stops a side and checks what it has left behind.
    async fn finish(&self, ready: Ready) -> Result<()> {
        if let (Some(server), Some(database)) = (ready.server, ready.database) {
            server.stop().await?;
            self.stagedoor(&database, &["audit"]).await?;
        }
        Ok(())
    }

    async fn stagedoor(&self, database: &Database, arguments: &[&str]) -> Result<()> {
        let mut command = tokio::process::Command::new(Path::new(&self.program));
        let output =
            command.args(arguments).env_clear().env("DATABASE_URL", &database.url).output();
        let output = output.await?;
        ensure!(
            output.status.success(),
            "stagedoor {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}
