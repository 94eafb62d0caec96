//! Schedules and their seats.

mod plan;
pub(crate) mod plan_choice;
mod seat_map;
pub(crate) mod seat_of_plan;
pub(crate) mod seat_status;
#[cfg(test)]
pub(crate) mod tests;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CreateSchedule, SchedulePlan};
use stagedoor_domain::ports::{ScheduleListing, VenueOfSchedule};
use stagedoor_domain::{
    BookingWindow, ConcertId, Instant, Invalid, Moved, Rule, Schedule, ScheduleId, ScheduleTerms,
    Seat, SeatStatus, TicketLimit,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::plan_choice::{NamedHalls, PlanChoiceBody};
use self::seat_map::SeatMapBody;
use self::seat_of_plan::SeatOfPlanBody;
use self::seat_status::SeatStatusBody;
use crate::auth::{Access, Account, Viewer};
use crate::edge::Action;
use crate::route::{Route, array, get, nothing, object, page, post, tagged};
use crate::services::Services;
use crate::shared::commands;
use crate::shared::seat_maps::{SeatForm, SeatMaps};
use crate::v1::hall::forms::PricedPlanBody;
use crate::wire::{
    ApiError, Body, FieldRule, IdempotencyKey, Object, PageBody, PageQuery, RequiredAccess,
    Resource, Timestamp, Whole, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let of_organizers = vec![
        post("/concerts/{concertId}/schedules", create)
            .operation("createSchedule", "Add a date to a concert.")
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<ScheduleBody>())
            .refuses(&[
                Forbidden(RequiredAccess::OwnConcert),
                NotFound(Resource::Concert),
                NotFound(Resource::Hall),
                NotFound(Resource::SeatPlan),
                ConcertCancelled,
            ]),
    ];
    let of_viewers = vec![
        get("/concerts/{concertId}/schedules", list)
            .operation("listSchedules", "List a concert's dates, oldest first.")
            .access(Access::Viewer)
            .response(200, page::<ScheduleBody>())
            .refuses(&[NotFound(Resource::Concert)]),
        get("/schedules/{scheduleId}/seats", seats)
            .operation("listSeats", "List a date's seats, in the order of their numbers.")
            .description(
                "The response carries an `ETag`; with `If-None-Match` an unchanged one is not \
                 sent again. It is compressed if the client accepts gzip.",
            )
            .access(Access::Viewer)
            .response(200, array::<SeatBody>())
            .response_header("ETag")
            .response(304, nothing("Nothing has changed"))
            .refuses(&[NotFound(Resource::Schedule)]),
        get("/schedules/{scheduleId}/seat-status", seat_status)
            .operation("readSeatStatus", "Read the state of a date's seats, in two bits for each.")
            .description(
                "The live part of a seat map; its other part is the seat plan. The `ETag` is its \
                 version; with `If-None-Match` an unchanged one is not sent again.",
            )
            .access(Access::Viewer)
            .response(200, object::<SeatStatusBody>())
            .response_header("ETag")
            .response(304, nothing("Nothing has changed"))
            .refuses(&[NotFound(Resource::Schedule)]),
        get("/schedules/{scheduleId}/plan", plan::read)
            .operation("readSchedulePlan", "Read the seat plan of a date, with its prices.")
            .description(
                "It never changes. The seats of a date have the order of its plan's places: the \
                 first place is the seat of number 1. A date that was made of rows and columns has an equal plan, to which \
                 the bounds of other plans do not apply.",
            )
            .access(Access::Viewer)
            .response(200, object::<PricedPlanBody>())
            .response_header("ETag")
            .response(304, nothing("The client has the plan"))
            .refuses(&[NotFound(Resource::Schedule)]),
    ];
    let groups = [tagged("concerts", of_organizers), tagged("booking", of_viewers)];
    groups.into_iter().flatten().collect()
}

/// The most schedules made together with a concert.
const SCHEDULES_MAX: usize = 20;

/// A date to be added to a concert. Exactly one of `seatMap` and `plan` is required.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SchedulePlanBody {
    #[schema(example = "2026-12-24T10:00:00Z")]
    starts_at: Timestamp,
    #[schema(example = "2026-12-24T12:00:00Z")]
    ends_at: Timestamp,
    #[schema(example = "2026-11-21T10:00:00Z")]
    booking_opens_at: Timestamp,
    #[schema(example = "2026-12-24T10:00:00Z")]
    booking_closes_at: Timestamp,
    /// Until when paid reservations may be cancelled; never, if it is left out.
    #[schema(example = "2026-12-17T10:00:00Z")]
    cancellation_closes_at: Option<Timestamp>,
    /// How many tickets one person may have of this date, over all purchases; 4 if it is left out.
    #[schema(minimum = 1, maximum = 1_000, value_type = i32, required = false, example = 4)]
    max_tickets_per_person: Option<Whole>,
    seat_map: Option<SeatMapBody>,
    /// The seat plan of a hall.
    #[schema(value_type = Option<PlanChoiceBody>)]
    plan: Option<Object<PlanChoiceBody>>,
}

