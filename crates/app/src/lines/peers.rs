//! Whether other processes answer from the same store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use stagedoor_domain::Peers;
use stagedoor_domain::pulse::{ALONE_MAX, PEER_MAX};
use tokio::time::Instant as Tick;

/// What the pulses of this process found of others, measured by the monotonic clock.
#[derive(Debug)]
pub struct PeerWatch {
    made: Tick,
    /// Until when no other process can tell a position, in milliseconds since `made`.
    alone_until: AtomicU64,
    pulses: Mutex<Pulses>,
}

#[derive(Debug)]
struct Pulses {
    /// When the last one began.
    last: Option<Tick>,
    found_peers: bool,
    /// Whether all that it found know of reserved numbers.
    know_ranges: bool,
    /// From when on this process may tell positions next to others.
    tells_from: Tick,
}

/// What this process may do about positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Company {
    /// Tell them from memory.
    Alone,
    /// Tell them once its line has caught up, from this instant on.
    WithPeers(Tick),
    /// Pulse before it tells any: its last pulse is too long ago, and had found others or not.
    Unknown { found_peers: bool },
}

impl PeerWatch {
    /// No pulse yet.
    pub fn new() -> Self {
        let made = Tick::now();
        let (last, found_peers, know_ranges) = (None, true, false);
        let pulses = Pulses { last, found_peers, know_ranges, tells_from: made };
        Self { made, alone_until: AtomicU64::new(0), pulses: Mutex::new(pulses) }
    }

    /// Whether no other process can tell a position now.
    pub(crate) fn is_alone(&self) -> bool {
        self.milliseconds(Tick::now()) < self.alone_until.load(Ordering::Acquire)
    }

    /// Whether there are others, and all know of numbers that are reserved before their tokens are written.
    pub(crate) fn know_ranges(&self) -> bool {
        !self.is_alone() && self.pulses.lock().know_ranges
    }

    /// Takes in what a pulse found that began at `began`. The lines are as new as the pulse if it
    /// found no others.
    pub fn pulsed(&self, began: Tick, peers: Peers) {
        let mut pulses = self.pulses.lock();
        let now = Tick::now();
        // Others may have taken this process for ended, and need as long to notice it again.
        if pulses.last.is_none_or(|last| now - last > PEER_MAX.unsigned_abs()) {
            pulses.tells_from = now + alone_max();
        }
        pulses.last = Some(began);
        pulses.found_peers = matches!(peers, Peers::Present | Peers::Older);
        pulses.know_ranges = peers == Peers::Present;
        let alone_until = match peers {
            Peers::Impossible => u64::MAX,
            Peers::Absent => self.milliseconds(began + alone_max()),
            Peers::Present | Peers::Older => 0,
        };
        self.alone_until.store(alone_until, Ordering::Release);
    }

    /// Notes that the store cannot be reached: a process that was alone tells positions from memory
    /// until its next pulse.
    pub(crate) fn cut_off(&self) {
        if !self.pulses.lock().found_peers {
            self.alone_until.store(u64::MAX, Ordering::Release);
        }
    }

    pub(crate) fn company(&self) -> Company {
        if self.is_alone() {
            return Company::Alone;
        }
        let pulses = self.pulses.lock();
        match pulses.last {
            Some(last) if pulses.found_peers && last.elapsed() <= alone_max() => {
                Company::WithPeers(pulses.tells_from)
            }
            _ => Company::Unknown { found_peers: pulses.found_peers },
        }
    }

    fn milliseconds(&self, at: Tick) -> u64 {
        u64::try_from((at - self.made).as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for PeerWatch {
    fn default() -> Self {
        Self::new()
    }
}

fn alone_max() -> Duration {
    ALONE_MAX.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn after(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_is_alone_for_two_seconds_after_a_pulse_that_found_no_other() {
        let watch = PeerWatch::new();
        assert_eq!(watch.company(), Company::Unknown { found_peers: true });
        watch.pulsed(Tick::now(), Peers::Absent);
        assert_eq!(watch.company(), Company::Alone);
        after(2).await;
        assert_eq!(watch.company(), Company::Unknown { found_peers: false });

        watch.cut_off();
        after(60).await;
        assert_eq!(watch.company(), Company::Alone, "cut off from the store, it goes on");
        watch.pulsed(Tick::now(), Peers::Present);
        assert_ne!(watch.company(), Company::Alone);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_tells_positions_once_others_must_have_noticed_it() {
        let watch = PeerWatch::new();
        let tells_from = Tick::now() + Duration::from_secs(2);
        for _ in 0..3 {
            watch.pulsed(Tick::now(), Peers::Present);
            assert_eq!(watch.company(), Company::WithPeers(tells_from));
            after(1).await;
        }
        after(2).await;
        watch.cut_off();
        assert_eq!(watch.company(), Company::Unknown { found_peers: true });

        after(1).await;
        watch.pulsed(Tick::now(), Peers::Present);
        let tells_from = Tick::now() + Duration::from_secs(2);
        assert_eq!(watch.company(), Company::WithPeers(tells_from), "it was away for too long");
    }

    #[tokio::test(start_paused = true)]
    async fn numbers_are_reserved_only_next_to_others_that_all_know_of_them() {
        let watch = PeerWatch::new();
        assert!(!watch.know_ranges(), "before the first pulse");
        for (peers, know_ranges) in [
            (Peers::Present, true),
            (Peers::Older, false),
            (Peers::Present, true),
            (Peers::Absent, false),
            (Peers::Impossible, false),
        ] {
            watch.pulsed(Tick::now(), peers);
            assert_eq!(watch.know_ranges(), know_ranges, "{peers:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_can_have_no_others_is_always_alone() {
        let watch = PeerWatch::new();
        watch.pulsed(Tick::now(), Peers::Impossible);
        after(3_600).await;
        assert!(watch.is_alone());
    }
}
