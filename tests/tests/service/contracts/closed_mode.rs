//! The contracts in closed mode: the same flows for signed-in users only.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Service, StoreKind};

use super::{told, user_id, with_token_id};
use crate::on_both_stores;

on_both_stores!(
    a_bare_user_id_gets_no_token_in_closed_mode,
    who_has_signed_in_gets_a_token_of_each_contract,
    organizers_alone_create_concerts_in_closed_mode,
);

async fn a_bare_user_id_gets_no_token_in_closed_mode(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (user_id, fan) = (user_id(&service).await, service.new_user().await);
    let body = json!({
        "userId": user_id, "concertId": sale.concert_id, "seriesId": sale.schedule_id,
    });
    let cannot_enter = (400, json!({"error": "대기열에 진입할 수 없습니다."}));

    for (path, alone, as_another) in [
        ("/token", "UNAUTHENTICATED", "FORBIDDEN"),
        ("/queue/token", "UNAUTHENTICATED", "FORBIDDEN"),
    ] {
        let answer = service.anyone().post(path, body.clone()).await;
        assert_eq!(answer.refusal(), (401, alone), "{path}");
        let answer = fan.post(path, body.clone()).await;
        assert_eq!(answer.refusal(), (403, as_another), "{path}");
    }
    for person in [&service.anyone(), &fan] {
        assert_eq!(told(&person.post("/queues", body.clone()).await, &[]), cannot_enter);
    }
    let guest = service.anyone().send(service.request(Method::POST, "/queues")).await;
    assert_eq!(told(&guest, &[]), cannot_enter);
}

async fn who_has_signed_in_gets_a_token_of_each_contract(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let user_id = fan.get("/api/v1/users/me").await.text_at("id");
    let body = json!({
        "userId": user_id, "concertId": sale.concert_id, "seriesId": sale.schedule_id,
    });

    let of_ticketing = fan.post("/queues", body.clone()).await;
    assert_eq!(of_ticketing.status, 200, "{of_ticketing:?}");
    let unnamed = fan.send(fan.request(Method::POST, "/queues")).await;
    assert_eq!(unnamed.text_at("userId"), user_id);
    let of_reservation = fan.post("/queue/token", body.clone()).await;
    assert_eq!(of_reservation.status, 201, "{of_reservation:?}");
    let of_ost = fan.post("/token", body).await;
    assert_eq!(of_ost.status, 200, "{of_ost:?}");

    let holder = service.with_token(of_ost.body.as_str().unwrap());
    let sheets = holder.post(&format!("/concert/sheet/{}", sale.schedule_id), Value::Null).await;
    let hold = json!({
        "userId": user_id, "concertId": sale.concert_id, "seriesId": sale.schedule_id,
        "sheetId": sheets.body[0]["sheetId"],
    });
    let token_id = of_reservation.text_at("id");
    let path = "/temporary-reservation";
    let held = with_token_id(&holder, Method::POST, path, &token_id, Some(hold)).await;
    fan.charge(10_000).await;
    let holder = service.with_token(&of_ticketing.text_at("userToken"));
    let ticket = json!({"userId": user_id, "ticketId": held.body});
    let paid = holder.post("/payments/pays", ticket).await;
    assert_eq!(
        paid.text_at("stat"),
        "booked",
        "the three contracts tell of one token and one hold"
    );
    assert_eq!(service.audit().await, []);
}

async fn organizers_alone_create_concerts_in_closed_mode(kind: StoreKind) {
    let service = Service::start(kind).await;
    for (role, expected) in [(Role::Fan, 403), (Role::Operator, 403), (Role::Organizer, 200)] {
        let person = service.new_user_as(role).await;
        let user_id = person.get("/api/v1/users/me").await.text_at("id");
        let created = person.post("/concert", json!({"userId": user_id, "title": "OST"})).await;
        assert_eq!(created.status, expected, "{role:?}");
    }
}
