//! The flows of `user-queue`, which have no paths of their own, walked in `/api/v1`.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    user_queue_issues_tokens_and_changes_their_state,
    user_queue_takes_in_a_concert_with_its_dates,
    user_queue_shows_dates_and_seats_to_active_tokens_alone,
    user_queue_reserves_a_seat_that_is_free_or_whose_hold_expired,
    user_queue_charges_and_pays,
);

/// A sale whose room takes in one person for five minutes, as in the diagrams.
async fn for_one(service: &Service) -> OnSale {
    service.on_sale(1, json!({"capacity": 1, "activeSeconds": 300})).await
}

async fn hold(person: &Person<'_>, sale: &OnSale, number: i32) -> Answer {
    let body = json!({"scheduleId": sale.schedule_id, "seatNumbers": [number]});
    person.post("/api/v1/reservations", body).await
}

async fn user_queue_issues_tokens_and_changes_their_state(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = for_one(&service).await;
    let (one, two) = (service.new_user().await, service.new_user().await);

    // A new user, and the room has space: ACTIVE for five minutes.
    let (active, issued) = one.join(&sale.concert_id).await;
    assert_eq!((issued.status.as_u16(), issued.text_at("status").as_str()), (201, "ACTIVE"));
    // The room is full: WAITING, first in line.
    let (waiting, queued) = two.join(&sale.concert_id).await;
    assert_eq!((queued.text_at("status").as_str(), queued.number_at("position")), ("WAITING", 1));
    // A user who has a token gets the same one.
    let (_, again) = two.join(&sale.concert_id).await;
    assert_eq!((again.status.as_u16(), &again.body["id"]), (200, &queued.body["id"]));
    // Asking for one's number: in line, and let in.
    service.refresh().await;
    assert_eq!(waiting.poll().await.number_at("position"), 1);
    assert_eq!(active.poll().await.text_at("status"), "ACTIVE");

    // Five minutes later the first is EXPIRED and the scheduler lets in the next.
    for _ in 0..5 {
        service.clock.pass(Duration::from_secs(60));
        waiting.poll().await;
        service.running.scheduler().flush().await.unwrap();
    }
    service.run_jobs().await;
    let over = active.poll().await;
    assert_eq!(
        (over.text_at("status"), over.text_at("reason")),
        ("EXPIRED".into(), "TIMED_OUT".into())
    );
    assert_eq!(waiting.poll().await.text_at("status"), "ACTIVE");
}

async fn user_queue_takes_in_a_concert_with_its_dates(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let body =
        json!({"title": "콘서트", "schedules": [service.a_schedule(1), service.a_schedule(2)]});

    let created = organizer.post("/api/v1/concerts", body).await;

    assert_eq!(created.status, 201, "{created:?}");
    let concert = organizer.get(&format!("/api/v1/concerts/{}", created.text_at("id"))).await;
    assert_eq!(concert.text_at("title"), "콘서트");
    assert_eq!(concert.body["nextDates"].as_array().unwrap().len(), 2);
}

async fn user_queue_shows_dates_and_seats_to_active_tokens_alone(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = for_one(&service).await;
    let (active, waiting) = (service.holder(&sale).await, service.holder(&sale).await);

    for path in [
        format!("/api/v1/concerts/{}/schedules?available=true", sale.concert_id),
        format!("/api/v1/schedules/{}/seats?available=true", sale.schedule_id),
    ] {
        assert_eq!(active.get(&path).await.status, 200, "{path}");
        assert_eq!(waiting.get(&path).await.refusal(), (403, "TOKEN_WAITING"), "{path}");
    }
    service.clock.pass(Duration::from_secs(300));
    let seats = active.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await;
    assert_eq!(seats.refusal(), (401, "TOKEN_EXPIRED"));
}

async fn user_queue_reserves_a_seat_that_is_free_or_whose_hold_expired(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 2})).await;
    let (one, two) = (service.holder(&sale).await, service.holder(&sale).await);
    let waiting = service.holder(&sale).await;

    assert_eq!(hold(&one, &sale, 1).await.status, 201, "free");
    assert_eq!(hold(&two, &sale, 1).await.refusal(), (409, "SEAT_TAKEN"), "TEMP_RESERVE");
    assert_eq!(hold(&waiting, &sale, 2).await.refusal(), (403, "TOKEN_WAITING"));
    service.clock.pass(Duration::from_secs(300));
    let anew = hold(&two, &sale, 1).await;
    assert_eq!(anew.status, 201, "the hold expired");
    two.charge(10_000).await;
    let paid = two.post("/api/v1/payments", json!({"reservationId": anew.text_at("id")})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    assert_eq!(hold(&one, &sale, 1).await.refusal(), (409, "SEAT_TAKEN"), "RESERVED");
}

async fn user_queue_charges_and_pays(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = for_one(&service).await;
    let (fan, waiting) = (service.holder(&sale).await, service.holder(&sale).await);

    assert_eq!(service.anyone().get("/api/v1/points").await.refusal(), (401, "UNAUTHENTICATED"));
    assert_eq!(fan.balance().await, 0);
    for amount in [0, -1] {
        let charged = fan.post("/api/v1/points/charges", json!({"amount": amount})).await;
        assert_eq!(charged.refusal(), (400, "VALIDATION"));
    }
    let held = hold(&fan, &sale, 1).await;
    let pay = json!({"reservationId": held.text_at("id")});
    assert_eq!(
        fan.post("/api/v1/payments", pay.clone()).await.refusal(),
        (409, "INSUFFICIENT_POINTS")
    );
    let unknown = json!({"reservationId": super::NO_ID});
    assert_eq!(
        fan.post("/api/v1/payments", unknown).await.refusal(),
        (404, "RESERVATION_NOT_FOUND")
    );
    assert_eq!(
        waiting.post("/api/v1/payments", pay.clone()).await.refusal(),
        (403, "TOKEN_WAITING")
    );
    fan.charge(10_000).await;
    let paid = fan.post("/api/v1/payments", pay.clone()).await;
    assert_eq!((paid.status.as_u16(), paid.number_at("balance")), (201, 0));
    assert_eq!(paid.body["queueToken"]["status"], "EXPIRED");
    assert_eq!(fan.post("/api/v1/payments", pay).await.refusal(), (409, "ALREADY_PAID"));
    let kept = fan.request(Method::GET, "/api/v1/points/history");
    assert_eq!(fan.send(kept).await.body["items"][0]["kind"], "USE");
    assert_eq!(service.audit().await, []);
}
