//! Requests of the `ost` contract that were once answered wrongly.

use std::time::Duration;

use serde_json::{Value, json};
use stagedoor_tests::service::{Answer, Service, StoreKind};

use super::super::{in_seoul, open, open_without_janitor as without_janitor};
use super::{Fan, Scene, text};
use crate::on_both_stores;

on_both_stores!(
    ost_counts_a_request_refused_for_waiting_as_a_heartbeat,
    ost_moves_the_last_update_with_the_health_check,
    ost_pays_the_hold_in_the_concert_of_the_token,
    ost_refuses_a_waiting_token_before_it_looks_at_the_amount,
    ost_pays_no_hold_that_was_released,
    ost_pays_no_ticket_that_was_cancelled,
    ost_says_that_a_hold_expired_which_ended_with_its_token,
    ost_pays_each_hold_of_a_token,
    ost_shows_no_cancelled_ticket_and_no_refund_by_another_word,
    ost_lists_a_ticket_for_each_seat,
    ost_takes_the_idempotency_key_on_every_write,
    ost_refuses_a_local_time_that_clocks_skip,
);

impl<'s> Scene<'s> {
    /// Sets the capacity of the concert's room, or of the site-wide room.
    async fn set_capacity(&self, concert_id: Option<&str>, capacity: u8) {
        let operator = self.service.new_user_as(stagedoor_domain::Role::Operator).await;
        let rooms = operator.get("/api/v1/rooms?limit=100").await;
        let rooms = rooms.body["items"].as_array().unwrap().clone();
        let room = rooms.iter().find(|room| room["concertId"].as_str() == concert_id).unwrap();
        let path = format!("/api/v1/rooms/{}", room["id"].as_str().unwrap());
        let patched = operator.patch(&path, json!({"capacity": capacity, "idleSeconds": 60})).await;
        assert_eq!(patched.status, 200, "{patched:?}");
        self.service.refresh().await;
    }
}

impl Fan<'_> {
    async fn hold_numbers(&self, series_id: &str, numbers: &[i32]) -> String {
        let body = json!({"scheduleId": series_id, "seatNumbers": numbers});
        let held = self.person.post("/api/v1/reservations", body).await;
        assert_eq!(held.status, 201, "{held:?}");
        held.text_at("id")
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let answer = self.person.get(&format!("{path}?userId={}", self.user_id)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body.as_array().unwrap().clone()
    }

    async fn history(&self) -> Vec<(String, i64)> {
        let answer = self.person.get(&format!("/point/history/{}", self.user_id)).await;
        let lines = answer.body.as_array().unwrap().clone();
        let line = |line: &Value| {
            (line["status"].as_str().unwrap().to_owned(), line["amount"].as_i64().unwrap())
        };
        lines.iter().map(line).collect()
    }
}

async fn ost_counts_a_request_refused_for_waiting_as_a_heartbeat(kind: StoreKind) {
    let service = without_janitor(kind).await;
    let scene = Scene::new(&service).await;
    scene.set_capacity(Some(&scene.concert_id), 0).await;
    let fan = scene.fan().await;
    service.refresh().await;
    for _ in 0..4 {
        service.clock.pass(Duration::from_secs(40));
        let sheets = format!("/concert/sheet/{}", scene.series_id);
        assert_eq!(
            fan.person.post(&sheets, json!({})).await.refusal(),
            (403, "TOKEN_WAITING"),
            "it waits as long as it asks"
        );
        service.running.scheduler().flush().await.unwrap();
        service.refresh().await;
    }
    let queue = fan.queue().await.body;
    assert_eq!((&queue["status"], &queue["count"]), (&json!("WAITING"), &json!(1)));
}

async fn ost_moves_the_last_update_with_the_health_check(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let active = scene.fan().await;
    scene.set_capacity(Some(&scene.concert_id), 0).await;
    let waiting = scene.fan().await;
    service.refresh().await;
    for fan in [active, waiting] {
        service.clock.pass(Duration::from_secs(20));
        let now = in_seoul(stagedoor_domain::ports::Clock::now(service.clock.as_ref()));
        let path = format!("/token/{}", fan.token_id);
        assert_ne!(&fan.person.get(&path).await.text_at("lastUpdateAt")[..19], now);
        assert_eq!(fan.person.patch(&path, json!({})).await.status, 200);
        assert_eq!(&fan.person.get(&path).await.text_at("lastUpdateAt")[..19], now);
    }
}

