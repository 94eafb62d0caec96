//! Writing into the log, and reading secrets out of it.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stagedoor_tests::process::{Server, run, stagedoor};
use stagedoor_tests::raw::exchange;
use stagedoor_tests::service::{Home, METRICS_TOKEN, SIGNING_KEY, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    no_client_writes_lines_of_its_own_into_a_human_log,
    no_client_writes_lines_of_its_own_into_a_json_log,
    no_secret_is_in_a_log_or_an_answer,
);

const FAKE: &str = "INFO stagedoor: the operator signed in";
const PASSWORD: &str = "the-password-of-a-fan";
const NEW_PASSWORD: &str = "the-new-password-of-a-fan";
const WRONG_PASSWORD: &str = "the-wrong-password-of-a-fan";

/// Sends lines of a log wherever a request has room for them.
async fn inject(server: &Server) {
    let spelled = format!("%0d%0a%1b%5b31m{}", FAKE.replace(' ', "%20"));
    let in_json = format!("\r\n\u{1b}[31m{FAKE}\u{2028}\u{9b}31m");
    let requests = [
        server.request(Method::GET, &format!("/{spelled}"), None),
        server.request(Method::GET, &format!("/api/v1/concerts/{spelled}"), None),
        server.request(Method::GET, &format!("/api/v1/concerts?{spelled}={spelled}"), None),
        server.request(Method::GET, "/healthz", None).header("user-agent", FAKE),
        server.request(Method::GET, "/healthz", None).header("x-request-id", FAKE),
        server
            .request(Method::GET, "/healthz", None)
            .header("x-request-id", b"\xe2\x80\xa8".as_slice()),
        server.request(Method::GET, "/healthz", None).header("authorization", FAKE),
        server.request(Method::POST, "/api/v1/sessions", None).json(&json!({
            "email": in_json, "password": in_json,
        })),
        server.request(Method::POST, "/api/v1/users", None).json(&json!({
            "name": in_json, "email": in_json, "password": in_json, in_json.clone(): 1,
        })),
        server.request(Method::POST, "/api/v1/users", None).json(&json!({
            "name": FAKE, "email": "fan@example.com", "password": PASSWORD,
        })),
    ];
    for request in requests {
        request.send().await.unwrap();
    }
    let address = server.address().trim_start_matches("http://").parse().unwrap();
    for head in [
        format!("GET /\u{1b}[31m{FAKE} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: \u{1b}[31m{FAKE}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{1b}[31m{FAKE}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: {FAKE}\r\n\r\n"),
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\rb\u{1b}[31m\r\n\r\n".to_owned(),
        format!("{}\r\n\r\n", FAKE.replace(' ', "\n")),
    ] {
        exchange(address, head).await;
    }
}

async fn no_client_writes_lines_of_its_own_into_a_human_log(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Server::start(&home, &["--log-filter", "debug"]);

    inject(&server).await;

    let log = server.end_and_read_log();
    assert!(log.lines().count() > 10, "{log}");
    for line in log.lines() {
        let (instant, rest) = line.split_once(' ').unwrap_or((line, ""));
        assert!(instant.starts_with("20") && instant.ends_with('Z'), "{line:?}");
        assert!(!rest.trim_start().starts_with(FAKE), "{line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

async fn no_client_writes_lines_of_its_own_into_a_json_log(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Server::start(&home, &["--log-filter", "debug", "--log-format", "json"]);

    inject(&server).await;

    let log = server.end_and_read_log();
    assert!(log.lines().count() > 10, "{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["message"] != FAKE, "{line}");
    }
}

/// Sends a request; answers all that was answered, headers included.
async fn told(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    let headers = format!("{:?}", answer.headers());
    format!("{headers}{}", answer.text().await.unwrap())
}

async fn no_secret_is_in_a_log_or_an_answer(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Server::start(&home, &["--log-filter", "debug"]);
    let fan = json!({"name": "Fan", "email": "fan@example.com", "password": PASSWORD});
    let session = json!({"email": "fan@example.com", "password": PASSWORD});
    let wrong = json!({"email": "fan@example.com", "password": WRONG_PASSWORD});
    let post = |path: &str, body: &Value| server.request(Method::POST, path, None).json(body);

    let mut answers = told(post("/api/v1/users", &fan)).await;
    answers += &told(post("/api/v1/users", &fan)).await;
    answers += &told(post("/api/v1/sessions", &wrong)).await;
    let signed_in = told(post("/api/v1/sessions", &session)).await;
    let token = server.log_in_as("fan@example.com", PASSWORD).await;
    let own = ["/api/v1/users/me", "/api/v1/users/me/export", "/api/v1/points"];
    for path in own.into_iter().chain(["/api/v1/rooms", "/metrics", "/nowhere"]) {
        answers += &told(server.request(Method::GET, path, Some(&token))).await;
    }
    let site = server.request(Method::POST, "/api/v1/queue-tokens", Some(&token));
    let joined: Value = site.send().await.unwrap().json().await.unwrap();
    let queue_token = joined["token"].as_str().unwrap();
    let mine = server.request(Method::GET, "/api/v1/queue-tokens/me", Some(queue_token));
    answers += &told(mine).await;
    answers += &told(server.request(Method::GET, "/metrics", Some(METRICS_TOKEN))).await;
    for current in [WRONG_PASSWORD, PASSWORD] {
        let body = json!({"currentPassword": current, "newPassword": NEW_PASSWORD});
        let change = server.request(Method::PUT, "/api/v1/users/me/password", Some(&token));
        answers += &told(change.json(&body)).await;
    }

    let log = server.end_and_read_log();
    assert!(log.contains("answered"), "{log}");
    assert!(answers.contains("WRONG_CURRENT_PASSWORD") && answers.contains("accessToken"));
    let mut secrets =
        vec![PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, SIGNING_KEY, METRICS_TOKEN, "argon2"];
    secrets.extend([token.as_str(), queue_token]);
    for secret in secrets {
        assert!(!log.contains(secret), "the log holds {secret}: {log}");
        assert!(!answers.contains(secret), "an answer holds {secret}: {answers}");
    }
    assert!(!log.contains("fan@example.com"), "nor does it say who signed in: {log}");
    assert!(!signed_in.contains(PASSWORD) && !signed_in.contains("argon2"), "{signed_in}");
    if let Home::Schema(schema) = &home {
        assert!(!log.contains(&schema.url()) && !answers.contains(&schema.url()), "{log}");
    }
    let help = run(&home, &["serve", "--help"]);
    let unread = stagedoor(&home, &["serve", "--hold-seconds", "no"]).output().unwrap();
    let said = [help.stdout, help.stderr, unread.stdout, unread.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    for secret in [SIGNING_KEY, METRICS_TOKEN] {
        assert!(!said.contains(secret), "{said}");
    }
}
