//! Fields that a caller has no say in.

use serde_json::{Value, json};
use stagedoor::ids::new_id;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    no_user_sets_their_own_role_id_or_points_at_sign_up,
    a_concert_and_its_dates_take_no_owner_id_or_state_from_their_body,
    a_hold_and_a_payment_take_no_owner_price_or_deadline_from_their_body,
    an_older_contract_overlooks_fields_it_does_not_know,
);

/// Checks that a body is refused with each of these fields, by its name.
async fn assert_refused_with(person: &Person<'_>, path: &str, body: &Value, fields: &[&str]) {
    for field in fields {
        let mut body = body.clone();
        body[*field] = json!("OPERATOR");
        let refused = person.post(path, body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{field}");
        assert_eq!(refused.body["errors"][0]["field"], json!(field), "{refused:?}");
    }
}

async fn no_user_sets_their_own_role_id_or_points_at_sign_up(kind: StoreKind) {
    let service = Service::start(kind).await;
    let body = json!({"name": "Fan", "email": "fan@example.com", "password": "stagedoor"});
    let fields = [
        "role",
        "roles",
        "Role",
        "id",
        "userId",
        "balance",
        "point",
        "createdAt",
        "passwordHash",
        "password_hash",
        "isAdmin",
        "__proto__",
        "constructor",
    ];

    assert_refused_with(&service.anyone(), "/api/v1/users", &body, &fields).await;
    let made = service.anyone().post("/api/v1/users", body).await;
    assert_eq!(made.text_at("role"), "FAN");
    let session = json!({"email": "fan@example.com", "password": "stagedoor"});
    assert_refused_with(&service.anyone(), "/api/v1/sessions", &session, &["role", "sub"]).await;
}

async fn a_concert_and_its_dates_take_no_owner_id_or_state_from_their_body(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let concert = json!({"title": "Mine"});
    let fields = ["id", "organizerId", "organizer_id", "roomId", "bookable", "createdAt"];
    assert_refused_with(&organizer, "/api/v1/concerts", &concert, &fields).await;

    let made = organizer.post("/api/v1/concerts", concert).await;
    let schedules = format!("/api/v1/concerts/{}/schedules", made.text_at("id"));
    let fields = ["id", "concertId", "seats", "seatIds", "seatsAvailable", "status"];
    assert_refused_with(&organizer, &schedules, &service.a_schedule(1), &fields).await;
    let mut sold_already = service.a_schedule(1);
    sold_already["seatMap"]["status"] = json!("SOLD");
    let refused = organizer.post(&schedules, sold_already).await;
    assert_eq!(refused.code(), "VALIDATION", "{refused:?}");
}

async fn a_hold_and_a_payment_take_no_owner_price_or_deadline_from_their_body(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let holder = service.holder(&sale).await;
    let hold = json!({"scheduleId": sale.schedule_id, "bestAvailable": 1});
    let fields = ["userId", "id", "price", "totalPrice", "expiresAt", "status", "tokenId"];
    assert_refused_with(&holder, "/api/v1/reservations", &hold, &fields).await;

    let held = holder.post("/api/v1/reservations", hold).await;
    let pay = json!({"reservationId": held.text_at("id")});
    let fields = ["amount", "userId", "status", "balance"];
    assert_refused_with(&holder, "/api/v1/payments", &pay, &fields).await;
    let charge = json!({"amount": 1});
    let fields = ["userId", "balance", "kind", "number"];
    assert_refused_with(&holder, "/api/v1/points/charges", &charge, &fields).await;
    assert_eq!(holder.balance().await, 0);
}

async fn an_older_contract_overlooks_fields_it_does_not_know(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let own_id = organizer.get("/api/v1/users/me").await.text_at("id");
    let id = new_id();
    let body = json!({
        "userId": own_id, "title": "Mine", "concertId": id, "organizerId": id, "role": "OPERATOR",
    });

    assert_eq!(organizer.post("/concert", body).await.status, 200);
    let change = json!({"userId": own_id, "amount": 5, "point": 1_000, "balance": 1_000});
    assert_eq!(organizer.patch("/point/charge", change).await.status, 200);

    let concerts = service.anyone().get("/api/v1/concerts").await;
    assert_eq!(concerts.body["items"][0]["organizerId"], json!(own_id));
    assert_ne!(concerts.body["items"][0]["id"], json!(id));
    assert_eq!(organizer.balance().await, 5);
    assert_eq!(organizer.get("/api/v1/users/me").await.text_at("role"), "ORGANIZER");
}
