//! Temporary reservations and reservations.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::SeatChoice;
use stagedoor_domain::ports::PaymentDetails;
use stagedoor_domain::{
    Instant, PaymentId, Reservation, ReservationState, ReservationStatus, ReservedSeat, ScheduleId,
    SeatId,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::OwnerQuery;
use super::concert_queue::check_header;
use crate::auth::{Access, Pass, SignedIn};
use crate::contracts::{all, schedule};
use crate::edge::Action;
use crate::route::{Route, array, get, object, post, tagged, uuid};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::{commands, own};
use crate::wire::{ApiError, Body, IdempotencyKey, LocalTime, RequiredAccess, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/temporary-reservation", hold)
            .operation("ostHold", "Hold a seat.")
            .access(Access::Admitted)
            .limit(Action::Hold)
            .header("tokenId", "The id of the token")
            .response(200, uuid().described("The id of the hold"))
            .refuses(&commands::HOLD_REFUSALS)
            .refuses(&[Forbidden(RequiredAccess::Oneself)]),
        get("/temporary-reservation/{temporaryReservationId}", find_hold)
            .operation("ostTemporaryReservation", "Read a hold, live or ended.")
            .access(Access::AnyToken)
            .response(200, object::<TemporaryReservation>())
            .refuses(&[NotFound(Resource::Reservation)]),
        get("/reservation/{reservationId}", find)
            .operation("ostReservation", "Read a ticket.")
            .access(Access::AnyToken)
            .response(200, object::<Ticket>())
            .refuses(&[NotFound(Resource::Reservation)]),
        get("/reservation", list)
            .operation(
                "ostReservations",
                "List one's own tickets, newest first, one for each seat.",
            )
            .access(Access::AnyToken)
            .response(200, array::<Ticket>())
            .refuses(&[Forbidden(RequiredAccess::Oneself), NotFound(Resource::User)]),
    ];
    tagged("contract: ost", routes)
}

/// The user and the seat of a new hold.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstHold)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    #[schema(format = "uuid")]
    user_id: String,
    concert_id: Uuid,
    series_id: Uuid,
    sheet_id: Uuid,
}

/// A hold.
#[derive(Serialize, ToSchema)]
#[schema(as = OstTemporaryReservation)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemporaryReservation {
    temporary_reservation_id: Uuid,
    user_id: Uuid,
    concert_id: Uuid,
    series_id: Uuid,
    sheet_id: Option<Uuid>,
    /// All its seats, if it has more than one; then `sheetId` is the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sheet_ids: Vec<Uuid>,
    #[schema(example = "2026-12-01T10:00:00")]
    create_at: String,
    /// When it was paid, released or expired; null while it is live.
    #[schema(example = "2026-12-01T10:05:00")]
    delete_at: Option<String>,
}

/// A ticket.
#[derive(Serialize, ToSchema)]
#[schema(as = OstTicket)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ticket {
    reservation_id: Uuid,
    user_id: Uuid,
    concert_id: Uuid,
    series_id: Uuid,
    /// Its payment; null for a complimentary ticket.
    payment_id: Option<Uuid>,
    sheet_id: Option<Uuid>,
    /// All its seats, if it has more than one; then `sheetId` is the first. A list has a ticket for each seat
    /// instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sheet_ids: Vec<Uuid>,
    /// When it was paid or given.
    #[schema(example = "2026-12-01T10:05:00")]
    create_at: String,
}

/// A reservation whose seats are its holder's, and its payment, unless it is complimentary.
struct Held {
    reservation: Reservation,
    payment_id: Option<PaymentId>,
    at: Instant,
}

impl From<PaymentDetails> for Held {
    fn from(PaymentDetails { payment, reservation, .. }: PaymentDetails) -> Self {
        Self { reservation, payment_id: Some(payment.id), at: payment.created_at }
    }
}

impl Held {
    /// Nothing for a reservation that was paid.
    fn complimentary(reservation: Reservation) -> Option<Self> {
        let at = reservation.created_at;
        reservation.is_complimentary().then_some(Self { reservation, payment_id: None, at })
    }

    /// Whether it still is a ticket. A cancelled one is not: its seats may be sold to another user.
    fn is_ticket(&self, now: Instant) -> bool {
        self.reservation.status(now) == ReservationStatus::Confirmed
    }
}

