//! Queue tokens: joining a waiting room, and the position in it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use stagedoor_domain::operations::LeaveRoom;
use stagedoor_domain::use_cases::{PositionStatus, QueuePosition};
use stagedoor_domain::{ExpiryReason, Instant, RoomId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Issued, Issuer, JOIN_REFUSALS, Pass, Wanted};
use crate::edge::{Action, LoadClass};
use crate::route::{Route, delete, get, nothing, object, post, tagged};
use crate::services::Services;
use crate::wire::{ApiError, IdempotencyKey, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        joins(post("/concerts/{concertId}/queue-tokens", join_concert))
            .operation("joinConcertRoom", "Join a concert's waiting room.")
            .refuses(&JOIN_REFUSALS),
        joins(post("/queue-tokens", join_site))
            .operation("joinSiteRoom", "Join the site-wide waiting room."),
        get("/queue-tokens/me", look)
            .operation(
                "readQueueToken",
                "Read a queue token and its position. It counts as a heartbeat.",
            )
            .access(Access::QueueToken)
            .response(200, object::<PlaceBody>())
            .refuses(&[NotFound(Resource::QueueToken)]),
        post("/queue-tokens/me/keep-alive", keep_alive)
            .operation("keepQueueTokenAlive", "Send a heartbeat without reading the position.")
            .access(Access::QueueToken)
            .response(204, nothing("The heartbeat is noted"))
            .refuses(&[TokenExpired, NotFound(Resource::QueueToken)]),
        delete("/queue-tokens/me", leave)
            .operation("leaveRoom", "Leave the room. Holds made with the token are released.")
            .access(Access::QueueToken)
            .response(204, nothing("The token has expired"))
            .refuses(&[NotFound(Resource::QueueToken)]),
    ];
    tagged("waiting room", routes)
}

fn joins(route: Route) -> Route {
    let known = object::<QueueTokenBody>().described("The token that the user already had");
    route
        .description("Returns the user's live token of that room if there is one.")
        .access(Access::AnyToken)
        .limit(Action::Join)
        .class(LoadClass::Entry)
        .response(201, object::<QueueTokenBody>().described("A new token"))
        .response(200, known)
}

/// The state and the position of a queue token.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceBody {
    id: Uuid,
    /// The waiting room, whose queue `GET /rooms/{roomId}/line` tells.
    room_id: Uuid,
    /// Its sequence number in that queue; null if it never waited.
    #[schema(example = 4242)]
    sequence: Option<i64>,
    /// `WAITING`, `ACTIVE` or `EXPIRED`.
    #[schema(example = "WAITING")]
    status: &'static str,
    /// Why it expired, if it did: `TIMED_OUT`, `ABANDONED`, `LEFT` or `COMPLETED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "COMPLETED")]
    reason: Option<ExpiryReason>,
    /// Its position, from 1; 0 when it does not wait.
    #[schema(example = 42)]
    position: u64,
    /// How many tokens wait ahead of it.
    #[schema(example = 41)]
    ahead: u64,
    /// How many tokens wait in the room.
    #[schema(example = 1200)]
    waiting: u64,
    /// In how many seconds it can probably enter, by the admissions of the last minutes; null while that is
    /// not known.
    #[schema(example = 90)]
    estimated_wait_seconds: Option<u64>,
    /// In how many seconds to poll again; null when nothing more will change.
    #[schema(example = 5)]
    poll_after_seconds: Option<u32>,
    /// In how many seconds to send a heartbeat at the latest if the position is computed from the queue's line meanwhile;
    /// null when the token does not wait.
    #[schema(example = 150)]
    heartbeat_after_seconds: Option<u32>,
    /// Whether admission to the room is paused.
    #[schema(example = false)]
    paused: bool,
    /// The message to waiting users, if any.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "Doors open at seven.")]
    message: String,
    /// Waiting: when it expires without another heartbeat. Active: when it expires. Expired: when it did.
    expires_at: Timestamp,
}

/// How often to poll while the token is active, in seconds.
const ACTIVE_POLL_SECONDS: u32 = 5;

