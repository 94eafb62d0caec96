//! Waiting rooms and their policy.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::invalid::{Invalid, between, line_of_text};
use crate::{ConcertId, ConcertState, Instant, RoomControls, RoomId};

/// A waiting room: one for each concert, and one for the whole site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Which.
    pub id: RoomId,
    /// The concert it covers; nothing for the site-wide room.
    pub concert_id: Option<ConcertId>,
    /// Where the concert stands: a copy of [`crate::Concert::state`]. The site-wide room counts as published.
    #[serde(default)]
    pub concert_state: ConcertState,
    /// How it lets people in.
    pub policy: RoomPolicy,
    /// The message for waiting users.
    pub message: RoomMessage,
    /// When the policy was last changed.
    pub policy_changed_at: Instant,
    /// How often the policy or the message was changed.
    #[serde(default)]
    pub policy_version: i64,
    /// The last sequence number in line given out; the next is one higher, and none is given twice.
    #[serde(rename = "last_place")]
    pub last_sequence: i64,
    /// The stamp of the newest change to one of its tokens. A reader who knows all up to a stamp
    /// needs only the changes above it.
    pub version: i64,
    /// What was admitted in the interval that runs.
    pub admissions: Admissions,
}

/// How a room lets people in (rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomPolicy {
    /// The most tokens active at once.
    pub capacity: i32,
    /// The most tokens let in from the line in one interval.
    pub admit_batch: i32,
    /// The length of an interval, in seconds.
    pub admit_interval_seconds: i32,
    /// How long an active token may shop, in seconds.
    pub active_seconds: i32,
    /// How long a waiting token may send no heartbeat, in seconds.
    pub idle_seconds: i32,
    /// Whether no user is let in.
    pub paused: bool,
}

impl Default for RoomPolicy {
    fn default() -> Self {
        Self {
            capacity: 100,
            admit_batch: 10,
            admit_interval_seconds: 10,
            active_seconds: 600,
            idle_seconds: 600,
            paused: false,
        }
    }
}

impl RoomPolicy {
    /// The largest `capacity` and `admitBatch`.
    pub const PEOPLE_MAX: i32 = 1_000_000;
    /// The longest of its times: one day, in seconds.
    pub const SECONDS_MAX: i32 = 86_400;

    /// Checks every field's bounds. A capacity of 0 lets no user in.
    ///
    /// # Errors
    /// Names the first field out of bounds.
    pub fn check(self) -> Result<Self, Invalid> {
        let people = i64::from(Self::PEOPLE_MAX);
        let seconds = i64::from(Self::SECONDS_MAX);
        between(self.capacity.into(), "capacity", 0, people)?;
        between(self.admit_batch.into(), "admitBatch", 1, people)?;
        between(self.admit_interval_seconds.into(), "admitIntervalSeconds", 1, seconds)?;
        between(self.active_seconds.into(), "activeSeconds", 1, seconds)?;
        between(self.idle_seconds.into(), "idleSeconds", 1, seconds)?;
        Ok(self)
    }

    /// How long an active token may shop.
    pub fn active_time(&self) -> Duration {
        Duration::seconds(self.active_seconds.into())
    }

    /// How long a waiting token may send no heartbeat.
    pub fn idle_time(&self) -> Duration {
        Duration::seconds(self.idle_seconds.into())
    }

    /// The length of an admission interval.
    pub fn admit_interval(&self) -> Duration {
        Duration::seconds(self.admit_interval_seconds.into())
    }

    /// How long a client in line should wait before its next poll, in seconds: a tenth of the time
    /// in which those ahead could be let in, at least 1, at most 30 and a quarter of the idle time.
    pub fn poll_after_seconds(&self, ahead: u64) -> u32 {
        let batches = ahead / u64::from(self.admit_batch.unsigned_abs().max(1));
        let seconds =
            batches.saturating_mul(self.admit_interval_seconds.unsigned_abs().into()) / 10;
        let most = (self.idle_seconds.unsigned_abs() / 4).clamp(1, 30);
        u32::try_from(seconds).unwrap_or(u32::MAX).clamp(1, most)
    }

