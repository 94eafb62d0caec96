//! Rooms and queue tokens.

use diesel::prelude::*;
use stagedoor_domain::room::{Admissions, RoomMessage};
use stagedoor_domain::{
    ConcertId, ExpiryReason, QueueToken, QueueTokenId, Room, RoomId, RoomPolicy, TokenState, UserId,
};

use super::corrupt;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::rooms, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct RoomRow {
    id: Id,
    concert_id: Option<Id>,
    capacity: i32,
    admit_batch: i32,
    admit_interval_seconds: i32,
    active_seconds: i32,
    idle_seconds: i32,
    paused: bool,
    message: String,
    policy_changed_at: Micros,
    last_place: i64,
    version: i64,
    admissions_since: Micros,
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
            id: RoomId(row.id.0),
            concert_id: row.concert_id.map(|id| ConcertId(id.0)),
            policy: policy.check().map_err(|_| corrupt("room", row.id, "policy"))?,
            message: RoomMessage::parse(&row.message)
                .map_err(|_| corrupt("room", row.id, "message"))?,
            policy_changed_at: row.policy_changed_at.0,
            last_place: row.last_place,
            version: row.version,
            admissions: Admissions { since: row.admissions_since.0, count: row.admissions_count },
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::queue_tokens, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct QueueTokenRow {
    id: Id,
    room_id: Id,
    user_id: Id,
    place: Option<i64>,
    version: i64,
    created_at: Micros,
    status: String,
    seen_at: Option<Micros>,
    idle_at: Option<Micros>,
    active_since: Option<Micros>,
    expires_at: Option<Micros>,
    reason: Option<String>,
    ended_at: Option<Micros>,
}

impl QueueTokenRow {
    fn state(&self) -> Option<TokenState> {
        match self.status.as_str() {
            "WAITING" => {
                let (seen_at, idle_at) = (self.seen_at?.0, self.idle_at?.0);
                Some(TokenState::Waiting { seen_at, idle_at })
            }
            "ACTIVE" => {
                let (since, expires_at) = (self.active_since?.0, self.expires_at?.0);
                Some(TokenState::Active { since, expires_at })
            }
            "EXPIRED" => {
                let reason = reason(self.reason.as_deref()?)?;
                Some(TokenState::Expired { reason, at: self.ended_at?.0 })
            }
            _ => None,
        }
    }
}

impl TryFrom<QueueTokenRow> for QueueToken {
    type Error = Failure;

    fn try_from(row: QueueTokenRow) -> Result<Self, Failure> {
        Ok(Self {
            id: QueueTokenId(row.id.0),
            room_id: RoomId(row.room_id.0),
            user_id: UserId(row.user_id.0),
            place: row.place,
            version: row.version,
            created_at: row.created_at.0,
            state: row.state().ok_or_else(|| corrupt("queue token", row.id, "status"))?,
        })
    }
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
    Option<Micros>,
    Option<Micros>,
    Option<Micros>,
    Option<Micros>,
    Option<&'static str>,
    Option<Micros>,
);

pub(crate) fn token_columns(state: &TokenState) -> TokenColumns {
    match *state {
        TokenState::Waiting { seen_at, idle_at } => {
            ("WAITING", Some(Micros(seen_at)), Some(Micros(idle_at)), None, None, None, None)
        }
        TokenState::Active { since, expires_at } => {
            ("ACTIVE", None, None, Some(Micros(since)), Some(Micros(expires_at)), None, None)
        }
        TokenState::Expired { reason, at } => {
            ("EXPIRED", None, None, None, None, Some(reason_text(reason)), Some(Micros(at)))
        }
    }
}
