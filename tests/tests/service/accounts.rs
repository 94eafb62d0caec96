//! One's own account: the name, the password, the export of one's data and the deletion.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor::settings::Switch;
use stagedoor_tests::service::{Answer, Events, OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_user_gets_another_name_and_stays_signed_in,
    a_new_name_is_refused_by_its_field_and_with_a_queue_token,
    a_new_password_ends_all_other_sessions_and_keeps_this_user_signed_in,
    a_password_change_that_is_refused_changes_nothing,
    of_password_changes_at_once_exactly_one_is_done,
    a_session_of_a_browser_goes_on_with_another_cookie_after_a_new_password,
    an_export_has_all_that_the_lists_have_and_nothing_of_others,
    an_export_is_for_ones_own_access_token,
    exports_of_a_user_are_limited,
    a_deleted_account_is_gone_and_its_address_can_sign_up_again,
    an_account_is_deleted_by_its_own_user_with_the_password,
);

const ME: &str = "/api/v1/users/me";
const EXPORT: &str = "/api/v1/users/me/export";
const PASSWORD: &str = "/api/v1/users/me/password";
const SESSIONS: &str = "/api/v1/sessions";
const NEW: &str = "another horse battery";

async fn change(person: &Person<'_>, current: &str, new: &str) -> Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    person.send(person.request(Method::PUT, PASSWORD).json(&body)).await
}

/// The status of a log-in with a password.
async fn log_in(service: &Service, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    service.anyone().post(SESSIONS, body).await.status.as_u16()
}

/// The user alone: a read of oneself also has one's live holds.
fn without_holds(mut user: Value) -> Value {
    let holds = user.as_object_mut().and_then(|user| user.remove("holds"));
    assert!(holds.is_some(), "{user}");
    user
}

async fn a_user_gets_another_name_and_stays_signed_in(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (fan, other) = (service.new_user().await, service.new_user().await);
    let before = without_holds(fan.get(ME).await.body);

    let renamed = fan.patch(ME, json!({"name": "  박하늘 "})).await;
    let again = fan.patch(ME, json!({"name": "박하늘"})).await;

    let mut expected = before;
    expected["name"] = json!("박하늘");
    assert_eq!((renamed.status.as_u16(), &renamed.body), (200, &expected));
    assert_eq!((again.status.as_u16(), &again.body), (200, &expected));
    assert_eq!(without_holds(fan.get(ME).await.body), expected);
    assert_eq!(other.get(ME).await.text_at("name"), "Fan");
    assert_eq!(log_in(&service, &renamed.text_at("email"), "stagedoor").await, 200);
}

async fn a_new_name_is_refused_by_its_field_and_with_a_queue_token(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let table = [
        (json!({"name": ""}), "name"),
        (json!({"name": "\u{200b}"}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "Fan", "role": "OPERATOR"}), "role"),
        (json!({}), "body"),
    ];
    for (body, field) in table {
        let refused = fan.patch(ME, body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"));
        assert_eq!(refused.body["errors"][0]["field"], field, "{refused:?}");
    }
    let empty = fan.request(Method::PATCH, ME).header("content-type", "application/json");
    assert_eq!(fan.send(empty).await.refusal(), (400, "VALIDATION"));
    let (holder, _) = fan.join(&sale.concert_id).await;
    let named = json!({"name": "New Name"});
    assert_eq!(holder.patch(ME, named.clone()).await.refusal(), (403, "FORBIDDEN"));
    assert_eq!(service.anyone().patch(ME, named).await.refusal(), (401, "UNAUTHENTICATED"));
    assert_eq!(fan.get(ME).await.text_at("name"), "Fan");
}