async fn ost_pays_the_hold_in_the_concert_of_the_token(kind: StoreKind) {
    let service = open(kind).await;
    let (a, b) = (Scene::new(&service).await, Scene::new(&service).await);
    let in_a = a.fan().await;
    let in_b = b.enter(&in_a.person, in_a.user_id.clone()).await;
    in_a.points("charge", 100_000).await;
    assert_eq!(in_a.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
    let held_in_a = in_a.hold_numbers(&a.series_id, &[1]).await;
    in_b.hold_numbers(&b.series_id, &[1, 2]).await;

    let price_of_b = in_a.pay(20_000).await;
    assert_eq!(price_of_b.refusal(), (400, "VALIDATION"));
    assert!(price_of_b.text_at("detail").contains("10000"), "A's price: {price_of_b:?}");
    assert_eq!(in_a.pay(10_000).await.status, 200);
    let tickets = in_b.list("/reservation").await;
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0]["reservationId"], *held_in_a);

    let again_in_a = a.enter(&in_b.person, in_b.user_id.clone()).await;
    let with_nothing_in_a = again_in_a.pay(20_000).await;
    assert_eq!(with_nothing_in_a.refusal(), (404, "RESERVATION_NOT_FOUND"), "B's hold is live");
    service.clock.pass(Duration::from_secs(200));
    again_in_a.hold_numbers(&a.series_id, &[2]).await;
    service.clock.pass(Duration::from_secs(99));
    assert_eq!(in_b.pay(20_000).await.status, 200);
    service.clock.pass(Duration::from_secs(201));
    assert_eq!(again_in_a.pay(10_000).await.refusal(), (410, "HOLD_EXPIRED"));
    assert_eq!(service.audit().await, []);
}

async fn ost_refuses_a_waiting_token_before_it_looks_at_the_amount(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.hold_numbers(&scene.series_id, &[1]).await;
    scene.set_capacity(None, 0).await;
    let site_wide = json!({"userId": fan.user_id});
    let issued = service.anyone().post("/queue/token", site_wide).await;
    assert_eq!(issued.text_at("status"), "WAITING");
    let waiting = Fan { person: service.with_token(&issued.text_at("token")), ..fan };
    for amount in [9_999, 10_000] {
        assert_eq!(waiting.pay(amount).await.refusal(), (403, "TOKEN_WAITING"), "{amount}");
    }
}

async fn ost_pays_no_hold_that_was_released(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 10_000).await;
    let held = fan.hold_numbers(&scene.series_id, &[1]).await;
    fan.person.delete(&format!("/api/v1/reservations/{held}")).await;
    assert_eq!(fan.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
    assert_eq!(fan.history().await.len(), 1);
}

/// A fan with a paid ticket that can be cancelled, and the id of its reservation.
async fn with_a_ticket<'s>(scene: &Scene<'s>) -> (Fan<'s>, String) {
    let sale = scene.service.on_sale(1, json!({})).await;
    let fan = scene.fan().await;
    let wish = json!({"userId": fan.user_id, "seriesId": sale.schedule_id});
    let jwt = text(&fan.person.post("/token", wish).await);
    let fan = Fan { person: scene.service.with_token(&jwt), ..fan };
    fan.points("charge", 10_000).await;
    let held = fan.hold_numbers(&sale.schedule_id, &[1]).await;
    assert_eq!(fan.pay(10_000).await.status, 200);
    (fan, held)
}

async fn ost_pays_no_ticket_that_was_cancelled(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let (fan, held) = with_a_ticket(&scene).await;
    let path = format!("/api/v1/reservations/{held}/cancellation");
    assert_eq!(fan.person.post(&path, json!({})).await.status, 201);
    assert_eq!(fan.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
}

async fn ost_says_that_a_hold_expired_which_ended_with_its_token(kind: StoreKind) {
    let service = without_janitor(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 10_000).await;
    service.clock.pass(Duration::from_secs(450));
    fan.hold_numbers(&scene.series_id, &[1]).await;
    service.clock.pass(Duration::from_secs(301));
    assert_eq!(fan.person.poll().await.text_at("reason"), "TIMED_OUT");
    assert_eq!(fan.pay(10_000).await.refusal(), (410, "HOLD_EXPIRED"), "no grace here");
    assert_eq!(service.audit().await, []);
}

async fn ost_pays_each_hold_of_a_token(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 30_000).await;
    fan.hold_numbers(&scene.series_id, &[1]).await;
    fan.hold_numbers(&scene.series_id, &[2, 3]).await;
    assert_eq!(fan.pay(20_000).await.status, 200, "the newest first");
    assert_eq!(fan.pay(10_000).await.status, 200);
    assert_eq!(fan.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
    assert_eq!(fan.list("/reservation").await.len(), 3);
    assert_eq!(service.audit().await, []);
}

async fn ost_shows_no_cancelled_ticket_and_no_refund_by_another_word(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let (fan, held) = with_a_ticket(&scene).await;
    let payments = fan.list("/payment").await;
    let path = format!("/api/v1/reservations/{held}/cancellation");
    let cancelled = fan.person.post(&path, json!({})).await;
    assert_eq!(cancelled.status, 201, "{cancelled:?}");

    assert_eq!(fan.list("/reservation").await, Vec::<Value>::new());
    let ticket = fan.person.get(&format!("/reservation/{held}")).await;
    assert_eq!(ticket.refusal(), (404, "RESERVATION_NOT_FOUND"));
    assert_eq!(fan.list("/payment").await, payments, "it was completed");
    let history = fan.history().await;
    let expected = [("CHARGE", 10_000), ("USE", 10_000), ("CHARGE", 10_000)];
    assert_eq!(history, expected.map(|(status, amount)| (status.to_owned(), amount)));
}

async fn ost_lists_a_ticket_for_each_seat(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 30_000).await;
    let sheets = fan.person.post(&format!("/concert/sheet/{}", scene.series_id), json!({})).await;
    let ids: Vec<_> = (0..3).map(|i| sheets.body[i]["sheetId"].clone()).collect();
    let held = fan.hold_numbers(&scene.series_id, &[1, 2, 3]).await;
    let hold = fan.person.get(&format!("/temporary-reservation/{held}")).await;
    assert_eq!((&hold.body["sheetId"], &hold.body["sheetIds"]), (&ids[0], &json!(ids)));
    assert_eq!(fan.pay(30_000).await.status, 200);

    let tickets = fan.list("/reservation").await;
    let listed: Vec<_> = tickets.iter().map(|ticket| ticket["sheetId"].clone()).collect();
    assert_eq!(listed, ids);
    assert!(tickets.iter().all(|ticket| ticket["reservationId"] == *held));
    let ticket = fan.person.get(&format!("/reservation/{held}")).await;
    assert_eq!((&ticket.body["sheetId"], &ticket.body["sheetIds"]), (&ids[0], &json!(ids)));
}

