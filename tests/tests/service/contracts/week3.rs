//! The flows of `week3`, which have no paths of their own, walked in `/api/v1`.

use std::time::Duration;

use serde_json::json;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    week3_enters_the_line_and_counts_who_waits_ahead,
    week3_books_and_pays,
    week3_fails_a_booking_whose_hold_expired,
);

async fn week3_enters_the_line_and_counts_who_waits_ahead(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1})).await;
    let mut line = Vec::new();
    for _ in 0..4 {
        let fan = service.new_user().await;
        let (holder, issued) = fan.join(&sale.concert_id).await;
        let (_, again) = fan.join(&sale.concert_id).await;
        assert_eq!(again.body["id"], issued.body["id"], "the existing token");
        line.push(holder);
    }
    service.refresh().await;

    // Position = tokens that wait ahead + 1.
    for (ahead, holder) in line[1..].iter().enumerate() {
        let place = holder.poll().await;
        assert_eq!(place.number_at("position"), i64::try_from(ahead).unwrap() + 1);
    }
    // A user who leaves loses the position, and everyone behind moves up.
    assert_eq!(line[1].delete("/api/v1/queue-tokens/me").await.status, 204);
    assert_eq!(line[0].delete("/api/v1/queue-tokens/me").await.status, 204);
    service.refresh().await;
    assert_eq!(line[1].poll().await.text_at("reason"), "LEFT");
    assert_eq!(line[3].poll().await.number_at("position"), 2);
    // The first in line passes.
    service.clock.pass(Duration::from_secs(10));
    service.run_jobs().await;
    assert_eq!(line[2].poll().await.text_at("status"), "ACTIVE");
    assert_eq!(line[3].poll().await.number_at("position"), 1);
    // A token that sent no heartbeat is out.
    service.clock.pass(Duration::from_secs(610));
    service.run_jobs().await;
    assert_eq!(line[3].poll().await.text_at("reason"), "ABANDONED");
}

async fn week3_books_and_pays(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, rival) = (service.holder(&sale).await, service.holder(&sale).await);
    let dates = fan.get(&format!("/api/v1/concerts/{}/schedules", sale.concert_id)).await;
    let schedule_id = dates.body["items"][0]["id"].clone();
    let seats = format!("/api/v1/schedules/{}/seats?available=true", sale.schedule_id);
    let choice =
        json!({"scheduleId": schedule_id, "seatIds": [fan.get(&seats).await.body[0]["id"]]});

    let held = fan.post("/api/v1/reservations", choice.clone()).await;
    assert_eq!(held.text_at("status"), "HELD");
    let taken = rival.post("/api/v1/reservations", choice).await;
    assert_eq!(taken.refusal(), (409, "SEAT_TAKEN"), "choose another seat");
    assert_eq!(rival.get(&seats).await.body.as_array().unwrap().len(), 9);

    let pay = json!({"reservationId": held.text_at("id")});
    let too_poor = fan.post("/api/v1/payments", pay.clone()).await;
    assert_eq!(too_poor.refusal(), (409, "INSUFFICIENT_POINTS"));
    fan.charge(10_000).await;
    assert_eq!(fan.balance().await, 10_000);
    let paid = fan.post("/api/v1/payments", pay).await;
    assert_eq!((paid.status.as_u16(), paid.number_at("amount")), (201, 10_000));
    assert_eq!(paid.text_at("status"), "COMPLETED");
    assert_eq!(service.audit().await, []);
}

async fn week3_fails_a_booking_whose_hold_expired(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = service.holder(&sale).await;
    fan.charge(10_000).await;
    let choice = sale.seats(&[1]);
    let held = fan.post("/api/v1/reservations", choice).await;

    service.clock.pass(Duration::from_secs(310));
    let late = fan.post("/api/v1/payments", json!({"reservationId": held.text_at("id")})).await;

    assert_eq!(late.refusal(), (410, "HOLD_EXPIRED"));
    assert_eq!(fan.balance().await, 10_000);
    assert_eq!(service.audit().await, []);
}
