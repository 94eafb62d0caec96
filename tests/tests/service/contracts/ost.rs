//! The `ost` contract.

mod regressions;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use super::{NO_ID, in_seoul, open, told, user_id, with_token_id};
use crate::on_both_stores;

on_both_stores!(
    ost_goes_from_the_token_to_the_hold,
    ost_pays_and_shows_the_ticket,
    ost_makes_concerts_and_dates_for_their_organizer,
    ost_makes_fifty_seats_and_tells_which_are_reserved,
    ost_refuses_concerts_and_dates_that_are_not_sound,
    ost_counts_charges_and_uses_that_come_at_once,
    ost_refuses_what_its_source_lists,
    ost_keeps_each_users_tokens_and_holds_apart,
    ost_keeps_each_users_points_and_payments_apart,
    ost_pays_the_one_live_hold,
);

fn done() -> (u16, Value) {
    (200, Value::Null)
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body.as_str().unwrap().to_owned()
}

/// A user who made a concert with a date, all in terms of the contract.
struct Scene<'s> {
    service: &'s Service,
    user_id: String,
    organizer: Person<'s>,
    concert_id: String,
    series_id: String,
}

impl<'s> Scene<'s> {
    async fn new(service: &'s Service) -> Self {
        let user_id = user_id(service).await;
        let issued = service.anyone().post("/queue/token", json!({"userId": user_id})).await;
        let organizer = service.with_token(&issued.text_at("token"));
        let created = organizer.post("/concert", json!({"userId": user_id, "title": "OST"})).await;
        assert_eq!(told(&created, &[]), done());
        let concert_id = organizer.get("/concert").await.body[0]["concertId"].clone();
        let concert_id = concert_id.as_str().unwrap().to_owned();
        let made = organizer.post("/concert/series", series(service, &concert_id, -1)).await;
        assert_eq!(told(&made, &[]), done());
        let series = organizer.get(&format!("/concert/series/{concert_id}")).await;
        let series_id = series.body[0]["seriesId"].as_str().unwrap().to_owned();
        Self { service, user_id, organizer, concert_id, series_id }
    }

    async fn fan(&self) -> Fan<'s> {
        self.enter(&self.service.anyone(), user_id(self.service).await).await
    }

    /// The user with a token for the date, which `person` asked for.
    async fn enter(&self, person: &Person<'_>, user_id: String) -> Fan<'s> {
        let wish = json!({"userId": user_id, "seriesId": self.series_id});
        let jwt = text(&person.post("/token", wish).await);
        let token_id = claims(&jwt)["tokenId"].as_str().unwrap().to_owned();
        Fan { person: self.service.with_token(&jwt), user_id, token_id }
    }

    async fn sheet_id(&self, fan: &Fan<'_>, index: usize) -> Value {
        let sheets =
            fan.person.post(&format!("/concert/sheet/{}", self.series_id), json!({})).await;
        sheets.body[index]["sheetId"].clone()
    }

    fn names<'n>(&'n self, fan: &'n Fan<'_>, sheet_id: &'n Value) -> [(&'n str, &'n str); 5] {
        [
            (&fan.user_id, "user"),
            (&fan.token_id, "token"),
            (&self.series_id, "series"),
            (&self.concert_id, "concert"),
            (sheet_id.as_str().unwrap(), "sheet"),
        ]
    }

    async fn hold(&self, fan: &Fan<'_>, sheet_id: &Value) -> Answer {
        let body = json!({
            "userId": fan.user_id, "concertId": self.concert_id, "seriesId": self.series_id,
            "sheetId": sheet_id,
        });
        with_token_id(
            &fan.person,
            Method::POST,
            "/temporary-reservation",
            &fan.token_id,
            Some(body),
        )
        .await
    }
}

struct Fan<'s> {
    person: Person<'s>,
    user_id: String,
    token_id: String,
}

impl Fan<'_> {
    async fn points(&self, verb: &str, amount: i64) -> Answer {
        let body = json!({"userId": self.user_id, "amount": amount});
        self.person.patch(&format!("/point/{verb}"), body).await
    }

    async fn pay(&self, amount: i64) -> Answer {
        let body = json!({"userId": self.user_id, "amount": amount});
        self.person.post("/payment", body).await
    }

    async fn queue(&self) -> Answer {
        with_token_id(&self.person, Method::GET, "/concert-queue", &self.token_id, None).await
    }
}

