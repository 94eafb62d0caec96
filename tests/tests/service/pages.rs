//! What browsers need: the pages, sessions by cookie, and seats as they change.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;
use stagedoor_tests::service::{Events, Service, StoreKind};

use super::on_both_stores;

on_both_stores!(
    the_pages_come_packed_and_with_a_strict_policy,
    a_browser_signs_in_by_cookie_and_out_again,
    a_cookie_changes_nothing_for_another_site,
    a_dates_seats_are_followed_by_events,
    a_ticket_has_a_code_and_a_hold_has_none,
);

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn the_pages_come_packed_and_with_a_strict_policy(kind: StoreKind) {
    let service = Service::start(kind).await;
    let ask = async |path: &str, encoding: &str| {
        let request = service.request(Method::GET, path).header("accept-encoding", encoding);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap())
    };

    let (status, headers, html) = ask("/pages/tickets", "identity").await;
    assert_eq!((status, header(&headers, "content-type")), (200, "text/html; charset=utf-8"));
    let policy = header(&headers, "content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&headers, "cache-control"), "no-cache");
    let html = String::from_utf8_lossy(&html);
    let (_, script) = html.split_once("src=\"").unwrap();
    let (script, _) = script.split_once('"').unwrap();
    assert_eq!(ask("/", "identity").await.2, html.as_bytes());

    let (status, plain_headers, plain) = ask(script, "identity").await;
    assert_eq!((status, header(&plain_headers, "content-encoding")), (200, ""));
    assert_eq!(header(&plain_headers, "cache-control"), "public, max-age=31536000, immutable");
    for (encoding, least) in [("gzip", 20), ("br", 20)] {
        let (_, headers, packed) = ask(script, encoding).await;
        assert_eq!(header(&headers, "content-encoding"), encoding);
        assert!((least..plain.len()).contains(&packed.len()), "{} bytes", packed.len());
    }
    let (of_old, name) = ("/assets/of-an-older-version/", script.rsplit('/').next().unwrap());
    let (status, headers, same) = ask(&format!("{of_old}{name}"), "identity").await;
    assert_eq!((status, same), (200, plain));
    assert_eq!(header(&headers, "cache-control"), "no-cache");
    assert_eq!(ask(&format!("{of_old}no.js"), "identity").await.0, 404);
    let known = header(&plain_headers, "etag").to_owned();
    let again = service.request(Method::GET, script).header("if-none-match", known);
    assert_eq!(again.send().await.unwrap().status(), 304);
}

async fn a_browser_signs_in_by_cookie_and_out_again(kind: StoreKind) {
    let service = Service::start(kind).await;
    let email = "browser@example.com";
    let person = json!({"name": "Fan", "email": email, "password": "stagedoor"});
    assert_eq!(service.anyone().post("/api/v1/users", person).await.status, 201);
    let body = json!({"email": email, "password": "stagedoor", "cookie": true});
    let request = service.request(Method::POST, "/api/v1/sessions").json(&body);
    let from_a_page = request.header("sec-fetch-site", "same-origin");

    let session = service.anyone().send(from_a_page).await;
    assert_eq!(session.status, 200, "{session:?}");
    assert_eq!(session.body.get("accessToken"), None, "scripts do not see the token");
    let cookie = header(&session.headers, "set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();

    let me = service.request(Method::GET, "/api/v1/users/me").header("cookie", cookie);
    assert_eq!(service.anyone().send(me).await.text_at("email"), email);
    let out = service.request(Method::DELETE, "/api/v1/sessions/me").header("cookie", cookie);
    let out = service.anyone().send(out).await;
    assert_eq!(out.status, 204);
    assert!(header(&out.headers, "set-cookie").contains("Max-Age=0"), "{out:?}");
}

async fn a_cookie_changes_nothing_for_another_site(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let cookie = format!("stagedoor_session={}", fan.token.clone().unwrap());
    let charge = async |site: &str, origin: Option<&str>| {
        let mut request = service.request(Method::POST, "/api/v1/points/charges");
        request = request.header("cookie", &cookie).json(&json!({"amount": 1_000}));
        request = request.header("sec-fetch-site", site);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        service.anyone().send(request).await
    };

    for (site, origin) in [("cross-site", Some("https://evil.example")), ("same-site", None)] {
        assert_eq!(charge(site, origin).await.code(), "FORBIDDEN");
    }
    assert_eq!(fan.balance().await, 0);
    assert_eq!(charge("same-origin", None).await.status, 201);
    assert_eq!(fan.balance().await, 1_000);
}

async fn a_dates_seats_are_followed_by_events(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (watcher, buyer) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = async |numbers: &[i32]| {
        let body = json!({"scheduleId": sale.schedule_id, "seatNumbers": numbers});
        buyer.post("/api/v1/reservations", body).await.text_at("id")
    };
    let first = hold(&[2, 3]).await;
    let path = format!("/api/v1/schedules/{}/seats/events", sale.schedule_id);

    let mut events = Events::of(watcher.request(Method::GET, &path)).await;
    events.read_until(r#"{"all":true,"taken":[[2,3]],"freed":[]}"#).await;
    hold(&[7]).await;
    events.read_until(r#"{"all":false,"taken":[[7,7]],"freed":[]}"#).await;
    buyer.delete(&format!("/api/v1/reservations/{first}")).await;
    events.read_until(r#"{"all":false,"taken":[],"freed":[[2,3]]}"#).await;

    let in_states = format!("{path}?states=true");
    let mut states = Events::of(watcher.request(Method::GET, &in_states)).await;
    states.read_until(r#"{"all":true,"count":10,"states":"ABAA"}"#).await;
    hold(&[8]).await;
    states.read_until(r#"{"all":false,"taken":[[8,8]],"freed":[]}"#).await;
    let refused = watcher.get(&format!("{path}?states=1")).await;
    assert_eq!(refused.body["errors"][0]["field"], "states", "{refused:?}");

    watcher.delete("/api/v1/queue-tokens/me").await;
    events.read_to_the_end().await;
    assert_eq!(watcher.get(&path).await.code(), "TOKEN_EXPIRED");
}

async fn a_ticket_has_a_code_and_a_hold_has_none(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let body = json!({"scheduleId": sale.schedule_id, "bestAvailable": 1});
    let held = holder.post("/api/v1/reservations", body).await.text_at("id");
    let of = format!("/api/v1/tickets?reservationId={held}");

    assert_eq!(fan.get(&of).await.body["items"], json!([]));
    fan.charge(10_000).await;
    holder.post("/api/v1/payments", json!({"reservationId": held})).await;
    let ticket = fan.get(&of).await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/tickets/{ticket}/qr-code");

    let drawing = fan.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(header(drawing.headers(), "content-type"), "image/svg+xml");
    assert_eq!(header(drawing.headers(), "cache-control"), "no-store", "it may be cancelled");
    for personal in ["users/me", "points", "points/history", "reservations", "payments", "tickets"]
    {
        let answer = fan.get(&format!("/api/v1/{personal}")).await;
        assert_eq!(header(&answer.headers, "cache-control"), "no-store", "{personal}");
    }
    assert!(drawing.text().await.unwrap().contains("<svg"));
    let ticket = fan.get(&format!("/api/v1/reservations/{held}")).await;
    assert!(ticket.text_at("startsAt") > ticket.text_at("createdAt"), "{ticket:?}");
    assert_eq!(service.new_user().await.get(&path).await.code(), "TICKET_NOT_FOUND");
}
