//! Reservations.

pub(crate) mod cancellation;
pub(crate) mod extension;
mod forms;

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json, Path, Query};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{GiveBack, SeatChoice};
use stagedoor_domain::{
    Instant, Invalid, Request, Reservation, ReservationId, ReservationStatus, ReservedSeat, Rule,
    ScheduleId, SeatId, UserPart,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::auth::access::Access;
use crate::auth::authorization;
use crate::auth::bearer::{Pass, SignedIn};
use crate::edge::rate_limits::Action;
use crate::openapi::operation::{Schemas, nothing, object, page, text};
use crate::route::{Route, delete, get, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands;
use crate::wire::body::{Body, Whole};
use crate::wire::error::{ApiError, FieldRule, Needs, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::ids;
use crate::wire::paging::{PageBody, PageQuery};
use crate::wire::timestamps::Timestamp;

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/reservations", hold)
            .operation("holdSeats", "Hold 1 to 4 seats of one date, all or none.")
            .access(Access::Admitted)
            .limit(Action::Hold)
            .response(201, object::<ReservationBody>())
            .refuses(&commands::HOLD_REFUSALS),
        get("/reservations", list)
            .operation(
                "listReservations",
                "List one's own reservations, or as an operator another user's, newest first.",
            )
            .description("Reading another user's is recorded.")
            .access(Access::AnyToken)
            .response(200, page::<ReservationBody>())
            .refuses(&[Forbidden(Needs::Operator)]),
        get("/reservations/{reservationId}", find)
            .operation("readReservation", "Read one of one's own reservations.")
            .access(Access::AnyToken)
            .response(200, object::<ReservationBody>())
            .refuses(&[NotFound(Noun::Reservation)]),
        get("/reservations/{reservationId}/qr-code", qr_code)
            .operation("drawTicket", "Draw a ticket's id as a QR code (ISO/IEC 18004).")
            .access(Access::AnyToken)
            .response(200, text("image/svg+xml").described("A drawing"))
            .refuses(&[NotFound(Noun::Reservation)]),
        delete("/reservations/{reservationId}", give_back)
            .operation("giveSeatsBack", "Release a hold. Its seats are free at once.")
            .access(Access::AnyToken)
            .response(204, nothing("The seats are free"))
            .refuses(&[
                NotFound(Noun::Reservation),
                AlreadyPaid(None),
                ReservationCancelled,
                HoldExpired,
            ]),
    ];
    tagged("booking", routes)
}

/// Seats to be held: exactly one of `seatIds`, `seatNumbers` and `bestAvailable`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldBody {
    schedule_id: Uuid,
    seat_ids: Option<Vec<Uuid>>,
    seat_numbers: Option<Vec<Whole>>,
    best_available: Option<Whole>,
}

impl PartialSchema for HoldBody {
    fn schema() -> RefOr<Schema> {
        forms::Hold::schema()
    }
}

impl ToSchema for HoldBody {
    fn name() -> Cow<'static, str> {
        forms::Hold::name()
    }

    fn schemas(schemas: &mut Schemas) {
        forms::Hold::schemas(schemas);
    }
}

impl HoldBody {
    fn choice(self) -> Result<SeatChoice, Invalid> {
        let choice = match (self.seat_ids, self.seat_numbers, self.best_available) {
            (Some(ids), None, None) => SeatChoice::Ids(ids.into_iter().map(SeatId).collect()),
            (None, Some(numbers), None) => SeatChoice::Numbers(
                numbers.into_iter().map(|number| number.saturated(i32::MIN, i32::MAX)).collect(),
            ),
            (None, None, Some(count)) => SeatChoice::Best(count.saturated(0, usize::MAX)),
            _ => return Err(Invalid::new("seatIds, seatNumbers, bestAvailable", Rule::ExactlyOne)),
        };
        choice.check()
    }
}

/// A reservation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReservationBody {
    id: Uuid,
    #[schema(value_type = String, example = "HELD")]
    status: ReservationStatus,
    concert_id: Uuid,
    schedule_id: Uuid,
    seats: Vec<ReservedSeatBody>,
    /// In points.
    #[schema(example = 10000)]
    total_price: i64,
    created_at: Timestamp,
    /// When an unpaid hold is over.
    expires_at: Timestamp,
    /// To when a hold may be extended, if it may.
    extendable_until: Option<Timestamp>,
    /// When the performance starts; in the answer to reading one.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
    /// Until when it may be cancelled once it is paid, if it may; in the answer to reading one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_closes_at: Option<Timestamp>,
}

/// A seat of a reservation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReservedSeatBody {
    id: Uuid,
    #[schema(example = 1)]
    number: i32,
    #[schema(example = 1)]
    row: i32,
    #[schema(example = 1)]
    column: i32,
    #[schema(example = "VIP")]
    label: String,
    /// In points.
    #[schema(example = 10000)]
    price: i64,
}