fn claims(jwt: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// A date tomorrow, whose booking opens in `hours` hours, for two hours.
fn series(service: &Service, concert_id: &str, opens_in_hours: i64) -> Value {
    use stagedoor_domain::ports::Clock;
    let at = |hours| in_seoul(service.clock.now() + time::Duration::hours(hours));
    json!({
        "concertId": concert_id, "startAt": at(24), "endAt": at(26),
        "reserveStartAt": at(opens_in_hours), "reserveEndAt": at(opens_in_hours + 2),
    })
}

/// A hold as its reader sees it.
fn a_hold(delete_at: Value) -> (u16, Value) {
    let hold = json!({
        "temporaryReservationId": "<id>", "userId": "<user>", "concertId": "<concert>",
        "seriesId": "<series>", "sheetId": "<sheet>", "createAt": "<local time>",
        "deleteAt": delete_at,
    });
    (200, hold)
}

fn a_change(status: &str, amount: i64, payment_id: Value) -> Value {
    json!({
        "pointHistoryId": "<id>", "paymentId": payment_id, "pointId": "<user>", "userId": "<user>",
        "amount": amount, "status": status, "createAt": "<local time>",
    })
}

async fn ost_goes_from_the_token_to_the_hold(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    let sheet_id = scene.sheet_id(&fan, 0).await;
    let names = scene.names(&fan, &sheet_id);
    let claims = claims(fan.person.token.as_deref().unwrap());
    assert_eq!((&claims["userId"], &claims["name"]), (&json!(fan.user_id), &json!("Fan")));
    assert!(claims["iat"].as_i64() < claims["exp"].as_i64(), "{claims}");

    let token_path = format!("/token/{}", fan.token_id);
    let expected = json!({
        "tokenId": "<token>", "userId": "<user>", "payload": "<jwt>",
        "lastUpdateAt": "<local time>", "expiredAt": "<local time>", "createAt": "<local time>",
    });
    assert_eq!(told(&fan.person.get(&token_path).await, &names), (200, expected));
    assert_eq!(told(&fan.person.patch(&token_path, json!({})).await, &names), done());
    let entry = json!({"tokenId": fan.token_id, "seriesId": scene.series_id});
    let entered = fan.person.post("/concert-queue", entry).await;
    assert_eq!(told(&entered, &names), (200, json!("<token>")));
    let queued = json!({
        "queueId": "<token>", "tokenId": "<token>", "seriesId": "<series>", "count": 0,
        "status": "PROCESSING", "createAt": "<local time>",
    });
    assert_eq!(told(&fan.queue().await, &names), (200, queued));

    let held = scene.hold(&fan, &sheet_id).await;
    assert_eq!(told(&held, &names), (200, json!("<id>")));
    let path = format!("/temporary-reservation/{}", text(&held));
    assert_eq!(told(&fan.person.get(&path).await, &names), a_hold(Value::Null));
}

async fn ost_pays_and_shows_the_ticket(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    let sheet_id = scene.sheet_id(&fan, 0).await;
    let names = scene.names(&fan, &sheet_id);
    let hold_id = text(&scene.hold(&fan, &sheet_id).await);

    assert_eq!(told(&fan.points("charge", 30_000).await, &names), done());
    assert_eq!(told(&fan.points("use", 5_000).await, &names), done());
    assert_eq!(told(&fan.pay(10_000).await, &names), done());
    let hold = fan.person.get(&format!("/temporary-reservation/{hold_id}")).await;
    assert_eq!(told(&hold, &names), a_hold(json!("<local time>")));

    let ticket = json!({
        "reservationId": "<id>", "userId": "<user>", "concertId": "<concert>",
        "seriesId": "<series>", "paymentId": "<id>", "sheetId": "<sheet>", "createAt": "<local time>",
    });
    let payment = json!({
        "paymentId": "<id>", "userId": "<user>", "amount": 10_000, "status": "COMPLETE",
        "createAt": "<local time>",
    });
    let owner = format!("userId={}", fan.user_id);
    let tickets = fan.person.get(&format!("/reservation?{owner}")).await;
    let ticket_path = format!("/reservation/{hold_id}");
    assert_eq!(told(&fan.person.get(&ticket_path).await, &names), (200, ticket.clone()));
    assert_eq!(told(&tickets, &names), (200, json!([ticket])));
    let payments = fan.person.get(&format!("/payment?{owner}")).await;
    let payment_path = format!("/payment/{}", payments.body[0]["paymentId"].as_str().unwrap());
    assert_eq!(told(&payments, &names), (200, json!([payment])));
    assert_eq!(told(&fan.person.get(&payment_path).await, &names), (200, payment));

    let point = fan.person.get(&format!("/point/{}", fan.user_id)).await;
    let expected = json!({"pointId": "<user>", "userId": "<user>", "point": 15_000});
    assert_eq!(told(&point, &names), (200, expected));
    let history = fan.person.get(&format!("/point/history/{}", fan.user_id)).await;
    let lines = [
        a_change("USE", 10_000, json!("<id>")),
        a_change("USE", 5_000, Value::Null),
        a_change("CHARGE", 30_000, Value::Null),
    ];
    assert_eq!(told(&history, &names), (200, json!(lines)));
    assert_eq!(fan.queue().await.refusal(), (401, "TOKEN_EXPIRED"));
    assert_eq!(service.audit().await, []);
}

async fn ost_makes_concerts_and_dates_for_their_organizer(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let names = [
        (scene.user_id.as_str(), "user"),
        (&scene.concert_id, "concert"),
        (&scene.series_id, "series"),
    ];
    let concert = json!([{
        "concertId": "<concert>", "userId": "<user>", "title": "OST", "createAt": "<local time>",
    }]);
    assert_eq!(told(&scene.organizer.get("/concert").await, &names), (200, concert));

    for opens_in_hours in [1, -3] {
        let more = series(&service, &scene.concert_id, opens_in_hours);
        scene.organizer.post("/concert/series", more).await;
    }
    let all = scene.organizer.get(&format!("/concert/series/{}", scene.concert_id)).await;
    let expected = ["PROCESSING", "READY", "CLOSED"].map(|status| {
        let series_id = if status == "PROCESSING" { "<series>" } else { "<id>" };
        json!({
            "seriesId": series_id, "concertId": "<concert>", "startAt": "<local time>",
            "endAt": "<local time>", "reserveStartAt": "<local time>",
            "reserveEndAt": "<local time>", "status": status, "createAt": "<local time>",
        })
    });
    assert_eq!(told(&all, &names), (200, json!(expected)));
}

async fn ost_makes_fifty_seats_and_tells_which_are_reserved(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let names = [(scene.concert_id.as_str(), "concert"), (scene.series_id.as_str(), "series")];
    let fan = scene.fan().await;
    let sheets = fan.person.post(&format!("/concert/sheet/{}", scene.series_id), json!({})).await;
    let expected: Vec<_> = (1..=5)
        .flat_map(|row| (1..=10).map(move |col| (row, col)))
        .map(|(row, col)| {
            json!({
                "sheetId": "<id>", "concertId": "<concert>", "seriesId": "<series>", "row": row,
                "col": col, "price": 10_000, "reserved": false,
            })
        })
        .collect();
    assert_eq!(told(&sheets, &names), (200, json!(expected)));
    scene.hold(&fan, &sheets.body[49]["sheetId"]).await;
    let sheets = fan.person.post(&format!("/concert/sheet/{}", scene.series_id), json!({})).await;
    assert_eq!(sheets.body[49]["reserved"], true);
}

async fn ost_refuses_concerts_and_dates_that_are_not_sound(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let mut reversed = series(&service, &scene.concert_id, -1);
    reversed["endAt"] = reversed["reserveStartAt"].clone();
    let mut zoned = series(&service, &scene.concert_id, -1);
    zoned["startAt"] = json!("2026-12-24T19:00:00Z");
    let (organizer, stranger) = (&scene.organizer, service.new_user().await);
    let sound = series(&service, &scene.concert_id, -1);
    for (answer, expected) in [
        (
            organizer.post("/concert", json!({"userId": scene.user_id, "title": ""})).await,
            (400, "VALIDATION"),
        ),
        (
            organizer.post("/concert", json!({"userId": NO_ID, "title": "A"})).await,
            (403, "FORBIDDEN"),
        ),
        (organizer.post("/concert/series", reversed).await, (400, "VALIDATION")),
        (organizer.post("/concert/series", zoned).await, (400, "VALIDATION")),
        (
            organizer.post("/concert/series", series(&service, NO_ID, -1)).await,
            (404, "CONCERT_NOT_FOUND"),
        ),
        (stranger.post("/concert/series", sound.clone()).await, (403, "FORBIDDEN")),
        (service.anyone().post("/concert/series", sound).await, (401, "UNAUTHENTICATED")),
        (service.anyone().get("/concert").await, (401, "UNAUTHENTICATED")),
    ] {
        assert_eq!(answer.refusal(), expected, "{answer:?}");
    }
}

async fn ost_counts_charges_and_uses_that_come_at_once(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 1_000).await;

    let changes = (0..40).map(|i| {
        let fan = &fan;
        async move { fan.points(if i % 2 == 0 { "charge" } else { "use" }, 7).await.status }
    });
    assert!(join_all(changes).await.iter().all(|status| *status == 200));

    let point = fan.person.get(&format!("/point/{}", fan.user_id)).await;
    assert_eq!(point.number_at("point"), 1_000);
    let history = fan.person.get(&format!("/point/history/{}", fan.user_id)).await;
    assert_eq!(history.body.as_array().unwrap().len(), 41);
    assert_eq!(service.audit().await, []);
}

