//! `POST /payment`, which two contracts have: the body tells which one the client uses.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ost::payment::{HeldSeatPayment, pay as pay_held_seat};
use super::reservation::{Payment, ReservationPayment, pay as pay_reservation};
use crate::auth::{Access, Pass};
use crate::route::{Route, nothing, object, post, tagged};
use crate::services::Services;
use crate::shared::commands;
use crate::wire::{ApiError, Body, IdempotencyKey, RequiredAccess};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/payment", pay)
            .operation("payHold", "Pay a hold.")
            .description(
                "With `reservationId` as the `reservation` contract has it, answered with \
                         201; with `userId` and `amount` as `ost` has it, answered with 200.",
            )
            .access(Access::Admitted)
            .body(object::<EitherPayment>())
            .response(200, nothing("`ost`: it is paid"))
            .response(201, object::<Payment>().described("`reservation`: the payment"))
            .refuses(&commands::PAY_REFUSALS)
            .refuses(&[Forbidden(RequiredAccess::Oneself)]),
    ];
    tagged("contract: ost", routes)
}

/// A reservation by its id, or the seat that a user holds.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "each is read alone, so that what is wrong with it can be named")]
pub(crate) enum EitherPayment {
    Reservation(ReservationPayment),
    HeldSeat(HeldSeatPayment),
}

async fn pay(
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
