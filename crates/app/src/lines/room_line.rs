//! One room's line in memory.

use std::collections::{BTreeSet, VecDeque};

use stagedoor_domain::ports::WaitingPlace;
use stagedoor_domain::queue_token::SIGN_GRACE;
use stagedoor_domain::{Instant, Line, LineChange, Room};
use time::Duration;

use super::admissions::AdmissionMeter;

/// When a place that was dropped as silent is looked at again: by then the janitor has either
/// written it off or found a sign of life that another process had gathered.
const SECOND_LOOK_AFTER: Duration = SIGN_GRACE.saturating_add(Duration::seconds(1));

/// A room as last read, and its line.
#[derive(Debug)]
pub(super) struct RoomLine {
    pub(super) room: Room,
    pub(super) line: Line,
    /// Whether the whole line has been read once.
    pub(super) is_known: bool,
    meter: AdmissionMeter,
    /// Places dropped as silent, and when to look at them again.
    dropped: VecDeque<(Instant, i64)>,
}

impl RoomLine {
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            line: Line::default(),
            is_known: false,
            meter: AdmissionMeter::default(),
            dropped: VecDeque::new(),
        }
    }

    pub(super) fn admission_rate(&self) -> Option<f64> {
        self.meter.per_second(self.room.policy.admit_interval())
    }

    /// Takes in the room's row as read at `now`.
    pub(super) fn take_in(&mut self, room: Room, now: Instant) {
        self.meter.look(&room, self.line.waiting() > 0, now);
        self.room = room;
    }

    /// Up to `limit` places that have given no sign of life for too long, as far as is known here.
    pub(super) fn silent(&self, now: Instant, limit: usize) -> Vec<i64> {
        self.line.silent(self.room.policy.idle_time(), now, limit)
    }

    /// Takes in what the store knows of silent places: those that it saw of late stay, the others
    /// are dropped.
    pub(super) fn judge(&mut self, silent: &[i64], in_store: &[WaitingPlace], now: Instant) {
        for waiting in in_store {
            self.line.see(waiting.place, waiting.seen_at);
        }
        // A sign may have been given here while the store was asked. What was silent comes first
        // in the order of places, so the limit cuts off none of it.
        let silent_still: BTreeSet<_> = self.silent(now, silent.len()).into_iter().collect();
        let known: BTreeSet<_> = in_store.iter().map(|waiting| waiting.place).collect();
        for place in silent.iter().copied().filter(|place| silent_still.contains(place)) {
            self.line.remove(place);
            if known.contains(&place) {
                self.dropped.push_back((now + SECOND_LOOK_AFTER, place));
            }
        }
    }

    /// Up to `limit` dropped places that are due for a second look, the first dropped first. Those
    /// that were dropped by a clock that has been set back since are due at once.
    pub(super) fn due_for_a_second_look(&self, now: Instant, limit: usize) -> Vec<i64> {
        let is_due = |at: Instant| at <= now || now + SECOND_LOOK_AFTER < at;
        let due = self.dropped.iter().take_while(|(at, _)| is_due(*at)).take(limit);
        due.map(|(_, place)| *place).collect()
    }

    /// Takes in what the store knows of the first `looked_at` dropped places. Those of which
    /// another process had a sign of life are put back; those that are silent still are looked at
    /// again until they are written off, because a late sign or a clock set right may count yet.
    pub(super) fn judge_again(
        &mut self,
        looked_at: usize,
        in_store: &[WaitingPlace],
        now: Instant,
    ) {
        self.dropped.drain(..looked_at.min(self.dropped.len()));
        let idle = self.room.policy.idle_time();
        let version = self.line.version();
        for WaitingPlace { place, seen_at } in in_store.iter().copied() {
            if now < seen_at + idle {
                let waiting_since_sign = Some(seen_at);
                self.line.apply(LineChange { version, place, waiting_since_sign });
            } else {
                self.dropped.push_back((now + SECOND_LOOK_AFTER, place));
            }
        }
    }
}
