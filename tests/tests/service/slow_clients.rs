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
/// What one connection may cost in the program of the tests, which is not optimised: buffers for reading and writing,
/// a task, timers. It takes 57 to 70 KiB.
const BYTES_EACH_MAX: u64 = 96 * 1024;

/// Connections that have sent so much and no more.
async fn connections(address: SocketAddr, sent: &str) -> Vec<TcpStream> {
    join_all((0..MANY).map(|_| connection(address, sent))).await
}

async fn connection(address: SocketAddr, sent: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(sent.as_bytes()).await.unwrap();
    connection
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

/// A service that times out heads and bodies after this number of seconds.
async fn gives_up_after(head_seconds: u64, body_seconds: u64) -> Service {
    Service::start_with(StoreKind::Embedded, |settings| {
        settings.server.header_timeout_seconds = head_seconds;
        settings.limits.body_timeout_seconds = body_seconds;
        settings.limits.requests_max = 10;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_time_out_and_delay_no_other_client() {
    let service = gives_up_after(1, 60).await;
    let slow = connections(service.running.address, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-").await;

    let fan = service.new_user().await;
    fan.charge(1).await;

    for answer in join_all(slow.into_iter().map(rest)).await {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bodies_time_out_and_are_not_in_flight_meanwhile() {
    let service = gives_up_after(60, 1).await;
    let fan = service.new_user().await;
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
    assert_eq!(fan.balance().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_picture_has_more_time_than_a_small_body() {
    let service = gives_up_after(60, 1).await;
    let token = service.new_user().await.token.clone().unwrap();
    let head = |request: &str, kind: &str, bytes: usize| {
        format!(
            "{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {kind}\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n"
        )
    };
    // At least a megabit a second: eight seconds more.
    let bytes = 1024 * 1024;
    let poster = "PUT /api/v1/concerts/01900000-0000-7000-8000-000000000001/poster";
    let mut picture = connection(service.running.address, &head(poster, "image/png", bytes)).await;
    let charge = head("POST /api/v1/points/charges", "application/json", 20);
    let small = connection(service.running.address, &charge).await;

    assert!(rest(small).await.starts_with("HTTP/1.1 408"));

    picture.write_all(&vec![0; bytes]).await.unwrap();
    let answer = rest(picture).await;
    assert!(answer.starts_with("HTTP/1.1 4") && !answer.contains("TOO_SLOW"), "{answer}");
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
    let most = (idle.len() + unread.len()) as u64 * BYTES_EACH_MAX;
    assert!(after < before + most, "{before} bytes became {after}");
}

/// A concert with 10,000 seats, and its schedule.
async fn a_large_hall(server: &Server) -> (String, String) {
    let organizer = server.log_in("organizer@example.com").await;
    let body = json!({"title": "Hall", "schedules": [{
        "startsAt": "2099-01-02T10:00:00Z", "endsAt": "2099-01-02T12:00:00Z",
        "bookingOpensAt": "2020-01-01T00:00:00Z", "bookingClosesAt": "2099-01-01T00:00:00Z",
        "seatMap": {"rows": 100, "columns": 100, "price": 10_000},
    }]});
    let path = "/api/v1/concerts";
    let (status, concert) = server.ask(Method::POST, path, Some(&organizer), Some(body)).await;
    assert_eq!(status, 201, "{concert}");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&concert["id"]), text(&concert["schedules"][0]["id"]))
}

/// A connection on which an answer has begun, and is not read any further.
async fn begun(address: SocketAddr, request: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = tokio::time::timeout(PATIENCE, connection.read_buf(&mut head)).await;
        assert_ne!(read.expect("an answer").unwrap(), 0, "{}", String::from_utf8_lossy(&head));
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    connection
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_of_a_seat_map_cost_a_buffer_each_and_no_copy() {
    let home = Home::new(StoreKind::Embedded);
    let server = Server::start(&home, &["--demo"]);
    let address = server.address().trim_start_matches("http://").parse().unwrap();
    let (concert, schedule) = a_large_hall(&server).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let (access, path) =
            (server.sign_up().await, format!("/api/v1/concerts/{concert}/queue-tokens"));
        let (_, joined) = server.ask(Method::POST, &path, Some(&access), None).await;
        assert_eq!(joined["status"], "ACTIVE", "{joined}");
        tokens.push(joined["token"].as_str().unwrap().to_owned());
    }
    let seats = format!("/api/v1/schedules/{schedule}/seats");
    let paths = [
        (Method::GET, seats.clone()),
        (Method::POST, format!("/concert/sheet/{schedule}")),
        (Method::GET, format!("/concerts/{concert}/dates/2099-01-02/seats")),
    ];
    for (method, path) in &paths {
        let (status, _) = server.ask(method.clone(), path, Some(&tokens[0]), None).await;
        assert_eq!(status, 200, "{path}");
    }
    let length = server.request(Method::GET, &seats, Some(&tokens[0])).send().await.unwrap();
    let length = length.content_length().unwrap();
    let before = server.resident_bytes();

    let mut unread = Vec::new();
    for (method, path) in &paths {
        for token in tokens.iter().cycle().take(15) {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
            );
            unread.push(begun(address, &request).await);
        }
    }
    let after = server.resident_bytes();

    assert!(length > 1_000_000, "{length} bytes");
    let most = unread.len() as u64 * BYTES_EACH_MAX + 8 * length;
    assert!(after < before + most, "{before} bytes became {after}, with bodies of {length}");
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
