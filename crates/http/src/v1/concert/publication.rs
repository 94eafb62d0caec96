//! Publishing, cancelling and deleting a concert.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use stagedoor_domain::Submission;
use stagedoor_domain::operations::{CancelConcert, DeleteConcert, PublishConcert};

use super::{ConcertBody, listed};
use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, delete, nothing, object, post};
use crate::services::Services;
use crate::wire::{ApiError, IdempotencyKey, RequiredAccess, Resource, ids};

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
                "From then on no queue token is given out, no seat is held and no hold is paid. A \
                 concert of which seats are sold is not cancelled: cancel its dates first, which refunds \
                 their tickets. A cancelled concert stays as it is.",
            )
            .access(Access::Account)
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN)
            .refuses(&[NotPublished, HasSales]),
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
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let command = CancelConcert { concert_id, organizer_id: organizer.0 };
    let submission = key.submission(organizer.0, b"", command);
    services.cancel_concert.submit(submission).await??;
    listed(&services, concert_id).await
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
