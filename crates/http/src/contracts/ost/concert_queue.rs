//! Standing in line.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use stagedoor_domain::ScheduleId;
use stagedoor_domain::use_cases::PlaceStatus;
use utoipa::ToSchema;
use uuid::Uuid;

use super::check_is;
use crate::auth::bearer::{Pass, bearer};
use crate::contracts::schedule;
use crate::openapi::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::wire::body::Body;
use crate::wire::error::{ApiError, FieldRule, Needs, Noun};

/// Which token stands in line for which date.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    token_id: Uuid,
    series_id: Uuid,
}

/// A place in line.
#[derive(Serialize, ToSchema)]
#[schema(as = OstQueueEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueEntry {
    queue_id: Uuid,
    token_id: Uuid,
    /// The date that the token was issued for; null if it was issued without one.
    series_id: Option<Uuid>,
    /// The position, from 1; 0 once it is in.
    #[schema(example = 1)]
    count: u64,
    /// `WAITING` or `PROCESSING`.
    #[schema(example = "PROCESSING")]
    status: &'static str,
    #[schema(example = "2026-12-24T19:00:00")]
    create_at: String,
}

refusals! {
    QueueErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`, `TOKEN_EXPIRED`",
        "403": "`FORBIDDEN`: the token is another one, or of another concert",
        "404": "`SCHEDULE_NOT_FOUND`, `QUEUE_TOKEN_NOT_FOUND`",
    }
}

/// The date that the token of a request was issued for.
fn issued_for(req: &HttpRequest) -> Result<Option<ScheduleId>, ApiError> {
    Ok(bearer(req)?.schedule_id)
}

/// Stand in line.
///
/// A token stands in line from its issue on; this checks that it does, for this date, and counts as
/// a sign of life. The token and its place in line have one id.
#[utoipa::path(
    tag = "contract: ost",
    operation_id = "ostEnterQueue",
    security(("queueToken" = [])),
    request_body = Entry,
    responses(
        (status = 200, body = Uuid, content_type = "application/json",
            description = "The id of the place in line"),
        QueueErrors,
    )
)]
#[post("/concert-queue")]
pub(crate) async fn enter(
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
    if !room.is_some_and(|room| room.stands_before(schedule.concert_id)) {
        return Err(ApiError::Forbidden(Needs::QueueTokenOfThisRoom));
    }
    let place = services.waiting_room.keep_alive(&pass.0).await?;
    place.filter(|place| place.is_live()).ok_or(ApiError::TokenExpired)?;
    Ok(Json(token_id))
}

/// Read one's place in line. Asking is a sign of life.
#[utoipa::path(
    tag = "contract: ost",
    operation_id = "ostQueue",
    security(("queueToken" = [])),
    params(("tokenId" = Uuid, Header, description = "The id of the token")),
    responses((status = 200, body = QueueEntry), QueueErrors)
)]
#[get("/concert-queue")]
pub(crate) async fn look(
    req: HttpRequest,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
) -> Result<Json<QueueEntry>, ApiError> {
    check_header(&req, &pass)?;
    let place = services.waiting_room.look(&pass.0).await?;
    let stored = services.waiting_room.queue_tokens.queue_token(pass.0.token_id).await?;
    let (token, _) = stored.ok_or(ApiError::NotFound(Noun::QueueToken))?;
    let (count, status) = match place.map(|place| place.status) {
        Some(PlaceStatus::Waiting { ahead, .. }) => (ahead + 1, "WAITING"),
        Some(PlaceStatus::Active { .. }) => (0, "PROCESSING"),
        Some(PlaceStatus::Expired { .. }) | None => return Err(ApiError::TokenExpired),
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
