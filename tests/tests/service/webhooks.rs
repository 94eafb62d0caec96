//! Other systems hear of changes by webhooks, which they verify as Standard Webhooks says.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::receiver::{Received, Receiver};
use stagedoor_tests::service::{OnSale, Person, Service, StoreKind};
use standardwebhooks::Webhook;

use crate::on_both_stores;

on_both_stores!(
    a_webhook_hears_of_a_sale_in_order_and_signed,
    a_webhook_is_tried_again_under_the_same_id,
    a_new_secret_signs_at_once_and_the_old_one_beside_it,
    a_replay_sends_what_was_received_again,
    private_addresses_are_refused_unless_a_setting_allows_them,
    a_restart_delivers_what_was_not_delivered,
);

const WEBHOOKS: &str = "/api/v1/webhooks";

/// A service that may send to this machine, with a concert on sale.
async fn start(kind: StoreKind) -> (Service, OnSale) {
    let service = Service::start_with(kind, |settings| settings.webhooks_anywhere = true).await;
    let sale = service.on_sale(1, json!({})).await;
    (service, sale)
}

/// Registers a webhook for what happens to reservations; its path, and its secret.
async fn register(organizer: &Person<'_>, receiver: &Receiver) -> (String, String) {
    let events =
        ["reservation.held", "reservation.paid", "reservation.cancelled", "reservation.expired"];
    let body = json!({"url": receiver.url, "events": events});
    let made = organizer.post(WEBHOOKS, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    (format!("{WEBHOOKS}/{}", made.text_at("id")), made.text_at("secret"))
}

/// Holds seat 1; the holder, and the reservation.
async fn hold<'s>(service: &'s Service, sale: &OnSale) -> (Person<'s>, String) {
    let fan = service.holder(sale).await;
    let held = fan.post("/api/v1/reservations", sale.seats(&[1])).await;
    assert_eq!(held.status, 201, "{held:?}");
    (fan, held.text_at("id"))
}

fn verify(received: &Received, secret: &str) {
    let mut headers = HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers).unwrap();
}

/// The deliveries of a webhook once none of them is open.
async fn settled(organizer: &Person<'_>, webhook: &str) -> Vec<Value> {
    loop {
        let deliveries = organizer.get(&format!("{webhook}/deliveries")).await;
        let items = deliveries.body["items"].as_array().unwrap().clone();
        if items.iter().all(|it| it["state"] != "PENDING") {
            return items;
        }
    }
}

async fn a_webhook_hears_of_a_sale_in_order_and_signed(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let mut receiver = Receiver::start(&[]).await;
    let organizer = sale.organizer(&service);
    let (webhook, secret) = register(&organizer, &receiver).await;

    let (fan, reservation) = hold(&service, &sale).await;
    let released = fan.delete(&format!("/api/v1/reservations/{reservation}")).await;
    assert!(released.status.is_success(), "{released:?}");

    for (kind, status) in [("reservation.held", "HELD"), ("reservation.cancelled", "CANCELLED")] {
        let received = receiver.next().await;
        verify(&received, &secret);
        let body = received.json();
        assert_eq!(
            (&body["type"], &body["id"]),
            (&json!(kind), &json!(received.header("webhook-id")))
        );
        let told = &body["data"]["reservation"];
        assert_eq!((&told["id"], &told["status"]), (&json!(reservation), &json!(status)));
    }
    let log = settled(&organizer, &webhook).await;
    let log: Vec<_> = log.iter().map(|it| (&it["state"], &it["attempts"])).collect();
    assert_eq!(log, [(&json!("DELIVERED"), &json!(1)); 2]);
    assert_eq!(service.audit().await, []);
}

async fn a_webhook_is_tried_again_under_the_same_id(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let mut receiver = Receiver::start(&[500, 302]).await;
    let organizer = sale.organizer(&service);
    let (webhook, _) = register(&organizer, &receiver).await;
    hold(&service, &sale).await;

    let first = receiver.next().await;
    // Each failed attempt is recorded before time moves on; the next one is due after 5 s, and then 20 s.
    for (attempts, wait) in [(1, 7), (2, 26)] {
        while organizer.get(&format!("{webhook}/deliveries")).await.body["items"][0]["lastAttempt"]
            ["status"]
            != [500, 302][attempts - 1]
        {}
        service.clock.pass(Duration::from_secs(wait));
        let again = receiver.next().await;
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body);
    }

    assert_eq!(settled(&organizer, &webhook).await[0]["attempts"], 3);
}

async fn a_new_secret_signs_at_once_and_the_old_one_beside_it(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let mut receiver = Receiver::start(&[]).await;
    let organizer = sale.organizer(&service);
    let (webhook, old) = register(&organizer, &receiver).await;

    let new = organizer.post(&format!("{webhook}/secret"), json!({})).await.text_at("secret");
    let tested = organizer.post(&format!("{webhook}/tests"), json!({})).await;
    assert_eq!(tested.status, 202, "{tested:?}");

    let received = receiver.next().await;
    assert_eq!(received.json()["type"], "webhook.test");
    verify(&received, &old);
    verify(&received, &new);
    let listed = organizer.get(WEBHOOKS).await;
    assert!(!listed.body.to_string().contains("whsec_"), "{listed:?}");
}

async fn a_replay_sends_what_was_received_again(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let mut receiver = Receiver::start(&[]).await;
    let organizer = sale.organizer(&service);
    let (webhook, _) = register(&organizer, &receiver).await;
    hold(&service, &sale).await;
    let first = receiver.next().await;
    settled(&organizer, &webhook).await;

    let since = json!({"since": "2020-01-01T00:00:00Z"});
    let replayed = organizer.post(&format!("{webhook}/replays"), since).await;

    assert_eq!((replayed.status.as_u16(), &replayed.body["events"]), (202, &json!(1)));
    assert_eq!(receiver.next().await.body, first.body);
}

async fn private_addresses_are_refused_unless_a_setting_allows_them(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    for url in ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/"] {
        let refused = organizer.post(WEBHOOKS, json!({"url": url})).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{url} {refused:?}");
        assert_eq!(refused.body["errors"][0]["field"], "url");
    }
    let fan = service.new_user().await;
    let refused = fan.post(WEBHOOKS, json!({"url": "https://example.com/"})).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
}

async fn a_restart_delivers_what_was_not_delivered(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let mut receiver = Receiver::start(&[]).await;
    let organizer = sale.organizer(&service);
    register(&organizer, &receiver).await;
    let (_, reservation) = hold(&service, &sale).await;
    let home = service.stop().await;

    let service = Service::start_in(home, |settings| settings.webhooks_anywhere = true).await;

    assert_eq!(receiver.next().await.json()["data"]["reservation"]["id"], json!(reservation));
    assert_eq!(service.audit().await, []);
}
