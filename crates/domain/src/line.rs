//! A room's line in memory, which answers a place in it without asking the store.
//!
//! The set of waiting places is a compressed bitmap with rank (Chambi, Lemire, Kaser and Godin,
//! "Better bitmap performance with Roaring bitmaps", 2016), so a rank costs the same with a
//! thousand waiting as with a million.

use std::collections::VecDeque;

use roaring::RoaringTreemap;

use crate::Instant;
use crate::queue_token::Heartbeats;

/// The waiting places of one room, as far as its changes have been read.
#[derive(Clone, Debug, Default)]
pub struct Line {
    version: i64,
    last_place: i64,
    waiting: RoaringTreemap,
    /// The known idle deadline of each place from `first_place` on; nothing if it does not wait.
    deadlines: VecDeque<Option<Instant>>,
    first_place: i64,
}

/// One change to one token that has a place, as read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// The stamp of the change.
    pub version: i64,
    /// The token's place.
    pub place: i64,
    /// Its idle deadline if it waits; nothing if it does not.
    pub waiting_until: Option<Instant>,
}

/// The position of a place in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How many wait ahead of it; its position is one more (rule 3).
    pub ahead: u64,
    /// How many wait in all.
    pub waiting: u64,
}

impl Line {
    /// The stamp up to which changes have been read.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.len()
    }

    /// Takes in a change. Changes may come again, but not out of the order of their stamps. The
    /// deadline of a place that is known to wait stays: heartbeats may have moved it meanwhile.
    pub fn apply(&mut self, change: LineChange) {
        self.version = self.version.max(change.version);
        self.last_place = self.last_place.max(change.place);
        match change.waiting_until {
            Some(idle_at) => {
                if self.waiting.insert(key(change.place)) {
                    *self.deadline(change.place) = Some(idle_at);
                }
            }
            None => self.remove(change.place),
        }
    }

    /// Notes that all changes up to `version` have been read, even those without a place.
    pub fn read_up_to(&mut self, version: i64) {
        self.version = self.version.max(version);
    }

    /// The position of a place if it is known to wait. Costs a rank, however long the line.
    pub fn position(&self, place: i64) -> Option<Position> {
        self.waiting.contains(key(place)).then(|| self.position_at(place))
    }

    /// The position of a place that the caller knows to wait, even if this line does not: places are
    /// given out without gaps, so all between the newest known and it wait ahead. The place itself
    /// counts among the waiting.
    pub fn position_at(&self, place: i64) -> Position {
        let unknown_ahead = u64::try_from(place - 1 - self.last_place).unwrap_or(0);
        let ahead = self.waiting.rank(key(place - 1)) + unknown_ahead;
        let itself_unknown = u64::from(!self.waiting.contains(key(place)));
        Position { ahead, waiting: self.waiting.len() + unknown_ahead + itself_unknown }
    }

    /// Notes a heartbeat, if the place is known to wait.
    pub fn note_heartbeats(&mut self, place: i64, heartbeats: &Heartbeats) {
        if self.waiting.contains(key(place)) {
            let known = self.deadline(place);
            *known = Some(known.map_or(heartbeats.idle_at, |at| heartbeats.deadline_after(at)));
        }
    }

    /// Whether the known idle deadline of a place has passed at `now`. Another process may know of
    /// later heartbeats.
    pub fn is_overdue(&self, place: i64, now: Instant) -> bool {
        let deadline = self.slot(place).and_then(|index| self.deadlines.get(index)).copied();
        deadline.flatten().is_some_and(|idle_at| idle_at <= now)
    }

    fn remove(&mut self, place: i64) {
        self.waiting.remove(key(place));
        if let Some(slot) = self.slot(place).and_then(|index| self.deadlines.get_mut(index)) {
            *slot = None;
        }
        while let Some(None) = self.deadlines.front() {
            self.deadlines.pop_front();
            self.first_place += 1;
        }
    }

    fn deadline(&mut self, place: i64) -> &mut Option<Instant> {
        if self.deadlines.is_empty() {
            self.first_place = place;
        }
        while place < self.first_place {
            self.deadlines.push_front(None);
            self.first_place -= 1;
        }
        let index = usize::try_from(place - self.first_place).unwrap_or(0);
        if index >= self.deadlines.len() {
            self.deadlines.resize(index + 1, None);
        }
        &mut self.deadlines[index]
    }

    fn slot(&self, place: i64) -> Option<usize> {
        usize::try_from(place - self.first_place).ok()
    }
}

fn key(place: i64) -> u64 {
    u64::try_from(place).unwrap_or(0)
}