async fn ost_refuses_what_its_source_lists(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let (fan, rival) = (scene.fan().await, scene.fan().await);
    let sheet_id = scene.sheet_id(&fan, 0).await;
    scene.hold(&fan, &sheet_id).await;
    let dateless = json!({"userId": scene.user_id, "title": "No dates yet"});
    scene.organizer.post("/concert", dateless).await;
    let concerts = scene.organizer.get("/concert").await;
    let dateless = concerts.body[0]["concertId"].as_str().unwrap();
    let sheets = |series_id: &str| format!("/concert/sheet/{series_id}");
    let forged = service.with_token("a.b.c");

    for (answer, expected) in [
        // A date that was not made.
        (fan.person.get(&format!("/concert/series/{dateless}")).await, (404, "SCHEDULE_NOT_FOUND")),
        (fan.person.get(&format!("/concert/series/{NO_ID}")).await, (404, "CONCERT_NOT_FOUND")),
        (fan.person.post(&sheets(NO_ID), json!({})).await, (404, "SCHEDULE_NOT_FOUND")),
        // A seat that is taken.
        (scene.hold(&rival, &sheet_id).await, (409, "SEAT_TAKEN")),
        // A token that is no token.
        (forged.post(&sheets(&scene.series_id), json!({})).await, (401, "UNAUTHENTICATED")),
        (forged.get(&format!("/concert/series/{dateless}")).await, (401, "UNAUTHENTICATED")),
        // Too few points, and none.
        (rival.points("use", 1).await, (409, "INSUFFICIENT_POINTS")),
        (rival.points("use", 0).await, (400, "VALIDATION")),
        (rival.points("charge", 0).await, (400, "VALIDATION")),
        (rival.points("charge", -1).await, (400, "VALIDATION")),
        (fan.pay(10_000).await, (409, "INSUFFICIENT_POINTS")),
    ] {
        assert_eq!(answer.refusal(), expected, "{answer:?}");
    }
    service.clock.pass(Duration::from_secs(300));
    assert_eq!(fan.pay(10_000).await.refusal(), (410, "HOLD_EXPIRED"));
    service.clock.pass(Duration::from_secs(300));
    assert_eq!(scene.hold(&fan, &sheet_id).await.refusal(), (401, "TOKEN_EXPIRED"));
    let path = format!("/token/{}", fan.token_id);
    assert_eq!(fan.person.patch(&path, json!({})).await.refusal(), (401, "TOKEN_EXPIRED"));
    let series = fan.person.get(&format!("/concert/series/{}", scene.concert_id)).await;
    assert_eq!(series.refusal(), (401, "TOKEN_EXPIRED"));
    assert_eq!(fan.person.get(&path).await.status, 200, "an expired token can be read");
}

