//! Taking seats out of sale, for the organizer of the concert and for operators.

mod forms;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{BlockSeats, NamedSeats, SeatBlocking};
use stagedoor_domain::ports::SeatBlock;
use stagedoor_domain::{OperatorActionId, Reason, ScheduleId, Submission, UserId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::managed_schedule::managed;
use super::named_seats::named_seats;
use crate::auth::{Access, Account};
use crate::route::{Route, documented_by, get, nothing, object, page, post, tagged};
use crate::services::Services;
use crate::wire::{
    ApiError, Body, PageBody, PageQuery, RequiredAccess, Resource, Timestamp, Whole, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let refusals = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Schedule)];
    let routes = vec![
        get("/schedules/{scheduleId}/seat-blocks", list)
            .operation("listSeatBlocks", "List the blocked seats of a date by what blocked them, newest first.")
            .description("For the organizer of the concert and operators. A block without blocked seats is left out.")
            .access(Access::Account)
            .response(200, page::<SeatBlockBody>())
            .refuses(&refusals),
        post("/schedules/{scheduleId}/seat-blocks", block)
            .operation("blockSeats", "Block free seats of a date, so that they are not for sale: all or none.")
            .description(
                "For the organizer of the concert and operators. It is recorded with its reason. A conflict \
                 names the seats that are held, sold or blocked.",
            )
            .access(Access::Account)
            .response(201, object::<SeatBlockBody>())
            .refuses(&refusals)
            .refuses(&[NotFound(Resource::Seat), SeatsTaken(Vec::new())]),
        post("/schedules/{scheduleId}/seat-blocks/removal", unblock)
            .operation("unblockSeats", "Put blocked seats of a date back on sale: all or none.")
            .description(
                "For the organizer of the concert and operators. It is recorded. A conflict names the \
                 seats that are not blocked.",
            )
            .access(Access::Account)
            .response(204, nothing("The seats are for sale"))
            .refuses(&refusals)
            .refuses(&[NotFound(Resource::Seat), SeatsNotBlocked(Vec::new())]),
    ];
    tagged("concerts", routes)
}

/// The seats to block: exactly one of `seatIds` and `seatNumbers`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct BlockBody {
    seat_ids: Option<Vec<Uuid>>,
    seat_numbers: Option<Vec<Whole>>,
    reason: String,
}

/// The seats to unblock: exactly one of `seatIds` and `seatNumbers`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UnblockBody {
    seat_ids: Option<Vec<Uuid>>,
    seat_numbers: Option<Vec<Whole>>,
}

documented_by! {
    BlockBody: forms::Block;
    UnblockBody: forms::Unblock;
}

/// Seats that were blocked together and are still blocked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeatBlockBody {
    id: Uuid,
    #[schema(example = "The mixing desk stands here.")]
    reason: String,
    /// The numbers of the seats, in order.
    #[schema(example = json!([11, 12]))]
    seat_numbers: Vec<i32>,
    blocked_at: Timestamp,
    /// The user who blocked them.
    blocked_by: Uuid,
}

impl From<SeatBlock> for SeatBlockBody {
    fn from(block: SeatBlock) -> Self {
        Self {
            id: block.id.0,
            reason: block.reason.as_str().to_owned(),
            seat_numbers: block.numbers,
            blocked_at: block.at.into(),
            blocked_by: block.blocked_by.0,
        }
    }
}

fn command(
    manager_id: UserId,
    schedule_id: ScheduleId,
    seats: NamedSeats,
    change: SeatBlocking,
) -> BlockSeats {
    let action_id = OperatorActionId(ids::new_uuid());
    BlockSeats { action_id, schedule_id, manager_id, seats, change }
}

async fn list(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<SeatBlockBody>>, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let (size, after) = (page.size()?, page.after()?.map(OperatorActionId));
    managed(&services, user_id, schedule_id).await?;
    let blocks = services.schedules.seat_blocks(schedule_id, after, size).await?;
    Ok(Json(PageBody::of(blocks, SeatBlockBody::from)))
}

async fn block(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<BlockBody>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id = ids::parse_id(&id, "scheduleId")?;
    let BlockBody { seat_ids, seat_numbers, reason } = body.value;
    let seats = named_seats(seat_ids, seat_numbers, BlockSeats::SEATS_MAX)?;
    let reason = Reason::parse(&reason)?;
    let change = SeatBlocking::Block { reason: reason.clone() };
    let command = command(manager_id, schedule_id, seats, change);
    let (id, blocked_by) = (command.action_id, manager_id);
    let blocked = services.staff.block_seats.submit(Submission::new(command)).await??;
    let (numbers, at) = (blocked.numbers, blocked.at);
    let block = SeatBlock { id, blocked_by, at, reason, numbers };
    Ok(HttpResponse::Created().json(SeatBlockBody::from(block)))
}

async fn unblock(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<UnblockBody>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id = ids::parse_id(&id, "scheduleId")?;
    let UnblockBody { seat_ids, seat_numbers } = body.value;
    let seats = named_seats(seat_ids, seat_numbers, BlockSeats::SEATS_MAX)?;
    let command = command(manager_id, schedule_id, seats, SeatBlocking::Unblock);
    services.staff.block_seats.submit(Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests;
