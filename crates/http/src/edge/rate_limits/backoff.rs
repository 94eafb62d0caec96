//! Failures: each one makes the next attempt wait longer.

use std::time::Duration;

use moka::ops::compute::Op;
use moka::sync::Cache;
use tokio::time::Instant;

/// How many keys are remembered.
const REMEMBERED_MAX: u64 = 100_000;
/// How long a key is remembered after its last failure.
const REMEMBERED_FOR: Duration = Duration::from_secs(3_600);
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// How failures make an attempt wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// This many failures have no effect.
    pub(super) free: f64,
    /// One failure is forgotten each time this has passed.
    pub(super) forgotten_each: Duration,
    /// Each further failure doubles the wait, from a second up to this.
    pub(super) wait_max: Duration,
}

/// Counts failures by key.
pub(super) struct Backoff {
    rule: Rule,
    known: Cache<u64, Failures>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: f64,
    at: Instant,
    again_at: Instant,
}

impl Backoff {
    pub(super) fn new(rule: Rule) -> Self {
        let known = Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(REMEMBERED_FOR);
        Self { rule, known: known.build() }
    }

    /// Begins an attempt. It counts as failed until it is uncounted, so concurrent attempts count too. After
    /// it the next one waits for `least` or longer. Returns how long to wait if it may not begin yet.
    pub(super) fn attempt(&self, key: u64, now: Instant, least: Duration) -> Result<(), Duration> {
        let mut wait = Duration::ZERO;
        self.known.entry(key).and_compute_with(|known| {
            let before = known.map(moka::Entry::into_value).unwrap_or(Failures::none(now));
            wait = before.again_at.saturating_duration_since(now);
            if !wait.is_zero() {
                return Op::Nop;
            }
            let after = before.one_more(&self.rule, now);
            Op::Put(Failures { again_at: after.again_at.max(now + least), ..after })
        });
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Counts an attempt as failed until it is uncounted, even if it would have to wait. Returns how long the
    /// rule makes the next one wait.
    pub(super) fn count(&self, key: u64, now: Instant) -> Duration {
        let mut wait = Duration::ZERO;
        self.known.entry(key).and_compute_with(|known| {
            let before = known.map(moka::Entry::into_value).unwrap_or(Failures::none(now));
            let after = before.one_more(&self.rule, now);
            wait = after.again_at.saturating_duration_since(now);
            Op::Put(after)
        });
        wait
    }

    /// Uncounts an attempt that did not fail.
    pub(super) fn take_back(&self, key: u64, now: Instant) {
        self.known.entry(key).and_compute_with(|known| match known.map(moka::Entry::into_value) {
            Some(known) => {
                let count = (known.count - 1.0).max(0.0);
                Op::Put(Failures { count, again_at: now, ..known })
            }
            None => Op::Nop,
        });
    }

    /// Forgets all failures of a key.
    pub(super) fn forget(&self, key: u64) {
        self.known.invalidate(&key);
    }
}

impl Failures {
    fn none(now: Instant) -> Self {
        Self { count: 0.0, at: now, again_at: now }
    }

    fn one_more(self, rule: &Rule, now: Instant) -> Self {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let forgotten = passed / rule.forgotten_each.as_secs_f64();
        let count = (self.count - forgotten).max(0.0) + 1.0;
        let above = count - rule.free;
        let wait = if above > 0.0 {
            let doubled = FIRST_WAIT.as_secs_f64() * above.min(32.0).exp2() / 2.0;
            rule.wait_max.min(Duration::from_secs_f64(doubled))
        } else {
            Duration::ZERO
        };
        Self { count, at: now, again_at: now + wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        free: 3.0,
        forgotten_each: Duration::from_secs(1_000_000),
        wait_max: Duration::from_secs(60),
    };

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait_up_to_the_most() {
        let (backoff, mut now) = (Backoff::new(RULE), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..17 {
            if let Err(wait) = backoff.attempt(1, now, Duration::ZERO) {
                waits.push(wait.as_secs_f64().round() as u64);
                now += wait;
            }
        }

        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60]);
    }

    #[test]
    fn failures_are_forgotten_with_time() {
        let backoff = Backoff::new(Rule { forgotten_each: Duration::from_secs(10), ..RULE });
        let start = Instant::now();
        for _ in 0..4 {
            let _ = backoff.attempt(1, start, Duration::ZERO);
        }
        assert!(backoff.attempt(1, start, Duration::ZERO).is_err());

        assert_eq!(backoff.attempt(1, after(start, 30), Duration::ZERO), Ok(()));
        assert_eq!(
            backoff.attempt(1, after(start, 30), Duration::ZERO),
            Ok(()),
            "it need not wait any more"
        );
    }

    #[test]
    fn an_attempt_that_did_not_fail_counts_for_nothing() {
        let (backoff, now) = (Backoff::new(RULE), Instant::now());
        for _ in 0..100 {
            backoff.attempt(1, now, Duration::ZERO).unwrap();
            backoff.take_back(1, now);
        }
        assert_eq!(backoff.attempt(2, now, Duration::ZERO), Ok(()));
    }
}
