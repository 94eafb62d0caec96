//! A room's line in memory, which tells the position of a token without asking the store.
//!
//! The sequence numbers that wait are a compressed bitmap with rank (Chambi, Lemire, Kaser and
//! Godin, "Better bitmap performance with Roaring bitmaps", 2016), so a rank costs the same with a
//! thousand waiting as with a million.

mod kept;
mod overview;

use std::collections::VecDeque;

use roaring::RoaringTreemap;
use time::PrimitiveDateTime;

use crate::queue_token::Heartbeats;
use crate::{Instant, NumberRange, QueueToken, RoomId, TokenState};

pub use kept::KeptDeadline;
use kept::KeptDeadlines;
pub use overview::{BLOCK_NUMBERS, LineBlock, LineOverview, ahead_from, block_of};

/// The sequence numbers that wait in one room, as far as its changes have been read.
#[derive(Clone, Debug, Default)]
pub struct Line {
    version: i64,
    last_sequence: i64,
    waiting: RoaringTreemap,
    /// The idle deadline of each sequence number from `first_sequence` on, in microseconds since 1970: half of the
    /// memory that an [`Instant`] takes. [`NEVER`] if it does not wait.
    deadlines: VecDeque<i64>,
    first_sequence: i64,
    kept: KeptDeadlines,
}

/// No deadline.
const NEVER: i64 = i64::MAX;

/// One change to one token that has a sequence number, as read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// The token's sequence number.
    pub sequence: i64,
    /// Its idle deadline if it waits; nothing if it does not.
    pub waiting_until: Option<Instant>,
}

/// What one batch changed in one line: a row, however many tokens it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct LineDelta {
    /// Of which room.
    pub room_id: RoomId,
    /// The stamp that the room had before it.
    pub since: i64,
    /// The stamp that the room has after it.
    pub version: i64,
    /// The sequence numbers that joined, and the idle deadline of all of them.
    pub joined: RoaringTreemap,
    /// Nothing if none joined.
    pub waiting_until: Option<Instant>,
    /// The sequence numbers that wait no more.
    pub gone: RoaringTreemap,
}

impl LineDelta {
    /// A batch that has changed nothing yet in a room with the stamp `since`, which then has `version`.
    pub fn new(room_id: RoomId, since: i64, version: i64) -> Self {
        let (joined, gone) = Default::default();
        Self { room_id, since, version, joined, waiting_until: None, gone }
    }

    /// Takes in a token as the batch leaves it. One without a sequence number was never in line.
    pub fn take_in(&mut self, token: &QueueToken) {
        let Some(sequence) = token.sequence else { return };
        if let TokenState::Waiting { idle_at, .. } = token.state {
            self.joined.insert(key(sequence));
            let earliest = self.waiting_until.map_or(idle_at, |known| known.min(idle_at));
            self.waiting_until = Some(earliest);
        } else {
            self.gone.insert(key(sequence));
        }
    }

    /// Takes in numbers that the batch has reserved: they join before their tokens are written.
    pub fn reserve(&mut self, range: &NumberRange) {
        self.joined.extend(range.numbers().map(key));
        let earliest = self.waiting_until.map_or(range.idle_at, |known| known.min(range.idle_at));
        self.waiting_until = Some(earliest);
    }

    /// Takes in numbers that the batch has taken back.
    pub fn void(&mut self, range: &NumberRange) {
        self.gone.extend(range.numbers().map(key));
    }

    /// The changes, one for each token.
    fn changes(&self) -> impl Iterator<Item = LineChange> {
        let waiting_until = self.waiting_until;
        let change = move |key: u64, waiting_until| {
            let sequence = i64::try_from(key).unwrap_or(i64::MAX);
            LineChange { sequence, waiting_until }
        };
        let joined = self.joined.iter().map(move |key| change(key, waiting_until));
        joined.chain(self.gone.iter().map(move |key| change(key, None)))
    }
}

/// What changed in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinePage {
    /// The changes to tokens that have a sequence number, in the order in which they were made.
    pub changes: Vec<LineChange>,
    /// The stamp up to which nothing is missing.
    pub version: i64,
    /// Whether there is more to read.
    pub has_more: bool,
    /// Whether changes are missing, because they are too old to be kept or an older program wrote them: the line is to
    /// be read anew.
    pub has_gap: bool,
}

impl LinePage {
    /// The page that begins above a stamp, of at most `limit` deltas in their order. `room_version` is the stamp of the
    /// room, read together with them.
    pub fn of(deltas: &[LineDelta], above: i64, limit: usize, room_version: i64) -> Self {
        let has_more = deltas.len() >= limit;
        let mut version = above;
        let mut has_gap = false;
        for delta in deltas {
            has_gap |= delta.since > version;
            version = delta.version;
        }
        has_gap |= !has_more && version < room_version;
        let changes = deltas.iter().flat_map(LineDelta::changes).collect();
        Self { changes, version, has_more, has_gap }
    }
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

