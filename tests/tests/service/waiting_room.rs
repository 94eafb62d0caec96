//! Waiting in line.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stagedoor::settings::Switch;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Events, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    the_first_enter_at_once_and_the_rest_wait_in_order,
    asking_again_gives_the_same_token,
    a_waiting_token_opens_nothing_but_its_holders_own_affairs,
    a_token_that_idles_is_dropped_and_those_behind_move_up,
    a_keep_alive_keeps_the_place,
    a_shorter_idle_time_applies_from_the_next_heartbeat,
    an_outage_of_the_service_longer_than_the_idle_time_loses_no_position,
    every_route_says_that_a_token_which_polls_too_late_has_expired,
    leaving_moves_those_behind_up_and_frees_the_holds,
    a_paused_room_admits_no_user_until_it_resumes,
    an_active_token_ends_at_its_deadline_but_not_before_its_hold,
    a_place_is_followed_by_events,
    only_an_operator_updates_the_room_controls,
    what_an_operator_does_is_told_to_those_who_wait_and_kept_on_record,
    a_rooms_message_is_cleared_by_null_and_no_other_field_is,
    an_operator_does_not_overwrite_another_ones_change,
    an_operator_sees_sales_seats_and_peoples_reservations,
);

fn place(answer: &Answer) -> (&str, i64) {
    (answer.body["status"].as_str().unwrap(), answer.number_at("position"))
}

async fn the_first_enter_at_once_and_the_rest_wait_in_order(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let policy = json!({"capacity": 2, "admitBatch": 1, "admitIntervalSeconds": 10});
    let sale = service.on_sale(1, policy).await;
    let mut holders = Vec::new();
    for expected in [("ACTIVE", 0), ("ACTIVE", 0), ("WAITING", 1), ("WAITING", 2), ("WAITING", 3)] {
        let (holder, joined) = service.new_user().await.join(&sale.concert_id).await;
        assert_eq!(place(&joined), expected);
        holders.push(holder);
    }
    holders[0].delete("/api/v1/queue-tokens/me").await;
    holders[1].delete("/api/v1/queue-tokens/me").await;

    service.run_jobs().await;

    let third = holders[2].poll().await;
    assert_eq!(place(&third), ("ACTIVE", 0), "one is let in");
    let fourth = holders[3].poll().await;
    assert_eq!(place(&fourth), ("WAITING", 1), "one an interval, though two have room");
    service.clock.pass(Duration::from_secs(10));
    service.run_jobs().await;
    assert_eq!(place(&holders[3].poll().await), ("ACTIVE", 0));
    assert_eq!(service.audit().await, []);
}

async fn asking_again_gives_the_same_token(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let fan = service.new_user().await;

    let (_, first) = fan.join(&sale.concert_id).await;
    let (_, again) = fan.join(&sale.concert_id).await;

    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.body["id"], again.body["id"]);
    let site = fan.send(fan.request(Method::POST, "/api/v1/queue-tokens")).await;
    assert_eq!(site.status, 201, "the site-wide room is another");
}

async fn a_waiting_token_opens_nothing_but_its_holders_own_affairs(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let holder = service.holder(&sale).await;
    let hold = sale.seats(&[1]);
    let pay = json!({"reservationId": sale.schedule_id});

    for refused in [
        holder.get(&format!("/api/v1/concerts/{}/schedules", sale.concert_id)).await,
        holder.get(&format!("/api/v1/schedules/{}/seats", sale.schedule_id)).await,
        holder.post("/api/v1/reservations", hold).await,
        holder.post("/api/v1/payments", pay).await,
    ] {
        assert_eq!(refused.refusal(), (403, "TOKEN_WAITING"));
    }
    holder.charge(1_000).await;
    assert_eq!(holder.balance().await, 1_000);
    assert_eq!(holder.get("/api/v1/reservations").await.status, 200);
}

