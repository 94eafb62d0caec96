//! Tokens whose heartbeats are kept in memory, because the deadline that the store has is still far away.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use super::{instant, key};
use crate::{Instant, RoomId};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// One in this number of the kept deadlines is written each second, whether or not it is due. People who came in one minute
/// would all be due in one minute.
const TAKEN_EARLY: u64 = 300;

/// A deadline that heartbeats have set and the store does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptDeadline {
    /// In the line of which room.
    pub room_id: RoomId,
    /// Of the token with this sequence number.
    pub sequence: i64,
    /// The store had at least this deadline when the first of the heartbeats was taken: the beginning of its second.
    pub stored: Instant,
    /// The deadline.
    pub idle_at: Instant,
}

/// The sequence numbers with kept heartbeats: a bitmap for each second in which deadlines of the store pass.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptDeadlines {
    all: RoaringTreemap,
    by_second: BTreeMap<i64, RoaringTreemap>,
    /// The last second up to which deadlines were taken out.
    taken_until: i64,
}

impl KeptDeadlines {
    /// Notes that a token has a heartbeat, and since when the first: the deadline that the store has, in microseconds.
    pub(super) fn insert(&mut self, sequence: i64, stored: i64) {
        if !self.all.contains(key(sequence)) {
            self.put_back(sequence, stored);
        }
    }

    /// As [`insert`](Self::insert), even if the token has had another heartbeat meanwhile.
    pub(super) fn put_back(&mut self, sequence: i64, stored: i64) {
        self.all.insert(key(sequence));
        self.by_second.entry(stored.div_euclid(SECOND)).or_default().insert(key(sequence));
    }

    /// Forgets the heartbeats of all other tokens.
    pub(super) fn retain(&mut self, sequences: &RoaringTreemap) {
        self.all &= sequences;
    }

    /// Forgets the heartbeats of a token.
    pub(super) fn remove(&mut self, sequence: i64) {
        self.all.remove(key(sequence));
    }

    pub(super) fn len(&self) -> u64 {
        self.all.len()
    }

    /// Takes out at most `most` tokens whose deadlines in the store pass before the end of a second, the first ones first, and
    /// the beginning of the second in which each does. If these are fewer than the share that is taken early, also the next
    /// ones, but once for each second.
    pub(super) fn take(&mut self, until: i64, most: usize) -> Vec<(i64, Instant)> {
        let until = until.div_euclid(SECOND);
        let is_next_second = std::mem::replace(&mut self.taken_until, until) < until;
        let share = if is_next_second { self.len() / TAKEN_EARLY } else { 0 };
        let early = usize::try_from(share).map_or(most, |early| early.min(most));
        let mut taken = Vec::new();
        while let Some(mut first) = self.by_second.first_entry() {
            let second = *first.key();
            let wanted = if second <= until { most } else { early }.saturating_sub(taken.len());
            if wanted == 0 {
                break;
            }
            let some: RoaringTreemap = first.get().iter().take(wanted).collect();
            *first.get_mut() -= &some;
            if first.get().is_empty() {
                first.remove();
            }
            let stored = instant(second.saturating_mul(SECOND));
            let there = some.into_iter().filter(|sequence| self.all.remove(*sequence));
            taken.extend(there.map(|it| (i64::try_from(it).unwrap_or(i64::MAX), stored)));
        }
        taken
    }
}