async fn ost_takes_the_idempotency_key_on_every_write(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    let once = async |method: reqwest::Method, path: &str, body: Value| -> Answer {
        let request = fan.person.request(method, path).header("tokenId", &fan.token_id);
        fan.person.send(request.header("Idempotency-Key", path).json(&body)).await
    };
    let (post, patch) = (reqwest::Method::POST, reqwest::Method::PATCH);
    let sheet_id = scene.sheet_id(&fan, 0).await;
    let user_id = &fan.user_id;
    let hold = json!({
        "userId": user_id, "concertId": scene.concert_id, "seriesId": scene.series_id,
        "sheetId": sheet_id,
    });
    for (method, path, body, other) in [
        (&patch, "/point/charge", json!({"userId": user_id, "amount": 30_000}), "amount"),
        (&patch, "/point/use", json!({"userId": user_id, "amount": 5_000}), "amount"),
        (&post, "/concert", json!({"userId": user_id, "title": "Once"}), "title"),
        (&post, "/token", json!({"userId": user_id, "seriesId": scene.series_id}), ""),
        (&post, "/temporary-reservation", hold, ""),
        (&post, "/payment", json!({"userId": user_id, "amount": 10_000}), "amount"),
    ] {
        let first = once(method.clone(), path, body.clone()).await;
        assert_eq!(first.status, 200, "{path} {first:?}");
        let second = once(method.clone(), path, body.clone()).await;
        assert_eq!(second.status, 200, "{path} {second:?}");
        if path != "/token" {
            assert_eq!(second.body, first.body, "{path}");
        }
        if !other.is_empty() {
            let mut reused = body;
            reused[other] = if other == "title" { json!("Other") } else { json!(1) };
            let reused = once(method.clone(), path, reused).await;
            assert_eq!(reused.refusal(), (422, "IDEMPOTENCY_MISMATCH"), "{path}");
        }
    }
    let point = fan.person.get(&format!("/point/{user_id}")).await;
    assert_eq!(point.number_at("point"), 15_000);
    assert_eq!(fan.list("/payment").await.len(), 1);
    let concerts = scene.organizer.get("/concert").await;
    let concerts = concerts.body.as_array().unwrap().iter();
    assert_eq!(concerts.filter(|concert| concert["title"] == "Once").count(), 1);
    assert_eq!(service.audit().await, []);
}

async fn ost_refuses_a_local_time_that_clocks_skip(kind: StoreKind) {
    let service = Service::start_with(kind, |settings| {
        settings.auth_mode = stagedoor::settings::AuthMode::Open;
        settings.time_zone = stagedoor_http::LocalTime::of_zone("America/New_York").unwrap();
    })
    .await;
    let scene = Scene::new(&service).await;
    let mut series = json!({
        "concertId": scene.concert_id, "startAt": "2027-03-14T02:30:00",
        "endAt": "2027-03-14T05:30:00", "reserveStartAt": "2027-03-01T10:00:00",
        "reserveEndAt": "2027-03-13T10:00:00",
    });
    let skipped = scene.organizer.post("/concert/series", series.clone()).await;
    assert_eq!(skipped.refusal(), (400, "VALIDATION"));
    assert!(skipped.text_at("detail").contains("startAt"), "{skipped:?}");
    series["startAt"] = json!("2027-03-14T03:30:00");
    assert_eq!(scene.organizer.post("/concert/series", series).await.status, 200);
}