async fn a_token_that_idles_is_dropped_and_those_behind_move_up(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0, "idleSeconds": 60})).await;
    let idler = service.holder(&sale).await;
    let (behind, joined) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(place(&joined), ("WAITING", 2));
    service.clock.pass(Duration::from_secs(40));
    assert_eq!(place(&behind.poll().await), ("WAITING", 2));
    service.running.scheduler().flush().await.unwrap();

    service.clock.pass(Duration::from_secs(20));
    service.refresh().await;
    let looked = behind.poll().await;
    assert_eq!(place(&looked), ("WAITING", 2), "it counts until it is written as abandoned");
    let dropped = idler.poll().await;
    assert_eq!(dropped.text_at("reason"), "ABANDONED");
    assert_eq!(idler.send(idler.request(Method::POST, KEEP_ALIVE)).await.code(), "TOKEN_EXPIRED");

    service.clock.pass(Duration::from_secs(5));
    service.run_jobs().await;
    assert_eq!(place(&behind.poll().await), ("WAITING", 1));
}

const KEEP_ALIVE: &str = "/api/v1/queue-tokens/me/keep-alive";

async fn a_keep_alive_keeps_the_place(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0, "idleSeconds": 60})).await;
    let holder = service.holder(&sale).await;

    for _ in 0..3 {
        service.clock.pass(Duration::from_secs(50));
        let kept = holder.send(holder.request(Method::POST, KEEP_ALIVE)).await;
        assert_eq!(kept.status, 204);
        service.running.scheduler().flush().await.unwrap();
        service.refresh().await;
    }

    assert_eq!(place(&holder.poll().await), ("WAITING", 1));
}

async fn leaving_moves_those_behind_up_and_frees_the_holds(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1, "admitIntervalSeconds": 1})).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1, 2]);
    let held = first.post("/api/v1/reservations", hold.clone()).await;
    assert_eq!(held.status, 201);

    let left = first.delete("/api/v1/queue-tokens/me").await;
    service.run_jobs().await;

    assert_eq!(left.status, 204);
    assert_eq!(first.delete("/api/v1/queue-tokens/me").await.status, 204, "leaving twice is once");
    assert_eq!(first.poll().await.text_at("reason"), "LEFT");
    let released = first.get(&format!("/api/v1/reservations/{}", held.text_at("id"))).await;
    assert_eq!(released.text_at("status"), "CANCELLED");
    assert_eq!(second.post("/api/v1/reservations", hold).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn a_paused_room_admits_no_user_until_it_resumes(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"paused": true})).await;
    let operator = service.new_user_as(Role::Operator).await;
    let (holder, joined) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(place(&joined), ("WAITING", 1));
    service.run_jobs().await;
    assert_eq!(place(&holder.poll().await), ("WAITING", 1));

    let room = sale.room();
    assert_eq!(operator.patch(&room, json!({"paused": false})).await.status, 200);
    service.run_jobs().await;

    assert_eq!(place(&holder.poll().await), ("ACTIVE", 0));
    assert_eq!(operator.get(&room).await.number_at("active"), 1);
}

async fn an_active_token_ends_at_its_deadline_but_not_before_its_hold(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"activeSeconds": 100})).await;
    let (shopper, looker) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);
    assert_eq!(shopper.post("/api/v1/reservations", hold).await.status, 201);

    service.clock.pass(Duration::from_secs(101));

    let over = looker.poll().await;
    assert_eq!(
        (over.text_at("status"), over.text_at("reason")),
        ("EXPIRED".into(), "TIMED_OUT".into())
    );
    assert_eq!(shopper.poll().await.text_at("status"), "ACTIVE");
    service.clock.pass(Duration::from_secs(200));
    assert_eq!(shopper.poll().await.text_at("status"), "EXPIRED");
}

async fn a_place_is_followed_by_events(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let request = second.request(Method::GET, "/api/v1/queue-tokens/me/events");
    let mut events = Events::of(request).await;
    events.read_until("\"position\":2").await;

    first.delete("/api/v1/queue-tokens/me").await;
    events.read_until("\"position\":1").await;
    second.delete("/api/v1/queue-tokens/me").await;
    events.read_until("\"reason\":\"LEFT\"").await;

    events.read_to_the_end().await;
}

