//! From signing up to the ticket.

use reqwest::Method;
use serde_json::json;
use stagedoor_tests::service::{METRICS_TOKEN, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_fan_queues_holds_charges_pays_and_reads_the_ticket,
    the_service_says_that_it_lives_is_ready_and_what_it_does,
    a_stopped_service_has_all_that_it_answered,
);

async fn a_fan_queues_holds_charges_pays_and_reads_the_ticket(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(5, json!({})).await;
    let fan = service.new_user().await;

    let concert = fan.get(&format!("/api/v1/concerts/{}", sale.concert_id)).await;
    assert_eq!(concert.body["bookable"], true);
    assert_eq!(concert.body["nextDates"].as_array().unwrap().len(), 1);
    let (holder, joined) = fan.join(&sale.concert_id).await;
    assert_eq!(joined.status, 201);
    assert_eq!(joined.text_at("status"), "ACTIVE");

    let dates = holder.get(&format!("/api/v1/concerts/{}/schedules", sale.concert_id)).await;
    assert_eq!(dates.body["items"][0]["seatsAvailable"], 50);
    let seats = holder.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await;
    assert_eq!(seats.body.as_array().unwrap().len(), 50);
    let seat_ids = json!([seats.body[0]["id"], seats.body[1]["id"]]);
    let held = holder
        .post("/api/v1/reservations", json!({"scheduleId": sale.schedule_id, "seatIds": seat_ids}))
        .await;
    assert_eq!((held.status.as_u16(), held.number_at("totalPrice")), (201, 20_000), "{held:?}");

    let pay = json!({"reservationId": held.text_at("id")});
    let too_poor = holder.post("/api/v1/payments", pay.clone()).await;
    assert_eq!(too_poor.code(), "INSUFFICIENT_POINTS");
    holder.charge(50_000).await;
    let paid = holder.post("/api/v1/payments", pay).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    assert_eq!(paid.number_at("balance"), 30_000);
    assert_eq!(paid.body["reservation"]["status"], "CONFIRMED");
    assert_eq!(paid.body["queueToken"]["status"], "EXPIRED");

    let ticket = fan.get(&format!("/api/v1/reservations/{}", held.text_at("id"))).await;
    assert_eq!(ticket.text_at("status"), "CONFIRMED");
    let payments = fan.get("/api/v1/payments").await;
    assert_eq!(payments.body["items"][0]["id"], paid.body["id"]);
    let history = fan.get("/api/v1/points/history").await;
    assert_eq!(history.body["items"][0]["kind"], "USE");
    assert_eq!(history.body["items"][0]["paymentId"], paid.body["id"]);
    assert_eq!(history.body["items"][1]["balanceAfter"], 50_000);
    let place = holder.poll().await;
    assert_eq!(place.text_at("reason"), "COMPLETED");
    let again = holder.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await;
    assert_eq!(again.refusal(), (401, "TOKEN_EXPIRED"));
    assert_eq!(service.audit().await, []);
}

async fn the_service_says_that_it_lives_is_ready_and_what_it_does(kind: StoreKind) {
    let service = Service::start(kind).await;
    let anyone = service.anyone();

    assert_eq!(anyone.get("/healthz").await.text_at("status"), "ok");
    let ready = anyone.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.body["lines"]), (200, &json!(true)), "{ready:?}");
    let document = anyone.get("/openapi.json").await;
    assert_eq!(document.body["openapi"], "3.1.0");
    service.new_user().await;
    let metrics = service.with_token(METRICS_TOKEN).request(Method::GET, "/metrics");
    let metrics = metrics.send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for name in ["stagedoor_http_requests_total", "stagedoor_batch_size", "create_user"] {
        assert!(metrics.contains(name), "no {name} in {metrics}");
    }
}

async fn a_stopped_service_has_all_that_it_answered(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    fan.charge(7_000).await;
    let token = fan.token.clone();

    let home = service.stop().await;

    let service = Service::start_in(home, |_| {}).await;
    let mut fan = service.anyone();
    fan.token = token;
    assert_eq!(fan.balance().await, 7_000);
}
