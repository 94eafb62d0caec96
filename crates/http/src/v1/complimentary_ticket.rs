//! Giving seats away, for the organizer of the concert and for operators.

mod forms;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use stagedoor_domain::operations::GiveTickets;
use stagedoor_domain::reservation::SEATS_PER_RESERVATION_MAX;
use stagedoor_domain::{Email, OperatorActionId, Reason, ReservationId, ScheduleId, Submission};
use uuid::Uuid;

use super::managed_schedule::managed;
use super::named_seats::named_seats;
use super::reservation::ReservationBody;
use crate::auth::{Access, Account};
use crate::route::{Route, documented_by, object, post, tagged};
use crate::services::Services;
use crate::shared::commands;
use crate::wire::{ApiError, Body, RequiredAccess, Resource, Whole, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/schedules/{scheduleId}/complimentary-tickets", give)
            .operation("giveTickets", "Give free or blocked seats of a date to a user, free of charge.")
            .description(
                "For the organizer of the concert and operators. The user gets a confirmed reservation that \
                 costs nothing, which only staff cancel. It is recorded with its reason. A conflict names \
                 the seats that are held or sold.",
            )
            .access(Access::Account)
            .response(201, object::<ReservationBody>())
            .refuses(&[
                Forbidden(RequiredAccess::OwnConcert),
                NotFound(Resource::Schedule),
                NotFound(Resource::Seat),
                NotFound(Resource::User),
                ConcertNotPublished,
                ConcertCancelled,
                ScheduleCancelled,
                SeatsTaken(Vec::new()),
            ]),
    ];
    tagged("orders", routes)
}

/// The seats to give, exactly one of `seatIds` and `seatNumbers`, and to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GiveBody {
    email: String,
    seat_ids: Option<Vec<Uuid>>,
    seat_numbers: Option<Vec<Whole>>,
    reason: String,
}

documented_by! {
    GiveBody: forms::Give;
}

async fn give(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<GiveBody>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let GiveBody { email, seat_ids, seat_numbers, reason } = body.value;
    let email = Email::parse(&email)?;
    let seats = named_seats(seat_ids, seat_numbers, SEATS_PER_RESERVATION_MAX)?;
    let reason = Reason::parse(&reason)?;
    managed(&services, manager_id, schedule_id).await?;
    let holder = services.people.users.user_by_email(&email).await?;
    let command = GiveTickets {
        action_id: OperatorActionId(ids::new_uuid()),
        reservation_id: ReservationId(ids::new_uuid()),
        schedule_id,
        manager_id,
        holder_id: holder.map(|user| user.id),
        seats,
        tickets: commands::new_tickets()?,
        reason,
    };
    let given = services.staff.give_tickets.submit(Submission::new(command)).await??;
    let given_at = given.created_at;
    Ok(HttpResponse::Created().json(ReservationBody::at(given, given_at)))
}
