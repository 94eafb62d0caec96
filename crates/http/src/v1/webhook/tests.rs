use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, LOCATION};
use actix_web::test::TestRequest;
use mockall::predicate::{eq, function};
use serde_json::{Value, json};
use stagedoor_domain::operations::replay_events::Replayed;
use stagedoor_domain::operations::{CreateWebhookRefused, ReplayEvents, WebhookNotFound};
use stagedoor_domain::ports::{MockSubmit, MockWebhooks};
use stagedoor_domain::webhook::{Attempt, DeliveryState, NoAnswer};
use stagedoor_domain::{Command, Delivery, EventId, Instant, Page, PageSize};
use time::Duration;

use super::*;
use crate::testing::{
    Answer, NOW, Server, a_pass, a_user, an_account, answer, answering, post, request, services,
    settings,
};

const SECRET: &str = "whsec_c3RhZ2Vkb29yIHN0YWdlZG9vciBzdGFnZWRvb3IgMzI=";

fn id() -> WebhookId {
    WebhookId(Uuid::from_u128(61))
}

fn a_webhook() -> Webhook {
    Webhook {
        id: id(),
        owner_id: a_user(),
        url: WebhookUrl::stored("https://example.com/hooks".to_owned()),
        kinds: [EventKind::ReservationCancelled, EventKind::ReservationPaid].into(),
        secret: WebhookSecret::new(SECRET.to_owned()),
        old_secret: None,
        state: WebhookState::Enabled,
        tests: 0,
        created_at: NOW,
    }
}

/// [`a_webhook`] as it is shown.
fn shown() -> Value {
    json!({
        "id": id(), "url": "https://example.com/hooks",
        "events": ["reservation.paid", "reservation.cancelled"], "state": "ENABLED",
        "createdAt": "2026-11-21T10:00:00Z",
    })
}

fn shown_with_secret() -> Value {
    let mut shown = shown();
    shown["secret"] = json!(SECRET);
    shown
}

fn path(rest: &str) -> String {
    format!("/api/v1/webhooks/{}{rest}", id())
}

fn signed_in(request: TestRequest) -> TestRequest {
    request.insert_header((AUTHORIZATION, an_account()))
}

/// A place to hand in commands that expects one of this form, and answers it with its verdict.
fn expecting<C: Command>(
    fits: impl Fn(&C) -> bool + Send + Sync + 'static,
    success: C::Success,
) -> Arc<MockSubmit<C>> {
    let mut submit = MockSubmit::new();
    let asked = move |submission: &Submission<C>| fits(&submission.command);
    submit.expect_submit().with(function(asked)).times(1).return_once(move |_| Ok(Ok(success)));
    Arc::new(submit)
}

fn creating(fits: impl Fn(&CreateWebhook) -> bool + Send + Sync + 'static) -> Services {
    let mut services = services();
    services.webhook_changes.create_webhook = expecting(fits, a_webhook());
    services
}

fn changing(fits: impl Fn(&WebhookChange) -> bool + Send + Sync + 'static) -> Services {
    let is_own = |command: &ChangeWebhook| command.id == id() && command.owner_id == a_user();
    let mut services = services();
    services.webhook_changes.change_webhook =
        expecting(move |command| is_own(command) && fits(&command.change), a_webhook());
    services
}

/// These webhooks of the caller.
fn knowing(webhooks: Vec<Webhook>) -> MockWebhooks {
    let mut port = MockWebhooks::new();
    port.expect_webhooks_of().with(eq(a_user())).returning(move |_| Ok(webhooks.clone()));
    port
}

fn with(webhooks: MockWebhooks) -> Services {
    Services { webhooks: Arc::new(webhooks), ..services() }
}

async fn create(services: Services, body: Value) -> Answer {
    answer(services, signed_in(post("/api/v1/webhooks", body))).await
}

async fn edit(services: Services, body: Value) -> Answer {
    answer(services, signed_in(request(Method::PATCH, &path("")).set_json(body))).await
}

