//! Checking tickets in, and taking that back.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CheckInTicket, UndoCheckIn};
use stagedoor_domain::ports::{CheckInCount, CheckInsOfDoor, DoorEntry};
use stagedoor_domain::{
    DoorName, Invalid, OperatorActionId, Rule, ScheduleId, Submission, Ticket, TicketNumber,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::forms;
use super::{DoorEntryBody, admitted};
use crate::auth::{Access, Account};
use crate::route::{Route, documented_by, get, object, post};
use crate::services::Services;
use crate::v1::managed_schedule::ReasonBody;
use crate::wire::{
    ApiError, Body, DoorRefused, FieldRule, IdempotencyKey, RequiredAccess, Resource, Timestamp,
    ids, request_id,
};

pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    vec![
        post("/check-ins", check_in)
            .operation("checkIn", "Check a ticket in at the door of a date.")
            .description(
                "For operators, the organizer of the concert, and users with the role DOOR who are assigned to it. The \
                 first scan that arrives counts; a second one is told when and where the first was. Doors are open from 12 \
                 hours before the start until the end, by `scannedAt`: a device without a network sends its scans later.",
            )
            .access(Access::Account)
            .response(201, object::<DoorEntryBody>())
            .refuses(&[
                NotFound(Resource::Schedule),
                Forbidden(RequiredAccess::Door),
                Door(DoorRefused::Closed),
                NotFound(Resource::Ticket),
                Door(DoorRefused::OtherDate(None)),
                TicketVoid,
                Door(DoorRefused::AlreadyCheckedIn(None)),
            ]),
        post("/check-ins/{ticketId}/undo", undo)
            .operation("undoCheckIn", "Take back that a ticket was checked in.")
            .description("By the same people. It is recorded with its reason, and the ticket is valid again.")
            .access(Access::Account)
            .response(200, object::<DoorEntryBody>())
            .refuses(&[
                NotFound(Resource::Ticket),
                Forbidden(RequiredAccess::Door),
                Door(DoorRefused::NotCheckedIn),
            ]),
        get("/schedules/{scheduleId}/check-ins", count)
            .operation("countCheckIns", "Count the people who have come in to a date, by door.")
            .access(Access::Account)
            .response(200, object::<CheckInCountBody>())
            .refuses(&[NotFound(Resource::Schedule), Forbidden(RequiredAccess::Door)]),
    ]
}

/// A scan: exactly one of `code` and `number`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ScanBody {
    schedule_id: Uuid,
    code: Option<String>,
    number: Option<String>,
    door: String,
    scanned_at: Option<Timestamp>,
}

documented_by! {
    ScanBody: forms::Scan;
}

/// How many people have come in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckInCountBody {
    schedule_id: Uuid,
    /// The tickets that are not void, in or not.
    #[schema(example = 1200)]
    tickets: i64,
    #[schema(example = 840)]
    checked_in: i64,
    /// By door, in the order of their names.
    doors: Vec<CheckInsOfDoorBody>,
}

/// How many people have come in at one door.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckInsOfDoorBody {
    #[schema(example = "North gate")]
    door: String,
    #[schema(example = 840)]
    checked_in: i64,
    last_scanned_at: Timestamp,
}

impl CheckInCountBody {
    fn of(schedule_id: ScheduleId, count: CheckInCount) -> Self {
        Self {
            schedule_id: schedule_id.0,
            tickets: count.tickets,
            checked_in: count.checked_in(),
            doors: count.doors.into_iter().map(CheckInsOfDoorBody::from).collect(),
        }
    }
}

impl From<CheckInsOfDoor> for CheckInsOfDoorBody {
    fn from(of_door: CheckInsOfDoor) -> Self {
        Self {
            door: of_door.door.as_str().to_owned(),
            checked_in: of_door.checked_in,
            last_scanned_at: of_door.last_scanned_at.into(),
        }
    }
}

/// The number of the ticket that was scanned, or read aloud.
fn scanned(
    services: &Services,
    code: Option<&str>,
    number: Option<&str>,
) -> Result<TicketNumber, ApiError> {
    match (code, number) {
        (Some(code), None) => {
            let signed = services.tickets.show.read_code(code);
            Ok(signed.ok_or_else(|| ApiError::field("code", FieldRule::TicketCode))?.number)
        }
        (None, Some(number)) => {
            let read = number.parse();
            read.map_err(|_| ApiError::field("number", FieldRule::TicketNumber))
        }
        _ => Err(Invalid::new("code, number", Rule::ExactlyOne).into()),
    }
}

async fn check_in(
    services: Data<Services>,
    Account(user_id): Account,
    key: IdempotencyKey,
    body: Body<ScanBody>,
) -> Result<HttpResponse, ApiError> {
    let ScanBody { schedule_id, code, number, door, scanned_at } = body.value;
    let number = scanned(&services, code.as_deref(), number.as_deref())?;
    let command = CheckInTicket {
        user_id,
        schedule_id: ScheduleId(schedule_id),
        ticket_id: services.tickets.read.ticket_numbered(number).await?,
        door: DoorName::parse(&door)?,
        scanned_at: scanned_at.map_or_else(|| services.clock.now(), |Timestamp(at)| at),
    };
    let submission = key.submission(user_id, &body.bytes, command);
    let ticket = services.doors.check_in_ticket.submit(submission).await??;
    Ok(HttpResponse::Created().json(entry(&services, ticket).await?))
}

async fn undo(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
    body: Body<ReasonBody>,
) -> Result<Json<DoorEntryBody>, ApiError> {
    let command = UndoCheckIn {
        action_id: OperatorActionId(ids::new_uuid()),
        user_id,
        ticket_id: ids::parse_id(&id, "ticketId")?,
        reason: body.value.parse()?,
    };
    let ticket = services.doors.undo_check_in.submit(Submission::new(command)).await??;
    Ok(Json(entry(&services, ticket).await?))
}

/// A ticket as a command left it. The command is done: where the ticket cannot be read after it, only asking again tells.
async fn entry(services: &Services, ticket: Ticket) -> Result<DoorEntryBody, ApiError> {
    let found = services.doors.read.door_entry(ticket.id).await.map_err(|error| {
        tracing::warn!(request_id = %request_id::current(), %error, "a ticket cannot be read after its check-in");
        ApiError::OutcomeUnknown
    })?;
    let found = found.ok_or(ApiError::NotFound(Resource::Ticket))?;
    Ok(DoorEntry { ticket, ..found }.into())
}

async fn count(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<Json<CheckInCountBody>, ApiError> {
    let schedule = admitted(&services, user_id, ids::parse_id(&id, "scheduleId")?).await?;
    let count = services.doors.read.check_in_count(schedule.id).await?;
    Ok(Json(CheckInCountBody::of(schedule.id, count)))
}
