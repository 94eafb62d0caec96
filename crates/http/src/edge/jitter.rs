//! Random waiting times, so that clients that are rejected together do not all retry together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Random numbers, the same for the same seed (SplitMix64).
pub(crate) struct Jitter(AtomicU64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// After how many seconds to retry: at least `wait`, and a random part of `spread_seconds` more.
    pub(crate) fn seconds_after(&self, wait: Duration, spread_seconds: u64) -> u64 {
        let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        whole.max(1) + self.next() % (spread_seconds + 1)
    }

    fn next(&self) -> u64 {
        let seed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
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
