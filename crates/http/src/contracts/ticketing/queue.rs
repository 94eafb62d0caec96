//! Joining a waiting room.

use actix_web::{Error, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::use_cases::PositionStatus;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CANNOT_ENTER, Operation, TicketingError, UNAVAILABLE, given};
use crate::auth::{Access, Issuer, Wanted};
use crate::edge::{Action, LoadClass};
use crate::route::{Route, object, post, tagged};
use crate::wire::{ApiError, IdempotencyKey, Raw, Resource, body};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        post("/queues", enter)
            .operation("ticketingEnter", "Join a waiting room.")
            .access(Access::Guest)
            .limit(Action::Join)
            .class(LoadClass::Entry)
            .optional_body(object::<Entry>().described("May be left out"))
            .response(200, object::<Entered>())
            .refuses_as::<TicketingError>(&[CANNOT_ENTER, UNAVAILABLE]),
    ];
    tagged("contract: ticketing", routes)
}

/// The user and the room to join.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = TicketingEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// In closed mode the caller's own; in open mode, if it is left out, a guest is created.
    #[schema(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    user_id: Option<String>,
    /// If it is left out, the site-wide room is joined.
    #[schema(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    concert_id: Option<String>,
}

/// A new queue token.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingEntered)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entered {
    /// To be sent as `Authorization`.
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    user_token: String,
    /// `wait` or `service`.
    #[schema(example = "wait")]
    token_status: &'static str,
    /// How many tokens wait, in Korean.
    #[schema(example = "현재 대기열은 42명입니다.")]
    message: String,
    /// The owner of the token.
    user_id: Uuid,
}

async fn enter(
    issuer: Issuer,
    key: Result<IdempotencyKey, ApiError>,
    body: Result<Raw, Error>,
) -> HttpResponse {
    Operation::Enter.answer(entered(&issuer, key, body)).await
}

async fn entered(
    issuer: &Issuer,
    key: Result<IdempotencyKey, ApiError>,
    body: Result<Raw, Error>,
) -> Result<Entered, ApiError> {
    let Raw(body) = given(body)?;
    let entry = if body::is_left_out(&body) { Entry::default() } else { body::read(&body)? };
    let concert_id = entry.concert_id.map(|id| id.parse()).transpose();
    let room_id =
        issuer.room(concert_id.map_err(|_| ApiError::NotFound(Resource::Concert))?).await?;
    let user = match &entry.user_id {
        Some(user_id) => issuer.recipient(user_id).await?,
        None => issuer.sender_or_guest().await?,
    };
    let idempotency = key?.idempotency(user.user_id, &body);
    let wanted = Wanted { room_id, schedule_id: None, idempotency };
    let issued = issuer.issue(&user, wanted).await?;
    let is_in = matches!(issued.position.status, PositionStatus::Active { .. });
    Ok(Entered {
        user_token: issued.jwt,
        token_status: if is_in { "service" } else { "wait" },
        message: format!("현재 대기열은 {}명입니다.", issued.position.waiting),
        user_id: user.user_id.0,
    })
}
