//! Events, as webhooks tell them.

mod subjects;

use std::sync::LazyLock;

use serde::Serialize;
use stagedoor_domain::ports::event::Subject;
use stagedoor_domain::{Event, EventKind, ReservationStatus};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use self::subjects::{
    ConcertOfEventBody, ReservationOfEventBody, RoomOfEventBody, ScheduleOfEventBody,
    TicketOfEventBody,
};
use crate::openapi::operation::{Content, generic};
use crate::openapi::webhook::WebhookDoc;
use crate::wire::Timestamp;

/// The names of the kinds of events that a webhook can take.
pub(super) static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| EventKind::ALL.map(EventKind::as_str).to_vec());

/// The name of a kind of event, for the document.
pub(crate) struct EventName;

impl PartialSchema for EventName {
    fn schema() -> RefOr<Schema> {
        let name =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(NAMES.iter().copied()));
        name.examples([EventKind::ReservationPaid.as_str()]).into()
    }
}

impl ToSchema for EventName {}

/// An event.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventBody<D: ToSchema> {
    /// Which event: also the header `webhook-id`, the same for each attempt.
    #[schema(example = "evt_019a0000000070008000000000000001_3")]
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "reservation.paid")]
    kind: &'static str,
    /// When it happened.
    timestamp: Timestamp,
    data: D,
}

/// The reservation that the event is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReservationEventData {
    /// Left out if it was deleted meanwhile.
    #[schema(required = false)]
    reservation: ReservationOfEventBody,
}

/// The ticket that the event is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketEventData {
    ticket: TicketOfEventBody,
}

/// The concert that the event is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConcertEventData {
    /// As it is when the webhook is sent. Left out if it was deleted meanwhile.
    #[schema(required = false)]
    concert: ConcertOfEventBody,
}

/// The schedule that the event is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleEventData {
    /// As it is when the webhook is sent. Left out if it was deleted meanwhile.
    #[schema(required = false)]
    schedule: ScheduleOfEventBody,
}

/// The waiting room that the event is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomEventData {
    /// As it is when the webhook is sent. Left out if it was deleted meanwhile.
    #[schema(required = false)]
    room: RoomOfEventBody,
}

/// Nothing: a test is about no data.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestEventData {}

/// The body of a webhook: what an event tells, as JSON.
pub fn webhook_body(event: &Event, subject: &Subject) -> String {
    match subject.clone() {
        Subject::Reservation(reservation) => match status_told_by(event.kind) {
            Some(status) => {
                let reservation = ReservationOfEventBody::new(reservation, status);
                written(event, ReservationEventData { reservation })
            }
            None => written(event, TestEventData {}),
        },
        Subject::Ticket(ticket) => written(event, TicketEventData { ticket: ticket.into() }),
        Subject::Concert(concert) => written(event, ConcertEventData { concert: concert.into() }),
        Subject::Schedule(schedule) => {
            written(event, ScheduleEventData { schedule: schedule.into() })
        }
        Subject::Room(room) => written(event, RoomEventData { room: room.into() }),
        Subject::None => written(event, TestEventData {}),
    }
}

fn written<D: Serialize + ToSchema>(event: &Event, data: D) -> String {
    let body = EventBody {
        id: event.id.to_string(),
        kind: event.kind.as_str(),
        timestamp: event.at.into(),
        data,
    };
    serde_json::to_string(&body).unwrap_or_default()
}

/// The status that an event tells of its reservation, which may have another one by now.
fn status_told_by(kind: EventKind) -> Option<ReservationStatus> {
    match kind {
        EventKind::ReservationHeld => Some(ReservationStatus::Held),
        EventKind::ReservationExpired => Some(ReservationStatus::Expired),
        EventKind::ReservationPaid => Some(ReservationStatus::Confirmed),
        EventKind::ReservationCancelled => Some(ReservationStatus::Cancelled),
        _ => None,
    }
}

/// What the document says of the webhooks that are sent, one for each kind of event.
pub(crate) fn webhooks() -> Vec<WebhookDoc> {
    let kinds = EventKind::ALL.into_iter().chain([EventKind::WebhookTest]);
    let document = |kind: EventKind| {
        let (summary, body) = documented(kind);
        WebhookDoc { name: kind.as_str(), summary, body }
    };
    kinds.map(document).collect()
}

fn documented(kind: EventKind) -> (&'static str, Content) {
    match kind {
        EventKind::ReservationHeld => ("Seats were held.", body::<ReservationEventData>()),
        EventKind::ReservationExpired => ("A hold expired unpaid.", body::<ReservationEventData>()),
        EventKind::ReservationPaid => {
            let summary = "A hold was paid, or staff gave complimentary tickets.";
            (summary, body::<ReservationEventData>())
        }
        EventKind::ReservationCancelled => {
            let summary = "A hold was released, or a paid reservation was cancelled.";
            (summary, body::<ReservationEventData>())
        }
        EventKind::TicketTransferred => {
            ("A ticket was transferred to another user.", body::<TicketEventData>())
        }
        EventKind::TicketCancelled => {
            let summary =
                "One seat of a paid reservation was cancelled, and others of it stay paid.";
            (summary, body::<TicketEventData>())
        }
        EventKind::TicketCheckedIn => {
            ("The holder of a ticket came in.", body::<TicketEventData>())
        }
        EventKind::CheckInUndone => {
            ("Staff took back that the holder of a ticket came in.", body::<TicketEventData>())
        }
        EventKind::ConcertPublished => ("A concert became public.", body::<ConcertEventData>()),
        EventKind::ConcertChanged => {
            let summary = "A public concert has other details or another poster.";
            (summary, body::<ConcertEventData>())
        }
        EventKind::ConcertCancelled => ("A concert was cancelled.", body::<ConcertEventData>()),
        EventKind::ScheduleAdded => {
            ("A date was added to a public concert.", body::<ScheduleEventData>())
        }
        EventKind::ScheduleChanged => {
            let summary = "A date of a public concert has other terms, such as other times.";
            (summary, body::<ScheduleEventData>())
        }
        EventKind::ScheduleCancelled => ("A date was cancelled.", body::<ScheduleEventData>()),
        EventKind::RoomPaused => ("A waiting room was paused.", body::<RoomEventData>()),
        EventKind::RoomResumed => {
            ("A paused waiting room admits users again.", body::<RoomEventData>())
        }
        EventKind::WebhookTest => ("The owner of the webhook tests it.", body::<TestEventData>()),
    }
}

fn body<D: ToSchema>() -> Content {
    generic::<EventBody<D>, D>()
}

#[cfg(test)]
mod tests;
