//! The `reservation` contract: four operations, 201 for what is made.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::SeatChoice;
use stagedoor_domain::use_cases::{Place, PlaceStatus};
use stagedoor_domain::{ConcertId, QueueToken, ReservationId, ScheduleId, SeatId};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::bearer::{self, Pass};
use crate::auth::token_issuer::{Issuer, Wanted};
use crate::edge::rate_limits::{Allowance, Holding};
use crate::openapi::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::shared::commands;
use crate::wire::body::Body;
use crate::wire::error::{ApiError, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::timestamps::Timestamp;

/// Mounts every operation but `POST /payment`, whose address is also another contract's.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(issue).service(look).service(hold);
}

/// Who wants a token, and for which concert.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReservationTokenWish)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenWish {
    #[schema(format = "uuid")]
    user_id: String,
    /// Without one, the site-wide room is joined.
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
    /// When it expires without another sign of life, when its time is up, or when it expired.
    expiration: Timestamp,
    /// Its place in line, from 1; 0 once it is not in line.
    #[schema(example = 42)]
    position: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Which seat to hold.
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

/// Which reservation is paid.
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
    /// A token as its place has it: the status and the position are of one instant.
    fn new(jwt: String, token: &QueueToken, place: &Place) -> Self {
        let (status, position, expiration) = match place.status {
            PlaceStatus::Waiting { ahead, expires_at, .. } => ("WAITING", ahead + 1, expires_at),
            PlaceStatus::Active { expires_at } => ("ACTIVE", 0, expires_at),
            PlaceStatus::Expired { at, .. } => ("EXPIRED", 0, at),
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

refusals! {
    IssueErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`: in closed mode without an access token",
        "403": "`FORBIDDEN`: the user is another one",
        "404": "`USER_NOT_FOUND`, `CONCERT_NOT_FOUND`",
        "409": "`BOOKING_CLOSED`: no date of the concert can be booked, now or later; `SOLD_OUT`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
    StatusErrors {
        "401": "`UNAUTHENTICATED`",
        "403": "`FORBIDDEN`: no queue token",
        "404": "`QUEUE_TOKEN_NOT_FOUND`",
    }
    HoldErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`, `TOKEN_EXPIRED`",
        "403": "`TOKEN_WAITING`, or `FORBIDDEN`: the token is of another concert",
        "404": "`SCHEDULE_NOT_FOUND`, `SEAT_NOT_FOUND`",
        "409": "`SEAT_TAKEN`, `ALREADY_HELD`, `BOOKING_CLOSED`, `TOO_MANY_HOLDS`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
}

/// Issue a token, which joins the line.
///
/// Who has a live token there gets the same one again.
#[utoipa::path(
    tag = "contract: reservation",
    operation_id = "reservationIssueToken",
    security((), ("accessToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    request_body = TokenWish,
    responses((status = 201, body = Token), IssueErrors)
)]
#[post("/queue/token")]
pub(crate) async fn issue(
    issuer: Issuer,
    key: IdempotencyKey,
    body: Body<TokenWish>,
) -> Result<HttpResponse, ApiError> {
    let user = issuer.recipient(&body.value.user_id).await?;
    let room_id = issuer.room(body.value.concert_id.map(ConcertId)).await?;
    let idempotency = key.idempotency(user.user_id, &body.bytes);
    let wanted = Wanted { room_id, schedule_id: None, idempotency };
    let issued = issuer.issue(&user, wanted).await?;
    let body = Token::new(issued.jwt, &issued.joined.token, &issued.place);
    Ok(HttpResponse::Created().json(body))
}

/// Read a token, in whatever state it is. Asking is a sign of life.
#[utoipa::path(
    tag = "contract: reservation",
    operation_id = "reservationQueueStatus",
    security(("queueToken" = [])),
    responses((status = 200, body = Token), StatusErrors)
)]
#[get("/queue/status")]
pub(crate) async fn look(
    req: HttpRequest,
    services: Data<Services>,
    pass: Pass,
) -> Result<Json<Token>, ApiError> {
    let no_token = || ApiError::NotFound(Noun::QueueToken);
    let place = services.waiting_room.look(&pass.0).await?.ok_or_else(no_token)?;
    let stored = services.waiting_room.queue_tokens.queue_token(pass.0.token_id).await?;
    let (token, _) = stored.ok_or_else(no_token)?;
    let jwt = bearer::token(&req).unwrap_or_default().to_owned();
    Ok(Json(Token::new(jwt, &token, &place)))
}

/// Hold a seat.
#[utoipa::path(
    tag = "contract: reservation",
    operation_id = "reservationHold",
    security(("queueToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    request_body = SeatWish,
    responses((status = 201, body = PendingReservation), HoldErrors)
)]
#[post("/reservation")]
pub(crate) async fn hold(
    _: Allowance<Holding>,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<SeatWish>,
) -> Result<HttpResponse, ApiError> {
    let SeatWish { concert_schedule_id, seat_id } = body.value;
    let choice = SeatChoice::Ids(vec![SeatId(seat_id)]);
    let (schedule_id, now) = (ScheduleId(concert_schedule_id), services.clock.now());
    let command = commands::hold(&pass.0, schedule_id, choice, &settings, now);
    let request = key.request(pass.0.user_id, &body.bytes, command);
    let held = services.hold_seats.submit(request).await??;
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
    let command = commands::pay(&pass.0, reservation_id);
    let request = key.request(pass.0.user_id, &body.bytes, command);
    let paid = services.pay.submit(request).await?;
    let paid = paid.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    let payment = paid.payment;
    Ok(HttpResponse::Created().json(Payment {
        id: payment.id.0,
        user_id: payment.user_id.0,
        reservation_id: payment.reservation_id.0,
        total_price: payment.amount.get(),
    }))
}