async fn read(services: Services, path: &str) -> Answer {
    answer(services, signed_in(request(Method::GET, path))).await
}

#[actix_web::test]
async fn a_new_webhook_is_answered_with_its_address_and_its_secret() {
    let services = creating(|command| {
        command.owner_id == a_user()
            && command.url.as_str() == "https://example.com/hooks"
            && command.kinds == a_webhook().kinds
            && !command.open_to_all
    });
    let body = json!({
        "url": " https://EXAMPLE.com/hooks",
        "events": ["reservation.cancelled", "reservation.paid", "reservation.paid"],
    });

    let made = create(services, body).await;

    assert_eq!((made.status.as_u16(), made.header(LOCATION)), (201, path("").as_str()));
    assert_eq!(made.header(CACHE_CONTROL), "no-store");
    assert_eq!(made.json(), shown_with_secret());
}

#[actix_web::test]
async fn a_webhook_takes_all_kinds_of_events_unless_it_names_some() {
    for body in [
        json!({"url": "https://example.com/"}),
        json!({"url": "https://example.com/", "events": []}),
    ] {
        let services = creating(|command| command.kinds == EventKind::ALL.into());
        assert_eq!(create(services, body).await.status, 201);
    }
}

#[test]
fn a_secret_is_32_bytes_that_differ_each_time() {
    let (one, other) = (new_secret().unwrap(), new_secret().unwrap());

    let bytes = one.expose().strip_prefix("whsec_").map(|text| STANDARD.decode(text).unwrap());
    assert_eq!(bytes.map(|bytes| bytes.len()), Some(32));
    assert_ne!(one, other);
}

#[actix_web::test]
async fn open_mode_lets_everyone_register_webhooks_if_the_command_agrees() {
    let settings = HttpSettings { open_mode: true, ..settings() };
    let server = Server::new(creating(|command| command.open_to_all), settings).await;

    let made =
        server.answer(signed_in(post("/api/v1/webhooks", json!({"url": "https://example.com/"}))));

    assert_eq!(made.await.status, 201);
}

