//! `POST /payment`, which two contracts have: the body tells which one is meant.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ost::payment::{HeldSeatPayment, pay as pay_held_seat};
use super::reservation::{Payment, ReservationPayment, pay as pay_reservation};
use crate::auth::bearer::Pass;
use crate::openapi::refusals::refusals;
use crate::services::Services;
use crate::wire::body::Body;
use crate::wire::error::ApiError;
use crate::wire::idempotency_key::IdempotencyKey;

/// A reservation by its id, or the seat that a user holds.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "each is read alone, so that what is wrong with it can be named")]
pub(crate) enum EitherPayment {
    Reservation(ReservationPayment),
    HeldSeat(HeldSeatPayment),
}

refusals! {
    PayErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`, `TOKEN_EXPIRED`",
        "403": "`TOKEN_WAITING`, or `FORBIDDEN`: the user is another one",
        "404": "`RESERVATION_NOT_FOUND`",
        "409": "`INSUFFICIENT_POINTS`; `reservation` alone: `ALREADY_PAID`, `RESERVATION_CANCELLED`",
        "410": "`HOLD_EXPIRED`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
}

/// Pay a hold.
///
/// With `reservationId` as the `reservation` contract has it, answered with 201; with `userId` and
/// `amount` as `ost` has it, answered with 200.
#[utoipa::path(
    tag = "contract: reservation",
    tag = "contract: ost",
    operation_id = "payHold",
    security(("queueToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    request_body = EitherPayment,
    responses(
        (status = 200, description = "`ost`: it is paid"),
        (status = 201, description = "`reservation`: the payment", body = Payment),
        PayErrors,
    )
)]
#[post("/payment")]
pub(crate) async fn pay(
    services: Data<Services>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<Value>,
) -> Result<HttpResponse, ApiError> {
    if body.value.get("reservationId").is_some() {
        pay_reservation(&services, &pass, key, body.read_as()?).await
    } else {
        pay_held_seat(&services, &pass, key, body.read_as()?).await
    }
}
