//! What events are about, as webhooks tell it: the fields that the API has of the same things, without those that an
//! event does not know, such as the count of free seats.

use serde::Serialize;
use stagedoor_domain::concert::{AgeLimit, RunningTime};
use stagedoor_domain::{
    Concert, ConcertState, Reservation, ReservationStatus, Room, Schedule, Ticket,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::v1::concert::poster::PosterBody;
use crate::v1::reservation::ReservedSeatBody;
use crate::v1::room::PolicyBody;
use crate::v1::schedule::MovedBody;
use crate::wire::Timestamp;

/// A reservation that an event is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReservationOfEventBody {
    id: Uuid,
    user_id: Uuid,
    concert_id: Uuid,
    schedule_id: Uuid,
    /// What it became by the event: `HELD`, `EXPIRED`, `CONFIRMED` or `CANCELLED`. It may be another by now.
    #[schema(value_type = String, example = "CONFIRMED")]
    status: ReservationStatus,
    /// In points; 0 for complimentary tickets.
    #[schema(example = 10000)]
    total_price: i64,
    /// Whether the tickets were given by staff, free of charge.
    #[schema(example = false)]
    complimentary: bool,
    seats: Vec<ReservedSeatBody>,
    created_at: Timestamp,
}

impl ReservationOfEventBody {
    pub(super) fn new(reservation: Reservation, status: ReservationStatus) -> Self {
        Self {
            id: reservation.id.0,
            user_id: reservation.user_id.0,
            concert_id: reservation.concert_id.0,
            schedule_id: reservation.schedule_id.0,
            status,
            total_price: reservation.total_price.get(),
            complimentary: reservation.is_complimentary(),
            seats: reservation.seats.into_iter().map(ReservedSeatBody::from).collect(),
            created_at: reservation.created_at.into(),
        }
    }
}

/// A ticket that an event is about. Its number and code are its holder's alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketOfEventBody {
    id: Uuid,
    reservation_id: Uuid,
    concert_id: Uuid,
    schedule_id: Uuid,
    seat_id: Uuid,
    /// Who held it.
    user_id: Uuid,
    issued_at: Timestamp,
}

impl From<Ticket> for TicketOfEventBody {
    fn from(ticket: Ticket) -> Self {
        Self {
            id: ticket.id.0,
            reservation_id: ticket.reservation_id.0,
            concert_id: ticket.concert_id.0,
            schedule_id: ticket.schedule_id.0,
            seat_id: ticket.seat_id.0,
            user_id: ticket.holder_id.0,
            issued_at: ticket.issued_at.into(),
        }
    }
}

/// A concert that an event is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConcertOfEventBody {
    id: Uuid,
    /// `DRAFT`, `PUBLISHED` or `CANCELLED`.
    #[schema(value_type = String, example = "PUBLISHED")]
    state: ConcertState,
    /// Its readable name in addresses; null for a concert that a process of an older version created during an upgrade.
    #[schema(example = "진격의-거인-ost-콘서트-3k9x2m4p")]
    slug: Option<String>,
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    #[schema(example = "앙코르 공연")]
    subtitle: String,
    #[schema(example = "")]
    description: String,
    #[schema(example = json!(["OST"]))]
    tags: Vec<String>,
    /// How long it takes, if that is told.
    #[schema(example = 120)]
    running_minutes: Option<i32>,
    /// How old visitors must be, in years, if that is told.
    #[schema(example = 12)]
    age_limit: Option<i32>,
    /// Its poster; null when it has none.
    poster: Option<PosterBody>,
    organizer_id: Uuid,
    created_at: Timestamp,
}

impl From<Concert> for ConcertOfEventBody {
    fn from(concert: Concert) -> Self {
        let details = concert.details;
        Self {
            id: concert.id.0,
            state: concert.state,
            slug: concert.slug.map(|slug| slug.as_str().to_owned()),
            title: details.title.as_str().to_owned(),
            subtitle: details.subtitle.as_str().to_owned(),
            description: details.description.as_str().to_owned(),
            tags: details.tags.as_slice().to_vec(),
            running_minutes: details.running_time.map(RunningTime::minutes),
            age_limit: details.age_limit.map(AgeLimit::years),
            poster: concert.poster.map(|poster| PosterBody::new(concert.id, &poster)),
            organizer_id: concert.organizer_id.0,
            created_at: concert.created_at.into(),
        }
    }
}

/// A schedule that an event is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleOfEventBody {
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
    created_at: Timestamp,
    /// The hall whose seat plan it has; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    hall_id: Option<Uuid>,
    /// The version of that plan, which stays; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    plan_version: Option<i32>,
}

impl From<Schedule> for ScheduleOfEventBody {
    fn from(schedule: Schedule) -> Self {
        Self {
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
            created_at: schedule.created_at.into(),
            hall_id: schedule.plan.map(|plan| plan.hall_id.0),
            plan_version: schedule.plan.map(|plan| plan.version),
        }
    }
}

/// A waiting room that an event is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomOfEventBody {
    id: Uuid,
    /// The concert that it covers; null for the site-wide room.
    concert_id: Option<Uuid>,
    policy: PolicyBody,
    /// The message to waiting users.
    #[schema(example = "Doors open at seven.")]
    message: String,
}

impl From<Room> for RoomOfEventBody {
    fn from(room: Room) -> Self {
        Self {
            id: room.id.0,
            concert_id: room.concert_id.map(|id| id.0),
            policy: room.policy.into(),
            message: room.message.as_str().to_owned(),
        }
    }
}
