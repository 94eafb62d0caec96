//! Payments.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::Pay;
use stagedoor_domain::{ConcertId, Points, ReservationId, RoomId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::OwnerQuery;
use crate::auth::{Access, Pass, SignedIn};
use crate::contracts::all;
use crate::route::{Route, array, get, object, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::{commands, own};
use crate::wire::{
    ApiError, Body, IdempotencyKey, LocalTime, RequiredAccess, Resource, Whole, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/payment", list)
            .operation("ostPayments", "List one's own payments, newest first.")
            .access(Access::AnyToken)
            .response(200, array::<Payment>())
            .refuses(&[Forbidden(RequiredAccess::Oneself), NotFound(Resource::User)]),
        get("/payment/{paymentId}", find)
            .operation("ostPayment", "Read a payment.")
            .access(Access::AnyToken)
            .response(200, object::<Payment>())
            .refuses(&[NotFound(Resource::Payment)]),
    ];
    tagged("contract: ost", routes)
}

/// The user and the price of a payment.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstHeldSeatPayment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldSeatPayment {
    #[schema(format = "uuid")]
    user_id: String,
    /// The price.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 10000, value_type = i64)]
    amount: Whole,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = OstPayment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    payment_id: Uuid,
    user_id: Uuid,
    #[schema(example = 10000)]
    amount: i64,
    #[schema(example = "COMPLETE")]
    status: &'static str,
    #[schema(example = "2026-12-01T10:05:00")]
    create_at: String,
}

impl Payment {
    fn of(payment: &stagedoor_domain::Payment, local_time: &LocalTime) -> Self {
        Self {
            payment_id: payment.id.0,
            user_id: payment.user_id.0,
            amount: payment.amount.get(),
            status: "COMPLETE",
            create_at: local_time.date_time(payment.created_at),
        }
    }
}

/// Pays the hold of the token's owner in the token's concert.
pub(crate) async fn pay(
    services: &Services,
    pass: &Pass,
    key: IdempotencyKey,
    body: Body<HeldSeatPayment>,
) -> Result<HttpResponse, ApiError> {
    pass.check_user(&body.value.user_id)?;
    let amount = Points::positive(body.value.amount.0, "amount")?;
    let concert_id = concert_of(services, pass.0.room_id).await?;
    let meant = services.checkout.held(pass.0.user_id, concert_id).await?;
    // A missing hold is refused in the order of rule 15, the token first.
    let id = meant.map_or(ReservationId(Uuid::nil()), |hold| hold.id);
    let command = Pay { expected: Some(amount), ..commands::pay(&pass.0, id)? };
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    match services.pay.submit(submission).await?.map_err(ApiError::from) {
        Ok(_) => Ok(HttpResponse::Ok().finish()),
        Err(
            ApiError::AlreadyPaid(_) | ApiError::ReservationCancelled | ApiError::ScheduleCancelled,
        ) => Err(ApiError::NotFound(Resource::Reservation)),
        Err(error) => Err(error),
    }
}

/// The concert of a room; none for the site-wide one.
async fn concert_of(services: &Services, id: RoomId) -> Result<Option<ConcertId>, ApiError> {
    let room = match services.lines.room(id) {
        Some(known) => Some(known),
        None => services.rooms.room(id).await?,
    };
    Ok(room.and_then(|room| room.concert_id))
}

async fn list(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    owner: Query<OwnerQuery>,
) -> Result<Json<Vec<Payment>>, ApiError> {
    user.check_is(&owner.user_id)?;
    let read = async |after, size| services.payments.payments(user.user_id, after, size).await;
    let paid = all(read).await?;
    let payments = paid.iter().map(|details| Payment::of(&details.payment, &settings.local_time));
    Ok(Json(payments.collect()))
}

async fn find(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<Payment>, ApiError> {
    let own = own::payment(&services, &user, ids::parse_id(&id, "paymentId")?).await?;
    Ok(Json(Payment::of(&own.payment, &settings.local_time)))
}
