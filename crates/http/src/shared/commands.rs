//! Commands with new ids, and their refusals.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use stagedoor_domain::operations::{
    ChangePoints, HoldSeats, Pay, PointChange, SchedulePlan, SeatChoice,
};
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::{
    Invalid, NewTicket, NewTickets, PaymentId, PointEntryId, Points, ReservationId, ScheduleId,
    ScheduleTerms, SeatId, SeatMap, TicketId, TicketLimit, TicketNumber, UserId,
};
use time::Duration;

use crate::settings::HttpSettings;
use crate::wire::error::{ApiError, MailRefused, Resource};
use crate::wire::{ids, request_id};

/// The refusals of holding seats.
pub(crate) const HOLD_REFUSALS: [ApiError; 10] = [
    ApiError::Mail(MailRefused::NotVerified),
    ApiError::NotFound(Resource::Schedule),
    ApiError::NotFound(Resource::Seat),
    ApiError::SeatTaken,
    ApiError::ALREADY_HELD,
    ApiError::ConcertCancelled,
    ApiError::BookingClosed,
    ApiError::TooManyHolds,
    ApiError::TicketLimit(TicketLimit::DEFAULT),
    ApiError::ScheduleCancelled,
];

/// The refusals of paying a hold.
pub(crate) const PAY_REFUSALS: [ApiError; 7] = [
    ApiError::NotFound(Resource::Reservation),
    ApiError::ConcertCancelled,
    ApiError::InsufficientPoints,
    ApiError::AlreadyPaid(None),
    ApiError::ReservationCancelled,
    ApiError::ScheduleCancelled,
    ApiError::HoldExpired,
];

pub(crate) fn hold(
    pass: &QueuePass,
    schedule_id: ScheduleId,
    choice: SeatChoice,
    settings: &HttpSettings,
) -> HoldSeats {
    HoldSeats {
        reservation_id: ReservationId(ids::new_uuid()),
        user_id: pass.user_id,
        token_id: pass.token_id,
        room_id: pass.room_id,
        schedule_id,
        choice,
        policy: settings.booking,
        reference: None,
    }
}

/// A payment without a grace period: it is refused once the hold expired.
///
/// # Errors
/// The system has no random bytes.
pub(crate) fn pay(pass: &QueuePass, reservation_id: ReservationId) -> Result<Pay, ApiError> {
    Ok(Pay {
        payment_id: PaymentId(ids::new_uuid()),
        entry_id: PointEntryId(ids::new_uuid()),
        user_id: pass.user_id,
        token_id: pass.token_id,
        room_id: pass.room_id,
        reservation_id,
        tickets: new_tickets()?,
        grace: Duration::ZERO,
        expected: None,
    })
}

/// What the tickets of a reservation get.
///
/// # Errors
/// The system has no random bytes.
pub(crate) fn new_tickets() -> Result<NewTickets, ApiError> {
    Ok([new_ticket()?, new_ticket()?, new_ticket()?, new_ticket()?])
}

/// What a new ticket gets.
///
/// # Errors
/// The system has no random bytes.
pub(crate) fn new_ticket() -> Result<NewTicket, ApiError> {
    let number = TicketNumber::draw(getrandom::u64).map_err(|error| {
        tracing::error!(request_id = %request_id::current(), %error, "there are no random bytes");
        ApiError::Internal
    })?;
    Ok(NewTicket { id: TicketId(ids::new_uuid()), number })
}

/// Proof that users may charge points themselves: in open mode, or by a setting. Without it [`charge`] cannot
/// be called.
pub(crate) struct DirectCharges(());

impl FromRequest for DirectCharges {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let settings = req.app_data::<Data<HttpSettings>>();
        let is_allowed = settings.is_some_and(|settings| settings.direct_charges);
        ready(if is_allowed { Ok(Self(())) } else { Err(ApiError::ChargesDisabled) })
    }
}

pub(crate) fn charge(_: DirectCharges, user_id: UserId, amount: Points) -> ChangePoints {
    change_points(user_id, PointChange::Charge, amount)
}

pub(crate) fn spend(user_id: UserId, amount: Points) -> ChangePoints {
    change_points(user_id, PointChange::Use, amount)
}

fn change_points(user_id: UserId, change: PointChange, amount: Points) -> ChangePoints {
    ChangePoints { entry_id: PointEntryId(ids::new_uuid()), user_id, change, amount }
}

/// The plan of a date. The order of its instants is checked before its seats are counted.
pub(crate) fn schedule_plan(
    terms: ScheduleTerms,
    seat_map: impl FnOnce() -> Result<SeatMap, Invalid>,
) -> Result<SchedulePlan, ApiError> {
    terms.check().map_err(Invalid::from)?;
    let seat_map = seat_map()?;
    let seat_ids = (0..seat_map.seat_count()).map(|_| SeatId(ids::new_uuid())).collect();
    let id = ScheduleId(ids::new_uuid());
    Ok(SchedulePlan { id, terms, seat_map, seat_ids })
}
