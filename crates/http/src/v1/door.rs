//! The door of a performance: its list, the tickets that are checked in there, and who does that.

mod check_in;
mod csv;
mod forms;
mod list;
mod staff;

use serde::Serialize;
use stagedoor_domain::ports::DoorEntry;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{ReservedSeat, Schedule, ScheduleId, UserId, door};
use utoipa::ToSchema;
use uuid::Uuid;

use super::reservation::ReservedSeatBody;
use super::ticket::state_parts;
use crate::route::{Route, tagged};
use crate::services::Services;
use crate::wire::{ApiError, CheckInBody, RequiredAccess, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = [check_in::routes(), list::routes(), staff::routes()];
    tagged("door", routes.into_iter().flatten().collect())
}

/// A ticket as the door knows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoorEntryBody {
    ticket_id: Uuid,
    #[schema(example = "7K3MQ-9XF2D-6")]
    number: String,
    schedule_id: Uuid,
    /// `VALID`, `CHECKED_IN` or `VOID`.
    #[schema(example = "CHECKED_IN")]
    status: &'static str,
    /// Why it is void: `TRANSFERRED`, `SEAT_CANCELLED` or `RESERVATION_CANCELLED`.
    #[schema(value_type = Option<String>, example = json!(null))]
    void_reason: Option<VoidReason>,
    #[schema(example = "김민지")]
    holder_name: String,
    seat: ReservedSeatBody,
    /// When and where its holder came in, if so.
    check_in: Option<CheckInBody>,
}

impl From<DoorEntry> for DoorEntryBody {
    fn from(entry: DoorEntry) -> Self {
        let DoorEntry { ticket, holder_name, seat } = entry;
        let (status, _, void_reason) = state_parts(&ticket.state);
        Self {
            ticket_id: ticket.id.0,
            number: ticket.number.to_string(),
            schedule_id: ticket.schedule_id.0,
            status,
            void_reason,
            holder_name: holder_name.as_str().to_owned(),
            seat: ReservedSeat::from(&seat).into(),
            check_in: ticket.check_in().map(CheckInBody::from),
        }
    }
}

/// The schedule, if a user may check its tickets.
async fn admitted(
    services: &Services,
    user_id: UserId,
    id: ScheduleId,
) -> Result<Schedule, ApiError> {
    let not_found = || ApiError::NotFound(Resource::Schedule);
    let schedule = services.schedules.schedule(id).await?.ok_or_else(not_found)?;
    let concert_id = schedule.concert_id;
    let listing = services.concerts.concert(concert_id, services.clock.now()).await?;
    let organizer_id = listing.ok_or_else(not_found)?.concert.organizer_id;
    let user = services.people.users.user(user_id).await?.ok_or(ApiError::Unauthenticated)?;
    let is_assigned = services.doors.read.is_assigned(concert_id, user_id).await?;
    if door::admits(&user, organizer_id, is_assigned) {
        Ok(schedule)
    } else if schedule.concert_state.is_public() {
        Err(ApiError::Forbidden(RequiredAccess::Door))
    } else {
        Err(not_found())
    }
}

#[cfg(test)]
mod tests;
