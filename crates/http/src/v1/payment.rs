//! Payments.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{Paid, Pay};
use stagedoor_domain::ports::PaymentDetails;
use stagedoor_domain::{
    ExpiryReason, Payment, PaymentId, Points, Reservation, ReservationId, ReservationState,
    TokenState,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::reservation::ReservationBody;
use crate::auth::bearer::{Pass, SignedIn};
use crate::openapi::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::shared::commands;
use crate::wire::body::Body;
use crate::wire::error::{ApiError, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;
use crate::wire::paging::{PageBody, PageQuery};
use crate::wire::timestamps::Timestamp;

/// What is to be paid.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PayBody {
    reservation_id: Uuid,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentBody {
    id: Uuid,
    /// In points.
    #[schema(example = 10000)]
    amount: i64,
    /// `COMPLETED`, or `REFUNDED` once the reservation was cancelled.
    #[schema(pattern = "^(COMPLETED|REFUNDED)$", example = "COMPLETED")]
    status: &'static str,
    /// The balance right after it.
    #[schema(example = 5000)]
    balance: i64,
    reservation: ReservationBody,
    created_at: Timestamp,
    /// Whether the hold had run out and its seats were taken again; only in the answer to paying.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
    /// What became of the queue token; only in the answer to paying.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_token: Option<SpentTokenBody>,
}

/// A queue token that was paid with.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpentTokenBody {
    id: Uuid,
    #[schema(example = "EXPIRED")]
    status: &'static str,
    /// `COMPLETED`, or `TIMED_OUT` if it had ended with the hold that is paid late.
    #[schema(value_type = String, example = "COMPLETED")]
    reason: ExpiryReason,
}

impl PaymentBody {
    fn new(payment: &Payment, reservation: Reservation, balance: Points) -> Self {
        let refunded = matches!(reservation.state, ReservationState::Cancelled { .. });
        let status = if refunded { "REFUNDED" } else { "COMPLETED" };
        Self {
            id: payment.id.0,
            amount: payment.amount.get(),
            status,
            balance: balance.get(),
            reservation: ReservationBody::at(reservation, payment.created_at),
            created_at: payment.created_at.into(),
            late: None,
            queue_token: None,
        }
    }
}

impl From<PaymentDetails> for PaymentBody {
    fn from(details: PaymentDetails) -> Self {
        Self::new(&details.payment, details.reservation, details.balance)
    }
}

impl From<Paid> for PaymentBody {
    fn from(paid: Paid) -> Self {
        let reason = match paid.token.state {
            TokenState::Expired { reason, .. } => reason,
            TokenState::Waiting { .. } | TokenState::Active { .. } => ExpiryReason::Completed,
        };
        let token = SpentTokenBody { id: paid.token.id.0, status: "EXPIRED", reason };
        Self {
            late: Some(paid.late),
            queue_token: Some(token),
            ..Self::new(&paid.payment, paid.reservation, paid.balance)
        }
    }
}

refusals! {
    PayErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`, `TOKEN_EXPIRED`",
        "403": "`TOKEN_WAITING`; `FORBIDDEN`: no queue token, or one of another concert",
        "404": "`RESERVATION_NOT_FOUND`",
        "409": "`INSUFFICIENT_POINTS`, `ALREADY_PAID`, `RESERVATION_CANCELLED`",
        "410": "`HOLD_EXPIRED`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
    ListErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
    }
    FindErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "404": "`PAYMENT_NOT_FOUND`",
    }
}

/// Pay a hold with points.
///
/// Points off, history, payment, seats sold and the queue token done, all in one step or none.
/// A moment after the hold ran out it takes the same seats again, if they are free.
#[utoipa::path(
    tag = "booking",
    operation_id = "payReservation",
    request_body = PayBody,
    security(("queueToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    responses(
        (status = 201, body = PaymentBody),
        PayErrors,
    )
)]
#[post("/payments")]
pub(crate) async fn pay(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<PayBody>,
) -> Result<HttpResponse, ApiError> {
    let reservation_id = ReservationId(body.value.reservation_id);
    let in_time = commands::pay(&pass.0, reservation_id);
    let command = Pay { grace: settings.late_payment_time, ..in_time };
    let request = key.request(pass.0.user_id, &body.bytes, command);
    let paid = services.pay.submit(request).await?;
    let paid = paid.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    Ok(HttpResponse::Created().json(PaymentBody::from(paid)))
}

/// List one's own payments, newest first.
#[utoipa::path(
    tag = "booking",
    operation_id = "listPayments",
    security(("accessToken" = []), ("queueToken" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = PageBody<PaymentBody>),
        ListErrors,
    )
)]
#[get("/payments")]
pub(crate) async fn list(
    services: Data<Services>,
    user: SignedIn,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<PaymentBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?.map(PaymentId));
    let payments = services.payments.payments(user.user_id, after, size).await?;
    Ok(Json(PageBody::of(payments, PaymentBody::from)))
}

/// Read one of one's own payments.
#[utoipa::path(
    tag = "booking",
    operation_id = "readPayment",
    security(("accessToken" = []), ("queueToken" = [])),
    params(("paymentId" = Uuid, Path)),
    responses(
        (status = 200, body = PaymentBody),
        FindErrors,
    )
)]
#[get("/payments/{paymentId}")]
pub(crate) async fn find(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<PaymentBody>, ApiError> {
    let id = ids::parse_id(&id, "paymentId")?;
    let found = services.payments.payment(id).await?;
    let own = found.filter(|details| details.payment.user_id == user.user_id);
    Ok(Json(own.ok_or(ApiError::NotFound(Noun::Payment))?.into()))
}

#[cfg(test)]
mod tests;
