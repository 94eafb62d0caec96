//! Reservations.

mod forms;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{
    BestSeats, CancelReservation, ExtendHold, Refunded, ReleaseHold, SeatChoice,
};
use stagedoor_domain::ports::VenueOfSchedule;
use stagedoor_domain::{
    Instant, Invalid, PointEntryId, Reservation, ReservationId, ReservationStatus, ReservedSeat,
    Rule, Schedule, ScheduleId, SeatId, Submission, UserPart, Venue,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Access, Pass, SignedIn, authorization};
use crate::edge::Action;
use crate::route::{Route, delete, documented_by, get, nothing, object, page, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::{commands, own};
use crate::v1::point::PointEntryBody;
use crate::v1::schedule::seat_of_plan::SeatOfPlanBody;
use crate::v1::schedule::{MovedBody, VenueOfScheduleBody};
use crate::wire::{
    ApiError, Body, DoorRefused, FieldRule, IdempotencyKey, PageBody, PageQuery, RequiredAccess,
    Resource, Timestamp, Whole, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    tagged("booking", changes().into_iter().chain(reads()).collect())
}

fn changes() -> Vec<Route> {
    use ApiError::*;

    vec![
        post("/reservations", hold)
            .operation("holdSeats", "Hold 1 to 4 seats of one date, all or none.")
            .access(Access::Admitted)
            .limit(Action::Hold)
            .response(201, object::<ReservationBody>())
            .refuses(&commands::HOLD_REFUSALS),
        delete("/reservations/{reservationId}", release)
            .operation("releaseHold", "Release a hold. Its seats are free at once.")
            .access(Access::AnyToken)
            .response(204, nothing("The seats are free"))
            .refuses(&[
                NotFound(Resource::Reservation),
                AlreadyPaid(None),
                ReservationCancelled,
                HoldExpired,
            ]),
        post("/reservations/{reservationId}/extension", extend)
            .operation("extendHold", "Extend a hold, once, to its `extendableUntil`.")
            .access(Access::AnyToken)
            .response(200, object::<ReservationBody>())
            .refuses(&[
                NotFound(Resource::Reservation),
                AlreadyPaid(None),
                ReservationCancelled,
                NotExtendable,
                HoldExpired,
            ]),
        post("/reservations/{reservationId}/cancellation", cancel)
            .operation("cancelReservation", "Cancel a paid reservation.")
            .description(
                "Before the date's `cancellationClosesAt`, once. The points are refunded and \
                 the seats are free at once.",
            )
            .access(Access::AnyToken)
            .response(201, object::<CancellationBody>())
            .refuses(&[
                NotFound(Resource::Reservation),
                NotConfirmed,
                Complimentary,
                CancellationClosed,
                TicketTransferred,
                Door(DoorRefused::TicketUsed),
                BalanceTooLarge,
            ]),
    ]
}

fn reads() -> Vec<Route> {
    use ApiError::*;

    vec![
        get("/reservations", list)
            .operation(
                "listReservations",
                "List one's own reservations, or as an operator another user's, newest first.",
            )
            .description("Reading another user's is recorded.")
            .access(Access::AnyToken)
            .response(200, page::<ReservationBody>())
            .refuses(&[Forbidden(RequiredAccess::Operator)]),
        get("/reservations/{reservationId}", find)
            .operation("readReservation", "Read one of one's own reservations.")
            .access(Access::AnyToken)
            .response(200, object::<ReservationBody>())
            .refuses(&[NotFound(Resource::Reservation)]),
    ]
}

/// The seats to hold: exactly one of `seatIds`, `seatNumbers` and `bestAvailable`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldBody {
    schedule_id: Uuid,
    seat_ids: Option<Vec<Uuid>>,
    seat_numbers: Option<Vec<Whole>>,
    best_available: Option<Whole>,
    section: Option<String>,
    zone: Option<String>,
    accessible: Option<bool>,
}

documented_by! {
    HoldBody: forms::Hold;
}

