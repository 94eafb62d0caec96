//! A room's line in memory, which tells the position of a token without asking the store.
//!
//! The sequence numbers that wait are a compressed bitmap with rank (Chambi, Lemire, Kaser and
//! Godin, "Better bitmap performance with Roaring bitmaps", 2016), so a rank costs the same with a
//! thousand waiting as with a million.

use std::collections::VecDeque;

use roaring::RoaringTreemap;

use crate::Instant;
use crate::queue_token::Heartbeats;

/// The sequence numbers that wait in one room, as far as its changes have been read.
#[derive(Clone, Debug, Default)]
pub struct Line {
    version: i64,
    last_sequence: i64,
    waiting: RoaringTreemap,
    /// The idle deadline of each sequence number from `first_sequence` on; nothing if it does not
    /// wait.
    deadlines: VecDeque<Option<Instant>>,
    first_sequence: i64,
}

/// One change to one token that has a sequence number, as read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// The stamp of the change.
    pub version: i64,
    /// The token's sequence number.
    pub sequence: i64,
    /// Its idle deadline if it waits; nothing if it does not.
    pub waiting_until: Option<Instant>,
}

/// The position of a token in its line.
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
    /// deadline of a token that is known to wait stays: heartbeats may have moved it meanwhile.
    pub fn apply(&mut self, change: LineChange) {
        self.version = self.version.max(change.version);
        self.last_sequence = self.last_sequence.max(change.sequence);
        match change.waiting_until {
            Some(idle_at) => {
                if self.waiting.insert(key(change.sequence)) {
                    *self.deadline(change.sequence) = Some(idle_at);
                }
            }
            None => self.remove(change.sequence),
        }
    }

    /// Notes that all changes up to `version` have been read, even those without a sequence number.
    pub fn read_up_to(&mut self, version: i64) {
        self.version = self.version.max(version);
    }

    /// The position of a token if it is known to wait. Costs a rank, however long the line.
    pub fn position(&self, sequence: i64) -> Option<Position> {
        self.waiting.contains(key(sequence)).then(|| self.position_at(sequence))
    }

    /// The position of a token that the caller knows to wait, even if this line does not: sequence
    /// numbers have no gaps, so all between the newest known and this one wait ahead. The token
    /// itself counts among the waiting.
    pub fn position_at(&self, sequence: i64) -> Position {
        let unknown_ahead = u64::try_from(sequence - 1 - self.last_sequence).unwrap_or(0);
        let ahead = self.waiting.rank(key(sequence - 1)) + unknown_ahead;
        let itself_unknown = u64::from(!self.waiting.contains(key(sequence)));
        Position { ahead, waiting: self.waiting.len() + unknown_ahead + itself_unknown }
    }

    /// Notes heartbeats, if the token is known to wait.
    pub fn note_heartbeats(&mut self, sequence: i64, heartbeats: &Heartbeats) {
        if self.waiting.contains(key(sequence)) {
            let known = self.deadline(sequence);
            *known = Some(known.map_or(heartbeats.idle_at, |at| heartbeats.deadline_after(at)));
        }
    }

    /// Whether the known idle deadline of a token has passed at `now`. Another process may know of
    /// later heartbeats.
    pub fn is_overdue(&self, sequence: i64, now: Instant) -> bool {
        let deadline = self.slot(sequence).and_then(|index| self.deadlines.get(index)).copied();
        deadline.flatten().is_some_and(|idle_at| idle_at <= now)
    }

    fn remove(&mut self, sequence: i64) {
        self.waiting.remove(key(sequence));
        if let Some(slot) = self.slot(sequence).and_then(|index| self.deadlines.get_mut(index)) {
            *slot = None;
        }
        while let Some(None) = self.deadlines.front() {
            self.deadlines.pop_front();
            self.first_sequence += 1;
        }
    }

    fn deadline(&mut self, sequence: i64) -> &mut Option<Instant> {
        if self.deadlines.is_empty() {
            self.first_sequence = sequence;
        }
        while sequence < self.first_sequence {
            self.deadlines.push_front(None);
            self.first_sequence -= 1;
        }
        let index = usize::try_from(sequence - self.first_sequence).unwrap_or(0);
        if index >= self.deadlines.len() {
            self.deadlines.resize(index + 1, None);
        }
        &mut self.deadlines[index]
    }

    fn slot(&self, sequence: i64) -> Option<usize> {
        usize::try_from(sequence - self.first_sequence).ok()
    }
}

fn key(sequence: i64) -> u64 {
    u64::try_from(sequence).unwrap_or(0)
}
