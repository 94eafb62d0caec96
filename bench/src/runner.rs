//! Runs scenarios: both sides in turn, several rounds, nothing reported that failed.

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::bench::Bench;
use crate::figures::{Figures, median, medians};
use crate::scenarios::{Measure, Scenario};
use crate::side::Ready;

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

/// Runs scenarios one after the other.
pub async fn run(bench: &Bench, scenarios: Vec<Scenario>) -> Result<Vec<Row>> {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed} {msg}")?;
    let steps = scenarios.len() * (2 * (bench.rounds + bench.warm_ups) + 1);
    let progress = ProgressBar::new(steps as u64).with_style(style);
    let mut rows = Vec::new();
    for scenario in scenarios {
        progress.set_message(scenario.name);
        let row = run_one(bench, &scenario, &progress).await;
        rows.push(row.with_context(|| scenario.name)?);
        progress.suspend(|| println!("{}", rows.last().map(Row::line).unwrap_or_default()));
    }
    progress.finish_and_clear();
    Ok(rows)
}

async fn run_one(bench: &Bench, scenario: &Scenario, progress: &ProgressBar) -> Result<Row> {
    let ours = Ready::new(bench, scenario, &scenario.service, "bench_service").await?;
    let theirs = Ready::new(bench, scenario, &scenario.reference, "bench_reference").await?;
    progress.inc(1);
    let (mut service, mut reference) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds + bench.warm_ups {
        for (ready, runs) in [(&ours, &mut service), (&theirs, &mut reference)] {
            let run = ready.measure(round as u64).await?;
            if round >= bench.warm_ups {
                runs.push(run);
            }
            progress.inc(1);
        }
    }
    let half = match scenario.measure {
        Measure::Rate => Some(ours.at_rate(medians(&service).rate / 2.0, bench.runs() - 1).await?),
        Measure::Latency => None,
    };
    ours.finish().await?;
    theirs.finish().await?;
    Ok(Row::new(scenario, &service, &reference, half))
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

    /// The row as text.
    pub fn line(&self) -> String {
        let Self { service, reference, .. } = self;
        let half = self
            .half
            .as_ref()
            .map_or(String::new(), |half| format!("{:.2} {:.2}", half.p50_ms, half.p99_ms));
        format!(
            "{:<31} {:<16} {:<17} {:>5.2} {:>5.2} ({:.2} to {:.2}) {} {:>9.0}/s {:>9.0}/s {:>8.2} {:>8.2} {:>8.2} {:>6.1} {:>7.0}+{:<5.0} {half}",
            self.name,
            self.at,
            self.against,
            self.goal,
            self.ratio,
            self.ratio_min,
            self.ratio_max,
            if self.met { "met   " } else { "MISSED" },
            service.rate,
            reference.rate,
            service.p50_ms,
            service.p95_ms,
            service.p99_ms,
            service.batch_size,
            service.server_us,
            service.database_us,
        )
    }
}
