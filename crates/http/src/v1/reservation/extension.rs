//! Extending holds.

use actix_web::web::{Data, Json, Path};
use stagedoor_domain::operations::ExtendHold;

use super::ReservationBody;
use crate::auth::access::Access;
use crate::auth::bearer::SignedIn;
use crate::openapi::operation::object;
use crate::route::{Route, post, tagged};
use crate::services::Services;
use crate::wire::error::{ApiError, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/reservations/{reservationId}/extension", extend)
            .operation("extendHold", "Extend a hold, once, to its `extendableUntil`.")
            .access(Access::AnyToken)
            .response(200, object::<ReservationBody>())
            .refuses(&[
                NotFound(Noun::Reservation),
                AlreadyPaid(None),
                ReservationCancelled,
                NotExtendable,
                HoldExpired,
            ]),
    ];
    tagged("booking", routes)
}

async fn extend(
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
