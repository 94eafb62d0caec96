//! What every address does alike.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    head_answers_as_get_does_without_a_body,
    a_wrong_method_is_told_head_wherever_there_is_get,
    a_body_with_a_content_encoding_is_refused_and_changes_nothing,
);

/// Every documented address that is read, with ids that nothing has, and the pages.
fn read_addresses() -> Vec<String> {
    let document: Value = serde_json::from_str(&stagedoor_http::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let read = paths.iter().filter(|(_, item)| !item["get"].is_null());
    let with_ids = |path: &str| {
        let segments = path.split('/').map(|segment| match segment {
            "{date}" => "2026-12-24",
            segment if segment.starts_with('{') => "00000000-0000-4000-8000-000000000001",
            segment => segment,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let pages = ["/", "/pages/tickets", "/docs", "/docs/", "/docs/index.css", "/openapi.json"];
    read.map(|(path, _)| with_ids(path)).chain(pages.map(str::to_owned)).collect()
}

fn described(answer: &Response) -> (u16, Vec<Option<String>>) {
    let header = |name| Some(answer.headers().get(name)?.to_str().unwrap().to_owned());
    // A problem holds the id of its request, and both have the same length.
    let headers = ["content-type", "etag", "cache-control", "location", "allow"].map(header);
    (answer.status().as_u16(), headers.to_vec())
}

async fn head_answers_as_get_does_without_a_body(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.holder(&sale).await;
    let mut addresses = read_addresses();
    assert!(addresses.len() > 40, "{addresses:?}");
    addresses.push(format!("/api/v1/schedules/{}/seats", sale.schedule_id));
    addresses.push(format!("/api/v1/schedules/{}/seats/events", sale.schedule_id));

    for address in addresses {
        let ask = async |method| fan.request(method, &address).send().await.unwrap();
        let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);

        assert_eq!(described(&head), described(&get), "{address}");
        assert_ne!(head.status(), 405, "{address}");
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{address}");
    }
    let seats = format!("/api/v1/schedules/{}/seats", sale.schedule_id);
    let head = fan.request(Method::HEAD, &seats).send().await.unwrap();
    let length = head.headers()["content-length"].to_str().unwrap().to_owned();
    let seats = fan.request(Method::GET, &seats).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(length, seats.len().to_string(), "the length of what GET sends");
}

async fn a_wrong_method_is_told_head_wherever_there_is_get(kind: StoreKind) {
    let service = Service::start(kind).await;
    let table = [
        ("/api/v1/reservations", "GET, HEAD, POST"),
        ("/api/v1/concerts/00000000-0000-4000-8000-000000000001", "GET, HEAD, PATCH, DELETE"),
        ("/healthz", "GET, HEAD"),
        ("/token/00000000-0000-4000-8000-000000000001", "GET, HEAD, PATCH"),
        ("/api/v1/sessions", "POST, DELETE"),
    ];
    for (path, allowed) in table {
        let refused = service.anyone().send(service.request(Method::PUT, path)).await;

        assert_eq!(refused.refusal(), (405, "METHOD_NOT_ALLOWED"));
        assert_eq!(refused.headers["allow"], allowed, "{path}");
    }
    let head = service.request(Method::HEAD, "/api/v1/sessions").send().await.unwrap();
    assert_eq!(head.status(), 405, "there is no GET");
}

async fn a_body_with_a_content_encoding_is_refused_and_changes_nothing(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let send = async |path: &str, method: Method, coding: &str| {
        let request = fan.request(method, path).json(&json!({"amount": 1}));
        fan.send(request.header("content-encoding", coding)).await
    };

    for coding in ["gzip", "br", "BR", "deflate", "x-made-up", "identity, gzip", "gzip, identity"] {
        let refused = send("/api/v1/points/charges", Method::POST, coding).await;

        let told = refused.refusal();
        assert_eq!(told, (415, "UNSUPPORTED_CONTENT_ENCODING"), "{coding}");
        assert_eq!(refused.headers["accept-encoding"], "identity");
        assert!(refused.text_at("detail").contains("Content-Encoding"), "{refused:?}");
    }
    let two = fan.request(Method::POST, "/api/v1/points/charges").json(&json!({"amount": 1}));
    let two = two.header("content-encoding", "identity").header("content-encoding", "gzip");
    assert_eq!(fan.send(two).await.status, 415);
    assert_eq!(send("/payments/charges", Method::PATCH, "gzip").await.status, 415);
    assert_eq!(send("/point/charge", Method::PATCH, "gzip").await.status, 415);
    assert_eq!(fan.balance().await, 0);
    for coding in ["identity", "Identity", ""] {
        let taken = send("/api/v1/points/charges", Method::POST, coding).await;
        assert_eq!(taken.status, 201, "{coding}: {taken:?}");
    }
}