async fn ost_keeps_each_users_tokens_and_holds_apart(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let (fan, other) = (scene.fan().await, scene.fan().await);
    let sheet_id = scene.sheet_id(&other, 0).await;
    let held = text(&scene.hold(&other, &sheet_id).await);
    let hold = json!({
        "userId": other.user_id, "concertId": scene.concert_id, "seriesId": scene.series_id,
        "sheetId": sheet_id,
    });
    let wish = json!({"userId": other.user_id, "seriesId": scene.series_id});
    let entry = json!({"tokenId": other.token_id, "seriesId": scene.series_id});
    let own_entry = json!({"tokenId": fan.token_id, "seriesId": NO_ID});
    let person = &fan.person;
    let (queue, holds) = ("/concert-queue", "/temporary-reservation");
    let token = format!("/token/{}", other.token_id);

    for (answer, expected) in [
        (person.post("/token", wish).await, (403, "FORBIDDEN")),
        (person.get(&token).await, (404, "QUEUE_TOKEN_NOT_FOUND")),
        (person.patch(&token, json!({})).await, (404, "QUEUE_TOKEN_NOT_FOUND")),
        (person.post(queue, entry).await, (403, "FORBIDDEN")),
        (person.post(queue, own_entry).await, (404, "SCHEDULE_NOT_FOUND")),
        (
            with_token_id(person, Method::GET, queue, &other.token_id, None).await,
            (403, "FORBIDDEN"),
        ),
        (person.get(queue).await, (400, "VALIDATION")),
        (
            with_token_id(person, Method::POST, holds, &fan.token_id, Some(hold)).await,
            (403, "FORBIDDEN"),
        ),
        (person.get(&format!("{holds}/{held}")).await, (404, "RESERVATION_NOT_FOUND")),
    ] {
        assert_eq!(answer.refusal(), expected, "{answer:?}");
    }
}

