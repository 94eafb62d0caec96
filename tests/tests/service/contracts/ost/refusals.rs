//! What the `ost` contract refuses, and whom.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stagedoor_tests::service::StoreKind;

use super::super::{NO_ID, open, told, with_token_id};
use super::{Fan, Scene, refusal, text};
use crate::on_both_stores;

on_both_stores!(
    ost_refuses_what_its_source_lists,
    ost_keeps_each_users_tokens_and_holds_apart,
    ost_keeps_each_users_points_and_payments_apart,
    ost_pays_the_one_live_hold,
);

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
        assert_eq!(refusal(&answer), expected, "{answer:?}");
    }
    service.clock.pass(Duration::from_secs(300));
    assert_eq!(refusal(&fan.pay(10_000).await), (410, "HOLD_EXPIRED"));
    service.clock.pass(Duration::from_secs(300));
    assert_eq!(refusal(&scene.hold(&fan, &sheet_id).await), (401, "TOKEN_EXPIRED"));
    let path = format!("/token/{}", fan.token_id);
    assert_eq!(refusal(&fan.person.patch(&path, json!({})).await), (401, "TOKEN_EXPIRED"));
    let series = fan.person.get(&format!("/concert/series/{}", scene.concert_id)).await;
    assert_eq!(refusal(&series), (401, "TOKEN_EXPIRED"));
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
        assert_eq!(refusal(&answer), expected, "{answer:?}");
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
        assert_eq!(refusal(&answer), expected, "{answer:?}");
    }
}

async fn ost_pays_the_one_live_hold(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Scene::new(&service).await;
    let fan = scene.fan().await;
    fan.points("charge", 50_000).await;

    assert_eq!(refusal(&fan.pay(10_000).await), (404, "RESERVATION_NOT_FOUND"));
    let sheet_id = scene.sheet_id(&fan, 3).await;
    let first = text(&scene.hold(&fan, &sheet_id).await);
    for wrong in [9_999, 10_001, 0] {
        assert_eq!(refusal(&fan.pay(wrong).await), (400, "VALIDATION"), "{wrong}");
    }
    service.clock.pass(Duration::from_secs(300));
    let over = fan.person.get(&format!("/temporary-reservation/{first}")).await;
    assert_eq!(told(&over, &[]).1["deleteAt"], "<local time>");
    let second = text(&scene.hold(&fan, &sheet_id).await);
    assert_eq!(fan.pay(10_000).await.status, 200);
    assert_eq!(refusal(&fan.pay(10_000).await), (404, "RESERVATION_NOT_FOUND"), "it is paid");

    let wish = json!({"userId": fan.user_id, "seriesId": scene.series_id});
    let anew = text(&fan.person.post("/token", wish).await);
    let again = Fan { person: service.with_token(&anew), ..fan };
    assert_eq!(refusal(&again.pay(10_000).await), (404, "RESERVATION_NOT_FOUND"));
    for (id, expected) in [(&first, 404), (&second, 200)] {
        assert_eq!(again.person.get(&format!("/reservation/{id}")).await.status, expected);
    }
}
