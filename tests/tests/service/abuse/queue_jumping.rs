//! Getting past a concert's line with a token of the site-wide room.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::{Role, RoomId};
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_site_wide_token_does_not_jump_a_concerts_queue,
    the_site_wide_room_admits_no_user_until_an_operator_opens_it,
);

async fn join_the_site<'s>(service: &'s Service, fan: &Person<'_>) -> (Person<'s>, Answer) {
    let joined = fan.send(fan.request(Method::POST, "/api/v1/queue-tokens")).await;
    assert!(joined.status.is_success(), "{joined:?}");
    (service.with_token(&joined.text_at("token")), joined)
}

async fn update_controls(service: &Service, sale: &OnSale, policy: Value) {
    let operator = service.new_user_as(Role::Operator).await;
    let updated = operator.patch(&sale.room(), policy).await;
    assert_eq!(updated.status, 200, "{updated:?}");
    service.refresh().await;
}

/// Dates, seats and holding, in `/api/v1` and in the older contracts.
async fn assert_kept_out(holder: &Person<'_>, sale: &OnSale, case: &str) {
    let OnSale { concert_id, schedule_id, .. } = sale;
    let hold = json!({"scheduleId": schedule_id, "seatNumbers": [2]});
    let seats = holder.get(&format!("/api/v1/schedules/{schedule_id}/seats")).await;
    for answer in [
        holder.get(&format!("/api/v1/concerts/{concert_id}/schedules")).await,
        holder.post("/api/v1/reservations", hold).await,
        holder.post(&format!("/concert/sheet/{schedule_id}"), Value::Null).await,
        seats,
    ] {
        let refusal = answer.refusal();
        assert_eq!(refusal, (403, "FORBIDDEN"), "{case}: {answer:?}");
        assert!(answer.text_at("detail").contains("Join it"), "{answer:?}");
    }
    let dates = holder.get(&format!("/concerts/{concert_id}/dates")).await;
    assert_eq!(dates.status, 401, "{case}: {dates:?}");
}

async fn a_site_wide_token_does_not_jump_a_concerts_queue(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    service.open_the_site().await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = service.new_user().await;
    let (holder, joined) = join_the_site(&service, &fan).await;
    assert_eq!(joined.text_at("status"), "ACTIVE");
    let hold = sale.seats(&[1]);
    let held = holder.post("/api/v1/reservations", hold).await;
    assert_eq!(held.status, 201, "no user waits: {held:?}");
    fan.charge(10_000).await;

    update_controls(&service, &sale, json!({"paused": true})).await;
    assert_kept_out(&holder, &sale, "paused").await;
    update_controls(&service, &sale, json!({"paused": false, "capacity": 0})).await;
    assert_kept_out(&holder, &sale, "no capacity").await;
    let (waiting, place) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(place.text_at("status"), "WAITING");
    update_controls(&service, &sale, json!({"capacity": 100})).await;
    assert_kept_out(&holder, &sale, "a user waits").await;
    waiting.delete("/api/v1/queue-tokens/me").await;
    service.refresh().await;

    let dates = holder.get(&format!("/api/v1/concerts/{}/schedules", sale.concert_id)).await;
    assert_eq!(dates.status, 200, "no user waits any more: {dates:?}");
    update_controls(&service, &sale, json!({"paused": true})).await;
    let pay = json!({"reservationId": held.body["id"]});
    assert_eq!(holder.post("/api/v1/payments", pay).await.status, 201, "a live hold is paid");
    assert_eq!(service.audit().await, []);
}

async fn the_site_wide_room_admits_no_user_until_an_operator_opens_it(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let (_, joined) = join_the_site(&service, &fan).await;
    assert_eq!(joined.text_at("status"), "WAITING");

    service.open_the_site().await;
    let service = Service::start_in(service.stop().await, |_| {}).await;

    let operator = service.new_user_as(Role::Operator).await;
    let room = operator.get(&format!("/api/v1/rooms/{}", RoomId::SITE)).await;
    assert_eq!(room.body["policy"]["capacity"], 100, "what an operator chose stays: {room:?}");
    assert_eq!(service.audit().await, []);
}
