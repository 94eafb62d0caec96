//! Queue tokens of users, for operators.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::RemoveToken;
use stagedoor_domain::{
    Instant, OperatorActionId, QueueToken, Room, Submission, TokenStatus, UserPart,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::managed_schedule::ReasonBody;
use crate::auth::{Access, Operator, authorization};
use crate::route::{Route, array, get, nothing, post, tagged};
use crate::services::Services;
use crate::wire::{ApiError, Body, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/queue-tokens", list)
            .operation("listQueueTokens", "List the live queue tokens of a user, newest first.")
            .description("At most one for each room. It is no heartbeat, and it is recorded as a read of the account.")
            .access(Access::Operator)
            .response(200, array::<LiveTokenBody>()),
        post("/queue-tokens/{queueTokenId}/removal", remove)
            .operation("removeQueueToken", "Remove a user's queue token from its room.")
            .description(
                "The token expires as if its user left, and holds made with it are released. The \
                 removal is recorded with its reason. Removing again changes nothing.",
            )
            .access(Access::Operator)
            .response(204, nothing("The token has expired"))
            .refuses(&[NotFound(Resource::QueueToken)]),
    ];
    tagged("rooms", routes)
}

/// The query of a list of queue tokens.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TokensQuery {
    /// The user whose tokens are listed.
    #[param(format = Uuid)]
    user_id: String,
}

/// A queue token that waits or is active.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveTokenBody {
    id: Uuid,
    room_id: Uuid,
    /// The concert of the room; null for the site-wide room.
    concert_id: Option<Uuid>,
    /// `WAITING` or `ACTIVE`.
    #[schema(example = "WAITING")]
    status: &'static str,
    /// When its user joined.
    created_at: Timestamp,
    /// Waiting: when it expires without another heartbeat, as last written. Active: when it expires.
    expires_at: Timestamp,
}

impl LiveTokenBody {
    /// Nothing if the token has ended.
    fn at((token, room): (QueueToken, Room), now: Instant) -> Option<Self> {
        let (status, expires_at) = match token.status(now) {
            TokenStatus::Waiting { idle_at } => ("WAITING", idle_at),
            TokenStatus::Active { expires_at } => ("ACTIVE", expires_at),
            TokenStatus::Expired { .. } => return None,
        };
        Some(Self {
            id: token.id.0,
            room_id: room.id.0,
            concert_id: room.concert_id.map(|id| id.0),
            status,
            created_at: token.created_at.into(),
            expires_at: expires_at.into(),
        })
    }
}

async fn list(
    services: Data<Services>,
    operator: Operator,
    query: Query<TokensQuery>,
) -> Result<Json<Vec<LiveTokenBody>>, ApiError> {
    let user_id = ids::parse_id(&query.user_id, "userId")?;
    let found = services.waiting_room.queue_tokens.queue_tokens_of(user_id).await?;
    authorization::record_read(&services, operator.0, user_id, UserPart::Account).await?;
    let now = services.clock.now();
    Ok(Json(found.into_iter().filter_map(|found| LiveTokenBody::at(found, now)).collect()))
}

async fn remove(
    services: Data<Services>,
    operator: Operator,
    id: Path<String>,
    body: Body<ReasonBody>,
) -> Result<HttpResponse, ApiError> {
    let token_id = ids::parse_id(&id, "queueTokenId")?;
    let reason = body.value.parse()?;
    let found = services.waiting_room.queue_tokens.queue_token(token_id).await?;
    let (token, _) = found.ok_or(ApiError::NotFound(Resource::QueueToken))?;
    let command = RemoveToken {
        action_id: OperatorActionId(ids::new_uuid()),
        operator_id: operator.0,
        token_id,
        room_id: token.room_id,
        reason,
    };
    services.staff.remove_token.submit(Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests;