async fn only_an_operator_updates_the_room_controls(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let room = sale.room();
    let operator = service.new_user_as(Role::Operator).await;
    let organizer = service.new_user_as(Role::Organizer).await;

    let changed = operator.patch(&room, json!({"capacity": 7, "idleSeconds": 30})).await;
    assert_eq!(changed.body["policy"]["capacity"], 7);
    assert_eq!(changed.body["policy"]["idleSeconds"], 30);
    assert_eq!(changed.body["policy"]["admitBatch"], 10, "what is not named stays");
    for (edit, field) in [
        (json!({"capacity": -1}), "capacity"),
        (json!({"admitBatch": 0}), "admitBatch"),
        (json!({"idleSeconds": 86_401}), "idleSeconds"),
        (json!({"speed": 1}), "speed"),
        (json!({"paused": "yes"}), "paused"),
    ] {
        let refused = operator.patch(&room, edit).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.body["errors"][0]["field"]),
            (400, &json!(field))
        );
    }
    for person in [organizer, service.new_user().await] {
        assert_eq!(person.get("/api/v1/rooms").await.code(), "FORBIDDEN");
        assert_eq!(person.patch(&room, json!({"capacity": 1})).await.code(), "FORBIDDEN");
    }
    assert_eq!(operator.get(&room).await.body["policy"]["capacity"], 7);
}

async fn what_an_operator_does_is_told_to_those_who_wait_and_kept_on_record(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let fan = service.holder(&sale).await;
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();

    let updated = operator.patch(&room, json!({"paused": true, "message": "곧 엽니다"})).await;
    assert_eq!(updated.text_at("message"), "곧 엽니다");
    service.refresh().await;
    let place = fan.poll().await;
    assert_eq!(
        (place.text_at("message").as_str(), &place.body["paused"]),
        ("곧 엽니다", &json!(true))
    );
    let refused = operator.patch(&room, json!({"message": "x".repeat(301)})).await;
    assert_eq!(refused.body["errors"][0]["field"], "message");

    let actions = operator.get("/api/v1/operator-actions").await;
    let newest = &actions.body["items"][0];
    assert_eq!(newest["roomId"], sale.room_id.as_str());
    assert_eq!(newest["operatorName"], "Some User");
    assert_eq!(
        (&newest["before"]["message"], &newest["after"]["message"]),
        (&json!(""), &json!("곧 엽니다"))
    );
    assert_eq!(newest["after"]["policy"]["paused"], true);
    assert_eq!(fan.get("/api/v1/operator-actions").await.code(), "FORBIDDEN");
}

async fn an_operator_does_not_overwrite_another_ones_change(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();
    let edit = |tag: &str, capacity: i64| {
        let request = operator.request(Method::PATCH, &room).header("If-Match", tag);
        operator.send(request.json(&json!({"capacity": capacity})))
    };
    let seen = operator.get(&room).await.header("etag");

    let first = edit(&seen, 7).await;
    let second = edit(&seen, 8).await;

    assert_eq!((first.status.as_u16(), &first.body["policy"]["capacity"]), (200, &json!(7)));
    assert_eq!(second.refusal(), (412, "PRECONDITION_FAILED"));
    let now = operator.get(&room).await.header("etag");
    assert_eq!((first.header("etag"), now != seen), (now.clone(), true));
    let listed = format!("\"other\", {now}");
    assert_eq!(edit(&listed, 9).await.status, 200);
    assert_eq!(edit("*", 10).await.status, 200);
    assert_eq!(operator.patch(&room, json!({"capacity": 11})).await.status, 200, "as before");
}

async fn a_rooms_message_is_cleared_by_null_and_no_other_field_is(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 7})).await;
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();

    let told = operator.patch(&room, json!({"message": "곧 엽니다"})).await;
    let kept = operator.patch(&room, json!({})).await;
    let cleared = operator.patch(&room, json!({"message": null})).await;

    assert_eq!(
        (told.text_at("message"), kept.text_at("message")),
        ("곧 엽니다".into(), "곧 엽니다".into())
    );
    assert_eq!((cleared.status.as_u16(), cleared.text_at("message")), (200, String::new()));
    for field in
        ["capacity", "admitBatch", "admitIntervalSeconds", "activeSeconds", "idleSeconds", "paused"]
    {
        let refused = operator.patch(&room, json!({field: null})).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{refused:?}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    assert_eq!(operator.get(&room).await.body["policy"]["capacity"], 7);
}

