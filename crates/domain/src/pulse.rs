//! When the service could take heartbeats. Time in which it could not is no idle time (rule 5).

use time::Duration;

use crate::Instant;

/// The longest time between two pulses of a service that runs.
pub const GAP_MAX: Duration = Duration::seconds(3);
/// The longest such time when a process starts, which may have lost heartbeats when it ended.
pub const GAP_AT_START_MAX: Duration = Duration::milliseconds(1_500);
/// What waiting tokens get on top of an outage: time to come back, and for heartbeats that were lost.
pub const RECOVERY: Duration = Duration::seconds(5);

/// How far ahead of the clock the deadlines of waiting tokens are moved at once. Later ones follow
/// little by little, pulse by pulse.
pub const MOVED_AHEAD: Duration = Duration::minutes(1);
/// How many of the later ones one pulse moves at most.
pub const MOVED_AT_ONCE_MAX: usize = 5_000;

/// For how long after its last pulse a process counts as one that answers.
pub const PEER_MAX: Duration = Duration::seconds(3);
/// For how long after a pulse that found no other process one need not be looked for. A process that
/// starts next to others waits as long before it tells a position.
pub const ALONE_MAX: Duration = Duration::seconds(2);

/// Other processes that answer from the same store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// There can be none.
    Impossible,
    /// None has pulsed within [`PEER_MAX`].
    Absent,
    /// At least one has.
    Present,
}

/// A time in which no heartbeat could be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The last pulse before it.
    pub began_at: Instant,
    /// The first pulse after it.
    pub ended_at: Instant,
}

impl Outage {
    /// By how much the deadlines of tokens move that were waiting when it began.
    pub fn refund(self) -> Duration {
        self.ended_at - self.began_at + RECOVERY
    }
}

/// How a process tells that it has the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// It starts.
    Start,
    /// It has had the store until a moment ago.
    Steady,
    /// It could not reach the store, and now it can.
    Recovered,
}

impl Pulse {
    /// The outage that has ended when the last pulse of any process was at `alive_at`, if there was one.
    pub fn outage(self, alive_at: Instant, now: Instant) -> Option<Outage> {
        let gap_max = match self {
            Self::Steady => return None,
            Self::Start => GAP_AT_START_MAX,
            Self::Recovered => GAP_MAX,
        };
        (now - alive_at > gap_max).then_some(Outage { began_at: alive_at, ended_at: now })
    }

    /// Until when a pulse that began at `now` says that the service had the store, after it moved
    /// deadlines for as long as `moving`. For very many tokens that takes longer than a gap, and must
    /// not be taken for another outage, which would move all of them again.
    pub fn alive_at(now: Instant, moving: Duration) -> Instant {
        if moving > GAP_AT_START_MAX { now + moving } else { now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_an_outage_when_it_is_longer_than_a_running_service_leaves() {
        let now = time::macros::datetime!(2026-11-29 10:00 UTC);
        let milliseconds = Duration::milliseconds;
        let table = [
            (Pulse::Steady, 600_000, None),
            (Pulse::Start, 1_500, None),
            (Pulse::Start, 1_501, Some(6_501)),
            (Pulse::Recovered, 3_000, None),
            (Pulse::Recovered, 3_001, Some(8_001)),
            (Pulse::Recovered, -600_000, None),
        ];
        for (pulse, gap, expected) in table {
            let refund = pulse.outage(now - milliseconds(gap), now).map(Outage::refund);
            assert_eq!(refund, expected.map(milliseconds), "{pulse:?} after {gap} ms");
        }
    }

    #[test]
    fn the_time_in_which_deadlines_are_moved_is_no_other_outage() {
        let now = time::macros::datetime!(2026-11-29 10:00 UTC);
        for (moving, alive) in [(0, 0), (1_500, 0), (1_501, 1_501), (15_000, 15_000)] {
            let [moving, alive] = [moving, alive].map(Duration::milliseconds);

            let alive_at = Pulse::alive_at(now, moving);

            assert_eq!(alive_at, now + alive, "{moving}");
            let next = now + moving + Duration::SECOND;
            assert_eq!(Pulse::Recovered.outage(alive_at, next), None, "{moving}");
        }
    }
}
