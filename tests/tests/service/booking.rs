//! Holding seats and giving them back.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};
use stagedoor::ids::new_id;
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::service::{Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_hold_that_runs_out_is_free_at_its_deadline_without_a_scheduler,
    a_released_hold_is_free_at_once,
    several_seats_are_held_all_or_none,
    the_best_seats_are_the_middle_of_the_front_row,
    seats_whose_answer_was_lost_are_ones_own_hold_and_not_taken,
    a_repeated_request_gets_the_first_success,
    a_key_tries_again_once_the_seat_is_free,
    a_key_tries_again_once_the_points_suffice,
    a_key_tries_again_once_the_token_is_active,
    a_key_tries_again_once_booking_opens,
    a_key_tries_again_once_the_user_has_fewer_holds,
    a_key_tries_again_with_the_token_of_a_new_turn,
    a_schedule_outside_its_window_is_closed,
    seats_that_have_not_changed_are_not_sent_again,
    a_token_of_another_room_opens_nothing_and_one_of_the_site_opens_all,
    a_concert_is_made_with_its_schedules_or_not_at_all,
    lists_are_read_page_by_page,
);

const RESERVATIONS: &str = "/api/v1/reservations";

async fn a_hold_that_runs_out_is_free_at_its_deadline_without_a_scheduler(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);
    let held = first.post(RESERVATIONS, hold.clone()).await;
    service.clock.pass(Duration::from_secs(299));
    assert_eq!(second.post(RESERVATIONS, hold.clone()).await.code(), "SEAT_TAKEN");

    service.clock.pass(Duration::from_secs(1));

    assert_eq!(second.post(RESERVATIONS, hold).await.status, 201);
    first.charge(10_000).await;
    let id = held.text_at("id");
    let late = first.post("/api/v1/payments", json!({"reservationId": id})).await;
    assert_eq!(late.refusal(), (410, "HOLD_EXPIRED"));
    assert_eq!(first.get(&format!("{RESERVATIONS}/{id}")).await.text_at("status"), "EXPIRED");
    assert_eq!(first.balance().await, 10_000);
    assert_eq!(service.audit().await, []);
}

async fn a_released_hold_is_free_at_once(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);
    let held = first.post(RESERVATIONS, hold.clone()).await;
    let path = format!("{RESERVATIONS}/{}", held.text_at("id"));

    assert_eq!(second.delete(&path).await.code(), "RESERVATION_NOT_FOUND");
    assert_eq!(first.delete(&path).await.status, 204);
    assert_eq!(first.delete(&path).await.status, 204, "releasing twice is once");

    assert_eq!(second.post(RESERVATIONS, hold).await.status, 201);
    assert_eq!(second.get(&path).await.status, 404, "another's reservation is not found");
    let listed = first.get(&format!("{RESERVATIONS}?status=CANCELLED")).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(service.audit().await, []);
}

async fn several_seats_are_held_all_or_none(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let seats = |numbers| json!({"scheduleId": sale.schedule_id, "seatNumbers": numbers});
    assert_eq!(first.post(RESERVATIONS, seats(json!([3]))).await.status, 201);

    let refused = second.post(RESERVATIONS, seats(json!([1, 2, 3, 4]))).await;
    let unknown = second.post(RESERVATIONS, seats(json!([1, 11]))).await;
    let too_many = second.post(RESERVATIONS, seats(json!([1, 2, 4, 5, 6]))).await;

    assert_eq!(refused.refusal(), (409, "SEAT_TAKEN"));
    assert_eq!(unknown.refusal(), (404, "SEAT_NOT_FOUND"));
    assert_eq!(too_many.refusal(), (400, "VALIDATION"));
    assert_eq!(second.post(RESERVATIONS, seats(json!([1, 2, 4, 5]))).await.status, 201);
}

async fn seats_whose_answer_was_lost_are_ones_own_hold_and_not_taken(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, rival) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1, 2]);
    let held = fan.post_once(RESERVATIONS, "first", hold.clone()).await;

    let again = fan.post_once(RESERVATIONS, "second", hold.clone()).await;
    let taken = rival.post(RESERVATIONS, hold).await;

    assert_eq!(again.refusal(), (409, "ALREADY_HELD"), "{again:?}");
    assert_eq!(again.body["reservationId"], held.body["id"]);
    assert_eq!((taken.code(), &taken.body["reservationId"]), ("SEAT_TAKEN", &Value::Null));
    let own = fan.get(&format!("{RESERVATIONS}/{}", again.text_at("reservationId"))).await;
    assert_eq!(own.text_at("status"), "HELD");
}

async fn the_best_seats_are_the_middle_of_the_front_row(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(2, json!({})).await;
    let fan = service.holder(&sale).await;
    let best = json!({"scheduleId": sale.schedule_id, "bestAvailable": 4});

    let held = fan.post(RESERVATIONS, best).await;

    let numbers: Vec<_> =
        held.body["seats"].as_array().unwrap().iter().map(|seat| seat["number"].clone()).collect();
    assert_eq!(numbers, [4, 5, 6, 7]);
}

