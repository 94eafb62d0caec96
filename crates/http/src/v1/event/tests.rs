use actix_web::http::Method;
use serde_json::{Value, json};
use stagedoor_domain::schedule::ScheduleCancelled;
use stagedoor_domain::{
    Concert, ConcertDetails, ConcertId, EventId, Instant, Points, Reason, Reservation,
    ReservationState, Room, RoomId, Schedule, SeatDetails, Title,
};
use time::Duration;
use uuid::Uuid;

use super::*;
use crate::testing::{NOW, a_user, answer, request, services};
use crate::v1::reservation::tests::a_reservation;
use crate::v1::schedule::tests::a_schedule;

const AT: Instant = NOW;

fn an_event(kind: EventKind) -> Event {
    let id = EventId::new(Uuid::from_u128(20), 3);
    Event { id, kind, concert_id: None, at: AT, fanned_out: true }
}

fn body(kind: EventKind, subject: Subject) -> Value {
    serde_json::from_str(&webhook_body(&an_event(kind), &subject)).unwrap()
}

fn enveloped(kind: &str, data: &Value) -> Value {
    json!({
        "id": "evt_00000000000000000000000000000014_3", "type": kind,
        "timestamp": "2026-11-21T10:00:00Z", "data": data,
    })
}

#[test]
fn a_reservation_is_told_with_its_seats() {
    let mut reservation = a_reservation();
    reservation.seats[0].details = SeatDetails {
        row_label: Some("A".to_owned()),
        seat_number: Some(12),
        ..SeatDetails::default()
    };

    let body = body(EventKind::ReservationPaid, Subject::Reservation(reservation));

    let seat = json!({
        "id": Uuid::from_u128(21), "number": 1, "row": 1, "column": 1, "label": "VIP", "price": 10_000,
        "section": "VIP", "rowLabel": "A", "seatNumber": 12, "kind": "SEAT",
    });
    let reservation = json!({
        "id": Uuid::from_u128(20), "userId": a_user(), "concertId": Uuid::from_u128(22),
        "scheduleId": Uuid::from_u128(23), "status": "CONFIRMED", "totalPrice": 10_000,
        "complimentary": false, "seats": [seat], "createdAt": "2026-11-21T10:00:00Z",
    });
    assert_eq!(body, enveloped("reservation.paid", &json!({"reservation": reservation})));
}

#[test]
fn the_status_of_a_reservation_is_that_of_the_event_and_not_that_of_now() {
    let states = [
        ReservationState::Held,
        ReservationState::Expired,
        ReservationState::Confirmed { at: NOW },
        ReservationState::Cancelled { at: NOW },
    ];
    let table = [
        (EventKind::ReservationHeld, "HELD"),
        (EventKind::ReservationExpired, "EXPIRED"),
        (EventKind::ReservationPaid, "CONFIRMED"),
        (EventKind::ReservationCancelled, "CANCELLED"),
    ];
    for (kind, status) in table {
        for state in states {
            let subject = Subject::Reservation(Reservation { state, ..a_reservation() });
            assert_eq!(body(kind, subject)["data"]["reservation"]["status"], status, "{state:?}");
        }
    }
}

#[test]
fn complimentary_tickets_are_told_as_such() {
    let given = Reservation {
        queue_token_id: None,
        total_price: Points::ZERO,
        state: ReservationState::Confirmed { at: NOW },
        ..a_reservation()
    };

    let body = body(EventKind::ReservationPaid, Subject::Reservation(given));

    assert_eq!(body["data"]["reservation"]["complimentary"], true);
    assert_eq!(body["data"]["reservation"]["totalPrice"], 0);
}

fn a_concert() -> Concert {
    let details = ConcertDetails::titled(Title::parse("Autumn night").unwrap());
    Concert::new(ConcertId(Uuid::from_u128(3)), a_user(), details, NOW)
}

#[test]
fn a_concert_is_told_with_its_details() {
    let concert = a_concert();
    let slug = concert.slug.clone().unwrap();
    for (kind, name) in [
        (EventKind::ConcertPublished, "concert.published"),
        (EventKind::ConcertChanged, "concert.changed"),
        (EventKind::ConcertCancelled, "concert.cancelled"),
    ] {
        let body = body(kind, Subject::Concert(concert.clone()));

        let told = json!({
            "id": Uuid::from_u128(3), "state": "PUBLISHED", "slug": slug.as_str(), "title": "Autumn night",
            "subtitle": "", "description": "", "tags": [], "runningMinutes": null, "ageLimit": null,
            "poster": null, "organizerId": a_user(), "createdAt": "2026-11-21T10:00:00Z",
        });
        assert_eq!(body, enveloped(name, &json!({"concert": told})));
    }
}

