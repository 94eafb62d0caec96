//! Sharing commits: a batch worker for each kind of command that hands in one batch at a time.
//!
//! A batch is whatever queued while the last one was being committed. So batches form under load
//! and a command that comes alone goes alone; nothing ever waits for company. What would have to wait
//! for too long is refused when it is handed in.

mod latency_estimator;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::{Counter, Gauge, Histogram};
use stagedoor_domain::ports::{Clock, Execute, StoreError, Submit, SubmitError};
use stagedoor_domain::{Command, Submission, Verdict};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::unwind::caught;
use latency_estimator::LatencyEstimator;

/// How much a batch worker takes.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// The most commands of one batch; at least 1.
    pub batch_size_max: usize,
    /// The most commands that may queue; at least 1.
    pub queue_length_max: usize,
    /// How long a command may be expected to wait for its batch.
    pub wait_max: Duration,
    /// Whether the batch worker rests after each batch for as long as the batch took. So batches that take
    /// long leave other batch workers at least half of the time of a store that has one writer.
    pub rests: bool,
}

struct Queued<C: Command> {
    submission: Submission<C>,
    reply: oneshot::Sender<Result<Verdict<C>, StoreError>>,
}

/// Where one command at a time is handed in, to be carried out in batches.
pub struct Batcher<C: Command> {
    queue: mpsc::Sender<Queued<C>>,
    limits: BatchLimits,
    latency: Arc<LatencyEstimator>,
    rejected: Counter,
}

/// The handle that stops a batch worker.
#[derive(Debug)]
pub struct BatchWorker {
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl BatchWorker {
    /// Starts a batch worker. Must be called within a tokio runtime.
    pub(crate) fn start<F: Future<Output = ()> + Send + 'static>(
        run: impl FnOnce(CancellationToken) -> F,
    ) -> Self {
        let closing = CancellationToken::new();
        let task = tokio::spawn(run(closing.clone()));
        Self { closing, task }
    }

    /// Takes nothing more, finishes what has queued and waits for the end of it.
    pub async fn drain(self) {
        self.closing.cancel();
        self.ended().await;
    }

    /// Waits until every [`Batcher`] of the batch worker has been dropped and what queued is finished.
    pub async fn ended(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a batch worker did not end well");
        }
    }
}

impl<C: Command> Batcher<C> {
    /// Starts a batch worker. Must be called within a tokio runtime.
    pub fn start(
        store: Arc<dyn Execute<C>>,
        clock: Arc<dyn Clock>,
        limits: BatchLimits,
    ) -> (Self, BatchWorker) {
        let (queue, waiting) = mpsc::channel(limits.queue_length_max.max(1));
        let latency = Arc::new(LatencyEstimator::new());
        let worker = WorkerLoop {
            store,
            latency: Arc::clone(&latency),
            clock,
            waiting,
            batch_size_max: limits.batch_size_max.max(1),
            rests: limits.rests,
            meters: Meters::new(C::NAME),
        };
        let worker = BatchWorker::start(|closing| worker.run(closing));
        let rejected = metrics::counter!(
            "stagedoor_verdicts_total", "command" => C::NAME, "outcome" => "overloaded"
        );
        (Self { queue, limits, latency, rejected }, worker)
    }

    /// Whether a command that is handed in now would be answered in good time.
    fn is_in_time(&self) -> bool {
        let queued = self.queue.max_capacity() - self.queue.capacity();
        let batches = queued / self.limits.batch_size_max.max(1);
        self.latency.wait_behind(batches) <= self.limits.wait_max
    }
}

#[async_trait]
impl<C: Command> Submit<C> for Batcher<C> {
    async fn submit(&self, submission: Submission<C>) -> Result<Verdict<C>, SubmitError> {
        let (reply, answer) = oneshot::channel();
        if !self.is_in_time() || self.queue.try_send(Queued { submission, reply }).is_err() {
            self.rejected.increment(1);
            return Err(SubmitError::Overloaded);
        }
        match answer.await {
            Ok(result) => Ok(result?),
            Err(_) => {
                let cause = "the batch worker ended before it answered".to_owned();
                Err(StoreError::OutcomeUnknown(cause).into())
            }
        }
    }
}