async fn a_repeated_request_gets_the_first_success(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.holder(&sale).await;
    let hold = sale.seats(&[1]);

    let first = fan.post_once(RESERVATIONS, "hold", hold.clone()).await;
    let again = fan.post_once(RESERVATIONS, "hold", hold).await;
    let other = sale.seats(&[2]);
    let reused = fan.post_once(RESERVATIONS, "hold", other).await;

    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(reused.refusal(), (422, "IDEMPOTENCY_MISMATCH"));
    assert_eq!(fan.get(RESERVATIONS).await.body["items"].as_array().unwrap().len(), 1);
}

/// Asks the same under the same key before and after the cause of a refusal has passed.
async fn refused_then_done(
    person: &Person<'_>,
    (path, body): (&str, serde_json::Value),
    code: &str,
    cause_passes: impl Future<Output = ()>,
) {
    let refused = person.post_once(path, "key", body.clone()).await;
    assert_eq!(refused.code(), code);
    assert_eq!(person.post_once(path, "key", body.clone()).await.code(), code);

    cause_passes.await;

    let done = person.post_once(path, "key", body.clone()).await;
    assert_eq!(done.status, 201, "{done:?}");
    assert_eq!(person.post_once(path, "key", body).await.body, done.body, "it is done once");
}

async fn a_key_tries_again_once_the_seat_is_free(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);
    let held = first.post(RESERVATIONS, hold.clone()).await.text_at("id");

    refused_then_done(&second, (RESERVATIONS, hold), "SEAT_TAKEN", async {
        assert_eq!(first.delete(&format!("{RESERVATIONS}/{held}")).await.status, 204);
    })
    .await;
}

async fn a_key_tries_again_once_the_points_suffice(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.holder(&sale).await;
    let hold = sale.seats(&[1]);
    let held = fan.post(RESERVATIONS, hold).await.text_at("id");
    let (pay, spend) = (json!({"reservationId": held}), json!({"amount": 500}));

    let code = "INSUFFICIENT_POINTS";
    refused_then_done(&fan, ("/api/v1/payments", pay), code, fan.charge(10_000)).await;
    let other = service.new_user().await;
    refused_then_done(&other, ("/api/v1/points/uses", spend), code, other.charge(500)).await;

    assert_eq!(service.audit().await, []);
}

async fn a_key_tries_again_once_the_token_is_active(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1, "admitIntervalSeconds": 1})).await;
    let (first, second) = (service.holder(&sale).await, service.holder(&sale).await);
    let hold = sale.seats(&[1]);

    refused_then_done(&second, (RESERVATIONS, hold), "TOKEN_WAITING", async {
        assert_eq!(first.delete("/api/v1/queue-tokens/me").await.status, 204);
        service.run_jobs().await;
    })
    .await;
}

async fn a_key_tries_again_once_booking_opens(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let mut plan = service.a_schedule(1);
    let opens_at = service.clock.now() + time::Duration::minutes(1);
    let rfc_3339 = &time::format_description::well_known::Rfc3339;
    plan["bookingOpensAt"] = json!(opens_at.format(rfc_3339).unwrap());
    let concert = json!({"title": "t", "schedules": [plan]});
    let concert = organizer.post("/api/v1/concerts", concert).await;
    let fan = service.new_user().await.join(&concert.text_at("id")).await.0;
    let hold = json!({"scheduleId": concert.body["schedules"][0]["id"], "seatNumbers": [1]});

    refused_then_done(&fan, (RESERVATIONS, hold), "BOOKING_CLOSED", async {
        service.clock.pass(Duration::from_secs(61));
    })
    .await;
}

async fn a_key_tries_again_once_the_user_has_fewer_holds(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.holder(&sale).await;
    let hold = |seat: usize| json!({"scheduleId": sale.schedule_id, "seatNumbers": [seat]});
    let mut held = String::new();
    for seat in 1..=4 {
        held = fan.post(RESERVATIONS, hold(seat)).await.text_at("id");
    }

    refused_then_done(&fan, (RESERVATIONS, hold(5)), "TOO_MANY_HOLDS", async {
        assert_eq!(fan.delete(&format!("{RESERVATIONS}/{held}")).await.status, 204);
    })
    .await;
}

async fn a_key_tries_again_with_the_token_of_a_new_turn(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let person = service.new_user().await;
    let before = person.join(&sale.concert_id).await.0;
    assert_eq!(before.delete("/api/v1/queue-tokens/me").await.status, 204);
    let hold = sale.seats(&[1]);

    let refused = before.post_once(RESERVATIONS, "key", hold.clone()).await;
    let again = person.join(&sale.concert_id).await.0;
    let held = again.post_once(RESERVATIONS, "key", hold).await;

    assert_eq!((refused.code(), held.status.as_u16()), ("TOKEN_EXPIRED", 201));
}