async fn a_new_password_ends_all_other_sessions_and_keeps_this_user_signed_in(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let fan = service.new_user().await;
    let email = fan.get(ME).await.text_at("email");
    let elsewhere = service.sign_in(&email).await;
    let (holder, place) = fan.join(&sale.concert_id).await;
    let other = service.new_user().await;
    let mut stream =
        Events::of(holder.request(Method::GET, "/api/v1/queue-tokens/me/events")).await;
    stream.read_until("WAITING").await;

    let changed = change(&fan, "stagedoor", NEW).await;

    assert_eq!((changed.status.as_u16(), changed.text_at("tokenType")), (200, "Bearer".into()));
    assert_eq!(changed.number_at("expiresIn"), 3_600);
    let signed_in = service.with_token(&changed.text_at("accessToken"));
    assert_eq!(signed_in.get(ME).await.text_at("email"), email);
    stream.read_to_the_end().await;
    for person in [&fan, &elsewhere, &holder] {
        assert_eq!(person.get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
    }
    assert_eq!(other.get(ME).await.status, 200, "other users go on");
    let statuses =
        [log_in(&service, &email, "stagedoor").await, log_in(&service, &email, NEW).await];
    assert_eq!(statuses, [401, 200]);
    assert_eq!(signed_in.join(&sale.concert_id).await.1.text_at("id"), place.text_at("id"));
    let service = Service::start_in(service.stop().await, |_| {}).await;
    assert_eq!(log_in(&service, &email, NEW).await, 200, "it is kept");
}

async fn a_password_change_that_is_refused_changes_nothing(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let email = fan.get(ME).await.text_at("email");
    let (holder, _) = fan.join(&sale.concert_id).await;

    let wrong = change(&fan, "stagehand", NEW).await;
    let common = change(&fan, "stagedoor", "password").await;
    let short = change(&fan, "stagedoor", "short").await;
    let by_queue_token = change(&holder, "stagedoor", NEW).await;
    let by_no_token = change(&service.anyone(), "stagedoor", NEW).await;
    let more =
        json!({"currentPassword": "stagedoor", "newPassword": NEW, "email": "x@example.com"});
    let more = fan.send(fan.request(Method::PUT, PASSWORD).json(&more)).await;
    let none = fan.send(fan.request(Method::PUT, PASSWORD).json(&json!({}))).await;

    assert_eq!(wrong.refusal(), (403, "WRONG_CURRENT_PASSWORD"));
    for (refused, field) in
        [(common, "newPassword"), (short, "newPassword"), (more, "email"), (none, "body")]
    {
        assert_eq!(refused.refusal(), (400, "VALIDATION"));
        assert_eq!(refused.body["errors"][0]["field"], field, "{refused:?}");
    }
    assert_eq!(by_queue_token.refusal(), (403, "FORBIDDEN"));
    assert_eq!(by_no_token.refusal(), (401, "UNAUTHENTICATED"));
    for person in [&fan, &holder] {
        assert_eq!(person.get(ME).await.status, 200, "sessions go on");
    }
    let statuses =
        [log_in(&service, &email, "stagedoor").await, log_in(&service, &email, NEW).await];
    assert_eq!(statuses, [200, 401]);
}

async fn of_password_changes_at_once_exactly_one_is_done(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let email = fan.get(ME).await.text_at("email");
    let new = |n: usize| format!("{NEW} {n}");

    let changes = (0..8).map(|n| {
        let (fan, new) = (&fan, new(n));
        async move { change(fan, "stagedoor", &new).await }
    });
    let answers = join_all(changes).await;

    let done: Vec<_> = (0..8).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        let expected = [(403, "WRONG_CURRENT_PASSWORD"), (401, "UNAUTHENTICATED")];
        assert!(expected.contains(&refused.refusal()), "{refused:?}");
    }
    for n in 0..8 {
        let status = if done.contains(&n) { 200 } else { 401 };
        assert_eq!(log_in(&service, &email, &new(n)).await, status, "{n}");
    }
    assert_eq!(service.audit().await, []);
}

async fn a_session_of_a_browser_goes_on_with_another_cookie_after_a_new_password(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let cookie = format!("stagedoor_session={}", fan.token.clone().unwrap());
    let page = service.anyone();
    let by_cookie = |method, path, cookie: &str| {
        let request = page.request(method, path).header("cookie", cookie);
        request.header("sec-fetch-site", "same-origin")
    };

    let body = json!({"currentPassword": "stagedoor", "newPassword": NEW});
    let changed = page.send(by_cookie(Method::PUT, PASSWORD, &cookie).json(&body)).await;

    assert_eq!(changed.body, json!({"tokenType": "Cookie", "expiresIn": 3_600}));
    let set = changed.headers["set-cookie"].to_str().unwrap();
    let new_cookie = set.split(';').next().unwrap();
    assert_eq!(page.send(by_cookie(Method::GET, ME, new_cookie)).await.status, 200);
    assert_eq!(page.send(by_cookie(Method::GET, ME, &cookie)).await.status, 401);
}