impl SchedulePlanBody {
    pub(super) async fn plans(
        bodies: Vec<Object<Self>>,
        halls: &mut NamedHalls<'_>,
    ) -> Result<Vec<SchedulePlan>, ApiError> {
        if bodies.len() > SCHEDULES_MAX {
            return Err(Invalid::new("schedules", Rule::Items(0, SCHEDULES_MAX)).into());
        }
        let mut plans = Vec::new();
        for Object(body) in bodies {
            plans.push(body.plan(halls).await?);
            SchedulePlan::check_seats(&plans)?;
        }
        Ok(plans)
    }

    async fn plan(self, halls: &mut NamedHalls<'_>) -> Result<SchedulePlan, ApiError> {
        let limit = self.max_tickets_per_person.map(|Whole(tickets)| TicketLimit::parse(tickets));
        let terms = ScheduleTerms {
            starts_at: self.starts_at.0,
            ends_at: self.ends_at.0,
            booking: BookingWindow {
                opens_at: self.booking_opens_at.0,
                closes_at: self.booking_closes_at.0,
            },
            cancellation_closes_at: self.cancellation_closes_at.map(|at| at.0),
            ticket_limit: limit.transpose()?.unwrap_or_default(),
        };
        terms.check().map_err(Invalid::from)?;
        let seat_map = match (self.seat_map, self.plan) {
            (Some(seat_map), None) => seat_map.parse()?,
            (None, Some(Object(choice))) => halls.seat_map(&choice).await?,
            _ => return Err(Invalid::new("seatMap, plan", Rule::ExactlyOne).into()),
        };
        commands::schedule_plan(terms, || Ok(seat_map))
    }
}

/// A schedule.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleBody {
    id: Uuid,
    concert_id: Uuid,
    starts_at: Timestamp,
    ends_at: Timestamp,
    booking_opens_at: Timestamp,
    booking_closes_at: Timestamp,
    /// Until when paid reservations may be cancelled, if they may.
    cancellation_closes_at: Option<Timestamp>,
    /// How many tickets one person may have of it, over all purchases.
    #[schema(example = 4)]
    max_tickets_per_person: i32,
    /// The move after tickets were sold, if there was one.
    moved: Option<MovedBody>,
    /// When it was cancelled, if it was.
    cancelled_at: Option<Timestamp>,
    /// Why it was cancelled.
    cancel_reason: Option<String>,
    /// How many seats it has.
    #[schema(example = 50)]
    seat_count: i32,
    /// How many of them are free.
    #[schema(example = 48)]
    seats_available: i64,
    /// Whether every seat is paid. A ticket may come back.
    sold_out: bool,
    created_at: Timestamp,
    /// Where it is; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<VenueOfScheduleBody>,
    /// The hall whose seat plan it has; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    hall_id: Option<Uuid>,
    /// The version of that plan, which stays; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    plan_version: Option<i32>,
}

/// The venue of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VenueOfScheduleBody {
    id: Uuid,
    #[schema(example = "예술의전당")]
    name: String,
    #[schema(example = "서울 서초구 남부순환로 2406")]
    address: String,
    /// The name of its time zone in the IANA database.
    #[schema(example = "Asia/Seoul")]
    time_zone: String,
}

impl From<VenueOfSchedule> for VenueOfScheduleBody {
    fn from(venue: VenueOfSchedule) -> Self {
        Self {
            id: venue.id.0,
            name: venue.name.as_str().to_owned(),
            address: venue.address.as_str().to_owned(),
            time_zone: venue.time_zone.as_str().to_owned(),
        }
    }
}

/// A move of a schedule after tickets were sold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovedBody {
    /// When it was moved.
    at: Timestamp,
    /// When the performance was to start before.
    from: Timestamp,
    /// Until when holders can cancel because of the move.
    refundable_until: Timestamp,
}

impl From<Moved> for MovedBody {
    fn from(moved: Moved) -> Self {
        Self {
            at: moved.at.into(),
            from: moved.from.into(),
            refundable_until: moved.refundable_until.into(),
        }
    }
}

impl ScheduleBody {
    /// A schedule that was just made: every seat is free.
    pub(super) fn new(schedule: Schedule, halls: &NamedHalls<'_>) -> Self {
        let seats_available = schedule.seat_count.into();
        let venue = halls.venue_of(&schedule);
        ScheduleListing { schedule, seats_available, venue }.into()
    }
}

