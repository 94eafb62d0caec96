//! The `reservation` contract: four operations, 201 for what is created.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::SeatChoice;
use stagedoor_domain::use_cases::{PositionStatus, QueuePosition};
use stagedoor_domain::{ConcertId, QueueToken, ReservationId, ScheduleId, SeatId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Issuer, JOIN_REFUSALS, Pass, Wanted, bearer};
use crate::edge::{Action, LoadClass};
use crate::route::{Route, get, object, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands;
use crate::wire::{ApiError, Body, IdempotencyKey, RequiredAccess, Resource, Timestamp};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/queue/token", issue)
            .operation("reservationIssueToken", "Issue a token that waits in a room.")
            .description("Returns the user's live token of that room if there is one.")
            .access(Access::Guest)
            .limit(Action::Join)
            .class(LoadClass::Entry)
            .response(201, object::<Token>())
            .refuses(&JOIN_REFUSALS)
            .refuses(&[Forbidden(RequiredAccess::Oneself), NotFound(Resource::User)]),
        get("/queue/status", look)
            .operation(
                "reservationQueueStatus",
                "Read a token, in any state. It counts as a heartbeat.",
            )
            .access(Access::QueueToken)
            .response(200, object::<Token>())
            .refuses(&[NotFound(Resource::QueueToken)]),
        post("/reservation", hold)
            .operation("reservationHold", "Hold a seat.")
            .access(Access::Admitted)
            .limit(Action::Hold)
            .response(201, object::<PendingReservation>())
            .refuses(&commands::HOLD_REFUSALS),
    ];
    tagged("contract: reservation", routes)
}

/// The user and the concert of a new token.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReservationTokenWish)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenWish {
    #[schema(format = "uuid")]
    user_id: String,
    /// If it is left out, the site-wide room is joined.
    #[schema(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    concert_id: Option<Uuid>,
}

/// A queue token.
#[derive(Serialize, ToSchema)]
#[schema(as = ReservationToken)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token {
    id: Uuid,
    /// To be sent as `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    token: String,
    /// `WAITING`, `ACTIVE` or `EXPIRED`.
    #[schema(example = "ACTIVE")]
    status: &'static str,
    /// When it expires without another heartbeat, or expired.
    expiration: Timestamp,
    /// Its position, from 1; 0 when it does not wait.
    #[schema(example = 42)]
    position: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The seat to hold.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReservationSeatWish)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeatWish {
    concert_schedule_id: Uuid,
    seat_id: Uuid,
}

/// A seat that is held.
#[derive(Serialize, ToSchema)]
#[schema(as = PendingReservation)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PendingReservation {
    id: Uuid,
    concert_schedule_id: Uuid,
    seat_id: Uuid,
    user_id: Uuid,
    #[schema(example = "PENDING")]
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The reservation to pay.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReservationPay)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReservationPayment {
    reservation_id: Uuid,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = ReservationPayment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    id: Uuid,
    user_id: Uuid,
    reservation_id: Uuid,
    #[schema(example = 10000)]
    total_price: i64,
}

impl Token {
    /// A token as its position has it: the status and the position are of one instant.
    fn new(jwt: String, token: &QueueToken, queue: &QueuePosition) -> Self {
        let (status, position, expiration) = match queue.status {
            PositionStatus::Waiting { ahead, expires_at, .. } => ("WAITING", ahead + 1, expires_at),
            PositionStatus::Active { expires_at } => ("ACTIVE", 0, expires_at),
            PositionStatus::Expired { at, .. } => ("EXPIRED", 0, at),
        };
        Self {
            id: token.id.0,
            token: jwt,
            status,
            expiration: expiration.into(),
            position,
            created_at: token.created_at.into(),
            updated_at: token.changed_at().into(),
        }
    }
}

async fn issue(
    issuer: Issuer,
    key: IdempotencyKey,
    body: Body<TokenWish>,
) -> Result<HttpResponse, ApiError> {
    let user = issuer.recipient(&body.value.user_id).await?;
    let room_id = issuer.room(body.value.concert_id.map(ConcertId)).await?;
    let idempotency = key.idempotency(user.user_id, &body.bytes);
    let wanted = Wanted { room_id, schedule_id: None, idempotency };
    let issued = issuer.issue(&user, wanted).await?;
    let body = Token::new(issued.jwt, &issued.joined.token, &issued.position);
    Ok(HttpResponse::Created().json(body))
}

async fn look(
    req: HttpRequest,
    services: Data<Services>,
    pass: Pass,
) -> Result<Json<Token>, ApiError> {
    let no_token = || ApiError::NotFound(Resource::QueueToken);
    let position = services.waiting_room.look(&pass.0).await?.ok_or_else(no_token)?;
    let stored = services.waiting_room.queue_tokens.queue_token(pass.0.token_id).await?;
    let (token, _) = stored.ok_or_else(no_token)?;
    let jwt = bearer::token(&req).unwrap_or_default().to_owned();
    Ok(Json(Token::new(jwt, &token, &position)))
}

async fn hold(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<SeatWish>,
) -> Result<HttpResponse, ApiError> {
    let SeatWish { concert_schedule_id, seat_id } = body.value;
    let choice = SeatChoice::Ids(vec![SeatId(seat_id)]);
    let schedule_id = ScheduleId(concert_schedule_id);
    let command = commands::hold(&pass.0, schedule_id, choice, &settings);
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    let held = services.hold_seats.submit(submission).await??;
    Ok(HttpResponse::Created().json(PendingReservation {
        id: held.id.0,
        concert_schedule_id,
        seat_id,
        user_id: held.user_id.0,
        status: "PENDING",
        created_at: held.created_at.into(),
        updated_at: held.created_at.into(),
    }))
}

/// Pays a hold.
pub(super) async fn pay(
    services: &Services,
    pass: &Pass,
    key: IdempotencyKey,
    body: Body<ReservationPayment>,
) -> Result<HttpResponse, ApiError> {
    let reservation_id = ReservationId(body.value.reservation_id);
    let command = commands::pay(&pass.0, reservation_id)?;
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    let paid = services.pay.submit(submission).await?;
    let paid = paid.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    let payment = paid.payment;
    Ok(HttpResponse::Created().json(Payment {
        id: payment.id.0,
        user_id: payment.user_id.0,
        reservation_id: payment.reservation_id.0,
        total_price: payment.amount.get(),
    }))
}