impl HoldBody {
    fn choice(self) -> Result<SeatChoice, Invalid> {
        let filters = [
            ("section", self.section.is_some()),
            ("zone", self.zone.is_some()),
            ("accessible", self.accessible.is_some()),
        ];
        let given = filters.into_iter().find(|(_, is_given)| *is_given);
        if let Some((field, _)) = given.filter(|_| self.best_available.is_none()) {
            return Err(Invalid::new(field, Rule::OnlyWith("bestAvailable")));
        }
        let choice = match (self.seat_ids, self.seat_numbers, self.best_available) {
            (Some(ids), None, None) => SeatChoice::Ids(ids.into_iter().map(SeatId).collect()),
            (None, Some(numbers), None) => SeatChoice::Numbers(
                numbers.into_iter().map(|number| number.saturated(i32::MIN, i32::MAX)).collect(),
            ),
            (None, None, Some(count)) => SeatChoice::Best(BestSeats {
                count: count.saturated(0, usize::MAX),
                section: self.section,
                zone: self.zone,
                accessible: self.accessible.unwrap_or_default(),
            }),
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
    /// In points; 0 for complimentary tickets.
    #[schema(example = 10000)]
    total_price: i64,
    /// Whether the tickets were given by staff, free of charge.
    #[schema(example = false)]
    complimentary: bool,
    created_at: Timestamp,
    /// When an unpaid hold expires.
    expires_at: Timestamp,
    /// Until when a hold can be extended, if it can.
    extendable_until: Option<Timestamp>,
    /// When the performance starts; only in a single reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
    /// The venue; only in a single reservation of a date with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<VenueOfScheduleBody>,
    /// Until when it can be cancelled once it is paid, if it can; only in a single reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_closes_at: Option<Timestamp>,
    /// How the date was moved after tickets were sold, if it was; only in a single reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<MovedBody>,
    /// Why the date was cancelled, if it was; only in a single reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The singer is ill.")]
    schedule_cancel_reason: Option<String>,
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
    /// In points; 0 for a complimentary ticket.
    #[schema(example = 10000)]
    price: i64,
    #[serde(flatten)]
    #[schema(value_type = SeatOfPlanBody)]
    plan: Option<SeatOfPlanBody>,
}

impl ReservationBody {
    pub(super) fn at(reservation: Reservation, now: Instant) -> Self {
        Self {
            id: reservation.id.0,
            status: reservation.status(now),
            concert_id: reservation.concert_id.0,
            schedule_id: reservation.schedule_id.0,
            total_price: reservation.total_price.get(),
            complimentary: reservation.is_complimentary(),
            created_at: reservation.created_at.into(),
            expires_at: reservation.expires_at.into(),
            extendable_until: reservation
                .extendable_until
                .filter(|_| reservation.check_held(now).is_ok())
                .map(Timestamp::from),
            starts_at: None,
            venue: None,
            cancellation_closes_at: None,
            moved: None,
            schedule_cancel_reason: None,
            seats: reservation.seats.into_iter().map(ReservedSeatBody::from).collect(),
        }
    }
}

impl ReservationBody {
    /// The reservation, with what its holder should know of the date.
    fn of_date(self, schedule: Schedule, venue: Option<Venue>) -> Self {
        let cancelled = schedule.cancelled;
        Self {
            starts_at: Some(schedule.starts_at.into()),
            venue: venue.map(|venue| VenueOfSchedule::from(venue).into()),
            cancellation_closes_at: schedule.cancellation_closes_at.map(Timestamp::from),
            moved: schedule.moved.map(MovedBody::from),
            schedule_cancel_reason: cancelled.map(|it| it.reason.as_str().to_owned()),
            ..self
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
            price: seat.price.get(),
            plan: SeatOfPlanBody::of(seat.details, &seat.label),
            label: seat.label,
        }
    }
}

/// A cancelled reservation and its refund.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancellationBody {
    reservation: ReservationBody,
    /// The refunded points.
    entry: PointEntryBody,
    /// The balance right after it.
    #[schema(example = 15000)]
    balance: i64,
}

impl From<Refunded> for CancellationBody {
    fn from(Refunded { reservation, entry }: Refunded) -> Self {
        let (balance, at) = (entry.balance_after.get(), entry.created_at);
        Self { reservation: ReservationBody::at(reservation, at), entry: entry.into(), balance }
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
    let submission = key.submission(pass.0.user_id, &body.bytes, command);
    let reservation = services.hold_seats.submit(submission).await??;
    let made_at = reservation.created_at;
    Ok(HttpResponse::Created().json(ReservationBody::at(reservation, made_at)))
}

/// Which reservations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ReservationQuery {
    /// The owner, if it is another user: for operators.
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

pub(super) fn status_named(name: &str) -> Result<ReservationStatus, ApiError> {
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
    let id = ids::parse_id(&id, "reservationId")?;
    let own = own::reservation(&services, &user, id).await?;
    let schedule = services.schedules.schedule(own.schedule_id).await?;
    let body = ReservationBody::at(own, services.clock.now());
    let Some(schedule) = schedule else { return Ok(Json(body)) };
    let hall = match schedule.plan {
        Some(plan) => services.halls.hall(plan.hall_id).await?,
        None => None,
    };
    Ok(Json(body.of_date(schedule, hall.map(|(_, venue)| venue))))
}

async fn release(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reservation_id = ids::parse_id(&id, "reservationId")?;
    let command = ReleaseHold { reservation_id, user_id: user.user_id };
    let verdict = services.release_hold.submit(Submission::new(command)).await?;
    verdict.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn extend(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<Json<ReservationBody>, ApiError> {
    let reservation_id = ids::parse_id(&id, "reservationId")?;
    let command = ExtendHold { reservation_id, user_id: user.user_id };
    let submission = key.submission(user.user_id, &[], command);
    let extended = services.extend_hold.submit(submission).await?;
    let extended = extended.map_err(|refused| ApiError::from(refused).about(reservation_id))?;
    // A repetition gets the first answer, from when it was held.
    let when_held = extended.created_at;
    Ok(Json(ReservationBody::at(extended, when_held)))
}

async fn cancel(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<HttpResponse, ApiError> {
    let command = CancelReservation {
        entry_id: PointEntryId(ids::new_uuid()),
        reservation_id: ids::parse_id(&id, "reservationId")?,
        user_id: user.user_id,
    };
    let submission = key.submission(user.user_id, &[], command);
    let refunded = services.cancel_reservation.submit(submission).await??;
    Ok(HttpResponse::Created().json(CancellationBody::from(refunded)))
}

#[cfg(test)]
pub(crate) mod tests;
