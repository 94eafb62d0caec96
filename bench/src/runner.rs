//! Runs scenarios: both sides in turn, several rounds, nothing reported that failed.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use stagedoor_http::SigningKeys;

use crate::figures::{Figures, median, medians};
use crate::scenarios::{Measure, Scenario};
use crate::service::SIGNING_KEY;
use crate::side::Ready;

const ROUNDS: usize = 3;
const RUN_TIME: Duration = Duration::from_secs(2);
/// By how much a short run has less of everything.
const SHORTENED: u64 = 10;

/// What runs are made with.
pub struct Bench {
    pub server_url: String,
    pub program: PathBuf,
    /// Where the report goes, and embedded stores.
    pub report: PathBuf,
    /// How long a run lasts, how many rounds count, and how many warm up before.
    pub run_time: Duration,
    rounds: usize,
    warm_ups: usize,
    short: bool,
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
}

impl Bench {
    pub fn new(server_url: String, program: PathBuf, report: PathBuf, short: bool) -> Result<Self> {
        ensure!(program.exists(), "{} is missing: run `make build`", program.display());
        let keys = SigningKeys::parse(SIGNING_KEY).map_err(anyhow::Error::msg)?;
        let (run_time, rounds, warm_ups) =
            if short { (Duration::from_secs(1), 1, 0) } else { (RUN_TIME, ROUNDS, 1) };
        Ok(Self { server_url, program, report, run_time, rounds, warm_ups, short, keys })
    }

    /// How many of something there are: fewer in a short run.
    pub fn size(&self, count: u64) -> u64 {
        if self.short { count / SHORTENED } else { count }
    }

    /// How many distinct requests last through a run at this rate.
    pub fn supply(&self, per_second: u64) -> u64 {
        per_second * self.run_time.as_secs()
    }

    /// The number of runs of each side; one more is at half the rate.
    pub fn runs(&self) -> u64 {
        (self.rounds + self.warm_ups) as u64 + 1
    }

    pub async fn run(&self, scenarios: Vec<Scenario>) -> Result<Vec<Row>> {
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed} {msg}")?;
        let steps = scenarios.len() * (2 * (self.rounds + self.warm_ups) + 1);
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
        let ours = Ready::new(self, scenario, &scenario.service, "bench_service").await?;
        let theirs = Ready::new(self, scenario, &scenario.reference, "bench_reference").await?;
        progress.inc(1);
        let (mut service, mut reference) = (Vec::new(), Vec::new());
        for round in 0..self.rounds + self.warm_ups {
            for (ready, runs) in [(&ours, &mut service), (&theirs, &mut reference)] {
                let run = ready.measure(round as u64).await?;
                if round >= self.warm_ups {
                    runs.push(run);
                }
                progress.inc(1);
            }
        }
        let half = match scenario.measure {
            Measure::Rate => {
                Some(ours.at_rate(medians(&service).rate / 2.0, self.runs() - 1).await?)
            }
            Measure::Latency => None,
        };
        ours.finish().await?;
        theirs.finish().await?;
        Ok(Row::new(scenario, &service, &reference, half))
    }
}

impl Row {
    fn new(
        scenario: &Scenario,
        service: &[Figures],
        reference: &[Figures],
        half: Option<Figures>,
    ) -> Self {
        let ratios: Vec<f64> =
            service.iter().zip(reference).map(|(a, b)| scenario.measure.ratio(a, b)).collect();
        let ratio = median(ratios.iter().copied());
        Self {
            name: scenario.name.to_owned(),
            at: scenario.at.to_owned(),
            against: scenario.against.to_owned(),
            goal: scenario.goal,
            service: medians(service),
            reference: medians(reference),
            half,
            ratio,
            ratio_min: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratio_max: ratios.iter().copied().fold(0.0, f64::max),
            met: scenario.measure.is_met(ratio, scenario.goal),
        }
    }
}