impl From<QueuePosition> for PlaceBody {
    fn from(position: QueuePosition) -> Self {
        let message = position.message.as_str().to_owned();
        let outside = |status, reason, poll_after_seconds, expires_at: Instant| Self {
            id: position.token_id.0,
            room_id: position.room_id.0,
            sequence: position.sequence,
            paused: position.paused,
            message,
            status,
            reason,
            position: 0,
            ahead: 0,
            waiting: position.waiting,
            estimated_wait_seconds: None,
            poll_after_seconds,
            heartbeat_after_seconds: None,
            expires_at: Timestamp(expires_at),
        };
        match position.status {
            PositionStatus::Waiting {
                ahead,
                estimated_wait_seconds,
                poll_after_seconds,
                heartbeat_after_seconds,
                expires_at,
            } => Self {
                position: ahead + 1,
                ahead,
                estimated_wait_seconds,
                heartbeat_after_seconds: Some(heartbeat_after_seconds),
                ..outside("WAITING", None, Some(poll_after_seconds), expires_at)
            },
            PositionStatus::Active { expires_at } => {
                outside("ACTIVE", None, Some(ACTIVE_POLL_SECONDS), expires_at)
            }
            PositionStatus::Expired { reason, at } => outside("EXPIRED", Some(reason), None, at),
        }
    }
}

impl PlaceBody {
    /// Whether nothing more will change.
    pub(super) fn has_ended(&self) -> bool {
        self.poll_after_seconds.is_none()
    }

    /// Whether the position is read from memory, so that frequent reads are cheap.
    pub(super) fn is_in_line(&self) -> bool {
        self.position > 0
    }

    /// What counts as a change for a stream: not the deadline, which every heartbeat moves.
    pub(super) fn news(&self) -> (&'static str, u64, u64, bool, &str) {
        (self.status, self.ahead, self.waiting, self.paused, &self.message)
    }
}

/// A queue token and its position.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueTokenBody {
    /// To be sent as `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    token: String,
    #[serde(flatten)]
    place: PlaceBody,
}

fn answer(issued: Issued) -> HttpResponse {
    let mut answer =
        if issued.joined.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    answer.json(QueueTokenBody { token: issued.jwt, place: issued.position.into() })
}

async fn join_concert(
    issuer: Issuer,
    key: IdempotencyKey,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = issuer.sender()?;
    let room_id = issuer.room(Some(ids::parse_id(&id, "concertId")?)).await?;
    let idempotency = key.idempotency(user.user_id, &[]);
    issuer.issue(&user, Wanted { room_id, schedule_id: None, idempotency }).await.map(answer)
}

async fn join_site(issuer: Issuer, key: IdempotencyKey) -> Result<HttpResponse, ApiError> {
    let user = issuer.sender()?;
    let idempotency = key.idempotency(user.user_id, &[]);
    let wanted = Wanted { room_id: RoomId::SITE, schedule_id: None, idempotency };
    issuer.issue(&user, wanted).await.map(answer)
}

async fn look(services: Data<Services>, pass: Pass) -> Result<Json<PlaceBody>, ApiError> {
    let position = services.waiting_room.look(&pass.0).await?;
    Ok(Json(position.ok_or(ApiError::NotFound(Resource::QueueToken))?.into()))
}

async fn keep_alive(services: Data<Services>, pass: Pass) -> Result<HttpResponse, ApiError> {
    let position = services.waiting_room.keep_alive(&pass.0).await?;
    match position.ok_or(ApiError::NotFound(Resource::QueueToken))?.status {
        PositionStatus::Waiting { .. } | PositionStatus::Active { .. } => {
            Ok(HttpResponse::NoContent().finish())
        }
        PositionStatus::Expired { .. } => Err(ApiError::TokenExpired),
    }
}

async fn leave(services: Data<Services>, pass: Pass) -> Result<HttpResponse, ApiError> {
    let command = LeaveRoom { token_id: pass.0.token_id, room_id: pass.0.room_id };
    services.leave_room.submit(stagedoor_domain::Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests;
