//! A concert's dates, its seats, and holding one.

use actix_web::web::{Data, Path};
use actix_web::{Error, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{HoldSeats, SeatChoice};
use stagedoor_domain::ports::ScheduleListing;
use stagedoor_domain::{ConcertId, Instant, Reference, ScheduleId, Seat, SeatId, SeatStatus};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    KEY_REUSED, NO_CONCERT, NO_SERVICE, Operation, SEAT_TAKEN, TicketId, TicketingError,
    UNAVAILABLE, UNREADABLE, given,
};
use crate::auth::{Access, Pass};
use crate::contracts::{all, schedule};
use crate::edge::Action;
use crate::route::{Route, get, object, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands;
use crate::shared::seat_maps::{SeatForm, SeatMaps};
use crate::wire::{ApiError, Body, IdempotencyKey, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        get("/concerts/{concertId}/dates", dates)
            .operation("ticketingDates", "List the dates that can be booked.")
            .access(Access::Admitted)
            .path_text("concertId", None)
            .response(200, object::<Dates>())
            .refuses_as::<TicketingError>(&[UNREADABLE, NO_SERVICE, NO_CONCERT, UNAVAILABLE]),
        get("/concerts/{concertId}/dates/{date}/seats", seats)
            .operation("ticketingSeats", "List the seats of a date that can be booked.")
            .access(Access::Admitted)
            .path_text("concertId", None)
            .path_text("date", Some("As `2026-12-24`, in the service's time zone"))
            .response(200, object::<Seats>())
            .refuses_as::<TicketingError>(&[UNREADABLE, NO_SERVICE, NO_CONCERT, UNAVAILABLE]),
        post("/concerts/{concertId}/schedules/{scheduleId}/seats/{seatId}/ticket", hold)
            .operation("ticketingHold", "Hold a seat.")
            .access(Access::Admitted)
            .limit(Action::Hold)
            .path_text("concertId", None)
            .path_text("scheduleId", None)
            .path_text("seatId", None)
            .response(200, object::<HeldSeat>())
            .refuses_as::<TicketingError>(&[
                UNREADABLE,
                NO_SERVICE,
                NO_CONCERT,
                SEAT_TAKEN,
                KEY_REUSED,
                UNAVAILABLE,
            ]),
    ];
    tagged("contract: ticketing", routes)
}

/// The dates of a concert that can be booked now.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingDates)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dates {
    #[schema(example = json!(["2026-12-24"]))]
    available_dates: Vec<String>,
}

/// The seats of a date that can be booked now.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingSeats)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seats {
    available_seats: Vec<FreeSeat>,
}

/// A seat that can be booked now.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingFreeSeat)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FreeSeat {
    seat_id: Uuid,
    #[schema(example = 1)]
    seat_num: i32,
    /// The performance it is of.
    schedule_id: Uuid,
    /// In points.
    #[schema(example = 10000)]
    price: i64,
}

/// The user of a new hold.
#[derive(Deserialize, ToSchema)]
#[schema(as = TicketingHold)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    /// The client's name for the hold.
    ticket_id: Option<TicketId>,
    #[schema(format = "uuid")]
    user_id: String,
}

/// A seat that is held.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingHeldSeat)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldSeat {
    /// The client's name for it, or the reservation's id.
    #[schema(example = "ticketId1")]
    ticket_id: String,
    user_id: Uuid,
    #[schema(example = "2026-12-24")]
    concert_date: String,
    #[schema(example = 1)]
    concert_seat: i32,
    #[schema(example = "temp")]
    seat_status: &'static str,
}

async fn dates(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Result<Pass, ApiError>,
    id: Path<String>,
) -> HttpResponse {
    let work = async {
        let listings = admitted(&services, pass, &id, true).await?;
        let date = |listing: ScheduleListing| settings.local_time.date(listing.schedule.starts_at);
        let mut available_dates: Vec<String> = listings.into_iter().map(date).collect();
        available_dates.sort_unstable();
        available_dates.dedup();
        Ok(Dates { available_dates })
    };
    Operation::Book.answer(work).await
}

