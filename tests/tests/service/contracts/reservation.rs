//! The `reservation` contract.

use std::time::Duration;

use serde_json::{Value, json};
use stagedoor_tests::service::{OnSale, Person, Service, StoreKind};

use super::{NO_ID, open, told, user_id};
use crate::on_both_stores;

on_both_stores!(
    reservation_goes_from_the_token_to_the_payment,
    reservation_tells_where_a_token_stands,
    reservation_refuses_what_is_not_so,
    reservation_takes_the_idempotency_key_on_every_write,
    reservation_pays_each_hold_of_a_token_once,
    reservation_says_that_a_hold_expired_which_ended_with_its_token,
    a_concert_tells_its_lowest_price,
);

fn token(status: &str, position: u8) -> Value {
    json!({
        "id": "<id>", "token": "<jwt>", "status": status, "expiration": "<time>",
        "position": position, "createdAt": "<time>", "updatedAt": "<time>",
    })
}

async fn let_in<'s>(service: &'s Service, sale: &OnSale, user_id: &str) -> Person<'s> {
    let body = json!({"userId": user_id, "concertId": sale.concert_id});
    let issued = service.anyone().post("/queue/token", body).await;
    service.with_token(&issued.text_at("token"))
}

async fn seat_ids(fan: &Person<'_>, sale: &OnSale) -> Vec<String> {
    let seats = fan.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await;
    let seats = seats.body.as_array().unwrap().clone();
    seats.iter().map(|seat| seat["id"].as_str().unwrap().to_owned()).collect()
}

async fn reservation_goes_from_the_token_to_the_payment(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let user_id = user_id(&service).await;

    let body = json!({"userId": user_id, "concertId": sale.concert_id});
    let issued = service.anyone().post("/queue/token", body).await;
    assert_eq!(told(&issued, &[]), (201, token("ACTIVE", 0)));
    let fan = service.with_token(&issued.text_at("token"));
    assert_eq!(told(&fan.get("/queue/status").await, &[]), (200, token("ACTIVE", 0)));

    let seat_id = seat_ids(&fan, &sale).await.remove(0);
    let names =
        [(user_id.as_str(), "user"), (&sale.schedule_id, "schedule"), (seat_id.as_str(), "seat")];
    let wish = json!({"concertScheduleId": sale.schedule_id, "seatId": seat_id});
    let held = fan.post("/reservation", wish).await;
    let expected = json!({
        "id": "<id>", "concertScheduleId": "<schedule>", "seatId": "<seat>", "userId": "<user>",
        "status": "PENDING", "createdAt": "<time>", "updatedAt": "<time>",
    });
    assert_eq!(told(&held, &names), (201, expected));

    fan.charge(10_000).await;
    let reservation_id = held.text_at("id");
    let paid = fan.post("/payment", json!({"reservationId": reservation_id})).await;
    let names = [(user_id.as_str(), "user"), (&reservation_id, "reservation")];
    let expected = json!({
        "id": "<id>", "userId": "<user>", "reservationId": "<reservation>", "totalPrice": 10_000,
    });
    assert_eq!(told(&paid, &names), (201, expected));
    assert_eq!(told(&fan.get("/queue/status").await, &[]), (200, token("EXPIRED", 0)));
    assert_eq!(service.audit().await, []);
}

async fn reservation_tells_where_a_token_stands(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1})).await;
    let first = let_in(&service, &sale, &user_id(&service).await).await;
    let second = let_in(&service, &sale, &user_id(&service).await).await;
    service.refresh().await;
    assert_eq!(told(&second.get("/queue/status").await, &[]), (200, token("WAITING", 1)));

    first.delete("/api/v1/queue-tokens/me").await;
    service.clock.pass(Duration::from_secs(10));
    service.run_jobs().await;

    assert_eq!(told(&second.get("/queue/status").await, &[]), (200, token("ACTIVE", 0)));
    assert_eq!(told(&first.get("/queue/status").await, &[]), (200, token("EXPIRED", 0)));
    let concertless = json!({"userId": user_id(&service).await});
    let site_wide = service.anyone().post("/queue/token", concertless).await;
    assert_eq!(told(&site_wide, &[]), (201, token("ACTIVE", 0)));
}

async fn reservation_refuses_what_is_not_so(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 2})).await;
    let fan = let_in(&service, &sale, &user_id(&service).await).await;
    let rival = let_in(&service, &sale, &user_id(&service).await).await;
    let late = let_in(&service, &sale, &user_id(&service).await).await;
    let anyone = service.anyone();
    let seat_id = seat_ids(&fan, &sale).await.remove(0);
    let wish = json!({"concertScheduleId": sale.schedule_id, "seatId": seat_id});
    let held = fan.post("/reservation", wish.clone()).await;
    let payment = json!({"reservationId": held.text_at("id")});

    for (answer, expected) in [
        (anyone.post("/queue/token", json!({"userId": NO_ID})).await, (404, "USER_NOT_FOUND")),
        (anyone.post("/queue/token", json!({})).await, (400, "VALIDATION")),
        (anyone.get("/queue/status").await, (401, "UNAUTHENTICATED")),
        (rival.post("/reservation", wish.clone()).await, (409, "SEAT_TAKEN")),
        (late.post("/reservation", wish.clone()).await, (403, "TOKEN_WAITING")),
        (anyone.post("/reservation", wish.clone()).await, (401, "UNAUTHENTICATED")),
        (
            fan.post("/reservation", json!({"concertScheduleId": NO_ID, "seatId": seat_id})).await,
            (404, "SCHEDULE_NOT_FOUND"),
        ),
        (
            fan.post(
                "/reservation",
                json!({"concertScheduleId": sale.schedule_id, "seatId": NO_ID}),
            )
            .await,
            (404, "SEAT_NOT_FOUND"),
        ),
        (fan.post("/payment", payment.clone()).await, (409, "INSUFFICIENT_POINTS")),
        (rival.post("/payment", payment.clone()).await, (404, "RESERVATION_NOT_FOUND")),
        (fan.post("/payment", json!({"reservationId": 1})).await, (400, "VALIDATION")),
    ] {
        assert_eq!(answer.refusal(), expected, "{answer:?}");
    }
    service.clock.pass(Duration::from_secs(300));
    let over = fan.post("/payment", payment).await;
    assert_eq!(over.refusal(), (410, "HOLD_EXPIRED"));
}

