//! Signing up, signing in, and what is whose.

use reqwest::Method;
use serde_json::json;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    an_address_signs_up_once_and_signs_in_with_its_password,
    no_user_can_become_an_operator_by_themselves,
    a_repeated_sign_up_gets_the_first_answer,
    what_is_anothers_is_not_found,
    a_token_that_is_not_ours_is_refused,
);

async fn an_address_signs_up_once_and_signs_in_with_its_password(kind: StoreKind) {
    let service = Service::start(kind).await;
    let anyone = service.anyone();
    let body = json!({"name": "김팬", "email": "Fan@Example.com", "password": "stagedoor"});

    let made = anyone.post("/api/v1/users", body.clone()).await;
    let twice = anyone.post("/api/v1/users", body).await;
    let session = json!({"email": "fan@example.com", "password": "stagedoor"});
    let session = anyone.post("/api/v1/sessions", session).await;
    let wrong = json!({"email": "fan@example.com", "password": "stagedoo"});
    let wrong = anyone.post("/api/v1/sessions", wrong).await;
    let unknown = json!({"email": "unknown@example.com", "password": "stagedoor"});
    let unknown = anyone.post("/api/v1/sessions", unknown).await;

    assert_eq!((made.status.as_u16(), made.text_at("email")), (201, "fan@example.com".into()));
    assert!(made.body.get("password").is_none());
    assert_eq!(twice.refusal(), (409, "EMAIL_TAKEN"));
    assert_eq!(session.number_at("expiresIn"), 3_600);
    assert_eq!(
        (wrong.status, wrong.text_at("detail")),
        (unknown.status, unknown.text_at("detail"))
    );
    let mut fan = anyone.clone();
    fan.token = Some(session.text_at("accessToken"));
    assert_eq!(fan.get("/api/v1/users/me").await.text_at("name"), "김팬");
}

async fn no_user_can_become_an_operator_by_themselves(kind: StoreKind) {
    let service = Service::start(kind).await;
    let body = json!({
        "name": "Fan", "email": "fan@example.com", "password": "stagedoor", "role": "OPERATOR",
    });

    let refused = service.anyone().post("/api/v1/users", body).await;

    assert_eq!(refused.body["errors"][0]["field"], "role");
    let fan = service.new_user().await;
    assert_eq!(fan.get("/api/v1/users/me").await.text_at("role"), "FAN");
}

async fn a_repeated_sign_up_gets_the_first_answer(kind: StoreKind) {
    let service = Service::start(kind).await;
    let anyone = service.anyone();
    let body = json!({"name": "Fan", "email": "fan@example.com", "password": "stagedoor"});

    let first = anyone.post_once("/api/v1/users", "sign-up", body.clone()).await;
    let again = anyone.post_once("/api/v1/users", "sign-up", body).await;
    let other = json!({"name": "Man", "email": "man@example.com", "password": "stagedoor"});
    let reused = anyone.post_once("/api/v1/users", "sign-up", other).await;

    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(reused.code(), "IDEMPOTENCY_MISMATCH");
}

async fn what_is_anothers_is_not_found(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (owner, other) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);
    let held = owner.post_once("/api/v1/reservations", "key", hold.clone()).await;
    owner.charge(10_000).await;
    other.charge(10_000).await;
    let pay = json!({"reservationId": held.text_at("id")});

    assert_eq!(other.post("/api/v1/payments", pay.clone()).await.code(), "RESERVATION_NOT_FOUND");
    let paid = owner.post("/api/v1/payments", pay).await;
    let payment = format!("/api/v1/payments/{}", paid.text_at("id"));

    assert_eq!(other.get(&payment).await.code(), "PAYMENT_NOT_FOUND");
    assert_eq!(other.get("/api/v1/payments").await.body["items"], json!([]));
    assert_eq!(other.balance().await, 10_000);
    let same_key = other.post_once("/api/v1/reservations", "key", hold).await;
    assert_eq!(same_key.code(), "SEAT_TAKEN", "another's key is another key");
}

async fn a_token_that_is_not_ours_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let mut forger = service.anyone();
    for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        forger.token = Some(token.to_owned());
        for path in ["/api/v1/users/me", "/api/v1/points", "/api/v1/queue-tokens/me"] {
            let refused = forger.send(forger.request(Method::GET, path)).await;
            assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED"));
            assert_eq!(refused.headers["www-authenticate"], "Bearer");
        }
    }
}