    /// The last sequence number that is known to have been given out.
    pub fn last_sequence(&self) -> i64 {
        self.last_sequence
    }

    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.len()
    }

    /// Takes in a change. Changes may come again, but not out of their order. The deadline of a token that is known to
    /// wait stays: heartbeats may have moved it meanwhile.
    pub fn apply(&mut self, change: LineChange) {
        self.last_sequence = self.last_sequence.max(change.sequence);
        match change.waiting_until {
            Some(idle_at) => {
                if self.waiting.insert(key(change.sequence)) {
                    *self.deadline(change.sequence) = microseconds(idle_at);
                }
            }
            None => self.remove(change.sequence),
        }
    }

    /// Takes in a page of changes.
    pub fn take_in(&mut self, page: &LinePage) {
        page.changes.iter().for_each(|change| self.apply(*change));
        self.read_up_to(page.version);
    }

    /// Takes over what an older reading of the same line knows better: later idle deadlines, by heartbeats that are not
    /// written yet, and the last sequence number, whose token may have left.
    pub fn keep_from(&mut self, other: &Self) {
        self.last_sequence = self.last_sequence.max(other.last_sequence);
        for sequence in &other.waiting {
            let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
            let known = other.slot(sequence).and_then(|index| other.deadlines.get(index)).copied();
            if let Some(known) = known.filter(|_| self.waiting.contains(key(sequence))) {
                let deadline = self.deadline(sequence);
                *deadline = known.max(*deadline);
            }
        }
        self.kept = other.kept.clone();
        self.kept.retain(&self.waiting);
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

    /// Notes heartbeats, if the token is known to wait. Answers whether they are kept here until
    /// [`take_kept`](Self::take_kept): those that give a token less time than it had are to be written at once.
    pub fn note_heartbeats(&mut self, sequence: i64, heartbeats: &Heartbeats) -> bool {
        if !self.waiting.contains(key(sequence)) {
            return false;
        }
        let (known, told) = (self.deadline(sequence), microseconds(heartbeats.idle_at));
        let before = *known;
        if before == NEVER || (told < before && heartbeats.is_told) {
            *known = told;
            self.kept.remove(sequence);
            return false;
        }
        if told > before {
            *known = told;
            self.kept.insert(sequence, before);
        }
        true
    }

    /// Takes out at most `most` kept deadlines: those of the tokens that the store lets wait until `until` or less, and a small
    /// share of the others. They are to be written now. Those that could not be are to be [put back](Self::put_back).
    pub fn take_kept(&mut self, room_id: RoomId, until: Instant, most: usize) -> Vec<KeptDeadline> {
        let due = self.kept.take(microseconds(until), most).into_iter();
        let kept = due.filter_map(|(sequence, stored)| {
            let deadline = self.slot(sequence).and_then(|index| self.deadlines.get(index)).copied();
            let deadline = deadline.filter(|deadline| *deadline != NEVER)?;
            Some(KeptDeadline { room_id, sequence, stored, idle_at: instant(deadline) })
        });
        kept.collect()
    }

    /// Keeps a deadline again that was taken out and could not be written.
    pub fn put_back(&mut self, kept: &KeptDeadline) {
        if self.waiting.contains(key(kept.sequence)) {
            self.kept.put_back(kept.sequence, microseconds(kept.stored));
        }
    }

    /// The number of tokens with kept deadlines.
    pub fn kept(&self) -> u64 {
        self.kept.len()
    }

    /// Whether the known idle deadline of a token has passed at `now`. Another process may know of
    /// later heartbeats.
    pub fn is_overdue(&self, sequence: i64, now: Instant) -> bool {
        let deadline = self.slot(sequence).and_then(|index| self.deadlines.get(index)).copied();
        deadline.is_some_and(|idle_at| idle_at <= microseconds(now))
    }

    fn remove(&mut self, sequence: i64) {
        self.waiting.remove(key(sequence));
        self.kept.remove(sequence);
        if let Some(slot) = self.slot(sequence).and_then(|index| self.deadlines.get_mut(index)) {
            *slot = NEVER;
        }
        while self.deadlines.front() == Some(&NEVER) {
            self.deadlines.pop_front();
            self.first_sequence += 1;
        }
    }

    fn deadline(&mut self, sequence: i64) -> &mut i64 {
        if self.deadlines.is_empty() {
            self.first_sequence = sequence;
        }
        while sequence < self.first_sequence {
            self.deadlines.push_front(NEVER);
            self.first_sequence -= 1;
        }
        let index = usize::try_from(sequence - self.first_sequence).unwrap_or(0);
        if index >= self.deadlines.len() {
            self.deadlines.resize(index + 1, NEVER);
        }
        &mut self.deadlines[index]
    }

    fn slot(&self, sequence: i64) -> Option<usize> {
        usize::try_from(sequence - self.first_sequence).ok()
    }
}

/// Microseconds since 1970; stored instants have no more digits.
fn microseconds(instant: Instant) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or(NEVER)
}

/// The instant that many microseconds after 1970, or the last one.
fn instant(microseconds: i64) -> Instant {
    let nanoseconds = i128::from(microseconds) * 1_000;
    Instant::from_unix_timestamp_nanos(nanoseconds).unwrap_or(PrimitiveDateTime::MAX.assume_utc())
}

fn key(sequence: i64) -> u64 {
    u64::try_from(sequence).unwrap_or(0)
}