async fn reservation_pays_each_hold_of_a_token_once(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = let_in(&service, &sale, &user_id(&service).await).await;
    fan.charge(30_000).await;
    let mut payments = Vec::new();
    for seat_id in seat_ids(&fan, &sale).await.into_iter().take(3) {
        let wish = json!({"concertScheduleId": sale.schedule_id, "seatId": seat_id});
        let held = fan.post("/reservation", wish).await;
        payments.push(json!({"reservationId": held.text_at("id")}));
    }
    let released = payments.pop().unwrap();
    fan.delete(&format!("/api/v1/reservations/{}", released["reservationId"].as_str().unwrap()))
        .await;
    for payment in &payments {
        assert_eq!(fan.post("/payment", payment.clone()).await.status, 201);
    }
    let again = fan.post("/payment", payments[0].clone()).await;
    assert_eq!(again.refusal(), (409, "ALREADY_PAID"));
    assert_eq!(again.body["reservationId"], payments[0]["reservationId"]);
    let cancelled = fan.post("/payment", released).await;
    assert_eq!(cancelled.refusal(), (409, "RESERVATION_CANCELLED"));
    assert_eq!(service.audit().await, []);
}

async fn reservation_says_that_a_hold_expired_which_ended_with_its_token(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = let_in(&service, &sale, &user_id(&service).await).await;
    let seat_id = seat_ids(&fan, &sale).await.remove(0);
    service.clock.pass(Duration::from_secs(450));
    let wish = json!({"concertScheduleId": sale.schedule_id, "seatId": seat_id});
    let held = fan.post("/reservation", wish).await;
    service.clock.pass(Duration::from_secs(301));
    let over = fan.post("/payment", json!({"reservationId": held.text_at("id")})).await;
    assert_eq!(over.refusal(), (410, "HOLD_EXPIRED"));
}

async fn reservation_takes_the_idempotency_key_on_every_write(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let user_id = user_id(&service).await;
    let fan = let_in(&service, &sale, &user_id).await;
    fan.charge(10_000).await;
    let seat_id = seat_ids(&fan, &sale).await.remove(0);
    let token = json!({"userId": user_id, "concertId": sale.concert_id});
    let wish = json!({"concertScheduleId": sale.schedule_id, "seatId": seat_id});
    let first = fan.post_once("/queue/token", "token", token.clone()).await;
    let again = fan.post_once("/queue/token", "token", token).await;
    assert_eq!((first.status, &first.body["id"]), (again.status, &again.body["id"]));
    let held = fan.post_once("/reservation", "hold", wish.clone()).await;
    assert_eq!(held.status, 201, "{held:?}");
    assert_eq!(fan.post_once("/reservation", "hold", wish).await.body, held.body);
    let payment = json!({"reservationId": held.text_at("id")});
    let paid = fan.post_once("/payment", "pay", payment.clone()).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    assert_eq!(fan.post_once("/payment", "pay", payment).await.body, paid.body);
    let other = json!({"reservationId": NO_ID});
    assert_eq!(fan.post_once("/payment", "pay", other).await.code(), "IDEMPOTENCY_MISMATCH");
    let points = fan.get("/api/v1/points").await;
    assert_eq!(points.number_at("balance"), 0);
    assert!(points.text_at("createdAt") <= points.text_at("updatedAt"), "{points:?}");
    assert_eq!(points.text_at("updatedAt"), paid_at(&fan).await);
}

/// When the newest payment was made.
async fn paid_at(fan: &Person<'_>) -> String {
    fan.get("/api/v1/payments").await.body["items"][0]["createdAt"].as_str().unwrap().to_owned()
}

async fn a_concert_tells_its_lowest_price(kind: StoreKind) {
    let service = open(kind).await;
    let organizer = service.new_user_as(stagedoor_domain::Role::Organizer).await;
    let mut schedule = service.a_schedule(1);
    schedule["seatMap"] = json!([
        {"rows": 1, "columns": 2, "price": 20_000, "label": "VIP"},
        {"rows": 1, "columns": 2, "price": 7_000, "label": "R"},
        {"rows": 1, "columns": 2, "price": 9_000, "label": "S"},
    ]);
    for (schedules, price) in [(json!([schedule]), json!(7_000)), (json!([]), Value::Null)] {
        let body = json!({"title": "콘서트", "schedules": schedules});
        let id = organizer.post("/api/v1/concerts", body).await.text_at("id");
        for _ in 0..2 {
            let concert = service.anyone().get(&format!("/api/v1/concerts/{id}")).await;
            assert_eq!(concert.body["price"], price);
        }
    }
}