#[test]
fn a_schedule_is_told_with_its_terms_and_its_cancellation() {
    let reason = Reason::parse("The singer is ill.").unwrap();
    let cancelled = ScheduleCancelled { at: NOW + Duration::SECOND, reason };
    let cancelled = Schedule { cancelled: Some(cancelled), ..a_schedule() };
    for (kind, name) in [
        (EventKind::ScheduleAdded, "schedule.added"),
        (EventKind::ScheduleChanged, "schedule.changed"),
        (EventKind::ScheduleCancelled, "schedule.cancelled"),
    ] {
        let body = body(kind, Subject::Schedule(cancelled.clone()));

        let told = json!({
            "id": Uuid::from_u128(40), "concertId": Uuid::from_u128(41),
            "startsAt": "2026-11-21T10:00:00Z", "endsAt": "2026-11-21T11:00:00Z",
            "bookingOpensAt": "2026-11-21T10:00:00Z", "bookingClosesAt": "2026-11-21T11:00:00Z",
            "cancellationClosesAt": null, "maxTicketsPerPerson": 4, "moved": null,
            "cancelledAt": "2026-11-21T10:00:01Z", "cancelReason": "The singer is ill.",
            "seatCount": 2, "createdAt": "2026-11-21T10:00:00Z",
        });
        assert_eq!(body, enveloped(name, &json!({"schedule": told})));
    }
}

#[test]
fn a_room_is_told_with_its_policy() {
    let mut room = Room::open(RoomId::SITE, None, NOW);
    room.policy.paused = true;
    for (kind, name) in
        [(EventKind::RoomPaused, "room.paused"), (EventKind::RoomResumed, "room.resumed")]
    {
        let body = body(kind, Subject::Room(room.clone()));

        let policy = json!({
            "capacity": 100, "admitBatch": 10, "admitIntervalSeconds": 10, "activeSeconds": 600,
            "idleSeconds": 600, "paused": true,
        });
        let told = json!({"id": RoomId::SITE, "concertId": null, "policy": policy, "message": ""});
        assert_eq!(body, enveloped(name, &json!({"room": told})));
    }
}

#[test]
fn a_test_and_an_event_of_what_was_deleted_tell_no_data() {
    for kind in EventKind::ALL.into_iter().chain([EventKind::WebhookTest]) {
        assert_eq!(body(kind, Subject::None), enveloped(kind.as_str(), &json!({})));
    }
}

async fn document() -> Value {
    answer(services(), request(Method::GET, "/openapi.json")).await.json()
}

#[actix_web::test]
async fn the_document_has_a_webhook_for_each_kind_with_the_form_of_its_data() {
    let document = document().await;

    let webhooks = document["webhooks"].as_object().unwrap();
    assert_eq!(webhooks.len(), EventKind::ALL.len() + 1);
    let resolve = |reference: &Value| {
        let path = reference["$ref"].as_str().unwrap().trim_start_matches('#');
        document.pointer(path).cloned().unwrap_or_else(|| panic!("{path} is not there"))
    };
    for (kind, part) in [
        ("reservation.held", Some("reservation")),
        ("reservation.expired", Some("reservation")),
        ("reservation.paid", Some("reservation")),
        ("reservation.cancelled", Some("reservation")),
        ("concert.published", Some("concert")),
        ("concert.changed", Some("concert")),
        ("concert.cancelled", Some("concert")),
        ("schedule.added", Some("schedule")),
        ("schedule.changed", Some("schedule")),
        ("schedule.cancelled", Some("schedule")),
        ("room.paused", Some("room")),
        ("room.resumed", Some("room")),
        ("webhook.test", None),
    ] {
        let sent = &webhooks[kind]["post"];
        let form = resolve(&sent["requestBody"]["content"]["application/json"]["schema"]);
        let data = resolve(&form["properties"]["data"]);
        let parts: Option<Vec<String>> =
            data["properties"].as_object().map(|parts| parts.keys().cloned().collect());
        assert_eq!(parts.unwrap_or_default(), Vec::from_iter(part.map(str::to_owned)), "{kind}");
        let headers: Vec<_> =
            sent["parameters"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"], "{kind}");
    }
}

/// Every `$ref` of the document, at whatever depth.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn every_schema_that_the_document_names_is_in_it() {
    let document = document().await;
    let mut found = Vec::new();

    references(&document, &mut found);

    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
