//! Estimates how long a command would wait for its batch.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The times of batches, as submitters and the worker see them.
pub(super) struct LatencyEstimator {
    start: Instant,
    /// The mean of what batches took recently, in microseconds.
    batch_micros: AtomicU64,
    /// When the batch that is under way began, in microseconds from `start`; 0 without one.
    busy_since: AtomicU64,
}

/// How much of the mean is the last batch.
const SHARE_OF_LAST: u64 = 4;

impl LatencyEstimator {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            batch_micros: AtomicU64::default(),
            busy_since: AtomicU64::default(),
        }
    }

    pub(super) fn begin(&self) {
        self.busy_since.store(micros(self.start.elapsed()).max(1), Ordering::Relaxed);
    }

    pub(super) fn end(&self, took: Duration) {
        self.busy_since.store(0, Ordering::Relaxed);
        let (before, took) = (self.batch_micros.load(Ordering::Relaxed), micros(took));
        let mean = before - before / SHARE_OF_LAST + took / SHARE_OF_LAST;
        self.batch_micros.store(mean, Ordering::Relaxed);
    }

    /// How long a command would wait behind this many batches: as long as those probably take, and as the
    /// one under way has taken already, so that no command joins a batch worker that has halted.
    pub(super) fn wait_behind(&self, batches: usize) -> Duration {
        let batches = u64::try_from(batches).unwrap_or(u64::MAX);
        let queued = self.batch_micros.load(Ordering::Relaxed).saturating_mul(batches);
        let under_way = match self.busy_since.load(Ordering::Relaxed) {
            0 => 0,
            since => micros(self.start.elapsed()).saturating_sub(since),
        };
        Duration::from_micros(queued.saturating_add(under_way))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_batch_worker_delays_no_command() {
        assert_eq!(LatencyEstimator::new().wait_behind(9), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_is_that_of_the_batches_ahead_and_of_the_one_under_way() {
        let latency = LatencyEstimator::new();
        tokio::time::advance(millis(5)).await;
        latency.begin();
        tokio::time::advance(millis(30)).await;
        assert_eq!(latency.wait_behind(0), millis(30));

        latency.end(millis(40));
        assert_eq!(latency.wait_behind(0), Duration::ZERO, "none is under way");
        assert_eq!(latency.wait_behind(3), millis(30), "a quarter of 40 ms each");

        latency.begin();
        tokio::time::advance(millis(2)).await;
        assert_eq!(latency.wait_behind(3), millis(32));
        latency.end(millis(80));
        assert_eq!(
            latency.wait_behind(2),
            millis(55),
            "7.5 ms of before and 20 ms of the last one"
        );
    }
}