impl TemporaryReservation {
    fn at(reservation: &Reservation, local_time: &LocalTime, now: Instant) -> Self {
        let ended_at = match reservation.state {
            ReservationState::Confirmed { at } | ReservationState::Cancelled { at } => Some(at),
            ReservationState::Held | ReservationState::Expired => {
                let has_expired = reservation.status(now) == ReservationStatus::Expired;
                has_expired.then_some(reservation.expires_at)
            }
        };
        Self {
            temporary_reservation_id: reservation.id.0,
            user_id: reservation.user_id.0,
            concert_id: reservation.concert_id.0,
            series_id: reservation.schedule_id.0,
            sheet_id: reservation.seats.first().map(|seat| seat.id.0),
            sheet_ids: several(reservation),
            create_at: local_time.date_time(reservation.created_at),
            delete_at: ended_at.map(|at| local_time.date_time(at)),
        }
    }
}

impl Ticket {
    fn of(held: &Held, local_time: &LocalTime) -> Self {
        let reservation = &held.reservation;
        Self {
            reservation_id: reservation.id.0,
            user_id: reservation.user_id.0,
            concert_id: reservation.concert_id.0,
            series_id: reservation.schedule_id.0,
            payment_id: held.payment_id.map(|id| id.0),
            sheet_id: reservation.seats.first().map(|seat| seat.id.0),
            sheet_ids: several(reservation),
            create_at: local_time.date_time(held.at),
        }
    }

    /// A ticket for each seat.
    fn of_each_seat(held: &Held, local_time: &LocalTime) -> Vec<Self> {
        let ticket = |seat: &ReservedSeat| Self {
            sheet_id: Some(seat.id.0),
            sheet_ids: Vec::new(),
            ..Self::of(held, local_time)
        };
        held.reservation.seats.iter().map(ticket).collect()
    }
}

/// The seats of a reservation that has more than one.
fn several(reservation: &Reservation) -> Vec<Uuid> {
    let seats = reservation.seats.iter().map(|seat| seat.id.0);
    if reservation.seats.len() > 1 { seats.collect() } else { Vec::new() }
}

async fn hold(
    req: HttpRequest,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Pass,
    key: IdempotencyKey,
    body: Body<Hold>,
) -> Result<Json<Uuid>, ApiError> {
    check_header(&req, &pass)?;
    pass.check_user(&body.value.user_id)?;
    let schedule = schedule(&services, ScheduleId(body.value.series_id)).await?;
    if schedule.concert_id.0 != body.value.concert_id {
        return Err(ApiError::NotFound(Resource::Schedule));
    }
    let choice = SeatChoice::Ids(vec![SeatId(body.value.sheet_id)]);
    let command = commands::hold(&pass.0, schedule.id, choice, &settings);
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    let held = services.hold_seats.submit(submission).await??;
    Ok(Json(held.id.0))
}

async fn find_hold(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<TemporaryReservation>, ApiError> {
    let id = ids::parse_id(&id, "temporaryReservationId")?;
    let own = own::reservation(&services, &user, id).await?;
    Ok(Json(TemporaryReservation::at(&own, &settings.local_time, services.clock.now())))
}

async fn find(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<Ticket>, ApiError> {
    let id = ids::parse_id(&id, "reservationId")?;
    let held = match services.payments.payment_of(id).await? {
        Some(paid) => Some(Held::from(paid)),
        None => services.reservations.reservation(id).await?.and_then(Held::complimentary),
    };
    let own = held.filter(|held| held.reservation.user_id == user.user_id);
    let own = own.filter(|held| held.is_ticket(services.clock.now()));
    let own = own.ok_or(ApiError::NotFound(Resource::Reservation))?;
    Ok(Json(Ticket::of(&own, &settings.local_time)))
}

async fn list(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    owner: Query<OwnerQuery>,
) -> Result<Json<Vec<Ticket>>, ApiError> {
    user.check_is(&owner.user_id)?;
    let now = services.clock.now();
    let read = async |after, size| services.payments.payments(user.user_id, after, size).await;
    let mut held: Vec<Held> = all(read).await?.into_iter().map(Held::from).collect();
    let confirmed = Some(ReservationStatus::Confirmed);
    let reservations = &services.reservations;
    let read = async |after, size| {
        reservations.reservations(user.user_id, confirmed, after, size, now).await
    };
    held.extend(all(read).await?.into_iter().filter_map(Held::complimentary));
    held.retain(|held| held.is_ticket(now));
    held.sort_by_key(|held| std::cmp::Reverse(held.at));
    let tickets = held.iter().flat_map(|held| Ticket::of_each_seat(held, &settings.local_time));
    Ok(Json(tickets.collect()))
}
