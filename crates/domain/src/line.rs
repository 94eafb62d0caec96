//! A room's line in memory, which answers a place in it without asking the store.
//!
//! The set of waiting places is a compressed bitmap with rank (Chambi, Lemire, Kaser and Godin,
//! "Better bitmap performance with Roaring bitmaps", 2016), so a rank costs the same with a
//! thousand waiting as with a million.

use std::collections::VecDeque;

use roaring::RoaringTreemap;
use time::Duration;

use crate::Instant;

/// The waiting places of one room, as far as its changes have been read.
#[derive(Clone, Debug, Default)]
pub struct Line {
    version: i64,
    last_place: i64,
    waiting: RoaringTreemap,
    /// The last known sign of life of each place from `first_seen_place` on, waiting or not.
    seen: VecDeque<Option<Instant>>,
    first_seen_place: i64,
}

/// One change to one token that has a place, as read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// The stamp of the change.
    pub version: i64,
    /// The token's place.
    pub place: i64,
    /// Its last sign of life if it waits; nothing if it does not.
    pub waiting_since_sign: Option<Instant>,
}

/// Where a place stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
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

    /// Takes in a change. Changes may come again, but not out of the order of their stamps.
    pub fn apply(&mut self, change: LineChange) {
        self.version = self.version.max(change.version);
        self.last_place = self.last_place.max(change.place);
        match change.waiting_since_sign {
            Some(seen_at) => {
                self.waiting.insert(key(change.place));
                self.note(change.place, seen_at);
            }
            None => self.remove(change.place),
        }
    }

    /// Notes that all changes up to `version` have been read, even those without a place.
    pub fn read_up_to(&mut self, version: i64) {
        self.version = self.version.max(version);
    }

    /// Where a place stands if it is known to wait. Costs a rank, however long the line.
    pub fn standing(&self, place: i64) -> Option<Standing> {
        self.waiting.contains(key(place)).then(|| self.standing_at(place))
    }

    /// Where a place stands that the caller knows to wait, even if this line does not: places are
    /// given out without gaps, so all between the newest known and it wait ahead. The place itself
    /// counts among the waiting.
    pub fn standing_at(&self, place: i64) -> Standing {
        let unknown_ahead = u64::try_from(place - 1 - self.last_place).unwrap_or(0);
        let ahead = self.waiting.rank(key(place - 1)) + unknown_ahead;
        let itself_unknown = u64::from(!self.waiting.contains(key(place)));
        Standing { ahead, waiting: self.waiting.len() + unknown_ahead + itself_unknown }
    }

    /// Notes a sign of life, if the place is known to wait.
    pub fn see(&mut self, place: i64, at: Instant) {
        if self.waiting.contains(key(place)) {
            self.note(place, at);
        }
    }

    /// Whether the last known sign of life of a place is `idle` ago or longer at `now`.
    pub fn is_silent(&self, place: i64, idle: Duration, now: Instant) -> bool {
        let seen_at = self.slot(place).and_then(|index| self.seen.get(index)).copied().flatten();
        seen_at.is_some_and(|at| at + idle <= now)
    }

    fn remove(&mut self, place: i64) {
        self.waiting.remove(key(place));
        if let Some(slot) = self.slot(place).and_then(|index| self.seen.get_mut(index)) {
            *slot = None;
        }
        while let Some(None) = self.seen.front() {
            self.seen.pop_front();
            self.first_seen_place += 1;
        }
    }

    fn note(&mut self, place: i64, seen_at: Instant) {
        if self.seen.is_empty() {
            self.first_seen_place = place;
        }
        while place < self.first_seen_place {
            self.seen.push_front(None);
            self.first_seen_place -= 1;
        }
        let index = usize::try_from(place - self.first_seen_place).unwrap_or(0);
        if index >= self.seen.len() {
            self.seen.resize(index + 1, None);
        }
        if let Some(slot) = self.seen.get_mut(index) {
            *slot = Some(slot.map_or(seen_at, |known| known.max(seen_at)));
        }
    }

    fn slot(&self, place: i64) -> Option<usize> {
        usize::try_from(place - self.first_seen_place).ok()
    }
}

fn key(place: i64) -> u64 {
    u64::try_from(place).unwrap_or(0)
}
