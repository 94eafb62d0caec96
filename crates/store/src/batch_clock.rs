//! The instant of a batch.

use stagedoor_domain::Instant;

/// Tells the instant of a batch, which begins when the batch is handed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchClock {
    now: Instant,
    /// By the monotonic clock. Nothing for a clock that stands still.
    started: Option<std::time::Instant>,
}

impl BatchClock {
    /// A clock that stands still.
    pub(crate) fn stopped(now: Instant) -> Self {
        Self { now, started: None }
    }

    /// A clock that goes on.
    pub(crate) fn running(now: Instant) -> Self {
        Self { now, started: Some(std::time::Instant::now()) }
    }

    /// The instant now, in whole microseconds.
    pub(crate) fn now(&self) -> Instant {
        let Some(started) = self.started else { return self.now };
        let passed = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.now.saturating_add(time::Duration::microseconds(passed))
    }
}