async fn an_operator_sees_sales_seats_and_peoples_reservations(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let body = sale.seats(&[1, 2]);
    let held = holder.post("/api/v1/reservations", body).await.text_at("id");
    let me = fan.get("/api/v1/users/me").await;
    let operator = service.new_user_as(Role::Operator).await;
    let sales = format!("/api/v1/concerts/{}/sales", sale.concert_id);
    let seats = format!("/api/v1/schedules/{}/seats", sale.schedule_id);
    let found = format!("/api/v1/users?email={}", me.text_at("email"));
    let reservations = format!("/api/v1/reservations?userId={}", me.text_at("id"));

    let figures = operator.get(&sales).await;
    assert_eq!((&figures.body[0]["held"], &figures.body[0]["free"]), (&json!(2), &json!(8)));
    assert_eq!(operator.get(&seats).await.body[0]["status"], "HELD");
    assert_eq!(operator.get(&found).await.text_at("id"), me.text_at("id"));
    assert_eq!(operator.get(&reservations).await.body["items"][0]["id"], held.as_str());

    let organizer = service.new_user_as(Role::Organizer).await;
    for stranger in [organizer, service.new_user().await] {
        for path in [&sales, &seats, &found, &reservations] {
            assert_eq!(stranger.get(path).await.code(), "FORBIDDEN", "{path}");
        }
    }
}

async fn an_outage_of_the_service_longer_than_the_idle_time_loses_no_position(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0, "idleSeconds": 60})).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let holder = service.holder(&sale).await;
        tokens.push(holder.token.unwrap());
    }
    let home = service.stop().await;

    let outage = Duration::from_secs(600);
    let off = |settings: &mut stagedoor::Settings| settings.work.janitor = Switch::Off;
    let service = Service::start_after(home, outage, off).await;
    service.run_jobs().await;

    for (token, position) in tokens.iter().zip(1..) {
        let looked = service.with_token(token).poll().await;
        assert_eq!(place(&looked), ("WAITING", position));
    }
    service.clock.pass(Duration::from_secs(60));
    let late = service.with_token(&tokens[0]).poll().await;
    assert_eq!(late.text_at("reason"), "ABANDONED", "after the outage idle time counts again");
}

async fn every_route_says_that_a_token_which_polls_too_late_has_expired(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0, "idleSeconds": 60})).await;
    let fan = service.new_user().await;
    let (late, joined) = fan.join(&sale.concert_id).await;
    service.refresh().await;

    service.clock.pass(Duration::from_secs(60));

    let looked = late.poll().await;
    assert_eq!(looked.text_at("reason"), "ABANDONED");
    assert_eq!(late.get("/queue/status").await.text_at("status"), "EXPIRED");
    let kept = late.send(late.request(Method::POST, KEEP_ALIVE)).await;
    assert_eq!(kept.code(), "TOKEN_EXPIRED");
    let path = format!("/token/{}", joined.text_at("id"));
    assert_eq!(late.patch(&path, json!({})).await.status, 401);
    let (_, again) = fan.join(&sale.concert_id).await;
    assert_eq!(again.status, 201, "the late token has ended, and a new one is issued");
}

async fn a_shorter_idle_time_applies_from_the_next_heartbeat(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let (polls, joined) = service.new_user().await.join(&sale.concert_id).await;
    let keeps_alive = service.holder(&sale).await;
    let promised = joined.text_at("expiresAt");
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();
    assert_eq!(operator.patch(&room, json!({"idleSeconds": 3})).await.status, 200);
    service.refresh().await;
    let status = async |fan: &Person<'_>| fan.poll().await.text_at("status");

    service.clock.pass(Duration::from_secs(4));
    let kept = keeps_alive.send(keeps_alive.request(Method::POST, KEEP_ALIVE)).await;
    assert_eq!(kept.status, 204);
    let looked = polls.poll().await;
    assert_eq!(place(&looked), ("WAITING", 1), "a told deadline stays");
    assert!(looked.text_at("expiresAt") < promised, "the heartbeat sets one of 3 s");
    service.running.scheduler().flush().await.unwrap();

    service.clock.pass(Duration::from_secs(4));
    assert_eq!(status(&polls).await, "EXPIRED");
    assert_eq!(status(&keeps_alive).await, "WAITING", "it was told no other deadline");
}
