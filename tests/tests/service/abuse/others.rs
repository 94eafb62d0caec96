//! Reaching for what is another's.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor::ids::new_id;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    anothers_reservation_and_payment_are_answered_as_if_they_were_not,
    anothers_reservation_is_neither_paid_nor_released,
    anothers_points_and_history_are_out_of_reach,
    anothers_idempotency_key_reveals_nothing_and_blocks_no_user,
    anothers_queue_token_is_neither_read_nor_kept_alive_nor_used,
    ids_in_the_body_do_not_make_the_caller_another_user,
);

/// A user who has paid for a seat and holds another, and a user who looks at it.
struct Two<'s> {
    sale: OnSale,
    owner: Person<'s>,
    owner_id: String,
    other: Person<'s>,
    held: String,
    paid: String,
    payment: String,
}

impl<'s> Two<'s> {
    async fn of(service: &'s Service) -> Self {
        let sale = service.on_sale(1, json!({})).await;
        let owner = service.holder(&sale).await;
        let other = service.holder(&sale).await;
        owner.charge(10_000).await;
        let paid = hold(&owner, &sale, 1).await.text_at("id");
        let pay = json!({"reservationId": paid});
        let payment = owner.post("/api/v1/payments", pay).await.text_at("id");
        let owner_id = owner.get("/api/v1/users/me").await.text_at("id");
        let owner = owner.join(&sale.concert_id).await.0;
        let held = hold(&owner, &sale, 2).await.text_at("id");
        Self { sale, owner, owner_id, other, held, paid, payment }
    }
}

async fn hold(holder: &Person<'_>, sale: &OnSale, seat: i32) -> Answer {
    let body = json!({"scheduleId": sale.schedule_id, "seatNumbers": [seat]});
    holder.post("/api/v1/reservations", body).await
}

/// An answer without what is of each request alone.
fn told(mut answer: Answer) -> (u16, Value) {
    if let Some(problem) = answer.body.as_object_mut() {
        problem.remove("requestId");
    }
    (answer.status.as_u16(), answer.body)
}

async fn anothers_reservation_and_payment_are_answered_as_if_they_were_not(kind: StoreKind) {
    let service = Service::start(kind).await;
    let two = Two::of(&service).await;
    for (path, id) in [
        ("/api/v1/reservations/{id}", &two.held),
        ("/api/v1/reservations/{id}", &two.paid),
        ("/api/v1/payments/{id}", &two.payment),
        ("/temporary-reservation/{id}", &two.held),
        ("/reservation/{id}", &two.paid),
        ("/payment/{id}", &two.payment),
    ] {
        let of_owner = two.owner.get(&path.replace("{id}", id)).await;
        let of_other = two.other.get(&path.replace("{id}", id)).await;
        let guessed = two.other.get(&path.replace("{id}", &new_id().to_string())).await;

        assert_eq!(of_owner.status, 200, "{path}: {of_owner:?}");
        assert_eq!(of_other.status, 404, "{path}: {of_other:?}");
        assert_eq!(told(of_other), told(guessed), "{path}");
    }
    for path in ["/api/v1/reservations", "/api/v1/payments"] {
        assert_eq!(two.other.get(path).await.body["items"], json!([]), "{path}");
    }
}

async fn anothers_reservation_is_neither_paid_nor_released(kind: StoreKind) {
    let service = Service::start(kind).await;
    let two = Two::of(&service).await;
    two.other.charge(10_000).await;
    let refused = [
        two.other.post("/api/v1/payments", json!({"reservationId": two.held})).await,
        two.other.delete(&format!("/api/v1/reservations/{}", two.held)).await,
        two.other.delete(&format!("/api/v1/reservations/{}", two.paid)).await,
        two.other.post("/payment", json!({"reservationId": two.held})).await,
    ];

    for refused in refused {
        assert_eq!(refused.refusal(), (404, "RESERVATION_NOT_FOUND"));
    }
    assert_eq!(two.other.balance().await, 10_000);
    let held = two.owner.get(&format!("/api/v1/reservations/{}", two.held)).await;
    assert_eq!(held.text_at("status"), "HELD");
    assert!(service.audit().await.is_empty());
}

