//! Concerts, their dates (series) and seats (sheets).

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CreateConcert, CreateSchedule, SchedulePlan};
use stagedoor_domain::ports::ConcertFilter;
use stagedoor_domain::{
    BookingWindow, ConcertDetails, ConcertId, Instant, RoomId, Schedule, ScheduleId, ScheduleTerms,
    Seat, SeatMap, SeatStatus, Section, TicketLimit, Title,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, AnyToken, Pass, SignedIn};
use crate::contracts::all;
use crate::edge::Action;
use crate::route::{Route, array, get, nothing, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands;
use crate::shared::seat_maps::{SeatForm, SeatMaps};
use crate::wire::{ApiError, Body, IdempotencyKey, LocalTime, RequiredAccess, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/concert", create)
            .operation("ostCreateConcert", "Create a concert.")
            .access(Access::AnyToken)
            .limit(Action::Create)
            .response(200, nothing("It is created"))
            .refuses(&[Forbidden(RequiredAccess::Organizer), Forbidden(RequiredAccess::Oneself)]),
        post("/concert/series", create_series)
            .operation("ostCreateSeries", "Add a date with seats 1 to 50 to one's own concert.")
            .access(Access::AnyToken)
            .limit(Action::Create)
            .response(200, nothing("It is created"))
            .refuses(&[
                Forbidden(RequiredAccess::OwnConcert),
                NotFound(Resource::Concert),
                ConcertCancelled,
            ]),
        get("/concert", list)
            .operation("ostConcerts", "List the concerts, newest first.")
            .access(Access::AnyToken)
            .response(200, array::<Concert>())
            .refuses(&[TokenExpired]),
        get("/concert/series/{concertId}", series)
            .operation("ostSeries", "List a concert's dates, oldest first.")
            .access(Access::AnyToken)
            .response(200, array::<Series>())
            .refuses(&[TokenExpired, NotFound(Resource::Concert), NotFound(Resource::Schedule)]),
        post("/concert/sheet/{seriesId}", sheets)
            .operation("ostSheets", "List a date's seats.")
            .access(Access::Admitted)
            .response(200, array::<Sheet>())
            .refuses(&[NotFound(Resource::Schedule)]),
    ];
    tagged("contract: ost", routes)
}

/// The seats of a date: 1 to 50.
const ROWS: i64 = 5;
const COLUMNS: i64 = 10;
const PRICE: i64 = 10_000;

/// A new concert.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstNewConcert)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewConcert {
    #[schema(format = "uuid")]
    user_id: String,
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
}

/// A new date.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstNewSeries)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewSeries {
    concert_id: Uuid,
    #[schema(
        example = "2026-12-24T19:00:00",
        pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$"
    )]
    start_at: String,
    #[schema(
        example = "2026-12-24T22:00:00",
        pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$"
    )]
    end_at: String,
    #[schema(
        example = "2026-12-01T10:00:00",
        pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$"
    )]
    reserve_start_at: String,
    #[schema(
        example = "2026-12-24T19:00:00",
        pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$"
    )]
    reserve_end_at: String,
}

/// A concert.
#[derive(Serialize, ToSchema)]
#[schema(as = OstConcert)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Concert {
    concert_id: Uuid,
    /// Its organizer.
    user_id: Uuid,
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    #[schema(example = "2026-12-01T10:00:00")]
    create_at: String,
}

/// A date.
#[derive(Serialize, ToSchema)]
#[schema(as = OstSeries)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Series {
    series_id: Uuid,
    concert_id: Uuid,
    #[schema(example = "2026-12-24T19:00:00")]
    start_at: String,
    #[schema(example = "2026-12-24T22:00:00")]
    end_at: String,
    #[schema(example = "2026-12-01T10:00:00")]
    reserve_start_at: String,
    #[schema(example = "2026-12-24T19:00:00")]
    reserve_end_at: String,
    /// `READY` before booking opens, `PROCESSING` while it is open, `CLOSED` afterwards.
    #[schema(example = "PROCESSING")]
    status: &'static str,
    #[schema(example = "2026-12-01T10:00:00")]
    create_at: String,
}

/// A seat.
#[derive(Serialize, ToSchema)]
#[schema(as = OstSheet)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sheet {
    sheet_id: Uuid,
    concert_id: Uuid,
    series_id: Uuid,
    #[schema(example = 1)]
    row: i32,
    #[schema(example = 1)]
    col: i32,
    #[schema(example = 10000)]
    price: i64,
    /// Whether it is held or sold.
    reserved: bool,
}

impl NewSeries {
    fn plan(&self, local_time: &LocalTime) -> Result<SchedulePlan, ApiError> {
        let instant = |text: &str, field: &'static str| {
            local_time.instant(text).map_err(|rule| ApiError::field(field, rule))
        };
        let terms = ScheduleTerms {
            starts_at: instant(&self.start_at, "startAt")?,
            ends_at: instant(&self.end_at, "endAt")?,
            booking: BookingWindow {
                opens_at: instant(&self.reserve_start_at, "reserveStartAt")?,
                closes_at: instant(&self.reserve_end_at, "reserveEndAt")?,
            },
            cancellation_closes_at: None,
            ticket_limit: TicketLimit::default(),
        };
        let seat_map = || SeatMap::new(vec![Section::parse(ROWS, COLUMNS, PRICE, "")?]);
        commands::schedule_plan(terms, seat_map)
    }
}

