//! Cancelling paid reservations.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;
use stagedoor_domain::PointEntryId;
use stagedoor_domain::operations::{CancelReservation, Refunded};
use utoipa::ToSchema;

use super::ReservationBody;
use crate::auth::access::Access;
use crate::auth::bearer::SignedIn;
use crate::openapi::operation::object;
use crate::route::{Route, post, tagged};
use crate::services::Services;
use crate::v1::point::PointEntryBody;
use crate::wire::error::{ApiError, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/reservations/{reservationId}/cancellation", cancel)
            .operation("cancelReservation", "Cancel a paid reservation.")
            .description(
                "Before the date's `cancellationClosesAt`, once. The points are refunded and \
                 the seats are free at once.",
            )
            .access(Access::AnyToken)
            .response(201, object::<CancellationBody>())
            .refuses(&[
                NotFound(Noun::Reservation),
                NotConfirmed,
                CancellationClosed,
                BalanceTooLarge,
            ]),
    ];
    tagged("booking", routes)
}

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

async fn cancel(
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