impl ReservationBody {
    pub(super) fn at(reservation: Reservation, now: Instant) -> Self {
        Self {
            id: reservation.id.0,
            status: reservation.status(now),
            concert_id: reservation.concert_id.0,
            schedule_id: reservation.schedule_id.0,
            total_price: reservation.total_price.get(),
            created_at: reservation.created_at.into(),
            expires_at: reservation.expires_at.into(),
            extendable_until: reservation
                .extendable_until
                .filter(|_| reservation.check_held(now).is_ok())
                .map(Timestamp::from),
            starts_at: None,
            cancellation_closes_at: None,
            seats: reservation.seats.into_iter().map(ReservedSeatBody::from).collect(),
        }
    }
}

impl From<ReservedSeat> for ReservedSeatBody {
    fn from(seat: ReservedSeat) -> Self {
        Self {
            id: seat.id.0,
            number: seat.number,
            row: seat.row,
            column: seat.column,
            label: seat.label,
            price: seat.price.get(),
        }
    }
}

async fn hold(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<HoldBody>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id = ScheduleId(body.value.schedule_id);
    let choice = body.value.choice()?;
    let command = commands::hold(&pass.0, schedule_id, choice, &settings);
    let request = key.request(pass.0.user_id, &body.bytes, command);
    let reservation = services.hold_seats.submit(request).await??;
    let made_at = reservation.created_at;
    Ok(HttpResponse::Created().json(ReservationBody::at(reservation, made_at)))
}

/// Which reservations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ReservationQuery {
    /// Whose, if not one's own: for operators.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<String>,
    /// `HELD`, `CONFIRMED`, `EXPIRED` or `CANCELLED`.
    #[param(pattern = "^(HELD|CONFIRMED|EXPIRED|CANCELLED)$")]
    status: Option<String>,
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

fn status_named(name: &str) -> Result<ReservationStatus, ApiError> {
    match name {
        "HELD" => Ok(ReservationStatus::Held),
        "CONFIRMED" => Ok(ReservationStatus::Confirmed),
        "EXPIRED" => Ok(ReservationStatus::Expired),
        "CANCELLED" => Ok(ReservationStatus::Cancelled),
        _ => {
            let words = &["HELD", "CONFIRMED", "EXPIRED", "CANCELLED"];
            Err(ApiError::field("status", FieldRule::OneOf(words)))
        }
    }
}

async fn list(
    services: Data<Services>,
    user: SignedIn,
    query: Query<ReservationQuery>,
) -> Result<Json<PageBody<ReservationBody>>, ApiError> {
    let ReservationQuery { user_id, status, limit, cursor } = query.into_inner();
    let named = user_id.map(|id| ids::parse_id(&id, "userId")).transpose()?;
    let owner = named.unwrap_or(user.user_id);
    if owner != user.user_id {
        user.check_account()?;
        authorization::check_operates(&services, user.user_id).await?;
    }
    let status = status.as_deref().map(status_named).transpose()?;
    let page = PageQuery { limit, cursor };
    let (size, after) = (page.size()?, page.after()?.map(ReservationId));
    let now = services.clock.now();
    let found = services.reservations.reservations(owner, status, after, size, now).await?;
    if owner != user.user_id {
        authorization::record_read(&services, user.user_id, owner, UserPart::Reservations).await?;
    }
    Ok(Json(PageBody::of(found, |reservation| ReservationBody::at(reservation, now))))
}

async fn find(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<ReservationBody>, ApiError> {
    let own = own(&services, &user, &id).await?;
    let schedule = services.schedules.schedule(own.schedule_id).await?;
    let starts_at = schedule.as_ref().map(|schedule| schedule.starts_at.into());
    let closes_at = schedule.and_then(|schedule| schedule.cancellation_closes_at);
    let cancellation_closes_at = closes_at.map(Timestamp::from);
    let body = ReservationBody::at(own, services.clock.now());
    Ok(Json(ReservationBody { starts_at, cancellation_closes_at, ..body }))
}

async fn own(services: &Services, user: &SignedIn, id: &str) -> Result<Reservation, ApiError> {
    let found = services.reservations.reservation(ids::parse_id(id, "reservationId")?).await?;
    let own = found.filter(|reservation| reservation.user_id == user.user_id);
    own.ok_or(ApiError::NotFound(Noun::Reservation))
}

async fn qr_code(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let ticket = own(&services, &user, &id).await?;
    if ticket.status(services.clock.now()) != ReservationStatus::Confirmed {
        return Err(ApiError::NotFound(Noun::Reservation));
    }
    let code = QrCode::new(ticket.id.0.hyphenated().to_string()).map_err(|_| ApiError::Internal)?;
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(drawing))
}

async fn give_back(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reservation_id = ids::parse_id(&id, "reservationId")?;
    let command = GiveBack { reservation_id, user_id: user.user_id };
    let verdict = services.give_back.submit(Request::new(command)).await?;
    verdict.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
pub(crate) mod tests;
