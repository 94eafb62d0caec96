//! When the service could take heartbeats. Time in which it could not is no idle time (rule 5).

use time::Duration;

use crate::Instant;

/// The longest time between two pulses of a service that runs.
pub const GAP_MAX: Duration = Duration::seconds(3);
/// The longest such time when a process starts, which may have lost heartbeats when it ended.
pub const GAP_AT_START_MAX: Duration = Duration::milliseconds(1_500);
/// What waiting tokens get on top of an outage: time to come back, and for heartbeats that were lost.
pub const RECOVERY: Duration = Duration::seconds(5);

/// The longest idle time that a policy may set.
const IDLE_MAX: Duration = Duration::DAY;

/// Heartbeats are written when the deadline that the store has passes so soon. Until then the process that took them keeps
/// them to itself. Longer than it takes to miss a process, and to move the deadlines that come up.
pub const WRITTEN_AHEAD: Duration = Duration::seconds(30);
/// A process that has not pulsed for so long, while another one did, is lost with the heartbeats that it kept.
pub const LOST_AFTER: Duration = Duration::seconds(10);
const _: () = assert!(WRITTEN_AHEAD.whole_seconds() > 2 * LOST_AFTER.whole_seconds());

/// Processes that pulsed for the last time before this instant are lost. None is before the store has been there for
/// [`LOST_AFTER`]: after an outage each has this time to pulse again.
pub fn lost_before(up_since: Instant, now: Instant) -> Option<Instant> {
    let before = now - LOST_AFTER;
    (up_since <= before).then_some(before)
}

/// How far ahead of the clock the deadlines of waiting tokens are moved at once. Later ones follow
/// little by little, pulse by pulse.
pub const MOVED_AHEAD: Duration = Duration::minutes(1);
/// How many of the later ones one pulse moves at most.
pub const MOVED_AT_ONCE_MAX: usize = 5_000;

/// For how long after its last pulse a process counts as one that answers.
pub const PEER_MAX: Duration = Duration::seconds(3);
/// For how long after its last pulse a process of an older version counts as one that may answer: it may be started again.
pub const OLDER_MAX: Duration = Duration::minutes(10);
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
    /// At least one has, and all know of numbers that are reserved before their tokens are written.
    Present,
    /// At least one has, and one of an older version, which does not know of reserved numbers, has within [`OLDER_MAX`].
    Older,
}

/// A time in which no heartbeat could be accepted, or in which heartbeats were accepted and lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The last pulse before it.
    pub began_at: Instant,
    /// The first pulse after it.
    pub ended_at: Instant,
    /// Whether a process was lost with heartbeats that it kept to itself: any token may have had one.
    pub lost_heartbeats: bool,
}

impl Outage {
    /// The outage in which a process was lost that pulsed for the last time at `last`.
    pub fn of_lost_process(last: Instant, now: Instant) -> Self {
        Self { began_at: last, ended_at: now, lost_heartbeats: true }
    }

    /// By how much the deadlines of tokens move that were waiting when it began: with lost heartbeats, by more than any
    /// idle time, so that each gets what a heartbeat would have set when it ended.
    pub fn refund(self) -> Duration {
        let margin = if self.lost_heartbeats { IDLE_MAX } else { RECOVERY };
        self.ended_at - self.began_at + margin
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
        (now - alive_at > gap_max).then_some(Outage {
            began_at: alive_at,
            ended_at: now,
            lost_heartbeats: false,
        })
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
    fn lost_heartbeats_give_each_token_what_a_heartbeat_would_have_set_however_long_the_idle_time()
    {
        let now = time::macros::datetime!(2026-11-29 10:00 UTC);

        let outage = Outage::of_lost_process(now - Duration::SECOND, now);

        let longest = Duration::seconds(crate::RoomPolicy::SECONDS_MAX.into());
        assert_eq!(outage.refund(), Duration::SECOND + longest);
    }

    #[test]
    fn a_process_is_lost_ten_seconds_after_its_last_pulse_and_not_sooner_after_an_outage() {
        let now = time::macros::datetime!(2026-11-29 10:00 UTC);
        let ago = |seconds| now - Duration::seconds(seconds);
        for (up_since, expected) in [(3_600, Some(10)), (10, Some(10)), (9, None), (0, None)] {
            assert_eq!(lost_before(ago(up_since), now), expected.map(ago), "{up_since} s");
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