#[actix_web::test]
async fn a_webhook_that_is_refused_is_told_why() {
    let table = [
        (CreateWebhookRefused::NotStaff, 403, "FORBIDDEN", "organizers and operators"),
        (CreateWebhookRefused::TooMany, 409, "TOO_MANY_WEBHOOKS", "20 webhooks"),
    ];
    for (refused, status, code, words) in table {
        let mut services = services();
        services.webhook_changes.create_webhook = answering(Err(refused));

        let answer = create(services, json!({"url": "https://example.com/"})).await;

        assert_eq!(answer.refusal(), (status, code.to_owned()));
        assert!(answer.text.contains(words), "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_field_of_a_webhook_that_breaks_its_rule_is_named() {
    let good = "https://example.com/";
    let table = [
        (json!({"url": "http://example.com/"}), "url", "must be an https URL"),
        (json!({"url": "https://10.0.0.1/"}), "url", "public internet"),
        (json!({"url": "x".repeat(2_001)}), "url", "1 to 2000 characters"),
        (
            json!({"url": good, "events": ["reservation.paid", "x"]}),
            "events[1]",
            "reservation.held, ",
        ),
        (json!({"url": good, "events": ["webhook.test"]}), "events[0]", "room.resumed"),
        (json!({"url": good, "events": null}), "events", ""),
        (json!({"url": good, "secret": SECRET}), "secret", ""),
    ];
    let settings = || HttpSettings { body_bytes_max: 4_096, ..settings() };
    for (body, field, rule) in table {
        let make = post("/api/v1/webhooks", body.clone());
        let change = request(Method::PATCH, &path("")).set_json(body.clone());
        for request in [make, change] {
            let server = Server::new(services(), settings()).await;

            let refused = server.answer(signed_in(request)).await;

            assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{body}");
            let error = refused.json()["errors"][0].clone();
            assert_eq!(error["field"], field, "{body}");
            assert!(error["rule"].as_str().unwrap().contains(rule), "{error}");
        }
    }
    assert_eq!(create(services(), json!({"events": []})).await.refusal().0, 400);
}

#[actix_web::test]
async fn the_settings_say_which_addresses_a_webhook_may_have() {
    let body = || json!({"url": "http://127.0.0.1:9000/hooks"});
    let settings = || HttpSettings { webhook_reach: Reach::Anywhere, ..settings() };
    let is_there = |url: &WebhookUrl| url.as_str() == "http://127.0.0.1:9000/hooks";
    let server = Server::new(creating(move |command| is_there(&command.url)), settings()).await;
    let make = signed_in(post("/api/v1/webhooks", body()));
    assert_eq!(server.answer(make).await.status, 201);

    let is_edit = move |change: &WebhookChange| matches!(change, WebhookChange::Edit(edit) if edit.url.as_ref().is_some_and(is_there));
    let server = Server::new(changing(is_edit), settings()).await;
    let change = signed_in(request(Method::PATCH, &path("")).set_json(body()));
    assert_eq!(server.answer(change).await.status, 200);
}

#[actix_web::test]
async fn a_list_has_all_webhooks_of_the_caller_without_their_secrets() {
    let gone = Webhook { state: WebhookState::Gone, ..a_webhook() };

    let listed = read(with(knowing(vec![a_webhook(), gone])), "/api/v1/webhooks").await;

    let mut gone = shown();
    gone["state"] = json!("GONE");
    assert_eq!((listed.status.as_u16(), listed.json()), (200, json!({"items": [shown(), gone]})));
    let none = read(with(knowing(Vec::new())), "/api/v1/webhooks").await;
    assert_eq!(none.json(), json!({"items": []}));
}

#[actix_web::test]
async fn a_webhook_is_read_by_its_owner_without_its_secret() {
    let disabled = Webhook { state: WebhookState::Disabled, ..a_webhook() };
    let other = Webhook { id: WebhookId(Uuid::from_u128(62)), ..a_webhook() };

    let found = read(with(knowing(vec![other.clone(), disabled])), &path("")).await;

    let mut expected = shown();
    expected["state"] = json!("DISABLED");
    assert_eq!((found.status.as_u16(), found.json()), (200, expected));
    let missing = read(with(knowing(vec![other])), &path("")).await;
    assert_eq!(missing.refusal(), (404, "WEBHOOK_NOT_FOUND".to_owned()));
    let no_id = read(services(), "/api/v1/webhooks/17").await;
    assert_eq!(no_id.refusal(), (400, "VALIDATION".to_owned()));
}

#[actix_web::test]
async fn a_change_names_what_changes_and_shows_no_secret() {
    let url = WebhookUrl::stored("https://example.org/".to_owned());
    let table = [
        (json!({}), WebhookEdit::default()),
        (
            json!({"url": "https://example.org/"}),
            WebhookEdit { url: Some(url), ..WebhookEdit::default() },
        ),
        (
            json!({"events": ["room.paused"], "enabled": false}),
            WebhookEdit {
                kinds: Some([EventKind::RoomPaused].into()),
                is_enabled: Some(false),
                url: None,
            },
        ),
        (
            json!({"events": [], "enabled": true}),
            WebhookEdit { kinds: Some(EventKind::ALL.into()), is_enabled: Some(true), url: None },
        ),
    ];
    for (body, expected) in table {
        let expected = WebhookChange::Edit(expected);

        let changed = edit(changing(move |change| *change == expected), body).await;

        assert_eq!((changed.status.as_u16(), changed.json()), (200, shown()));
    }
}

#[actix_web::test]
async fn a_webhook_is_deleted() {
    let services = changing(|change| *change == WebhookChange::Delete);

    let deleted = answer(services, signed_in(request(Method::DELETE, &path("")))).await;

    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
}

#[actix_web::test]
async fn a_new_secret_is_shown_once() {
    let services = changing(|change| {
        let WebhookChange::Rotate(secret) = change else { return false };
        secret.expose().len() == SECRET.len() && secret.expose() != SECRET
    });

    let rotated = answer(services, signed_in(request(Method::POST, &path("/secret")))).await;

    assert_eq!((rotated.status.as_u16(), rotated.json()), (200, shown_with_secret()));
    assert_eq!(rotated.header(CACHE_CONTROL), "no-store");
}

#[actix_web::test]
async fn a_test_is_accepted_and_shows_no_secret() {
    let services = changing(|change| *change == WebhookChange::Test);

    let tested = answer(services, signed_in(request(Method::POST, &path("/tests")))).await;

    assert_eq!((tested.status.as_u16(), tested.json()), (202, shown()));
}

#[actix_web::test]
async fn a_webhook_that_the_caller_does_not_have_is_not_found() {
    let requests = [
        request(Method::PATCH, &path("")).set_json(json!({})),
        request(Method::DELETE, &path("")),
        request(Method::POST, &path("/secret")),
        request(Method::POST, &path("/tests")),
        post(&path("/replays"), json!({"since": "2026-11-21T09:00:00Z"})),
        request(Method::GET, &path("/deliveries")),
    ];
    for request in requests {
        let mut services = with(knowing(Vec::new()));
        services.webhook_changes.change_webhook = answering(Err(WebhookNotFound));
        services.webhook_changes.replay_events = answering(Err(WebhookNotFound));

        let refused = answer(services, signed_in(request)).await;

        assert_eq!(refused.refusal(), (404, "WEBHOOK_NOT_FOUND".to_owned()));
    }
}

fn replaying(since: Instant, until: Instant, rest_since: Option<Instant>) -> Services {
    let expected = ReplayEvents { webhook_id: id(), owner_id: a_user(), since, until };
    let mut services = services();
    services.webhook_changes.replay_events =
        expecting(move |command| *command == expected, Replayed { events: 12, rest_since });
    services
}

#[actix_web::test]
async fn events_of_a_time_are_replayed_until_now_or_an_earlier_instant() {
    let hour = Duration::HOUR;
    let early = json!({"since": "2026-11-21T08:00:00Z", "until": "2026-11-21T09:00:00Z"});
    let table = [
        (json!({"since": "2026-11-21T09:00:00Z"}), (NOW - hour, NOW), None, json!({"events": 12})),
        (
            early,
            (NOW - hour * 2, NOW - hour),
            Some(NOW - hour * 1.5),
            json!({"events": 12, "restSince": "2026-11-21T08:30:00Z"}),
        ),
    ];
    for (body, (since, until), rest, expected) in table {
        let services = replaying(since, until, rest);

        let replayed = answer(services, signed_in(post(&path("/replays"), body))).await;

        assert_eq!((replayed.status.as_u16(), replayed.json()), (202, expected));
    }
}

#[actix_web::test]
async fn a_replay_begins_before_it_ends() {
    let table = [
        (json!({"since": "2026-11-21T10:00:00Z"}), "until"),
        (json!({"since": "2026-11-21T09:00:00Z", "until": "2026-11-21T09:00:00Z"}), "until"),
        (json!({"since": "2026-11-21T09:00:00Z", "until": "2026-11-21T08:00:00Z"}), "until"),
        (json!({"since": "yesterday"}), "since"),
        (json!({"until": "2026-11-21T09:00:00Z"}), "body"),
    ];
    for (body, field) in table {
        let refused = answer(services(), signed_in(post(&path("/replays"), body))).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
}

fn a_delivery(number: i64, state: DeliveryState, last: Option<Result<u16, NoAnswer>>) -> Delivery {
    Delivery {
        webhook_id: id(),
        event_id: EventId::new(Uuid::from_u128(20), number),
        kind: EventKind::ReservationPaid,
        state,
        attempts: 2,
        last: last.map(|answer| Attempt { at: NOW + Duration::SECOND, answer }),
        created_at: NOW,
    }
}

#[actix_web::test]
async fn a_delivery_tells_where_it_stands_and_what_became_of_its_last_attempt() {
    let due_at = NOW + Duration::MINUTE;
    let mut port = knowing(vec![a_webhook()]);
    let deliveries = vec![
        a_delivery(3, DeliveryState::Pending { due_at }, None),
        a_delivery(2, DeliveryState::Delivered, Some(Ok(204))),
        a_delivery(1, DeliveryState::Failed, Some(Err(NoAnswer::Timeout))),
    ];
    port.expect_deliveries()
        .with(eq(id()), eq(None), eq(PageSize::DEFAULT))
        .return_once(move |_, _, _| Ok(Page { items: deliveries, next: None }));

    let listed = read(with(port), &path("/deliveries")).await;

    let delivery = |number: i64, state: &str, rest: Value| {
        let mut delivery = json!({
            "eventId": format!("evt_{}_{number}", Uuid::from_u128(20).simple()),
            "event": "reservation.paid", "state": state, "attempts": 2,
            "createdAt": "2026-11-21T10:00:00Z",
        });
        let fields = rest.as_object().cloned().unwrap_or_default();
        delivery.as_object_mut().unwrap().extend(fields);
        delivery
    };
    let at = "2026-11-21T10:00:01Z";
    let expected = json!([
        delivery(3, "PENDING", json!({"dueAt": "2026-11-21T10:01:00Z"})),
        delivery(2, "DELIVERED", json!({"lastAttempt": {"at": at, "status": 204}})),
        delivery(1, "FAILED", json!({"lastAttempt": {"at": at, "failure": "TIMEOUT"}})),
    ]);
    assert_eq!(listed.status, 200, "{}", listed.text);
    assert_eq!(listed.json(), json!({"items": expected, "nextCursor": null}));
}

#[actix_web::test]
async fn the_cursor_of_a_page_of_deliveries_asks_for_the_next_one() {
    let cursor = (NOW + Duration::microseconds(7), EventId::new(Uuid::from_u128(20), 3));
    let mut first = knowing(vec![a_webhook()]);
    first
        .expect_deliveries()
        .return_once(move |_, _, _| Ok(Page { items: Vec::new(), next: Some(cursor) }));
    let page = read(with(first), &path("/deliveries")).await.json();
    let next = page["nextCursor"].as_str().unwrap();

    let mut second = knowing(vec![a_webhook()]);
    second
        .expect_deliveries()
        .with(eq(id()), eq(Some(cursor)), eq(PageSize::new(5).unwrap()))
        .times(1)
        .returning(|_, _, _| Ok(Page { items: Vec::new(), next: None }));
    let path = path(&format!("/deliveries?limit=5&cursor={next}"));

    assert_eq!(read(with(second), &path).await.status, 200);
}

#[actix_web::test]
async fn a_cursor_that_was_not_given_out_is_refused() {
    let far = format!("{}0 evt_{}_3", i64::MAX, Uuid::from_u128(20).simple());
    for text in ["", "7", "7 evt_x", "x evt_00000000000000000000000000000014_3", &far] {
        let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);

        let refused = read(services(), &path(&format!("/deliveries?cursor={cursor}"))).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{text}");
        assert_eq!(refused.json()["errors"][0]["field"], "cursor");
    }
}

#[actix_web::test]
async fn webhooks_need_an_access_token() {
    let requests = || {
        [
            post("/api/v1/webhooks", json!({"url": "https://example.com/"})),
            request(Method::GET, "/api/v1/webhooks"),
            request(Method::GET, &path("")),
            request(Method::PATCH, &path("")).set_json(json!({})),
            request(Method::DELETE, &path("")),
            request(Method::POST, &path("/secret")),
            request(Method::POST, &path("/tests")),
            post(&path("/replays"), json!({"since": "2026-11-21T09:00:00Z"})),
            request(Method::GET, &path("/deliveries")),
        ]
    };
    for request in requests() {
        let refused = answer(services(), request).await;
        assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED".to_owned()));
    }
    for request in requests() {
        let refused = answer(services(), request.insert_header((AUTHORIZATION, a_pass()))).await;
        assert_eq!(refused.refusal(), (403, "FORBIDDEN".to_owned()));
    }
}
