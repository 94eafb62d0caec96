//! Sequence numbers that are given out before the tokens with them are written.
//!
//! A room is locked only while a batch of people gets its numbers. The tokens are written afterwards, by several processes
//! at the same time, while the range of their numbers is locked. Until then all numbers of the range count as waiting.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Instant, QueueToken, RoomId, TokenState};

/// How long a range is left to the process that reserved it. Afterwards the janitor takes its numbers back: the process
/// has ended, because it writes the tokens at once.
pub const FILL_MAX: Duration = Duration::seconds(5);

/// Sequence numbers in the line of one room, given out by one batch to tokens that are not written yet. No token with a
/// higher number is admitted before they are, or before the range is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRange {
    /// In which room.
    pub room_id: RoomId,
    /// The first number; with the room, it tells one range from another.
    pub first: i64,
    /// The last number.
    pub last: i64,
    /// When it was reserved.
    pub reserved_at: Instant,
    /// The idle deadline of its tokens, the earliest if they differ.
    pub idle_at: Instant,
}

impl NumberRange {
    /// The range of a single token; nothing if it does not wait in line.
    pub(crate) fn of(token: &QueueToken) -> Option<Self> {
        let TokenState::Waiting { idle_at, .. } = token.state else { return None };
        let number = token.sequence?;
        let (room_id, reserved_at) = (token.room_id, token.created_at);
        Some(Self { room_id, first: number, last: number, reserved_at, idle_at })
    }

    /// This range with another one that follows it; nothing if there are numbers between them.
    pub(crate) fn and(self, next: Self) -> Option<Self> {
        let follows = self.room_id == next.room_id && self.last + 1 == next.first;
        let idle_at = self.idle_at.min(next.idle_at);
        follows.then_some(Self { last: next.last, idle_at, ..self })
    }

    /// Whether its process has had [`FILL_MAX`] to write the tokens.
    pub fn is_stale(&self, now: Instant) -> bool {
        now - self.reserved_at >= FILL_MAX
    }

    /// Its numbers.
    pub fn numbers(&self) -> RangeInclusive<i64> {
        self.first..=self.last
    }
}