async fn ost_keeps_each_users_points_and_payments_apart(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let (fan, other) = (scene.fan().await, scene.fan().await);
    let sheet_id = scene.sheet_id(&other, 0).await;
    let held = text(&scene.hold(&other, &sheet_id).await);
    other.points("charge", 10_000).await;
    other.pay(10_000).await;
    let payments = other.person.get(&format!("/payment?userId={}", other.user_id)).await;
    let payment_id = payments.body[0]["paymentId"].as_str().unwrap();
    let (person, other_id) = (&fan.person, &other.user_id);
    let amount = json!({"userId": other_id, "amount": 10_000});

    for (answer, expected) in [
        (person.get(&format!("/reservation/{held}")).await, (404, "RESERVATION_NOT_FOUND")),
        (person.get(&format!("/reservation?userId={other_id}")).await, (403, "FORBIDDEN")),
        (person.get(&format!("/payment/{payment_id}")).await, (404, "PAYMENT_NOT_FOUND")),
        (person.get(&format!("/payment?userId={other_id}")).await, (403, "FORBIDDEN")),
        (person.post("/payment", amount.clone()).await, (403, "FORBIDDEN")),
        (person.get(&format!("/point/{other_id}")).await, (403, "FORBIDDEN")),
        (person.get(&format!("/point/history/{other_id}")).await, (403, "FORBIDDEN")),
        (person.patch("/point/charge", amount.clone()).await, (403, "FORBIDDEN")),
        (person.patch("/point/use", amount).await, (403, "FORBIDDEN")),
    ] {
        assert_eq!(answer.refusal(), expected, "{answer:?}");
    }
}

async fn ost_pays_the_one_live_hold(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 50_000).await;

    assert_eq!(fan.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
    let sheet_id = scene.sheet_id(&fan, 3).await;
    let first = text(&scene.hold(&fan, &sheet_id).await);
    for wrong in [9_999, 10_001, 0] {
        assert_eq!(fan.pay(wrong).await.refusal(), (400, "VALIDATION"), "{wrong}");
    }
    service.clock.pass(Duration::from_secs(300));
    let over = fan.person.get(&format!("/temporary-reservation/{first}")).await;
    assert_eq!(told(&over, &[]).1["deleteAt"], "<local time>");
    let second = text(&scene.hold(&fan, &sheet_id).await);
    assert_eq!(fan.pay(10_000).await.status, 200);
    assert_eq!(fan.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"), "it is paid");

    let wish = json!({"userId": fan.user_id, "seriesId": scene.series_id});
    let anew = text(&fan.person.post("/token", wish).await);
    let again = Fan { person: service.with_token(&anew), ..fan };
    assert_eq!(again.pay(10_000).await.refusal(), (404, "RESERVATION_NOT_FOUND"));
    for (id, expected) in [(&first, 404), (&second, 200)] {
        assert_eq!(again.person.get(&format!("/reservation/{id}")).await.status, expected);
    }
}
