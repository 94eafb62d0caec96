//! Rooms and queue tokens.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use roaring::RoaringTreemap;
use stagedoor_domain::room::{Admissions, RoomMessage};
use stagedoor_domain::{
    ConcertId, ExpiryReason, Instant, LineDelta, NumberRange, QueueToken, QueueTokenId, Room,
    RoomId, RoomPolicy, TokenState, UserId,
};

use super::{concert_state, corrupt};
use crate::failure::Failure;
use crate::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::rooms, check_for_backend(Pg, Sqlite))]
pub(crate) struct RoomRow {
    id: RoomId,
    concert_id: Option<ConcertId>,
    concert_state: String,
    capacity: i32,
    admit_batch: i32,
    admit_interval_seconds: i32,
    active_seconds: i32,
    idle_seconds: i32,
    paused: bool,
    message: String,
    policy_changed_at: Instant,
    policy_version: i64,
    last_place: i64,
    version: i64,
    admissions_since: Instant,
    admissions_count: i32,
}

impl TryFrom<RoomRow> for Room {
    type Error = Failure;

    fn try_from(row: RoomRow) -> Result<Self, Failure> {
        let policy = RoomPolicy {
            capacity: row.capacity,
            admit_batch: row.admit_batch,
            admit_interval_seconds: row.admit_interval_seconds,
            active_seconds: row.active_seconds,
            idle_seconds: row.idle_seconds,
            paused: row.paused,
        };
        Ok(Self {
            id: row.id,
            concert_id: row.concert_id,
            concert_state: concert_state(&row.concert_state)
                .ok_or_else(|| corrupt("room", row.id, "concert_state"))?,
            policy: policy.check().map_err(|_| corrupt("room", row.id, "policy"))?,
            message: RoomMessage::parse(&row.message)
                .map_err(|_| corrupt("room", row.id, "message"))?,
            policy_changed_at: row.policy_changed_at,
            policy_version: row.policy_version,
            last_sequence: row.last_place,
            version: row.version,
            admissions: Admissions { since: row.admissions_since, count: row.admissions_count },
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::queue_tokens, check_for_backend(Pg, Sqlite))]
pub(crate) struct QueueTokenRow {
    id: QueueTokenId,
    room_id: RoomId,
    user_id: UserId,
    place: Option<i64>,
    version: i64,
    created_at: Instant,
    status: String,
    seen_at: Option<Instant>,
    idle_at: Option<Instant>,
    active_since: Option<Instant>,
    expires_at: Option<Instant>,
    reason: Option<String>,
    ended_at: Option<Instant>,
}

impl QueueTokenRow {
    fn state(&self) -> Option<TokenState> {
        match self.status.as_str() {
            "WAITING" => {
                let (seen_at, idle_at) = (self.seen_at?, self.idle_at?);
                Some(TokenState::Waiting { seen_at, idle_at })
            }
            "ACTIVE" => {
                let (since, expires_at) = (self.active_since?, self.expires_at?);
                Some(TokenState::Active { since, expires_at })
            }
            "EXPIRED" => {
                let reason = reason(self.reason.as_deref()?)?;
                Some(TokenState::Expired { reason, at: self.ended_at? })
            }
            _ => None,
        }
    }
}

impl TryFrom<QueueTokenRow> for QueueToken {
    type Error = Failure;

    fn try_from(row: QueueTokenRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id,
            room_id: row.room_id,
            user_id: row.user_id,
            sequence: row.place,
            version: row.version,
            created_at: row.created_at,
            state: row.state().ok_or_else(|| corrupt("queue token", row.id, "status"))?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::number_ranges, check_for_backend(Pg, Sqlite))]
pub(crate) struct NumberRangeRow {
    room_id: RoomId,
    first_place: i64,
    last_place: i64,
    reserved_at: Instant,
    idle_at: Instant,
}

impl TryFrom<NumberRangeRow> for NumberRange {
    type Error = Failure;

    fn try_from(row: NumberRangeRow) -> Result<Self, Failure> {
        let NumberRangeRow { room_id, first_place, last_place, reserved_at, idle_at } = row;
        Ok(Self { room_id, first: first_place, last: last_place, reserved_at, idle_at })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::line_changes, check_for_backend(Pg, Sqlite))]
pub(crate) struct LineDeltaRow {
    room_id: RoomId,
    since: i64,
    version: i64,
    joined: Vec<u8>,
    waiting_until: Option<Instant>,
    gone: Vec<u8>,
}

impl TryFrom<LineDeltaRow> for LineDelta {
    type Error = Failure;

    fn try_from(row: LineDeltaRow) -> Result<Self, Failure> {
        let LineDeltaRow { room_id, since, version, waiting_until, .. } = row;
        let read = |bytes: &[u8], column| {
            let sequences = RoaringTreemap::deserialize_from(bytes);
            sequences.map_err(|_| corrupt("change of the line of room", room_id, column))
        };
        let (joined, gone) = (read(&row.joined, "joined")?, read(&row.gone, "gone")?);
        Ok(Self { room_id, since, version, joined, waiting_until, gone })
    }
}

/// Sequence numbers as they are stored: the portable form of a roaring bitmap.
pub(crate) fn sequence_bytes(sequences: &RoaringTreemap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(sequences.serialized_size());
    // A vector takes all that is written to it.
    let _ = sequences.serialize_into(&mut bytes);
    bytes
}

fn reason(text: &str) -> Option<ExpiryReason> {
    use ExpiryReason::{Abandoned, Completed, Left, TimedOut};
    [TimedOut, Abandoned, Left, Completed].into_iter().find(|reason| reason_text(*reason) == text)
}

fn reason_text(reason: ExpiryReason) -> &'static str {
    match reason {
        ExpiryReason::TimedOut => "TIMED_OUT",
        ExpiryReason::Abandoned => "ABANDONED",
        ExpiryReason::Left => "LEFT",
        ExpiryReason::Completed => "COMPLETED",
    }
}

/// What a token's state is in columns: status, `seen_at`, `idle_at`, `active_since`, `expires_at`, reason and
/// `ended_at`.
pub(crate) type TokenColumns = (
    &'static str,
    Option<Instant>,
    Option<Instant>,
    Option<Instant>,
    Option<Instant>,
    Option<&'static str>,
    Option<Instant>,
);

pub(crate) fn token_columns(state: &TokenState) -> TokenColumns {
    match *state {
        TokenState::Waiting { seen_at, idle_at } => {
            ("WAITING", Some(seen_at), Some(idle_at), None, None, None, None)
        }
        TokenState::Active { since, expires_at } => {
            ("ACTIVE", None, None, Some(since), Some(expires_at), None, None)
        }
        TokenState::Expired { reason, at } => {
            ("EXPIRED", None, None, None, None, Some(reason_text(reason)), Some(at))
        }
    }
}