async fn anothers_points_and_history_are_out_of_reach(kind: StoreKind) {
    let service = Service::start(kind).await;
    let two = Two::of(&service).await;
    let (other, id) = (&two.other, &two.owner_id);
    let change = json!({"userId": id, "amount": 1});
    let refused = [
        other.get(&format!("/point/{id}")).await,
        other.get(&format!("/point/history/{id}")).await,
        other.get(&format!("/payments/{id}/accounts")).await,
        other.get(&format!("/payment?userId={id}")).await,
        other.get(&format!("/reservation?userId={id}")).await,
        other.get(&format!("/api/v1/reservations?userId={id}")).await,
        other.patch("/point/charge", change.clone()).await,
        other.patch("/point/use", change.clone()).await,
        other.patch("/payments/charges", change).await,
    ];

    for refused in refused {
        assert!([401, 403].contains(&refused.status.as_u16()), "{refused:?}");
    }
    let unknown = other.get("/api/v1/points?userId=1").await;
    let own = other.get("/api/v1/points/history").await;
    assert_eq!(unknown.number_at("balance"), 0, "what is not asked for by name is one's own");
    assert_eq!(own.body["items"], json!([]));
    assert_eq!(two.owner.get("/api/v1/points/history").await.body["items"][1]["amount"], 10_000);
}

async fn anothers_idempotency_key_reveals_nothing_and_blocks_no_user(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (owner, other) = (service.new_user().await, service.new_user().await);
    let charge = json!({"amount": 500});
    let first = owner.post_once("/api/v1/points/charges", "the same key", charge.clone()).await;
    assert_eq!(first.code(), "VALIDATION", "a key has no spaces");

    let first = owner.post_once("/api/v1/points/charges", "the-same-key", charge.clone()).await;
    let others = other.post_once("/api/v1/points/charges", "the-same-key", charge.clone()).await;
    let less = json!({"amount": 1});
    let reused = other.post_once("/api/v1/points/charges", "the-same-key", less).await;
    let again = owner.post_once("/api/v1/points/charges", "the-same-key", charge).await;

    assert_eq!(others.status, 201);
    assert_ne!(first.body["entry"]["id"], others.body["entry"]["id"]);
    assert_eq!(reused.code(), "IDEMPOTENCY_MISMATCH");
    assert_eq!(first.body, again.body);
    for person in [owner, other] {
        assert_eq!(person.balance().await, 500);
    }
}

async fn anothers_queue_token_is_neither_read_nor_kept_alive_nor_used(kind: StoreKind) {
    let service = Service::start(kind).await;
    let two = Two::of(&service).await;
    let id = two.owner.poll().await.text_at("id");
    let named = |method, path: &str| two.other.request(method, path).header("tokenId", &id);
    let enter = json!({"tokenId": id, "seriesId": two.sale.schedule_id});
    let refused = [
        (404, two.other.get(&format!("/token/{id}")).await),
        (404, two.other.patch(&format!("/token/{id}"), json!({})).await),
        (403, two.other.send(named(Method::GET, "/concert-queue")).await),
        (403, two.other.post("/concert-queue", enter).await),
        (
            403,
            two.other
                .send(named(Method::POST, "/temporary-reservation").json(&json!({
                    "userId": two.owner_id, "concertId": two.sale.concert_id,
                    "seriesId": two.sale.schedule_id, "sheetId": new_id(),
                })))
                .await,
        ),
    ];

    for (status, refused) in refused {
        assert_eq!(refused.status, status, "{refused:?}");
    }
}

async fn ids_in_the_body_do_not_make_the_caller_another_user(kind: StoreKind) {
    let service = Service::start(kind).await;
    let two = Two::of(&service).await;
    let (anyone, id) = (service.anyone(), &two.owner_id);
    let by_no_user = [
        anyone.post("/token", json!({"userId": id, "seriesId": two.sale.schedule_id})).await,
        anyone.post("/queue/token", json!({"userId": id})).await,
    ];
    let ticket = format!(
        "/concerts/{}/schedules/{}/seats/{}/ticket",
        two.sale.concert_id, two.sale.schedule_id, two.held
    );
    let by_another = [
        two.other.post("/token", json!({"userId": id, "seriesId": two.sale.schedule_id})).await,
        two.other.post("/queue/token", json!({"userId": id})).await,
        two.other.post("/payment", json!({"userId": id, "amount": 10_000})).await,
        two.other.post("/concert", json!({"userId": id, "title": "Theirs"})).await,
    ];

    for refused in by_no_user {
        assert_eq!(refused.status, 401, "{refused:?}");
    }
    for refused in by_another {
        assert_eq!(refused.refusal(), (403, "FORBIDDEN"), "{refused:?}");
    }
    let ticket = two.other.post(&ticket, json!({"userId": id})).await;
    assert_eq!(ticket.status, 401);
    let pay = json!({"userId": id, "ticketId": two.held});
    assert_eq!(two.other.post("/payments/pays", pay).await.status, 401);
}