/// Takes what has queued; nothing once the batch worker is closing and all of it is taken.
pub(crate) async fn take_queued<T>(
    queue: &mut mpsc::Receiver<T>,
    batch: &mut Vec<T>,
    most: usize,
    closing: &CancellationToken,
) -> usize {
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled(), if !queue.is_closed() => queue.close(),
            taken = queue.recv_many(batch, most) => return taken,
        }
    }
}

struct WorkerLoop<C: Command> {
    store: Arc<dyn Execute<C>>,
    clock: Arc<dyn Clock>,
    waiting: mpsc::Receiver<Queued<C>>,
    latency: Arc<LatencyEstimator>,
    batch_size_max: usize,
    rests: bool,
    meters: Meters,
}

impl<C: Command> WorkerLoop<C> {
    async fn run(mut self, closing: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            let most = self.batch_size_max;
            let taken = take_queued(&mut self.waiting, &mut batch, most, &closing).await;
            if taken == 0 {
                return;
            }
            self.meters.queue_length.set(self.waiting.len() as f64);
            let (submissions, replies): (Vec<_>, Vec<_>) =
                batch.drain(..).map(|queued: Queued<C>| (queued.submission, queued.reply)).unzip();
            let started = tokio::time::Instant::now();
            match self.execute(&submissions).await {
                Ok(verdicts) => {
                    for (reply, verdict) in replies.into_iter().zip(verdicts) {
                        self.meters.count(verdict.is_ok());
                        // The caller may have gone; what was decided stands all the same.
                        let _ = reply.send(Ok(verdict));
                    }
                }
                Err(error) => {
                    self.meters.failed.increment(taken as u64);
                    for reply in replies {
                        let _ = reply.send(Err(error.clone()));
                    }
                }
            }
            if self.rests {
                let rest = tokio::time::sleep(started.elapsed());
                closing.run_until_cancelled(rest).await;
            }
        }
    }

    async fn execute(&self, submissions: &[Submission<C>]) -> Result<Vec<Verdict<C>>, StoreError> {
        if !self.clock.is_sure() {
            return Err(StoreError::Unavailable("the time is not sure".to_owned()));
        }
        let started = tokio::time::Instant::now();
        self.latency.begin();
        let executed = caught(self.store.execute(submissions, self.clock.now())).await;
        self.latency.end(started.elapsed());
        self.meters.batch_size.record(submissions.len() as f64);
        self.meters.execute_seconds.record(started.elapsed().as_secs_f64());
        let verdicts = executed.unwrap_or_else(|panic| {
            tracing::error!(command = C::NAME, panic, "a batch panicked");
            Err(StoreError::OutcomeUnknown(panic))
        })?;
        if verdicts.len() == submissions.len() {
            return Ok(verdicts);
        }
        let (asked, answered) = (submissions.len(), verdicts.len());
        let name = C::NAME;
        Err(StoreError::Corrupt(format!("{asked} {name} commands got {answered} verdicts")))
    }
}

struct Meters {
    batch_size: Histogram,
    execute_seconds: Histogram,
    queue_length: Gauge,
    accepted: Counter,
    refused: Counter,
    failed: Counter,
}

impl Meters {
    fn new(command: &'static str) -> Self {
        let verdicts = |outcome: &'static str| {
            metrics::counter!(
                "stagedoor_verdicts_total", "command" => command, "outcome" => outcome
            )
        };
        Self {
            batch_size: metrics::histogram!("stagedoor_batch_size", "command" => command),
            execute_seconds: metrics::histogram!(
                "stagedoor_batch_execute_seconds", "command" => command
            ),
            queue_length: metrics::gauge!("stagedoor_queue_length", "command" => command),
            accepted: verdicts("ok"),
            refused: verdicts("refused"),
            failed: verdicts("failed"),
        }
    }

    fn count(&self, accepted: bool) {
        let counter = if accepted { &self.accepted } else { &self.refused };
        counter.increment(1);
    }
}

#[cfg(test)]
mod tests;
