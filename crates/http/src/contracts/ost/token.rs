//! Tokens.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use stagedoor_domain::ports::StoreError;
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{Instant, QueueToken, QueueTokenId, Room, ScheduleId, TokenStatus};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Issuer, JOIN_REFUSALS, SignedIn, Wanted, bearer};
use crate::contracts::schedule;
use crate::edge::{Action, LoadClass};
use crate::route::{Route, get, nothing, object, patch, post, string, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{ApiError, Body, IdempotencyKey, RequiredAccess, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/token", issue)
            .operation("ostIssueToken", "Issue a token that waits for a date's concert.")
            .description("Returns the user's live token of that room if there is one.")
            .access(Access::Guest)
            .limit(Action::Join)
            .class(LoadClass::Entry)
            .response(200, string().described("The JWT"))
            .refuses(&JOIN_REFUSALS)
            .refuses(&[
                Forbidden(RequiredAccess::Oneself),
                NotFound(Resource::User),
                NotFound(Resource::Schedule),
            ]),
        get("/token/{tokenId}", find)
            .operation("ostToken", "Read a token, in any state.")
            .access(Access::AnyToken)
            .response(200, object::<Token>())
            .refuses(&[TokenExpired, NotFound(Resource::QueueToken)]),
        patch("/token/{tokenId}", keep_alive)
            .operation("ostKeepTokenAlive", "Send a heartbeat.")
            .access(Access::AnyToken)
            .response(200, nothing("The token is alive"))
            .refuses(&[TokenExpired, NotFound(Resource::QueueToken)]),
    ];
    tagged("contract: ost", routes)
}

/// The most tokens that are remembered.
const TOKENS_MAX: u64 = 100_000;

/// The last health checks of tokens. The store receives heartbeats of waiting tokens later and of active ones
/// never, so readers get these.
pub(crate) struct HealthChecks(Cache<QueueTokenId, Instant>);

impl Default for HealthChecks {
    fn default() -> Self {
        Self(Cache::new(TOKENS_MAX))
    }
}

impl HealthChecks {
    /// Notes a health check.
    pub(crate) fn note(&self, id: QueueTokenId, at: Instant) {
        self.0.insert(id, at);
    }

    /// The last health check, if this process noted and still remembers it.
    pub(crate) fn last(&self, id: QueueTokenId) -> Option<Instant> {
        self.0.get(&id)
    }
}

/// The user and the date of a new token.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstWish)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wish {
    #[schema(format = "uuid")]
    user_id: String,
    series_id: Uuid,
}

/// A token.
#[derive(Serialize, ToSchema)]
#[schema(as = OstToken)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token {
    token_id: Uuid,
    user_id: Uuid,
    /// The claims of the JWT that the request is sent with (RFC 7519 section 3).
    #[schema(example = "eyJ0b2tlbklkIjoiMDFhMWZjZTQifQ")]
    payload: String,
    /// Its last heartbeat or change of state.
    #[schema(example = "2026-12-24T19:00:00")]
    last_update_at: String,
    /// When it expires, or expired.
    #[schema(example = "2026-12-24T19:10:00")]
    expired_at: String,
    #[schema(example = "2026-12-24T19:00:00")]
    create_at: String,
}

async fn issue(
    services: Data<Services>,
    issuer: Issuer,
    key: IdempotencyKey,
    body: Body<Wish>,
) -> Result<Json<String>, ApiError> {
    let Wish { user_id, series_id } = body.value;
    let user = issuer.recipient(&user_id).await?;
    let schedule = schedule(&services, ScheduleId(series_id)).await?;
    let room_id = issuer.room(Some(schedule.concert_id)).await?;
    let idempotency = key.idempotency(user.user_id, &body.bytes);
    let wanted = Wanted { room_id, schedule_id: Some(schedule.id), idempotency };
    Ok(Json(issuer.issue(&user, wanted).await?.jwt))
}

/// The caller's own token as it is stored.
async fn own(
    services: &Services,
    user: &SignedIn,
    id: QueueTokenId,
) -> Result<(QueueToken, Room), ApiError> {
    let found = services.waiting_room.queue_tokens.queue_token(id).await?;
    let own = found.filter(|(token, _)| token.user_id == user.user_id);
    own.ok_or(ApiError::NotFound(Resource::QueueToken))
}

async fn find(
    req: HttpRequest,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    checks: Data<HealthChecks>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<Token>, ApiError> {
    let (mut token, room) = own(&services, &user, ids::parse_id(&id, "tokenId")?).await?;
    let checked_at = checks.last(token.id);
    if let Some(at) = checked_at.filter(|at| token.is_waiting(*at)) {
        let seen = token.record_heartbeats(Heartbeats::one(&room.policy, at, false));
        seen.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    }
    let status = token.status(services.clock.now());
    let is_live = !matches!(status, TokenStatus::Expired { .. });
    let last_check = checked_at.filter(|at| is_live && *at > token.changed_at());
    let written = |instant| settings.local_time.date_time(instant);
    let payload = bearer::token(&req).and_then(|jwt| jwt.split('.').nth(1));
    Ok(Json(Token {
        token_id: token.id.0,
        user_id: token.user_id.0,
        payload: payload.unwrap_or_default().to_owned(),
        last_update_at: written(last_check.unwrap_or_else(|| token.changed_at())),
        expired_at: written(status.expires_at()),
        create_at: written(token.created_at),
    }))
}

async fn keep_alive(
    services: Data<Services>,
    checks: Data<HealthChecks>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (token, _) = own(&services, &user, ids::parse_id(&id, "tokenId")?).await?;
    let position = services.waiting_room.keep_alive(&(&token).into()).await?;
    position.filter(|position| position.is_live()).ok_or(ApiError::TokenExpired)?;
    checks.note(token.id, services.clock.now());
    Ok(HttpResponse::Ok().finish())
}
