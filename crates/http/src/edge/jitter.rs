//! Random waiting times, so that clients that are rejected together do not all retry together.

use std::time::Duration;

use fastrand::Rng;
use parking_lot::Mutex;

/// Random numbers, the same for the same seed.
pub(crate) struct Jitter(Mutex<Rng>);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Rng::with_seed(seed)))
    }

    /// After how many seconds to retry: at least `wait`, and a random part of `spread_seconds` more.
    pub(crate) fn seconds_after(&self, wait: Duration, spread_seconds: u64) -> u64 {
        let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        whole.max(1) + self.0.lock().u64(0..=spread_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seed: u64) -> Vec<u64> {
        let jitter = Jitter::new(seed);
        (0..100).map(|_| jitter.seconds_after(Duration::from_millis(1_500), 3)).collect()
    }

    #[test]
    fn no_client_retries_too_early_and_not_all_retry_together() {
        let waits = waits(7);

        for seconds in 2..=5 {
            let count = waits.iter().filter(|wait| **wait == seconds).count();
            assert!((10..=40).contains(&count), "{count} of 100 come back after {seconds} s");
        }
        assert!(waits.iter().all(|wait| (2..=5).contains(wait)), "{waits:?}");
    }

    #[test]
    fn the_same_seed_tells_the_same_waits() {
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }
}
