//! Clients that send slowly, read nothing, or only stay.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stagedoor_tests::process::Server;
use stagedoor_tests::service::{Home, Service, StoreKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MANY: usize = 500;
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What one connection may cost: buffers for reading and writing, a task, timers.
const BYTES_EACH_MAX: u64 = 64 * 1024;

/// Connections that have sent so much and no more.
async fn connections(address: SocketAddr, sent: &str) -> Vec<TcpStream> {
    join_all((0..MANY).map(|_| async {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(sent.as_bytes()).await.unwrap();
        connection
    }))
    .await
}

/// What comes before the connection is closed.
async fn rest(connection: TcpStream) -> String {
    let mut connection = connection;
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut bytes)).await;
    // A connection that is reset has ended too.
    let _ = read.expect("the connection is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A service that gives heads and bodies up after so many seconds.
async fn gives_up_after(head_seconds: u64, body_seconds: u64) -> Service {
    Service::start_with(StoreKind::Embedded, |settings| {
        settings.server.header_timeout_seconds = head_seconds;
        settings.limits.body_timeout_seconds = body_seconds;
        settings.limits.requests_max = 10;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_are_given_up_and_keep_nobody_waiting() {
    let service = gives_up_after(1, 60).await;
    let slow = connections(service.running.address, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-").await;

    let fan = service.somebody().await;
    fan.charge(1).await;

    for answer in join_all(slow.into_iter().map(rest)).await {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bodies_are_given_up_and_are_not_in_hand_meanwhile() {
    let service = gives_up_after(60, 1).await;
    let fan = service.somebody().await;
    let token = fan.token.clone().unwrap();
    let head = format!(
        "POST /api/v1/points/charges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{\"amount\""
    );
    let slow = connections(service.running.address, &head).await;

    fan.charge(1).await;

    for answer in join_all(slow.into_iter().map(rest)).await {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("BODY_TOO_SLOW"), "{answer}");
    }
    assert_eq!(fan.get("/api/v1/points").await.number_at("balance"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_read_and_who_only_stays_costs_bounded_memory() {
    let home = Home::new(StoreKind::Embedded);
    let server = Server::start(&home, &["--demo"]);
    let address = server.address().trim_start_matches("http://").parse().unwrap();
    server.ask(Method::GET, "/openapi.json", None, None).await;
    let before = server.resident_bytes();

    let idle = connections(address, "").await;
    let unread = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
    let unread = connections(address, &unread).await;
    let (status, _) = server.ask(Method::GET, "/readyz", None, None).await;
    let after = server.resident_bytes();

    assert_eq!(status, 200, "others are answered");
    let largest = 512 * 1024;
    let most = (idle.len() + unread.len()) as u64 * BYTES_EACH_MAX + MANY as u64 * largest;
    assert!(after < before + most, "{before} bytes became {after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_streams_cost_bounded_memory_each_and_more_are_refused() {
    let home = Home::new(StoreKind::Embedded);
    let most = MANY.to_string();
    let arguments = ["--event-streams-max", &most, "--event-streams-per-user-max", &most];
    let server = Server::start(&home, &arguments);
    let access = server.sign_up().await;
    let (_, joined) = server.ask(Method::POST, "/api/v1/queue-tokens", Some(&access), None).await;
    let token = joined["token"].as_str().unwrap();
    let follow = || server.request(Method::GET, "/api/v1/queue-tokens/me/events", Some(token));
    let before = server.resident_bytes();

    let streams = join_all((0..MANY).map(|_| follow().send())).await;
    let after = server.resident_bytes();
    let refused = follow().send().await.unwrap();

    assert!(streams.iter().all(|stream| stream.as_ref().unwrap().status() == 200));
    assert!(after < before + MANY as u64 * BYTES_EACH_MAX, "{before} bytes became {after}");
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.json::<serde_json::Value>().await.unwrap()["code"], json!("OVERLOADED"));
    let (status, _) = server.ask(Method::GET, "/healthz", None, None).await;
    assert_eq!(status, 200);
}
