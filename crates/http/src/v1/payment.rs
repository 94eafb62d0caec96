//! Payments.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
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
use crate::auth::{Access, Pass, SignedIn};
use crate::route::{Route, get, object, page, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::{commands, own};
use crate::wire::{ApiError, Body, IdempotencyKey, PageBody, PageQuery, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/payments", pay)
            .operation("payReservation", "Pay a hold with points.")
            .description(
                "The points, the history, the payment, the seats and the queue token change \
                 together, or none of them does. A moment after the hold expired, the same \
                 seats are held again if they are free.",
            )
            .access(Access::Admitted)
            .response(201, object::<PaymentBody>())
            .refuses(&commands::PAY_REFUSALS),
        get("/payments", list)
            .operation("listPayments", "List one's own payments, newest first.")
            .access(Access::AnyToken)
            .response(200, page::<PaymentBody>()),
        get("/payments/{paymentId}", find)
            .operation("readPayment", "Read one of one's own payments.")
            .access(Access::AnyToken)
            .response(200, object::<PaymentBody>())
            .refuses(&[NotFound(Resource::Payment)]),
    ];
    tagged("booking", routes)
}

/// The hold to pay.
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
    /// Whether the hold had expired and its seats were held again; only in the response to paying.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
    /// The state of the queue token after it; only in the response to paying.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_token: Option<SpentTokenBody>,
}

/// The queue token of a payment.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpentTokenBody {
    id: Uuid,
    #[schema(example = "EXPIRED")]
    status: &'static str,
    /// `COMPLETED`, or `TIMED_OUT` if it had expired together with a hold that is paid late.
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

async fn pay(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<PayBody>,
) -> Result<HttpResponse, ApiError> {
    let reservation_id = ReservationId(body.value.reservation_id);
    let in_time = commands::pay(&pass.0, reservation_id)?;
    let command = Pay { grace: settings.booking.late_payment_time, ..in_time };
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    let paid = services.pay.submit(submission).await?;
    let paid = paid.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    Ok(HttpResponse::Created().json(PaymentBody::from(paid)))
}

async fn list(
    services: Data<Services>,
    user: SignedIn,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<PaymentBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?.map(PaymentId));
    let payments = services.payments.payments(user.user_id, after, size).await?;
    Ok(Json(PageBody::of(payments, PaymentBody::from)))
}

async fn find(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<PaymentBody>, ApiError> {
    let id = ids::parse_id(&id, "paymentId")?;
    Ok(Json(own::payment(&services, &user, id).await?.into()))
}

#[cfg(test)]
mod tests;