impl Series {
    fn at(schedule: &Schedule, local_time: &LocalTime, now: Instant) -> Self {
        let written = |instant| local_time.date_time(instant);
        let status = if schedule.is_bookable(now) {
            "PROCESSING"
        } else if schedule.concert_state.is_on_sale() && now < schedule.booking.opens_at {
            "READY"
        } else {
            "CLOSED"
        };
        Self {
            series_id: schedule.id.0,
            concert_id: schedule.concert_id.0,
            start_at: written(schedule.starts_at),
            end_at: written(schedule.ends_at),
            reserve_start_at: written(schedule.booking.opens_at),
            reserve_end_at: written(schedule.booking.closes_at),
            status,
            create_at: written(schedule.created_at),
        }
    }
}

/// Checks that a concert's organizer sends an access token. Open mode has no log-in: there a queue token is
/// enough.
fn check_organizes(user: &SignedIn, settings: &HttpSettings) -> Result<(), ApiError> {
    if settings.open_mode { Ok(()) } else { user.check_account() }
}

async fn create(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    key: IdempotencyKey,
    body: Body<NewConcert>,
) -> Result<HttpResponse, ApiError> {
    check_organizes(&user, &settings)?;
    user.check_is(&body.value.user_id)?;
    let command = CreateConcert {
        id: ConcertId(ids::new_uuid()),
        room_id: RoomId(ids::new_uuid()),
        organizer_id: user.user_id,
        details: ConcertDetails::titled(Title::parse(&body.value.title)?),
        schedules: Vec::new(),
        is_draft: false,
        open_to_all: settings.open_mode,
    };
    services.create_concert.submit(key.submission(user.user_id, &body.bytes, command)).await??;
    Ok(HttpResponse::Ok().finish())
}

async fn create_series(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    key: IdempotencyKey,
    body: Body<NewSeries>,
) -> Result<HttpResponse, ApiError> {
    check_organizes(&user, &settings)?;
    let command = CreateSchedule {
        concert_id: ConcertId(body.value.concert_id),
        organizer_id: user.user_id,
        plan: body.value.plan(&settings.local_time)?,
    };
    services.create_schedule.submit(key.submission(user.user_id, &body.bytes, command)).await??;
    Ok(HttpResponse::Ok().finish())
}

async fn list(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    _: AnyToken,
) -> Result<Json<Vec<Concert>>, ApiError> {
    let now = services.clock.now();
    let read = async |after, size| {
        services.concerts.concerts(&ConcertFilter::default(), after, size, now).await
    };
    let listings = all(read).await?;
    let concerts = listings.into_iter().map(|listing| Concert {
        concert_id: listing.concert.id.0,
        user_id: listing.concert.organizer_id.0,
        title: listing.concert.details.title.as_str().to_owned(),
        create_at: settings.local_time.date_time(listing.concert.created_at),
    });
    Ok(Json(concerts.collect()))
}

async fn series(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    _: AnyToken,
    id: Path<String>,
) -> Result<Json<Vec<Series>>, ApiError> {
    let id: ConcertId = ids::parse_id(&id, "concertId")?;
    let known = services.waiting_room.room_of_concert(id).await?;
    known.ok_or(ApiError::NotFound(Resource::Concert))?;
    let now = services.clock.now();
    let read = async |after, size| services.schedules.schedules(id, false, after, size, now).await;
    let listings = all(read).await?;
    if listings.is_empty() {
        return Err(ApiError::NotFound(Resource::Schedule));
    }
    let at = |schedule: &Schedule| Series::at(schedule, &settings.local_time, now);
    Ok(Json(listings.iter().map(|listing| at(&listing.schedule)).collect()))
}

async fn sheets(
    req: HttpRequest,
    services: Data<Services>,
    seat_maps: Data<SeatMaps>,
    pass: Pass,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "seriesId")?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    let admitted = services.admission.check(&pass.0, concert_id).await?;
    admitted.map_err(|refused| ApiError::from(refused).of_date())?;
    let sheet = |seat: Seat, now| Sheet {
        sheet_id: seat.id.0,
        concert_id: concert_id.0,
        series_id: schedule_id.0,
        row: seat.row,
        col: seat.column,
        price: seat.price.get(),
        reserved: seat.status(now) != SeatStatus::Free,
    };
    let listed = |all: Vec<Seat>, now| -> Vec<Sheet> {
        all.into_iter().map(|seat| sheet(seat, now)).collect()
    };
    let form = SeatForm::OstSheets;
    let written = seat_maps.seats(&services, form, vec![schedule_id], listed).await?;
    Ok(written.answer(&req).await)
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::ConcertState;
    use time::Duration;

    use super::*;
    use crate::testing::{NOW, settings};

    #[test]
    fn a_series_is_ready_processing_or_closed_by_its_booking_window() {
        let (opens_at, closes_at) = (NOW, NOW + Duration::HOUR);
        let schedule = Schedule {
            id: ScheduleId(Uuid::from_u128(1)),
            concert_id: ConcertId(Uuid::from_u128(2)),
            concert_state: ConcertState::Published,
            starts_at: closes_at,
            ends_at: closes_at + Duration::HOUR,
            booking: BookingWindow { opens_at, closes_at },
            cancellation_closes_at: None,
            seat_count: 50,
            sold_count: 0,
            blocked_count: 0,
            ticket_limit: TicketLimit::default(),
            version: 0,
            moved: None,
            cancelled: None,
            created_at: NOW - Duration::DAY,
            plan: None,
        };
        let table = [
            (opens_at - Duration::MICROSECOND, "READY"),
            (opens_at, "PROCESSING"),
            (closes_at - Duration::MICROSECOND, "PROCESSING"),
            (closes_at, "CLOSED"),
        ];
        for (now, status) in table {
            let series = Series::at(&schedule, &settings().local_time, now);
            assert_eq!(series.status, status, "{now}");
            assert_eq!(series.reserve_start_at, "2026-11-21T19:00:00", "in Seoul");
        }
    }
}
