//! Organizers and operators change and cancel dates, and end other users' reservations and queue tokens.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};
use time::format_description::well_known::Rfc3339;

use crate::on_both_stores;

on_both_stores!(
    one_person_has_at_most_four_tickets_of_a_date_over_all_purchases,
    the_limit_of_tickets_holds_in_the_older_contracts,
    a_date_is_read_and_changed_with_the_tag_of_its_version,
    an_edit_without_or_with_another_tag_changes_nothing,
    an_edit_names_the_field_that_is_wrong,
    holders_of_a_moved_date_see_it_and_can_cancel_until_the_deadline,
    a_cancelled_date_is_refunded_whole_and_the_progress_shows,
    refunds_go_on_after_a_restart,
    no_other_user_changes_or_cancels_a_date,
    an_operator_removes_a_queue_token_and_the_record_says_why,
    an_operator_gives_roles_and_keeps_the_own_one,
    an_operator_pauses_all_rooms_and_resumes_them,
);

const RESERVATIONS: &str = "/api/v1/reservations";

async fn hold(fan: &Person<'_>, sale: &OnSale, seats: &[i32]) -> Answer {
    fan.post(RESERVATIONS, json!({"scheduleId": sale.schedule_id, "seatNumbers": seats})).await
}

/// Signs up a fan who buys these seats.
async fn buyer<'s>(service: &'s Service, sale: &OnSale, seats: &[i32]) -> (Person<'s>, String) {
    let fan = service.holder(sale).await;
    fan.charge(10_000 * seats.len() as i64).await;
    let id = hold(&fan, sale, seats).await.text_at("id");
    let paid = fan.post("/api/v1/payments", json!({"reservationId": id})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    (fan, id)
}

fn date(sale: &OnSale) -> String {
    format!("/api/v1/schedules/{}", sale.schedule_id)
}

async fn edit(staff: &Person<'_>, sale: &OnSale, tag: &str, body: Value) -> Answer {
    let request = staff.request(Method::PATCH, &date(sale));
    staff.send(request.header("If-Match", tag).json(&body)).await
}

async fn cancel_date(staff: &Person<'_>, sale: &OnSale) -> Answer {
    staff.post(&format!("{}/cancellation", date(sale)), json!({"reason": "Snow."})).await
}

fn in_days(service: &Service, days: i64) -> String {
    (service.clock.now() + time::Duration::days(days)).format(&Rfc3339).unwrap()
}

async fn one_person_has_at_most_four_tickets_of_a_date_over_all_purchases(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, first) = buyer(&service, &sale, &[1, 2, 3]).await;
    let (again, _) = fan.join(&sale.concert_id).await;

    let refused = hold(&again, &sale, &[4, 5]).await;
    assert_eq!(refused.refusal(), (409, "TICKET_LIMIT"));
    assert!(refused.body["detail"].as_str().unwrap().contains('4'), "{refused:?}");
    assert_eq!(hold(&again, &sale, &[4]).await.status, 201);
    assert_eq!(hold(&again, &sale, &[5]).await.refusal(), (409, "TICKET_LIMIT"));

    fan.post(&format!("{RESERVATIONS}/{first}/cancellation"), json!({})).await;
    assert_eq!(hold(&again, &sale, &[5, 6, 7]).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn the_limit_of_tickets_holds_in_the_older_contracts(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, _) = buyer(&service, &sale, &[1, 2, 3, 4]).await;
    let (again, _) = fan.join(&sale.concert_id).await;
    let seats = again.get(&format!("{}/seats", date(&sale))).await;
    let seat = seats.body[5]["id"].as_str().unwrap().to_owned();

    let body = json!({"concertScheduleId": sale.schedule_id, "seatId": seat});
    let refused = again.post("/reservation", body).await;

    assert_eq!(refused.refusal(), (409, "TICKET_LIMIT"));
}

async fn a_date_is_read_and_changed_with_the_tag_of_its_version(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = &sale.organizer(&service);
    let read = organizer.get(&date(&sale)).await;
    assert_eq!((read.status.as_u16(), read.number_at("maxTicketsPerPerson")), (200, 4));

    let body = json!({"maxTicketsPerPerson": 2, "cancellationClosesAt": null});
    let edited = edit(organizer, &sale, &read.header("etag"), body).await;

    assert_eq!((edited.status.as_u16(), edited.number_at("maxTicketsPerPerson")), (200, 2));
    assert!(edited.body["cancellationClosesAt"].is_null());
    assert_eq!(edited.body["startsAt"], read.body["startsAt"]);
    assert_ne!(edited.header("etag"), read.header("etag"));
    assert_eq!(organizer.get(&date(&sale)).await.body, edited.body);
    let fan = service.holder(&sale).await;
    assert_eq!(hold(&fan, &sale, &[1, 2, 3]).await.refusal(), (409, "TICKET_LIMIT"));
}

async fn an_edit_without_or_with_another_tag_changes_nothing(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = &sale.organizer(&service);
    let tag = organizer.get(&date(&sale)).await.header("etag");
    let two = json!({"maxTicketsPerPerson": 2});

    let without = organizer.patch(&date(&sale), two.clone()).await;
    assert_eq!(without.refusal(), (428, "PRECONDITION_REQUIRED"));
    assert_eq!(edit(organizer, &sale, &tag, two.clone()).await.status, 200);
    let stale = edit(organizer, &sale, &tag, json!({"maxTicketsPerPerson": 3})).await;

    assert_eq!(stale.refusal(), (412, "PRECONDITION_FAILED"));
    assert_eq!(organizer.get(&date(&sale)).await.number_at("maxTicketsPerPerson"), 2);
}

async fn an_edit_names_the_field_that_is_wrong(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = &sale.organizer(&service);
    let past = in_days(&service, -1);
    let table = [
        (json!({"endsAt": past}), "endsAt"),
        (json!({"bookingClosesAt": past}), "bookingClosesAt"),
        (json!({"maxTicketsPerPerson": 0}), "maxTicketsPerPerson"),
        (json!({"maxTicketsPerPerson": 1001}), "maxTicketsPerPerson"),
        (json!({"refundableUntil": past}), "refundableUntil"),
        (json!({"startsAt": null}), "startsAt"),
        (json!({"price": 1}), "price"),
    ];
    for (body, field) in table {
        let refused = edit(organizer, &sale, "*", body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{field}");
        assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
    }
}

async fn holders_of_a_moved_date_see_it_and_can_cancel_until_the_deadline(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = &sale.organizer(&service);
    let (fan, id) = buyer(&service, &sale, &[1]).await;
    let before = organizer.get(&date(&sale)).await.text_at("startsAt");
    let body = json!({"startsAt": in_days(&service, 60), "endsAt": in_days(&service, 61),
        "cancellationClosesAt": null, "refundableUntil": in_days(&service, 5)});

    let moved = edit(organizer, &sale, "*", body).await;
    assert_eq!((moved.status.as_u16(), &moved.body["moved"]["from"]), (200, &json!(before)));

    let ticket = fan.get(&format!("{RESERVATIONS}/{id}")).await;
    assert_eq!(ticket.body["moved"], moved.body["moved"]);
    assert_eq!(ticket.body["startsAt"], moved.body["startsAt"]);
    let email = fan.email().await;
    service.clock.pass(Duration::from_secs(4 * 86_400));
    let fan = service.sign_in(&email).await;
    let cancelled = fan.post(&format!("{RESERVATIONS}/{id}/cancellation"), json!({})).await;
    assert_eq!(cancelled.status, 201, "{cancelled:?}");
    assert_eq!(fan.balance().await, 10_000);
    assert_eq!(service.audit().await, []);
}

async fn a_cancelled_date_is_refunded_whole_and_the_progress_shows(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let organizer = &sale.organizer(&service);
    let (first, ticket) = buyer(&service, &sale, &[1, 2]).await;
    let (second, _) = buyer(&service, &sale, &[3]).await;
    let holder = service.holder(&sale).await;
    let held = hold(&holder, &sale, &[4]).await.text_at("id");
    let progress = format!("{}/cancellation", date(&sale));
    assert_eq!(organizer.get(&progress).await.refusal(), (404, "CANCELLATION_NOT_FOUND"));

    let cancelled = cancel_date(organizer, &sale).await;

    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let counts = ["refunded", "toRefund", "toRelease"].map(|field| cancelled.number_at(field));
    assert_eq!((cancelled.text_at("reason").as_str(), counts), ("Snow.", [0, 2, 1]));
    assert_eq!(hold(&holder, &sale, &[5]).await.refusal(), (409, "SCHEDULE_CANCELLED"));
    let pay = holder.post("/api/v1/payments", json!({"reservationId": held})).await;
    assert_eq!(pay.refusal(), (409, "SCHEDULE_CANCELLED"));
    service.run_jobs().await;
    let done = organizer.get(&progress).await;
    let counts = ["refunded", "toRefund", "toRelease"].map(|field| done.number_at(field));
    assert_eq!(counts, [2, 0, 0]);
    assert_eq!((first.balance().await, second.balance().await), (20_000, 10_000));
    let ticket = first.get(&format!("{RESERVATIONS}/{ticket}")).await;
    assert_eq!(ticket.text_at("status"), "CANCELLED");
    assert_eq!(ticket.text_at("scheduleCancelReason"), "Snow.");
    assert_eq!(cancel_date(organizer, &sale).await.body["cancelledAt"], done.body["cancelledAt"]);
    assert_eq!(service.audit().await, []);
}

async fn refunds_go_on_after_a_restart(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let (fan, _) = buyer(&service, &sale, &[1, 2]).await;
    assert_eq!(cancel_date(&sale.organizer(&service), &sale).await.status, 200);
    let email = fan.email().await;
    assert_eq!(fan.balance().await, 0);

    let home = service.stop().await;
    let service = Service::start_in(home, |_| {}).await;
    service.run_jobs().await;

    assert_eq!(service.sign_in(&email).await.balance().await, 20_000);
    assert_eq!(service.audit().await, []);
}

async fn no_other_user_changes_or_cancels_a_date(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, stranger) = (service.new_user().await, service.new_user_as(Role::Organizer).await);
    for person in [&fan, &stranger] {
        let forbidden = (403, "FORBIDDEN");
        assert_eq!(person.get(&date(&sale)).await.refusal(), forbidden);
        assert_eq!(edit(person, &sale, "*", json!({})).await.refusal(), forbidden);
        assert_eq!(cancel_date(person, &sale).await.refusal(), forbidden);
        let progress = person.get(&format!("{}/cancellation", date(&sale))).await;
        assert_eq!(progress.refusal(), forbidden);
    }
    let operator = service.new_user_as(Role::Operator).await;
    let read = operator.get(&date(&sale)).await;
    assert_eq!((read.status.as_u16(), read.number_at("maxTicketsPerPerson")), (200, 4));
}

async fn an_operator_removes_a_queue_token_and_the_record_says_why(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let fan = service.holder(&sale).await;
    let place = fan.poll().await;
    let path = format!("/api/v1/queue-tokens/{}/removal", place.text_at("id"));
    let fan_id = fan.get("/api/v1/users/me").await.text_at("id");
    let tokens_of =
        async |user_id: &str| operator.get(&format!("/api/v1/queue-tokens?userId={user_id}")).await;
    let found = tokens_of(&fan_id).await;
    assert_eq!(
        (&found.body[0]["id"], &found.body[0]["status"]),
        (&place.body["id"], &json!("ACTIVE"))
    );
    assert_eq!(found.body[0]["concertId"], json!(sale.concert_id));
    assert_eq!(tokens_of("01900000-0000-7000-8000-000000000001").await.body, json!([]));
    assert_eq!(tokens_of("x").await.refusal(), (400, "VALIDATION"));

    let without = operator.post(&path, json!({"reason": " "})).await;
    assert_eq!(without.refusal(), (400, "VALIDATION"));
    assert_eq!(fan.post(&path, json!({"reason": "A bot."})).await.status, 403);
    let removed = operator.post(&path, json!({"reason": "A bot."})).await;

    assert_eq!(removed.status, 204);
    let after = fan.poll().await;
    assert_eq!(
        (after.text_at("status"), after.text_at("reason")),
        ("EXPIRED".into(), "LEFT".into())
    );
    let actions = operator.get("/api/v1/operator-actions?limit=1").await;
    let action = &actions.body["items"][0];
    assert_eq!((&action["kind"], &action["reason"]), (&json!("TOKEN_REMOVED"), &json!("A bot.")));
    assert_eq!(tokens_of(&fan_id).await.body, json!([]));
    let unknown = "/api/v1/queue-tokens/01900000-0000-7000-8000-000000000001/removal";
    let unknown = operator.post(unknown, json!({"reason": "A bot."})).await;
    assert_eq!(unknown.refusal(), (404, "QUEUE_TOKEN_NOT_FOUND"));
}

async fn an_operator_gives_roles_and_keeps_the_own_one(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (operator, fan) = (service.new_user_as(Role::Operator).await, service.new_user().await);
    let role_of = async |person: &Person<'_>, role: &str| {
        let id = person.get("/api/v1/users/me").await.text_at("id");
        let request = operator.request(Method::PUT, &format!("/api/v1/users/{id}/role"));
        operator.send(request.json(&json!({"role": role}))).await
    };

    let email = fan.email().await;
    let given = role_of(&fan, "ORGANIZER").await;
    assert_eq!((given.status.as_u16(), given.text_at("role")), (200, "ORGANIZER".into()));
    let fan = service.sign_in(&email).await;
    assert_eq!(fan.post("/api/v1/concerts", json!({"title": "Mine"})).await.status, 201);

    assert_eq!(role_of(&operator, "FAN").await.refusal(), (409, "OWN_ROLE"));
    assert_eq!(role_of(&fan, "KING").await.refusal(), (400, "VALIDATION"));
}

async fn an_operator_pauses_all_rooms_and_resumes_them(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let other = service.on_sale(1, json!({"paused": true})).await;
    let operator = service.new_user_as(Role::Operator).await;
    let pause = async |paused: bool| {
        let answer = operator.post("/api/v1/rooms/pause", json!({"paused": paused})).await;
        (answer.status.as_u16(), answer.number_at("changed"))
    };

    assert_eq!(pause(true).await, (200, 2), "one of the rooms and the site-wide one");
    assert_eq!(pause(true).await, (200, 0));
    for room in [sale.room(), other.room()] {
        assert_eq!(operator.get(&room).await.body["policy"]["paused"], true);
    }
    assert_eq!(pause(false).await, (200, 3));
    assert_eq!(operator.get(&sale.room()).await.body["policy"]["paused"], false);
    let fan = service.new_user().await;
    let refused = fan.post("/api/v1/rooms/pause", json!({"paused": true})).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
}
