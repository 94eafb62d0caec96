//! Cancelling paid reservations.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use stagedoor_domain::PointEntryId;
use stagedoor_domain::operations::{CancelReservation, Refunded};
use utoipa::ToSchema;

use super::ReservationBody;
use crate::auth::bearer::SignedIn;
use crate::openapi::refusals::refusals;
use crate::services::Services;
use crate::v1::point::PointEntryBody;
use crate::wire::error::ApiError;
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;

/// What came of cancelling.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancellationBody {
    reservation: ReservationBody,
    /// The points that came back.
    entry: PointEntryBody,
    /// The balance right after it.
    #[schema(example = 15000)]
    balance: i64,
}

impl From<Refunded> for CancellationBody {
    fn from(Refunded { reservation, entry }: Refunded) -> Self {
        let (balance, at) = (entry.balance_after.get(), entry.created_at);
        Self { reservation: ReservationBody::at(reservation, at), entry: entry.into(), balance }
    }
}

refusals! {
    CancelErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "404": "`RESERVATION_NOT_FOUND`",
        "409": "`NOT_CONFIRMED`: not paid, or cancelled before; `CANCELLATION_CLOSED`, `BALANCE_TOO_LARGE`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
}

/// Cancel a paid reservation.
///
/// Before the date's `cancellationClosesAt`, once: the points come back and the seats are free at once.
#[utoipa::path(
    tag = "booking",
    operation_id = "cancelReservation",
    security(("accessToken" = []), ("queueToken" = [])),
    params(
        ("reservationId" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless"),
    ),
    responses(
        (status = 201, body = CancellationBody),
        CancelErrors,
    )
)]
#[post("/reservations/{reservationId}/cancellation")]
pub(crate) async fn cancel(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<HttpResponse, ApiError> {
    let command = CancelReservation {
        entry_id: PointEntryId(ids::new_uuid()),
        reservation_id: ids::parse_id(&id, "reservationId")?,
        user_id: user.user_id,
    };
    let request = key.request(user.user_id, &[], command);
    let refunded = services.cancel_reservation.submit(request).await??;
    Ok(HttpResponse::Created().json(CancellationBody::from(refunded)))
}
