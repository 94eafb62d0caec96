//! The dates whose tickets a user may check, and their lists.

use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::ports::{DoorDate, VenueOfSchedule};
use stagedoor_domain::{Page, PageSize, TicketId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{DoorEntryBody, admitted, csv};
use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, get, page, text};
use crate::services::Services;
use crate::v1::schedule::VenueOfScheduleBody;
use crate::wire::{ApiError, PageBody, PageQuery, RequiredAccess, Resource, Timestamp, ids};

/// The most tickets on a page: a device downloads the list of 20,000 tickets in 20 of them.
pub(super) const TICKETS_MAX: u16 = 1000;

pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    let refusals = [NotFound(Resource::Schedule), Forbidden(RequiredAccess::Door)];
    vec![
        get("/door-dates", dates)
            .operation("listDoorDates", "List the dates whose tickets one may check, in the order of their ends.")
            .description(
                "Dates of published concerts that have not ended and were not cancelled: all for operators, those of their \
                 concerts for organizers, those of concerts that they are assigned to for users with the role DOOR. At most \
                 the first 100.",
            )
            .access(Access::Account)
            .response(200, page::<DoorDateBody>()),
        get("/schedules/{scheduleId}/door-list", list)
            .operation("readDoorList", "Read the tickets of a date as its doors know them.")
            .description(
                "Void tickets are in it, so that a device without a network can refuse them.",
            )
            .access(Access::Account)
            .response(200, page::<DoorEntryBody>())
            .refuses(&refusals),
        get("/schedules/{scheduleId}/door-list.csv", csv::export)
            .operation("exportDoorList", "Export the tickets of a date that admit people, one line each.")
            .description(
                "`scanned_at` and `door` are empty for people who have not come in. UTF-8 with a byte order mark, lines end \
                 in CR LF (RFC 4180). A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break gets an \
                 apostrophe before it, so that a spreadsheet takes it for text.",
            )
            .access(Access::Account)
            .limit(Action::Export)
            .response(200, text("text/csv").described("A table with a heading"))
            .refuses(&refusals),
    ]
}

/// A date whose tickets one may check.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoorDateBody {
    schedule_id: Uuid,
    concert_id: Uuid,
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// From when on tickets can be checked in.
    doors_open_at: Timestamp,
    /// Until when.
    doors_close_at: Timestamp,
    /// The venue; null for a date without a seat plan.
    venue: Option<VenueOfScheduleBody>,
}

impl From<DoorDate> for DoorDateBody {
    fn from(date: DoorDate) -> Self {
        let DoorDate { schedule, title, venue } = date;
        Self {
            schedule_id: schedule.id.0,
            concert_id: schedule.concert_id.0,
            title: title.as_str().to_owned(),
            doors_open_at: schedule.doors_open_at().into(),
            doors_close_at: schedule.ends_at.into(),
            starts_at: schedule.starts_at.into(),
            ends_at: schedule.ends_at.into(),
            venue: venue.map(|venue| VenueOfSchedule::from(venue).into()),
        }
    }
}

/// Which page of a door list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DoorListQuery {
    /// The most tickets on the page, 1 to 1000; 1000 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

async fn dates(
    services: Data<Services>,
    Account(user_id): Account,
) -> Result<Json<PageBody<DoorDateBody>>, ApiError> {
    let user = services.people.users.user(user_id).await?.ok_or(ApiError::Unauthenticated)?;
    let now = services.clock.now();
    let items = services.doors.read.door_dates(&user, now, PageSize::LARGEST).await?;
    let all = Page::<_, Uuid> { items, next: None };
    Ok(Json(PageBody::of(all, DoorDateBody::from)))
}

async fn list(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
    query: Query<DoorListQuery>,
) -> Result<Json<PageBody<DoorEntryBody>>, ApiError> {
    let id = ids::parse_id(&id, "scheduleId")?;
    let DoorListQuery { limit, cursor } = query.into_inner();
    let limit = limit.map_or(i64::from(TICKETS_MAX), |limit| limit.parse().unwrap_or(0));
    let size = PageSize::up_to(TICKETS_MAX, limit)?;
    let after = PageQuery { limit: None, cursor }.after()?.map(TicketId);
    let schedule = admitted(&services, user_id, id).await?;
    let found = services.doors.read.door_list(schedule.id, after, size).await?;
    Ok(Json(PageBody::of(found, DoorEntryBody::from)))
}