async fn a_schedule_outside_its_window_is_closed(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"activeSeconds": 86_400})).await;
    let fan = service.holder(&sale).await;
    service.clock.pass(Duration::from_secs(3_601));
    let hold = sale.seats(&[1]);

    let closed = fan.post(RESERVATIONS, hold).await;
    let unknown = json!({"scheduleId": new_id(), "seatNumbers": [1]});
    let unknown = fan.post(RESERVATIONS, unknown).await;

    assert_eq!(closed.refusal(), (409, "BOOKING_CLOSED"));
    assert_eq!(unknown.refusal(), (404, "SCHEDULE_NOT_FOUND"));
    let concert = fan.get(&format!("/api/v1/concerts/{}", sale.concert_id)).await;
    assert_eq!(concert.body["bookable"], false);
    let path = format!("/api/v1/concerts/{}/schedules?available=true", sale.concert_id);
    assert_eq!(fan.get(&path).await.body["items"], json!([]));
}

async fn seats_that_have_not_changed_are_not_sent_again(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.holder(&sale).await;
    let path = format!("/api/v1/schedules/{}/seats", sale.schedule_id);
    let first = fan.get(&path).await;
    let tag = first.headers[ETAG].clone();
    let ask = || fan.request(Method::GET, &path).header(IF_NONE_MATCH, tag.clone());

    let unchanged = fan.send(ask()).await;
    let best = json!({"scheduleId": sale.schedule_id, "bestAvailable": 1});
    assert_eq!(fan.post(RESERVATIONS, best).await.status, 201);
    let changed = fan.send(ask()).await;

    assert_eq!(unchanged.status, 304);
    assert_eq!(changed.status, 200);
    let free = fan.get(&format!("{path}?available=true")).await;
    assert_eq!(free.body.as_array().unwrap().len(), 9);
}

async fn a_token_of_another_room_opens_nothing_and_one_of_the_site_opens_all(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (sale, other) = (service.on_sale(1, json!({})).await, service.on_sale(1, json!({})).await);
    service.open_the_site().await;
    let fan = service.new_user().await;
    let (of_other, _) = fan.join(&other.concert_id).await;
    let joined = fan.send(fan.request(Method::POST, "/api/v1/queue-tokens")).await;
    let mut of_site = fan.clone();
    of_site.token = Some(joined.text_at("token"));
    let hold = sale.seats(&[1]);
    let seats = format!("/api/v1/schedules/{}/seats", sale.schedule_id);

    assert_eq!(of_other.post(RESERVATIONS, hold.clone()).await.code(), "FORBIDDEN");
    assert_eq!(of_other.get(&seats).await.code(), "FORBIDDEN");
    assert_eq!(of_site.get(&seats).await.status, 200);
    assert_eq!(of_site.post(RESERVATIONS, hold).await.status, 201);
}

async fn a_concert_is_made_with_its_schedules_or_not_at_all(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let mut backwards = service.a_schedule(1);
    backwards["endsAt"] = backwards["bookingOpensAt"].clone();
    let body = json!({"title": "t", "schedules": [service.a_schedule(1), backwards]});

    let refused = organizer.post("/api/v1/concerts", body).await;
    let sections = json!([
        {"rows": 1, "columns": 2, "price": 50_000, "label": "VIP"},
        {"rows": 2, "columns": 3, "price": 20_000},
    ]);
    let mut schedule = service.a_schedule(1);
    schedule["seatMap"] = sections;
    let body = json!({"title": "t", "schedules": [schedule]});
    let made = organizer.post_once("/api/v1/concerts", "once", body.clone()).await;
    let again = organizer.post_once("/api/v1/concerts", "once", body).await;

    assert_eq!(refused.refusal(), (400, "VALIDATION"));
    assert_eq!(made.body["schedules"][0]["seatCount"], 8);
    assert_eq!(made.body, again.body);
    assert_eq!(organizer.get("/api/v1/concerts").await.body["items"].as_array().unwrap().len(), 1);
    let other = service.new_user_as(Role::Organizer).await;
    let path = format!("/api/v1/concerts/{}/schedules", made.text_at("id"));
    assert_eq!(other.post(&path, service.a_schedule(1)).await.code(), "FORBIDDEN");
    assert_eq!(organizer.post(&path, service.a_schedule(1)).await.status, 201);
    let fan = service.new_user().await;
    assert_eq!(fan.post("/api/v1/concerts", json!({"title": "t"})).await.code(), "FORBIDDEN");
}

async fn lists_are_read_page_by_page(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    for amount in 1..=5 {
        fan.charge(amount).await;
    }

    let mut amounts = Vec::new();
    let mut path = "/api/v1/points/history?limit=2".to_owned();
    loop {
        let page = fan.get(&path).await;
        let items = page.body["items"].as_array().unwrap();
        amounts.extend(items.iter().map(|item| item["amount"].as_i64().unwrap()));
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/api/v1/points/history?limit=2&cursor={cursor}");
    }

    assert_eq!(amounts, [5, 4, 3, 2, 1]);
}
