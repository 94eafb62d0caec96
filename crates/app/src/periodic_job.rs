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
/// Of failures in a row the first is logged, and then their end.
pub async fn run_every(job: Arc<dyn PeriodicJob>, interval: Duration, stop: CancellationToken) {
    let name = job.name();
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failures: u64 = 0;
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let started = Tick::now();
        let outcome = caught(job.run_once()).await;
        let failure = match outcome {
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
                if failures == 0 {
                    tracing::error!(job = name, cause, "a job failed; it goes on trying");
                }
                failures += 1;
            }
            None => {
                if failures > 0 {
                    tracing::info!(job = name, failures, "a job works again");
                }
                failures = 0;
            }
        }
    }
}
