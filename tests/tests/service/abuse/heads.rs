//! Heads of requests that mean one thing to one reader and another to the next.

use stagedoor_domain::Role;
use stagedoor_tests::raw::{exchange, statuses};
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_request_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read,
    a_body_in_broken_chunks_is_refused_and_nothing_after_it_is_read,
    a_head_with_spaces_folds_or_nul_is_refused,
    a_request_for_no_host_or_two_is_refused,
    another_hosts_name_is_not_repeated_in_any_answer,
    a_path_in_another_spelling_leads_past_no_guard,
    a_path_leads_to_no_file_of_the_machine,
    a_header_that_names_another_method_is_overlooked,
    methods_that_are_not_for_servers_are_refused,
    heads_that_are_too_long_are_refused,
);

/// What would be answered if it were read as a request of its own.
const SMUGGLED: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Checks that a request is refused and that what follows it is not read.
async fn assert_refused_alone(service: &Service, request: &str) {
    let answers = exchange(service.running.address, format!("{request}{SMUGGLED}")).await;
    let statuses = statuses(&answers);
    assert!(matches!(statuses[..], [] | [400..=499]), "{request:?} was answered {answers:?}");
    assert!(!answers.contains("{\"status\":\"ok\"}"), "{request:?} was answered {answers:?}");
}

fn post(headers: &str, body: &str) -> String {
    let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json";
    format!("{head}\r\n{headers}\r\n\r\n{body}")
}

async fn a_request_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(
    kind: StoreKind,
) {
    let service = Service::start(kind).await;
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length: 99999999999999999999",
        "Content-Length:",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: gzip, chunked",
    ] {
        assert_refused_alone(&service, &post(headers, "0\r\n\r\n")).await;
    }
    let old = post("Transfer-Encoding: chunked", "0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0");
    assert_refused_alone(&service, &old).await;
}

async fn a_body_in_broken_chunks_is_refused_and_nothing_after_it_is_read(kind: StoreKind) {
    let service = Service::start(kind).await;
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        "\r\n{}\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}X0\r\n\r\n",
    ] {
        assert_refused_alone(&service, &post("Transfer-Encoding: chunked", body)).await;
    }
}

async fn a_head_with_spaces_folds_or_nul_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for head in [
        "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\n folded: line\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\0b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\u{1b}[31mb\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\rb\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nBad Name: a\r\n\r\n",
        "GET /healthz\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\u{a5}\u{1}\r\n\r\n",
    ] {
        assert_refused_alone(&service, head).await;
    }
}

async fn a_request_for_no_host_or_two_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for head in [
        "GET /api/v1/concerts HTTP/1.1\r\n\r\n",
        "GET /api/v1/concerts HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ] {
        assert_refused_alone(&service, head).await;
    }
}

async fn another_hosts_name_is_not_repeated_in_any_answer(kind: StoreKind) {
    let service = Service::start(kind).await;
    for path in ["/docs", "/", "/openapi.json", "/api/v1/concerts", "/nowhere"] {
        let forwarded = "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example";
        let head = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n{forwarded}");
        let request = format!("{head}\r\nConnection: close\r\n\r\n");
        let answer = exchange(service.running.address, request).await;

        assert_eq!(statuses(&answer).len(), 1, "{answer}");
        assert!(!answer.contains("evil.example"), "{answer}");
    }
}

async fn a_path_in_another_spelling_leads_past_no_guard(kind: StoreKind) {
    let service = Service::start(kind).await;
    service.new_user_as(Role::Operator).await;
    for path in [
        "//api/v1/rooms",
        "/api/v1//rooms",
        "/api//v1/rooms",
        "/api/v1/./rooms",
        "/api/v1/concerts/../rooms",
        "/api/v1/concerts/%2e%2e/rooms",
        "/api/v1/concerts/..%2frooms",
        "/api/v1%2frooms",
        "/api%2Fv1%2Frooms",
        "/api/v1/rooms/",
        "/api/v1/rooms//",
        "/api/v1/rooms%00",
        "/api/v1/rooms%20",
        "/api/v1/rooms%0d%0a",
        "/api/v1/rooms;a=b",
        "/api/v1/%72ooms",
        "/API/V1/ROOMS",
        "/api/v1/rooms?/../../healthz",
        "/api/v1/rooms#/healthz",
        "/healthz/../api/v1/rooms",
        "/healthz/..;/api/v1/rooms",
        "/assets/x/../../api/v1/rooms",
        "/metrics/",
        "//metrics",
        "/%6detrics",
        "/healthz/../metrics",
        "http://localhost/api/v1/rooms",
        "http://localhost/metrics",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = exchange(service.running.address, request).await;

        let statuses = statuses(&answer);
        assert!(matches!(statuses[..], [400 | 401 | 404]), "{path}: {answer}");
    }
}

async fn a_path_leads_to_no_file_of_the_machine(kind: StoreKind) {
    let service = Service::start(kind).await;
    for path in [
        "/assets/x/../../../../../../etc/passwd",
        "/assets/x/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/x/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/x/....//....//etc/passwd",
        "/assets/x/%2Fetc%2Fpasswd",
        "/assets/x/app.js%00.html",
        "/assets/../../../etc/passwd",
        "/docs/../../../../etc/passwd",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/../etc/passwd",
        "/.env",
        "/.git/config",
        "/data/stagedoor.db",
        "/demo-signing-key",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = exchange(service.running.address, request).await;

        assert_eq!(statuses(&answer), [404], "{path}: {answer}");
    }
}

async fn a_header_that_names_another_method_is_overlooked(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let holder = service.holder(&sale).await;
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let look = holder.request(reqwest::Method::GET, "/api/v1/queue-tokens/me");
        let answer = holder.send(look.header(name, "DELETE")).await;
        assert_eq!((answer.status.as_u16(), answer.text_at("status")), (200, "ACTIVE".into()));
    }
    let by_query = holder.get("/api/v1/queue-tokens/me?_method=DELETE").await;
    assert_eq!(by_query.text_at("status"), "ACTIVE");
}

async fn methods_that_are_not_for_servers_are_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for start in
        ["TRACE /api/v1/concerts", "CONNECT evil.example:80", "BREW /healthz", "get /healthz"]
    {
        let secret = "Authorization: Bearer secret";
        let request =
            format!("{start} HTTP/1.1\r\nHost: a\r\n{secret}\r\nConnection: close\r\n\r\n");
        let answer = exchange(service.running.address, request).await;

        let statuses = statuses(&answer);
        assert!(matches!(statuses[..], [400..=499]), "{start}: {answer}");
        assert!(!answer.contains("secret"), "{start}: {answer}");
    }
}

async fn heads_that_are_too_long_are_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let many: String = (0..200).map(|i| format!("X-{i}: x\r\n")).collect();
    for (path, headers) in [
        ("/healthz".to_owned(), format!("X: {}\r\n", "x".repeat(17_000))),
        ("/healthz".to_owned(), format!("X: {}\r\n", "x".repeat(300_000))),
        ("/healthz".to_owned(), format!("{}: x\r\n", "x".repeat(70_000))),
        ("/healthz".to_owned(), many),
        (format!("/{}", "x".repeat(70_000)), String::new()),
        (format!("/healthz?{}", "x".repeat(300_000)), String::new()),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n");
        let answer = exchange(service.running.address, request).await;

        let statuses = statuses(&answer);
        assert!(matches!(statuses[..], [] | [400..=499]), "{path:.20} {headers:.20}: {answer}");
    }
}