/// All items of a list, read page by page.
async fn all(person: &Person<'_>, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("{path}?limit=100{cursor}")).await;
        items.extend(page.body["items"].as_array().unwrap().clone());
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Comes to have reservations in every state, and more point entries than one page has.
async fn use_everything(service: &Service, fan: &Person<'_>, sale: &OnSale) {
    let charges = stream::iter(0..120).map(|_| fan.charge(1_000)).buffer_unordered(20);
    charges.collect::<Vec<_>>().await;
    let hold = async |seat| {
        let (holder, _) = fan.join(&sale.concert_id).await;
        let held = holder.post("/api/v1/reservations", sale.seats(&[seat])).await;
        assert_eq!(held.status, 201, "{held:?}");
        (holder, held.text_at("id"))
    };
    let pay = async |seat| {
        let (holder, id) = hold(seat).await;
        let paid = holder.post("/api/v1/payments", json!({"reservationId": id})).await;
        assert_eq!(paid.status, 201, "{paid:?}");
        id
    };
    hold(1).await;
    service.clock.pass(Duration::from_secs(400));
    pay(2).await;
    let refunded = pay(3).await;
    let cancelled = format!("/api/v1/reservations/{refunded}/cancellation");
    assert_eq!(fan.post(&cancelled, json!({})).await.status, 201);
    let (_, released) = hold(4).await;
    assert_eq!(fan.delete(&format!("/api/v1/reservations/{released}")).await.status, 204);
    hold(5).await;
}

async fn an_export_has_all_that_the_lists_have_and_nothing_of_others(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, other) = (service.new_user().await, service.new_user().await);
    use_everything(&service, &fan, &sale).await;
    other.charge(7).await;

    let exported = fan.get(EXPORT).await;

    assert_eq!(exported.status, 200, "{exported:?}");
    let header = |name: &str| exported.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("content-disposition"), "attachment; filename=\"stagedoor-export.json\"");
    assert_eq!(header("cache-control"), "no-store");
    let document = &exported.body;
    assert_eq!(document["user"], without_holds(fan.get(ME).await.body));
    assert_eq!(document["balance"], fan.balance().await);
    let lists = [
        ("pointEntries", "/api/v1/points/history", 123),
        ("payments", "/api/v1/payments", 2),
        ("reservations", "/api/v1/reservations", 5),
    ];
    for (list, path, length) in lists {
        let items = all(&fan, path).await;
        assert_eq!(items.len(), length, "{list}");
        assert_eq!(document[list], json!(items), "{list}");
    }
    let reservations = document["reservations"].as_array().unwrap();
    let states: Vec<_> = reservations.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["HELD", "CANCELLED", "CANCELLED", "CONFIRMED", "EXPIRED"]);
    assert_eq!(reservations[3]["seats"][0]["number"], 2);
    let of_other = other.get(EXPORT).await;
    assert_eq!(of_other.body["pointEntries"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&of_other.body["payments"], &of_other.body["reservations"]),
        (&json!([]), &json!([]))
    );
}

async fn an_export_is_for_ones_own_access_token(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;

    assert_eq!(holder.get(EXPORT).await.refusal(), (403, "FORBIDDEN"));
    assert_eq!(service.anyone().get(EXPORT).await.refusal(), (401, "UNAUTHENTICATED"));
    assert_eq!(fan.get(&format!("{EXPORT}/{}", sale.concert_id)).await.status, 404);
    let head = fan.send(fan.request(Method::HEAD, EXPORT)).await;
    assert_eq!((head.status.as_u16(), &head.body), (200, &Value::Null));
}

async fn exports_of_a_user_are_limited(kind: StoreKind) {
    let service =
        Service::start_with(kind, |settings| settings.limits.rate_limits = Switch::On).await;
    let (fan, other) = (service.new_user().await, service.new_user().await);
    let exports = join_all((0..8).map(|_| fan.get(EXPORT))).await;

    let refused = exports.iter().filter(|answer| answer.refusal() == (429, "RATE_LIMITED"));
    assert_eq!(refused.count(), 2, "{exports:?}");
    assert_eq!(other.get(EXPORT).await.status, 200);
}

async fn delete_account(person: &Person<'_>, password: &str) -> Answer {
    person.post("/api/v1/users/me/deletion", json!({"password": password})).await
}

async fn a_deleted_account_is_gone_and_its_address_can_sign_up_again(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    fan.charge(10_000).await;
    let (inside, _) = fan.join(&sale.concert_id).await;
    let held = inside.post("/api/v1/reservations", sale.seats(&[1])).await.text_at("id");
    inside.post("/api/v1/payments", json!({"reservationId": held})).await;
    let email = fan.email().await;

    assert_eq!(delete_account(&fan, "stagedoor").await.status, 204);

    for person in [&fan, &inside] {
        assert_eq!(person.get(ME).await.status, 401, "its tokens are refused");
    }
    assert_eq!(log_in(&service, &email, "stagedoor").await, 401);
    let organizer = sale.organizer(&service);
    let orders = organizer.get(&format!("/api/v1/orders?concertId={}", sale.concert_id)).await;
    let holder = &orders.body["items"][0]["holder"];
    assert_eq!(holder["name"], "(deleted)");
    assert!(!orders.body.to_string().contains(&email), "{orders:?}");
    let again = json!({"name": "New", "email": email, "password": NEW});
    assert_eq!(service.anyone().post("/api/v1/users", again).await.status, 201);
    assert_eq!(log_in(&service, &email, NEW).await, 200);
    assert_eq!(service.audit().await, []);
}

async fn an_account_is_deleted_by_its_own_user_with_the_password(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (inside, _) = fan.join(&sale.concert_id).await;

    let wrong = delete_account(&fan, "not the password").await;
    assert_eq!(wrong.refusal(), (403, "WRONG_CURRENT_PASSWORD"));
    assert_eq!(delete_account(&inside, "stagedoor").await.refusal(), (403, "FORBIDDEN"));
    let organizer = sale.organizer(&service);
    assert_eq!(delete_account(&organizer, "stagedoor").await.refusal(), (409, "STAFF_ACCOUNT"));

    for person in [&fan, &organizer] {
        assert_eq!(person.get(ME).await.status, 200, "nothing has changed");
    }
}
