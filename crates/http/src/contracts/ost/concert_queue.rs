//! Queue entries.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use stagedoor_domain::ScheduleId;
use stagedoor_domain::use_cases::PositionStatus;
use utoipa::ToSchema;
use uuid::Uuid;

use super::check_is;
use crate::auth::bearer::bearer;
use crate::auth::{Access, Pass};
use crate::contracts::schedule;
use crate::edge::LoadClass;
use crate::route::{Route, get, object, post, tagged, uuid};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{ApiError, Body, FieldRule, RequiredAccess, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/concert-queue", enter)
            .operation("ostEnterQueue", "Check that a token waits.")
            .description(
                "A token waits from its issue on. This checks that it does, for this date, \
                 and counts as a heartbeat. The token and its queue entry have one id.",
            )
            .access(Access::QueueToken)
            .class(LoadClass::Entry)
            .response(200, uuid().described("The id of the queue entry"))
            .refuses(&[
                TokenExpired,
                Forbidden(RequiredAccess::Oneself),
                Forbidden(RequiredAccess::QueueTokenOfThisRoom),
                NotFound(Resource::Schedule),
                NotFound(Resource::QueueToken),
            ]),
        get("/concert-queue", look)
            .operation("ostQueue", "Read one's queue position. It counts as a heartbeat.")
            .access(Access::QueueToken)
            .header("tokenId", "The id of the token")
            .response(200, object::<QueueEntry>())
            .refuses(&[
                ApiError::VALIDATION,
                TokenExpired,
                Forbidden(RequiredAccess::Oneself),
                Forbidden(RequiredAccess::QueueTokenOfThisRoom),
                NotFound(Resource::Schedule),
                NotFound(Resource::QueueToken),
            ]),
    ];
    tagged("contract: ost", routes)
}

/// The token and the date to check.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    token_id: Uuid,
    series_id: Uuid,
}

/// A queue entry.
#[derive(Serialize, ToSchema)]
#[schema(as = OstQueueEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueEntry {
    queue_id: Uuid,
    token_id: Uuid,
    /// The date that the token was issued for; null if it was issued without one.
    series_id: Option<Uuid>,
    /// The position, from 1; 0 once the token is active.
    #[schema(example = 1)]
    count: u64,
    /// `WAITING` or `PROCESSING`.
    #[schema(example = "PROCESSING")]
    status: &'static str,
    #[schema(example = "2026-12-24T19:00:00")]
    create_at: String,
}

/// The date that the token of a request was issued for.
fn issued_for(req: &HttpRequest) -> Result<Option<ScheduleId>, ApiError> {
    Ok(bearer(req)?.schedule_id)
}

async fn enter(
    req: HttpRequest,
    services: Data<Services>,
    pass: Pass,
    body: Body<Entry>,
) -> Result<Json<Uuid>, ApiError> {
    let Entry { token_id, series_id } = body.value;
    check_is(&pass, &token_id.to_string())?;
    let schedule = schedule(&services, ScheduleId(series_id)).await?;
    if issued_for(&req)?.is_some_and(|issued_for| issued_for != schedule.id) {
        return Err(ApiError::field("seriesId", FieldRule::OfToken));
    }
    let room = services.rooms.room(pass.0.room_id).await?;
    if !room.is_some_and(|room| room.covers(schedule.concert_id)) {
        return Err(ApiError::Forbidden(RequiredAccess::QueueTokenOfThisRoom));
    }
    let position = services.waiting_room.keep_alive(&pass.0).await?;
    position.filter(|position| position.is_live()).ok_or(ApiError::TokenExpired)?;
    Ok(Json(token_id))
}

async fn look(
    req: HttpRequest,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
) -> Result<Json<QueueEntry>, ApiError> {
    check_header(&req, &pass)?;
    let position = services.waiting_room.look(&pass.0).await?;
    let stored = services.waiting_room.queue_tokens.queue_token(pass.0.token_id).await?;
    let (token, _) = stored.ok_or(ApiError::NotFound(Resource::QueueToken))?;
    let (count, status) = match position.map(|position| position.status) {
        Some(PositionStatus::Waiting { ahead, .. }) => (ahead + 1, "WAITING"),
        Some(PositionStatus::Active { .. }) => (0, "PROCESSING"),
        Some(PositionStatus::Expired { .. }) | None => return Err(ApiError::TokenExpired),
    };
    Ok(Json(QueueEntry {
        queue_id: token.id.0,
        token_id: token.id.0,
        series_id: issued_for(&req)?.map(|id| id.0),
        count,
        status,
        create_at: settings.local_time.date_time(token.created_at),
    }))
}

/// Checks the header `tokenId`.
pub(super) fn check_header(req: &HttpRequest, pass: &Pass) -> Result<(), ApiError> {
    let token_id = req.headers().get("tokenId").and_then(|value| value.to_str().ok());
    check_is(pass, token_id.ok_or_else(|| ApiError::field("tokenId", FieldRule::Id))?)
}
