//! Extending holds.

use actix_web::post;
use actix_web::web::{Data, Json, Path};
use stagedoor_domain::operations::ExtendHold;

use super::ReservationBody;
use crate::auth::bearer::SignedIn;
use crate::openapi::refusals::refusals;
use crate::services::Services;
use crate::wire::error::ApiError;
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;

refusals! {
    ExtendErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "404": "`RESERVATION_NOT_FOUND`",
        "409": "`ALREADY_PAID`, `RESERVATION_CANCELLED`; `NOT_EXTENDABLE`: extended before, not offered, or booking closes first",
        "410": "`HOLD_EXPIRED`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
}

/// Extend a hold, once, to its `extendableUntil`.
#[utoipa::path(
    tag = "booking",
    operation_id = "extendHold",
    security(("accessToken" = []), ("queueToken" = [])),
    params(
        ("reservationId" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless"),
    ),
    responses(
        (status = 200, body = ReservationBody),
        ExtendErrors,
    )
)]
#[post("/reservations/{reservationId}/extension")]
pub(crate) async fn extend(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<Json<ReservationBody>, ApiError> {
    let reservation_id = ids::parse_id(&id, "reservationId")?;
    let command = ExtendHold { reservation_id, user_id: user.user_id };
    let request = key.request(user.user_id, &[], command);
    let extended = services.extend_hold.submit(request).await?;
    let extended = extended.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    // A repetition is told what was told at first, when it was held.
    let when_held = extended.created_at;
    Ok(Json(ReservationBody::at(extended, when_held)))
}
