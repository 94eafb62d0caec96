//! A periodic job, and the loop that runs it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::ports::StoreError;
use tokio::time::{Instant as Tick, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::unwind::caught;

/// A bounded piece of work that may be done at any time, by any number of processes at once.
#[async_trait]
pub trait PeriodicJob: Send + Sync {
    /// What it is called in logs and metrics.
    fn name(&self) -> &'static str;

    /// Does what there is to do now.
    ///
    /// # Errors
    /// A failure of the store; what is left is done by the next run.
    async fn run_once(&self) -> Result<(), StoreError>;
}

/// Runs a job at once and then every `interval`, until `stop`; a run that has begun is finished.
pub async fn run_every(job: Arc<dyn PeriodicJob>, interval: Duration, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut runs = Runs::new(job.name());
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        runs.run(job.run_once()).await;
    }
}

/// The runs of one job, which are measured. Of failures in a row the first is logged, and then their end.
#[derive(Debug)]
pub(crate) struct Runs {
    name: &'static str,
    failures: u64,
}

impl Runs {
    /// The runs of a job with this name in logs and metrics.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, failures: 0 }
    }

    /// Finishes one run, also if it fails or panics.
    pub(crate) async fn run(&mut self, work: impl Future<Output = Result<(), StoreError>>) {
        let (name, started) = (self.name, Tick::now());
        let failure = match caught(work).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panic) => Some(panic),
        };
        let outcome = if failure.is_none() { "ok" } else { "failed" };
        metrics::counter!("stagedoor_periodic_job_runs_total", "job" => name, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("stagedoor_periodic_job_seconds", "job" => name)
            .record(started.elapsed().as_secs_f64());
        match failure {
            Some(cause) => {
                if self.failures == 0 {
                    tracing::error!(job = name, cause, "a job failed; it goes on trying");
                }
                self.failures += 1;
            }
            None => {
                if self.failures > 0 {
                    tracing::info!(job = name, failures = self.failures, "a job works again");
                }
                self.failures = 0;
            }
        }
    }
}