async fn seats(
    req: HttpRequest,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    seat_maps: Data<SeatMaps>,
    pass: Result<Pass, ApiError>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let work = async {
        let (concert_id, date) = path.into_inner();
        let mut listings = admitted(&services, pass, &concert_id, false).await?;
        listings.retain(|listing| settings.local_time.date(listing.schedule.starts_at) == date);
        if listings.is_empty() {
            return Err(ApiError::NotFound(Resource::Schedule));
        }
        let now = services.clock.now();
        listings.retain(|listing| listing.schedule.is_bookable(now));
        let ids = listings.iter().map(|listing| listing.schedule.id).collect();
        let form = SeatForm::TicketingSeats;
        let written = seat_maps.seats(&services, form, ids, free_seats).await?;
        Ok(written.answer(&req).await)
    };
    Operation::Book.respond(work).await
}

fn free_seats(all: Vec<Seat>, now: Instant) -> Seats {
    let free = all.into_iter().filter(|seat| seat.status(now) == SeatStatus::Free);
    let available_seats = free.map(|seat| FreeSeat {
        seat_id: seat.id.0,
        seat_num: seat.number,
        schedule_id: seat.schedule_id.0,
        price: seat.price.get(),
    });
    Seats { available_seats: available_seats.collect() }
}

/// The dates of a concert, for an admitted user.
async fn admitted(
    services: &Services,
    pass: Result<Pass, ApiError>,
    concert_id: &str,
    only_available: bool,
) -> Result<Vec<ScheduleListing>, ApiError> {
    let pass = pass?;
    let no_concert = || ApiError::NotFound(Resource::Concert);
    let id: ConcertId = concert_id.parse().map_err(|_| no_concert())?;
    services.waiting_room.room_of_concert(id).await?.ok_or_else(no_concert)?;
    services.admission.check(&pass.0, id).await??;
    let (schedules, now) = (&services.schedules, services.clock.now());
    let read = async |after, size| schedules.schedules(id, only_available, after, size, now).await;
    Ok(all(read).await?)
}

async fn hold(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Result<Pass, ApiError>,
    key: Result<IdempotencyKey, ApiError>,
    path: Path<(String, String, String)>,
    body: Result<Body<Hold>, Error>,
) -> HttpResponse {
    let work = async {
        let (pass, key, Body { value: body, bytes }) = (pass?, key?, given(body)?);
        pass.check_user(&body.user_id)?;
        let (schedule, seat_id) = seat_at(&services, path.into_inner()).await?;
        let reference = body.ticket_id.map(TicketId::into_text);
        let reference = reference.map(|text| Reference::parse(&text, "ticketId")).transpose()?;
        let choice = SeatChoice::Ids(vec![seat_id]);
        let hold = commands::hold(&pass.0, schedule.id, choice, &settings);
        let command = HoldSeats { reference: reference.clone(), ..hold };
        let submission = key.submission(pass.0.user_id, &bytes, command);
        let held = services.hold_seats.submit(submission).await??;
        let id = held.id.to_string();
        Ok(HeldSeat {
            ticket_id: reference.map_or(id, |reference| reference.as_str().to_owned()),
            user_id: held.user_id.0,
            concert_date: settings.local_time.date(schedule.starts_at),
            concert_seat: held.seats.first().map_or(0, |seat| seat.number),
            seat_status: "temp",
        })
    };
    Operation::Book.answer(work).await
}

async fn seat_at(
    services: &Services,
    (concert_id, schedule_id, seat_id): (String, String, String),
) -> Result<(stagedoor_domain::Schedule, SeatId), ApiError> {
    let no_schedule = || ApiError::NotFound(Resource::Schedule);
    let schedule_id: ScheduleId = schedule_id.parse().map_err(|_| no_schedule())?;
    let found = schedule(services, schedule_id).await?;
    if concert_id.parse() != Ok(found.concert_id) {
        return Err(no_schedule());
    }
    let seat_id = seat_id.parse().map_err(|_| ApiError::NotFound(Resource::Seat))?;
    Ok((found, seat_id))
}