impl From<ScheduleListing> for ScheduleBody {
    fn from(ScheduleListing { schedule, seats_available, venue }: ScheduleListing) -> Self {
        Self {
            sold_out: schedule.is_sold_out(),
            id: schedule.id.0,
            concert_id: schedule.concert_id.0,
            starts_at: schedule.starts_at.into(),
            ends_at: schedule.ends_at.into(),
            booking_opens_at: schedule.booking.opens_at.into(),
            booking_closes_at: schedule.booking.closes_at.into(),
            cancellation_closes_at: schedule.cancellation_closes_at.map(Timestamp::from),
            max_tickets_per_person: schedule.ticket_limit.get(),
            moved: schedule.moved.map(MovedBody::from),
            cancelled_at: schedule.cancelled.as_ref().map(|cancelled| cancelled.at.into()),
            cancel_reason: schedule.cancelled.map(|it| it.reason.as_str().to_owned()),
            seat_count: schedule.seat_count,
            seats_available,
            created_at: schedule.created_at.into(),
            venue: venue.map(VenueOfScheduleBody::from),
            hall_id: schedule.plan.map(|plan| plan.hall_id.0),
            plan_version: schedule.plan.map(|plan| plan.version),
        }
    }
}

/// A seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatBody {
    id: Uuid,
    /// Its number in the schedule, from 1, row by row.
    #[schema(example = 1)]
    number: i32,
    #[schema(example = 1)]
    row: i32,
    #[schema(example = 1)]
    column: i32,
    /// In points.
    #[schema(example = 10000)]
    price: i64,
    /// Its section; may be empty.
    #[schema(example = "VIP")]
    label: String,
    #[schema(value_type = String, example = "FREE")]
    status: SeatStatus,
    #[serde(flatten)]
    #[schema(value_type = SeatOfPlanBody)]
    plan: Option<SeatOfPlanBody>,
}

/// Which schedules or seats.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleQuery {
    /// `true`: only what can be booked now.
    #[param(value_type = Option<bool>)]
    available: Option<String>,
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Which seats.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatQuery {
    /// `true`: only free seats.
    #[param(value_type = Option<bool>)]
    available: Option<String>,
}

/// Whether a parameter is `true`; without it, it is not.
pub(super) fn is_set(name: &'static str, value: Option<&str>) -> Result<bool, ApiError> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ApiError::field(name, FieldRule::OneOf(&["true", "false"]))),
    }
}

async fn create(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    key: IdempotencyKey,
    body: Body<SchedulePlanBody>,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let mut halls = NamedHalls::of(&services);
    let plan = body.value.plan(&mut halls).await?;
    let command = CreateSchedule { concert_id, organizer_id: organizer.0, plan };
    let submission = key.submission(organizer.0, &body.bytes, command);
    let schedule = services.create_schedule.submit(submission).await??;
    Ok(HttpResponse::Created().json(ScheduleBody::new(schedule, &halls)))
}

async fn list(
    services: Data<Services>,
    viewer: Viewer,
    id: Path<String>,
    query: Query<ScheduleQuery>,
) -> Result<Json<PageBody<ScheduleBody>>, ApiError> {
    let concert_id: ConcertId = ids::parse_id(&id, "concertId")?;
    let ScheduleQuery { available, limit, cursor } = query.into_inner();
    let only_available = is_set("available", available.as_deref())?;
    let page = PageQuery { limit, cursor };
    let (size, after) = (page.size()?, page.after()?.map(ScheduleId));
    viewer.check(&services, concert_id).await?;
    let now = services.clock.now();
    if services.concerts.concert(concert_id, now).await?.is_none() {
        return Err(ApiError::NotFound(Resource::Concert));
    }
    let schedules =
        services.schedules.schedules(concert_id, only_available, after, size, now).await?;
    Ok(Json(PageBody::of(schedules, ScheduleBody::from)))
}

async fn seats(
    req: HttpRequest,
    services: Data<Services>,
    seat_maps: Data<SeatMaps>,
    viewer: Viewer,
    id: Path<String>,
    query: Query<SeatQuery>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let only_free = is_set("available", query.available.as_deref())?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    viewer.check_date(&services, concert_id).await?;
    let form = if only_free { SeatForm::Free } else { SeatForm::All };
    let listed = |all: Vec<Seat>, now| -> Vec<SeatBody> {
        let listed = all.into_iter().map(|seat| SeatBody::at(seat, now));
        listed.filter(|seat| !only_free || seat.status == SeatStatus::Free).collect()
    };
    let seat_map = seat_maps.seats(&services, form, vec![schedule_id], listed).await?;
    Ok(seat_map.answer_tagged(&req).await)
}

async fn seat_status(
    req: HttpRequest,
    services: Data<Services>,
    seat_maps: Data<SeatMaps>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    viewer.check(&services, concert_id).await?;
    let states = seat_maps.states(&services, schedule_id, SeatStatusBody::at).await?;
    Ok(states.answer_tagged(&req).await)
}

impl SeatBody {
    fn at(seat: Seat, now: Instant) -> Self {
        Self {
            id: seat.id.0,
            number: seat.number,
            row: seat.row,
            column: seat.column,
            price: seat.price.get(),
            status: seat.status(now),
            plan: SeatOfPlanBody::of(seat.details, &seat.label),
            label: seat.label,
        }
    }
}
