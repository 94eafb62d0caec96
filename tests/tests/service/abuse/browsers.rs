//! Other sites' pages in a fan's browser.

use reqwest::header::{HeaderMap, ORIGIN};
use reqwest::{Method, Response};
use serde_json::json;
use stagedoor_domain::Role;
use stagedoor_http::AllowedOrigins;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    another_sites_page_reads_nothing_unless_its_origin_is_allowed,
    an_allowed_origin_is_let_in_with_tokens_but_without_cookies,
    another_sites_page_changes_nothing_by_cookie,
    another_sites_page_cannot_sign_a_user_in,
    answers_are_not_guessed_at_by_browsers_nor_kept_by_caches,
);

const EVIL: &str = "https://evil.example";
const PARTNER: &str = "https://tickets.example";

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn allowances(headers: &HeaderMap) -> Vec<&str> {
    let names = headers.keys().map(|name| name.as_str());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

/// What a browser asks before it sends what a form could not.
async fn preflight(service: &Service, origin: &str, method: &str, headers: &str) -> Response {
    let request = service
        .request(Method::OPTIONS, "/api/v1/points/charges")
        .header(ORIGIN, origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers);
    request.send().await.unwrap()
}

async fn read(service: &Service, origin: &str, path: &str) -> Response {
    service.request(Method::GET, path).header(ORIGIN, origin).send().await.unwrap()
}

async fn another_sites_page_reads_nothing_unless_its_origin_is_allowed(kind: StoreKind) {
    let closed = Service::start(kind).await;
    for origin in [EVIL, PARTNER, "null"] {
        for path in ["/api/v1/concerts", "/openapi.json", "/api/v1/points", "/nowhere"] {
            let answer = read(&closed, origin, path).await;
            assert_eq!(allowances(answer.headers()), [""; 0], "{origin} {path}");
        }
        let refused = preflight(&closed, origin, "POST", "authorization,content-type").await;
        assert!(refused.status().is_client_error(), "{refused:?}");
        assert_eq!(allowances(refused.headers()), [""; 0], "{origin}");
    }

    let allow = |settings: &mut stagedoor::Settings| {
        settings.server.allowed_origins = AllowedOrigins::parse(PARTNER).ok();
    };
    let open = Service::start_with(kind, allow).await;
    let look_alikes =
        [EVIL, "null", "http://tickets.example", "https://tickets.example.evil.example", "*"];
    for origin in look_alikes {
        let answer = read(&open, origin, "/api/v1/concerts").await;
        assert_eq!(header(answer.headers(), "access-control-allow-origin"), "", "{origin}");
        let refused = preflight(&open, origin, "POST", "authorization").await;
        assert_eq!(header(refused.headers(), "access-control-allow-origin"), "", "{origin}");
    }
}

async fn an_allowed_origin_is_let_in_with_tokens_but_without_cookies(kind: StoreKind) {
    let allow = |settings: &mut stagedoor::Settings| {
        settings.server.allowed_origins = AllowedOrigins::parse(PARTNER).ok();
    };
    let service = Service::start_with(kind, allow).await;

    let asked = "authorization,content-type,idempotency-key";
    let let_in = preflight(&service, PARTNER, "POST", asked).await;
    assert_eq!(let_in.status(), 200);
    let methods = header(let_in.headers(), "access-control-allow-methods").to_owned();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(methods.contains(method), "{methods}");
    }
    for answer in [let_in, read(&service, PARTNER, "/api/v1/concerts").await] {
        let headers = answer.headers();
        assert_eq!(header(headers, "access-control-allow-origin"), PARTNER);
        assert_eq!(header(headers, "access-control-allow-credentials"), "", "no cookies");
        assert!(header(headers, "vary").to_lowercase().contains("origin"), "{headers:?}");
    }
    let refused = read(&service, PARTNER, "/api/v1/points").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(header(refused.headers(), "access-control-allow-origin"), PARTNER, "it can be read");
    let cookie = format!("stagedoor_session={}", service.new_user().await.token.unwrap());
    let by_cookie = service.request(Method::POST, "/api/v1/points/charges");
    let by_cookie = by_cookie.header(ORIGIN, PARTNER).header("cookie", cookie);
    let refused = service.anyone().send(by_cookie.json(&json!({"amount": 1}))).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
}

async fn another_sites_page_changes_nothing_by_cookie(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let cookie = format!("stagedoor_session={}", operator.token.clone().unwrap());
    let join = format!("/api/v1/concerts/{}/queue-tokens", sale.concert_id);
    let room = sale.room();
    let tricks = [
        vec![("origin", EVIL)],
        vec![("origin", "null")],
        vec![("origin", EVIL), ("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("referer", "http://localhost/pages")],
        vec![("origin", EVIL), ("x-forwarded-host", "evil.example")],
        vec![("x-requested-with", "XMLHttpRequest")],
    ];
    for trick in tricks {
        for (method, path, status) in [
            (Method::POST, "/api/v1/points/charges", 403),
            (Method::POST, "/api/v1/points/uses", 403),
            (Method::PATCH, room.as_str(), 403),
            (Method::POST, "/api/v1/concerts", 403),
            // The route also serves anonymous callers. A caller whose cookie is rejected counts as one.
            (Method::POST, join.as_str(), 401),
        ] {
            let mut request = service.request(method, path).header("cookie", &cookie);
            for (name, value) in &trick {
                request = request.header(*name, *value);
            }
            let body = json!({"amount": 1, "paused": true, "title": "Theirs"});
            let refused = service.anyone().send(request.json(&body)).await;
            assert_eq!(refused.status, status, "{path} {trick:?}: {refused:?}");
        }
    }
    assert_eq!(operator.balance().await, 0);
    assert_eq!(operator.get(&room).await.body["policy"]["paused"], json!(false));
}

async fn another_sites_page_cannot_sign_a_user_in(kind: StoreKind) {
    let service = Service::start(kind).await;
    let person = json!({"name": "Evil", "email": "evil@example.com", "password": "stagedoor"});
    assert_eq!(service.anyone().post("/api/v1/users", person).await.status, 201);
    let session = json!({"email": "evil@example.com", "password": "stagedoor", "cookie": true});
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", EVIL), ("accept", "*/*")] {
        let request = service.request(Method::POST, "/api/v1/sessions").header(name, value);
        let refused = service.anyone().send(request.json(&session)).await;

        assert_eq!(refused.refusal(), (403, "FORBIDDEN"), "{name}");
        assert_eq!(header(&refused.headers, "set-cookie"), "");
    }
}

async fn answers_are_not_guessed_at_by_browsers_nor_kept_by_caches(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    for path in ["/api/v1/users/me", "/api/v1/points", "/api/v1/concerts", "/api/v1/rooms", "/no"] {
        let answer = fan.get(path).await;

        assert_eq!(header(&answer.headers, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&answer.headers, "cache-control"), "no-store", "{path}");
    }
}
