//! More than can be done, and more than one may ask for.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stagedoor::settings::Switch;
use stagedoor_tests::service::{Events, Service, StoreKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::on_both_stores;

on_both_stores!(
    beyond_the_in_flight_limit_each_request_is_done_or_refused_and_the_service_recovers,
    addresses_behind_a_trusted_proxy_are_limited_one_by_one,
    a_user_with_enough_event_streams_gets_another_when_one_has_ended,
);

const CHARGES: &str = "/api/v1/points/charges";

async fn beyond_the_in_flight_limit_each_request_is_done_or_refused_and_the_service_recovers(
    kind: StoreKind,
) {
    let service = Service::start_with(kind, |settings| settings.limits.requests_max = 20).await;
    let fan = service.new_user().await;
    let charge = || fan.post(CHARGES, json!({"amount": 1}));

    let answers = join_all((0..500).map(|_| charge())).await;

    let done = answers.iter().filter(|answer| answer.status == 201).count();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 201).collect();
    assert!(done > 0 && !refused.is_empty(), "{done} of 500 were done");
    let mut waits = BTreeSet::new();
    for answer in refused {
        assert_eq!(answer.refusal(), (503, "OVERLOADED"), "{answer:?}");
        waits.insert(answer.headers["retry-after"].to_str().unwrap().to_owned());
    }
    assert!(waits.iter().all(|wait| ("1".."6").contains(&wait.as_str())), "{waits:?}");
    assert_eq!(charge().await.status, 201);
    let balance = fan.balance().await;
    assert_eq!(balance, i64::try_from(done).unwrap() + 1);
}

async fn addresses_behind_a_trusted_proxy_are_limited_one_by_one(kind: StoreKind) {
    let service = Service::start_with(kind, |settings| {
        settings.limits.rate_limits = Switch::On;
        settings.limits.sign_up_rate_address = "1/2".parse().unwrap();
        settings.limits.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let sign_up = |n: usize, said: &'static str| {
        let email = format!("fan{n}@example.com");
        let body = json!({"name": "Fan", "email": email, "password": "stagedoor"});
        let request = service.anyone().request(Method::POST, "/api/v1/users");
        let request = request.header("X-Forwarded-For", said).json(&body);
        async { service.anyone().send(request).await }
    };

    let first = sign_up(1, "203.0.113.7").await;
    let second = sign_up(2, "198.51.100.1, 203.0.113.7").await;
    let third = sign_up(3, "198.51.100.2, 203.0.113.7").await;
    let of_another = sign_up(4, "203.0.113.7, 198.51.100.3").await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!(third.refusal(), (429, "RATE_LIMITED"));
    assert!(third.headers.contains_key("retry-after"));
    assert_eq!(third.headers["ratelimit"], "\"sign-up-address\";r=0;t=120");
    assert_eq!(of_another.status, 201);
    let told = &of_another.headers["ratelimit-policy"];
    assert_eq!(told, "\"sign-up-address\";q=2;w=120, \"sign-up-account\";q=12;w=120");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_client_keeps_the_connection() {
    let service = Service::start_with(StoreKind::Embedded, |settings| {
        settings.limits.rate_limits = Switch::On;
        settings.limits.sign_up_rate_address = "1/1".parse().unwrap();
    })
    .await;
    let mut connection = TcpStream::connect(service.running.address).await.unwrap();
    let body = json!({"name": "Fan", "email": "fan@example.com", "password": "short"}).to_string();
    let sign_up = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );

    let mut answers = Vec::new();
    for _ in 0..3 {
        connection.write_all(sign_up.as_bytes()).await.unwrap();
        let mut bytes = vec![0; 4_096];
        let length = connection.read(&mut bytes).await.unwrap();
        answers.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
    }

    for (answer, status) in answers.iter().zip(["400", "429", "429"]) {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
    }
}

async fn a_user_with_enough_event_streams_gets_another_when_one_has_ended(kind: StoreKind) {
    let service = Service::start_with(kind, |settings| {
        settings.limits.event_streams_per_user_max = 2;
    })
    .await;
    let sale = service.on_sale(1, json!({"capacity": 0, "paused": true})).await;
    let (fan, other) = (service.holder(&sale).await, service.holder(&sale).await);
    let follow = "/api/v1/queue-tokens/me/events";
    let first = Events::of(fan.request(Method::GET, follow)).await;
    let _second = Events::of(fan.request(Method::GET, follow)).await;

    let refused = fan.get(follow).await;
    let _of_another = Events::of(other.request(Method::GET, follow)).await;
    drop(first);
    while fan.request(Method::GET, follow).send().await.unwrap().status() != 200 {
        tokio::task::yield_now().await;
    }

    assert_eq!(refused.refusal(), (429, "RATE_LIMITED"));
}
