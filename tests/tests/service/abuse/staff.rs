//! What is behind the counter, and who comes for it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{METRICS_TOKEN, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    every_operation_that_needs_a_token_refuses_who_has_none,
    operators_operations_are_refused_to_all_others,
    the_metrics_are_refused_to_all_but_operators_and_the_metrics_token,
    the_metrics_token_opens_nothing_else,
    another_organizers_concert_gets_no_dates_and_shows_no_sales,
    a_queue_token_gives_no_right_of_its_holders_role,
);

/// The documented operations, each with what it takes to be let in.
fn operations(document: &Value) -> Vec<(Method, String, BTreeSet<String>)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            let ways = operation["security"].as_array().into_iter().flatten();
            let names = ways.flat_map(|way| match way.as_object() {
                Some(way) if !way.is_empty() => way.keys().cloned().collect(),
                _ => vec!["nothing".to_owned()],
            });
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            (method, path.clone(), names.collect())
        })
    });
    operations.collect()
}

/// A path whose parameters are ids of nothing.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{date}" => "2026-12-24",
        segment if segment.starts_with('{') => "019aa000-0000-7000-8000-000000000003",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

async fn every_operation_that_needs_a_token_refuses_who_has_none(kind: StoreKind) {
    let service = Service::start(kind).await;
    let document = service.anyone().get("/openapi.json").await.body;
    let guarded: Vec<_> = operations(&document)
        .into_iter()
        .filter(|(_, _, needs)| !needs.is_empty() && !needs.contains("nothing"))
        .collect();
    assert!(guarded.len() > 50, "only {} operations are guarded", guarded.len());

    for (method, path, _) in guarded {
        let request = service.request(method.clone(), &filled(&path)).json(&json!({}));
        let refused = service.anyone().send(request).await;
        assert_eq!(refused.status, 401, "{method} {path}: {refused:?}");
        assert_eq!(refused.headers["www-authenticate"], "Bearer", "{method} {path}");
    }
}

async fn operators_operations_are_refused_to_all_others(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let fan_id = fan.get("/api/v1/users/me").await.text_at("id");
    let room = sale.room();
    let operations = [
        (Method::GET, "/api/v1/rooms".to_owned()),
        (Method::GET, room.clone()),
        (Method::PATCH, room),
        (Method::GET, "/api/v1/operator-actions".to_owned()),
        (Method::GET, "/api/v1/users?email=fan@example.com".to_owned()),
        (Method::GET, format!("/api/v1/reservations?userId={fan_id}")),
        (Method::GET, format!("/api/v1/concerts/{}/sales", sale.concert_id)),
    ];

    for person in [&fan, &holder, &organizer] {
        for (method, path) in &operations {
            let own = path.contains("userId") && person.token != organizer.token;
            let request = person.request(method.clone(), path).json(&json!({"paused": true}));
            let refused = person.send(request).await;
            assert_eq!(refused.code() == "FORBIDDEN", !own, "{method} {path}: {refused:?}");
        }
    }
    let operator = service.new_user_as(Role::Operator).await;
    let room = operator.get(&sale.room()).await;
    assert_eq!(room.body["policy"]["paused"], json!(false));
}

async fn the_metrics_are_refused_to_all_but_operators_and_the_metrics_token(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let operator = service.new_user_as(Role::Operator).await;
    let read = async |token: &str| {
        let answer = service.with_token(token).request(Method::GET, "/metrics").send().await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap().contains("stagedoor_http"))
    };

    assert_eq!(service.anyone().get("/metrics").await.status, 401);
    for person in [fan, organizer] {
        assert_eq!(read(&person.token.unwrap()).await, (403, false));
    }
    for wrong in ["", &METRICS_TOKEN[1..], &format!("{METRICS_TOKEN}x")] {
        assert_eq!(read(wrong).await, (401, false), "{wrong}");
    }
    assert_eq!(read(&operator.token.unwrap()).await, (200, true));
    assert_eq!(read(METRICS_TOKEN).await, (200, true));

    let without = |settings: &mut stagedoor::Settings| settings.server.metrics_token = None;
    let closed = Service::start_with(kind, without).await;
    for token in ["", METRICS_TOKEN] {
        assert_eq!(closed.with_token(token).get("/metrics").await.status, 401);
    }
}

async fn the_metrics_token_opens_nothing_else(kind: StoreKind) {
    let service = Service::start(kind).await;
    let monitor = service.with_token(METRICS_TOKEN);

    for path in ["/api/v1/rooms", "/api/v1/users/me", "/api/v1/operator-actions", "/api/v1/points"]
    {
        assert_eq!(monitor.get(path).await.status, 401, "{path}");
    }
}

async fn another_organizers_concert_gets_no_dates_and_shows_no_sales(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let other = service.new_user_as(Role::Organizer).await;
    let schedules = format!("/api/v1/concerts/{}/schedules", sale.concert_id);

    for refused in [
        other.post(&schedules, service.a_schedule(1)).await,
        other.get(&schedules).await,
        other.get(&format!("/api/v1/concerts/{}/sales", sale.concert_id)).await,
        other.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await,
        other.get(&format!("/api/v1/schedules/{}/seats/events", sale.schedule_id)).await,
    ] {
        assert_eq!(refused.refusal(), (403, "FORBIDDEN"), "{refused:?}");
    }
}

async fn a_queue_token_gives_no_right_of_its_holders_role(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let fan_id = fan.get("/api/v1/users/me").await.text_at("id");
    let operator = service.new_user_as(Role::Operator).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let organizer_id = organizer.get("/api/v1/users/me").await.text_at("id");
    let others = format!("/api/v1/reservations?userId={fan_id}");
    let concert = json!({"userId": organizer_id, "title": "OST"});

    for (person, status) in [(&operator, 200), (&operator.join(&sale.concert_id).await.0, 403)] {
        assert_eq!(person.get(&others).await.status, status);
    }
    for (person, status) in [(&organizer, 200), (&organizer.join(&sale.concert_id).await.0, 403)] {
        assert_eq!(person.post("/concert", concert.clone()).await.status, status);
    }
}