    /// The longest time between heartbeats of a client that computes its own position, in seconds: a quarter of the
    /// idle time, at least 1 and at most 300.
    pub fn heartbeat_after_seconds(&self) -> u32 {
        (self.idle_seconds.unsigned_abs() / 4).clamp(1, 300)
    }
}

/// The message for users who wait in a room: up to 300 characters; none says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomMessage(String);

impl RoomMessage {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 300;

    /// Parses a message; surrounding space is dropped.
    ///
    /// # Errors
    /// Names the field `message`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "message", 0, Self::CHARACTERS_MAX).map(Self)
    }

    /// The message as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a room admitted from its line in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admissions {
    /// When the interval began.
    pub since: Instant,
    /// How many were let in since.
    pub count: i32,
}

/// The occupancy of a room at an instant; overdue tokens do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// How many tokens are active.
    pub active: i64,
    /// Whether any token waits.
    pub anyone_waits: bool,
}

impl Room {
    /// A room with the default policy, before `concert_id` or the whole site.
    pub fn open(id: RoomId, concert_id: Option<ConcertId>, now: Instant) -> Self {
        Self {
            id,
            concert_id,
            concert_state: ConcertState::Published,
            policy: RoomPolicy::default(),
            message: RoomMessage::default(),
            policy_changed_at: now,
            policy_version: 0,
            last_sequence: 0,
            version: 0,
            admissions: Admissions { since: now, count: 0 },
        }
    }

    /// Whether a token of this room opens the booking of `concert_id` (rule 7).
    pub fn covers(&self, concert_id: ConcertId) -> bool {
        self.concert_id.is_none_or(|own| own == concert_id)
    }

    /// Whether a site-wide token enters this room's concert: the room admits people, and no token waits
    /// there whom its holder would overtake (rule 7).
    pub fn admits_from_the_site(&self, anyone_waits: bool) -> bool {
        !self.policy.paused && self.policy.capacity > 0 && !anyone_waits
    }

    /// Whether a newcomer is active at once: there is room, no token waits, and nothing is paused
    /// (rule 2).
    pub fn can_enter_now(&self, occupancy: Occupancy) -> bool {
        !self.policy.paused
            && !occupancy.anyone_waits
            && occupancy.active < self.policy.capacity.into()
    }

    /// How many may be let in from the line at `now` (rule 4).
    pub fn admission_quota(&self, occupancy: Occupancy, now: Instant) -> usize {
        if self.policy.paused {
            return 0;
        }
        let of_interval = self.policy.admit_batch - self.admissions_at(now).count;
        let free = i64::from(self.policy.capacity) - occupancy.active;
        usize::try_from(free.min(of_interval.into())).unwrap_or(0)
    }

    /// Notes that `count` were let in at `now`.
    pub fn note_admitted(&mut self, count: i32, now: Instant) {
        let running = self.admissions_at(now);
        self.admissions = Admissions { since: running.since, count: running.count + count };
    }

    /// The interval that runs at `now`. One that seems to begin later than a whole interval from now
    /// was begun by a clock that has been set back since, and delays no user.
    fn admissions_at(&self, now: Instant) -> Admissions {
        let Admissions { since, .. } = self.admissions;
        let interval = self.policy.admit_interval();
        if (since - interval..since + interval).contains(&now) {
            self.admissions
        } else {
            Admissions { since: now, count: 0 }
        }
    }

    /// Returns the next sequence number of the line.
    pub fn next_sequence(&mut self) -> i64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Gives the stamp for one change to one of the room's tokens.
    pub fn stamp(&mut self) -> i64 {
        self.version += 1;
        self.version
    }

    /// Replaces the policy, and the message if there is a new one. A change raises the version of the policy.
    pub fn update_controls(
        &mut self,
        policy: RoomPolicy,
        message: Option<RoomMessage>,
        now: Instant,
    ) {
        let before = self.controls();
        self.policy = policy;
        self.policy_changed_at = now;
        self.message = message.unwrap_or_else(|| std::mem::take(&mut self.message));
        if self.controls() != before {
            self.policy_version = self.policy_version.saturating_add(1);
        }
    }

    /// What an operator controls of it, as it is now.
    pub fn controls(&self) -> RoomControls {
        RoomControls { policy: self.policy, message: self.message.clone() }
    }
}
