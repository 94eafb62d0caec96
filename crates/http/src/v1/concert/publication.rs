//! Publishing, cancelling and deleting a concert.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CancelConcert, DeleteConcert, PublishConcert};
use stagedoor_domain::ports::Settlement;
use stagedoor_domain::{OperatorActionId, Reason, Submission};
use utoipa::ToSchema;

use super::{ConcertBody, listed};
use crate::auth::{Access, Account, authorization};
use crate::edge::Action;
use crate::route::{Route, delete, get, nothing, object, post};
use crate::services::Services;
use crate::wire::body::{is_left_out, read};
use crate::wire::{ApiError, IdempotencyKey, Raw, RequiredAccess, Resource, ids};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    const OWN: [ApiError; 2] = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Concert)];
    vec![
        post("/concerts/{concertId}/publication", publish)
            .operation("publishConcert", "Publish a draft, which has a date.")
            .description(
                "From then on everyone sees the concert, its dates are on sale, and its slug never \
                 changes. A published concert stays as it is.",
            )
            .access(Access::Account)
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN)
            .refuses(&[NoSchedule, ConcertCancelled]),
        post("/concerts/{concertId}/cancellation", cancel)
            .operation("cancelConcert", "Cancel a published concert.")
            .description(
                "From then on no queue token is given out, no seat is held and no hold is paid. With a \
                 reason, each of its dates that has not ended is cancelled too: all tickets are \
                 refunded within seconds, and holds end. A concert of which seats are sold needs one.",
            )
            .access(Access::Account)
            .optional_body(object::<ConcertCancellationBody>())
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN)
            .refuses(&[ApiError::VALIDATION, NotPublished, HasSales, TooManyDates]),
        get("/concerts/{concertId}/cancellation", read_cancellation)
            .operation(
                "readConcertCancellation",
                "Read how far the refunds of a concert's cancelled dates have come.",
            )
            .access(Access::Account)
            .response(200, object::<ConcertSettlementBody>())
            .refuses(&OWN),
        delete("/concerts/{concertId}", remove)
            .operation("deleteConcert", "Delete a concert of which no reservation was ever made.")
            .description("Its dates, their seats, its waiting room and its queue tokens go with it.")
            .access(Access::Account)
            .limit(Action::Create)
            .response(204, nothing("It is deleted"))
            .refuses(&OWN)
            .refuses(&[HasSales]),
    ]
}

/// Why a concert is cancelled.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConcertCancellationBody {
    /// In words for the holders of tickets, 1 to 300 characters. Required when seats are sold.
    #[schema(example = "The singer is ill.")]
    reason: Option<String>,
}

/// The progress of the refunds of a concert's cancelled dates.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConcertSettlementBody {
    /// The number of paid reservations that were cancelled and refunded since their dates were cancelled.
    #[schema(example = 480)]
    refunded: i64,
    /// The number of paid reservations that are still to be refunded.
    #[schema(example = 20)]
    to_refund: i64,
    /// The number of holds that are still to be released.
    #[schema(example = 0)]
    to_release: i64,
}

async fn publish(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let command = PublishConcert { concert_id, organizer_id: organizer.0 };
    let submission = key.submission(organizer.0, b"", command);
    services.publish_concert.submit(submission).await??;
    listed(&services, concert_id).await
}

async fn cancel(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    key: IdempotencyKey,
    Raw(body): Raw,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let asked = if is_left_out(&body) { ConcertCancellationBody::default() } else { read(&body)? };
    let ids = (0..CancelConcert::DATES_MAX).map(|_| OperatorActionId(ids::new_uuid()));
    let command = CancelConcert {
        concert_id,
        organizer_id: organizer.0,
        reason: asked.reason.as_deref().map(Reason::parse).transpose()?,
        action_ids: ids.collect(),
    };
    let submission = key.submission(organizer.0, &body, command);
    services.cancel_concert.submit(submission).await??;
    listed(&services, concert_id).await
}

async fn read_cancellation(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<Json<ConcertSettlementBody>, ApiError> {
    let id = ids::parse_id(&id, "concertId")?;
    authorization::check(&services, user_id, id, RequiredAccess::OwnConcert).await?;
    let Settlement { refunded, tickets, holds } = services.schedules.concert_settlement(id).await?;
    Ok(Json(ConcertSettlementBody { refunded, to_refund: tickets, to_release: holds }))
}

async fn remove(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let command = DeleteConcert { concert_id, organizer_id: organizer.0 };
    services.delete_concert.submit(Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}
