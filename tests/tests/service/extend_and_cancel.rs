//! Paying late, extending a hold, cancelling what is paid, and too many holds.

use std::time::Duration;

use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};
use time::format_description::well_known::Rfc3339;

use crate::on_both_stores;

on_both_stores!(
    a_payment_a_moment_late_takes_the_seats_again_and_says_so,
    a_payment_too_late_or_for_seats_that_are_gone_changes_nothing,
    a_hold_is_extended_once_to_the_instant_it_names,
    an_extension_repeated_with_its_key_gets_the_first_answer,
    a_paid_reservation_is_cancelled_once_before_the_deadline,
    a_cancellation_repeated_with_its_key_gets_the_first_answer,
    what_cannot_be_cancelled_or_extended_says_why,
    one_fan_cannot_hold_up_a_whole_date,
    a_user_who_holds_and_releases_in_a_loop_expires_in_the_end,
    a_hold_is_not_extended_past_the_closing_and_ends_by_the_end_of_the_show,
    both_holds_of_one_token_are_paid,
    a_second_payment_is_told_the_ticket,
    a_hold_whose_token_ended_with_it_says_that_it_expired,
    a_payment_of_what_was_released_or_cancelled_says_so,
);

const RESERVATIONS: &str = "/api/v1/reservations";

async fn a_fan_with_points<'s>(service: &'s Service, sale: &OnSale) -> Person<'s> {
    let fan = service.holder(sale).await;
    fan.charge(20_000).await;
    fan
}

async fn hold(fan: &Person<'_>, sale: &OnSale, seats: &[i32]) -> String {
    let body = json!({"scheduleId": sale.schedule_id, "seatNumbers": seats});
    let held = fan.post(RESERVATIONS, body).await;
    assert_eq!(held.status, 201, "{held:?}");
    held.text_at("id")
}

async fn pay(fan: &Person<'_>, reservation_id: &str) -> Answer {
    fan.post("/api/v1/payments", json!({"reservationId": reservation_id})).await
}

async fn extend(fan: &Person<'_>, reservation_id: &str) -> Answer {
    fan.post(&format!("{RESERVATIONS}/{reservation_id}/extension"), json!({})).await
}

async fn cancel(fan: &Person<'_>, reservation_id: &str) -> Answer {
    fan.post(&format!("{RESERVATIONS}/{reservation_id}/cancellation"), json!({})).await
}

async fn a_payment_a_moment_late_takes_the_seats_again_and_says_so(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let (fan, timely) =
        (a_fan_with_points(&service, &sale).await, a_fan_with_points(&service, &sale).await);
    let held = hold(&fan, &sale, &[1, 2]).await;
    let in_time = hold(&timely, &sale, &[3]).await;

    assert_eq!(pay(&timely, &in_time).await.body["late"], false);
    service.clock.pass(Duration::from_secs(309));
    let paid = pay(&fan, &held).await;

    assert_eq!((paid.status.as_u16(), &paid.body["late"]), (201, &json!(true)));
    assert_eq!(paid.body["reservation"]["status"], "CONFIRMED");
    assert_eq!(fan.balance().await, 0);
    assert_eq!(service.audit().await, []);
}

async fn a_payment_too_late_or_for_seats_that_are_gone_changes_nothing(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, slow) =
        (a_fan_with_points(&service, &sale).await, a_fan_with_points(&service, &sale).await);
    let rival = a_fan_with_points(&service, &sale).await;
    let held = hold(&fan, &sale, &[1, 2]).await;
    let too_slow = hold(&slow, &sale, &[5]).await;

    service.clock.pass(Duration::from_secs(301));
    hold(&rival, &sale, &[2]).await;
    assert_eq!(pay(&fan, &held).await.code(), "HOLD_EXPIRED");
    service.clock.pass(Duration::from_secs(9));
    assert_eq!(pay(&slow, &too_slow).await.code(), "HOLD_EXPIRED");

    assert_eq!((fan.balance().await, slow.balance().await), (20_000, 20_000));
    assert_eq!(service.audit().await, []);
}

async fn a_hold_is_extended_once_to_the_instant_it_names(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let id = hold(&fan, &sale, &[1]).await;
    let latest = fan.get(&format!("{RESERVATIONS}/{id}")).await.text_at("extendableUntil");

    let extended = extend(&fan, &id).await;

    assert_eq!((extended.status.as_u16(), extended.text_at("expiresAt")), (200, latest));
    assert!(extended.body["extendableUntil"].is_null());
    assert_eq!(extend(&fan, &id).await.code(), "NOT_EXTENDABLE");
    service.clock.pass(Duration::from_secs(419));
    assert_eq!(pay(&fan, &id).await.body["late"], false);
    assert_eq!(service.audit().await, []);
}

async fn an_extension_repeated_with_its_key_gets_the_first_answer(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let path = format!("{RESERVATIONS}/{}/extension", hold(&fan, &sale, &[1]).await);
    let first = fan.post_once(&path, "a-key", json!({})).await;

    service.clock.pass(Duration::from_secs(900));
    let again = fan.post_once(&path, "a-key", json!({})).await;

    assert_eq!((first.status.as_u16(), first.text_at("status")), (200, "HELD".to_owned()));
    assert_eq!((again.status, &again.body), (first.status, &first.body));
}

async fn a_paid_reservation_is_cancelled_once_before_the_deadline(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, next) =
        (a_fan_with_points(&service, &sale).await, a_fan_with_points(&service, &sale).await);
    let id = hold(&fan, &sale, &[1, 2]).await;
    let payment = pay(&fan, &id).await;
    assert_eq!(fan.balance().await, 0);
    assert!(
        !fan.get(&format!("{RESERVATIONS}/{id}")).await.text_at("cancellationClosesAt").is_empty()
    );

    let cancelled = cancel(&fan, &id).await;

    assert_eq!((cancelled.status.as_u16(), cancelled.number_at("balance")), (201, 20_000));
    assert_eq!(cancelled.body["reservation"]["status"], "CANCELLED");
    assert_eq!(cancelled.body["entry"]["kind"], "REFUND");
    assert_eq!(cancelled.body["entry"]["paymentId"], payment.body["id"]);
    assert_eq!(cancel(&fan, &id).await.code(), "NOT_CONFIRMED");
    assert_eq!(fan.balance().await, 20_000);
    let read = fan.get(&format!("/api/v1/payments/{}", payment.text_at("id"))).await;
    assert_eq!(read.text_at("status"), "REFUNDED");
    let again = hold(&next, &sale, &[1, 2]).await;
    assert_eq!(pay(&next, &again).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn a_cancellation_repeated_with_its_key_gets_the_first_answer(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let id = hold(&fan, &sale, &[1]).await;
    pay(&fan, &id).await;
    let path = format!("{RESERVATIONS}/{id}/cancellation");

    let first = fan.post_once(&path, "a-key", json!({})).await;
    let again = fan.post_once(&path, "a-key", json!({})).await;

    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));
    assert_eq!(fan.balance().await, 20_000);
    assert_eq!(service.audit().await, []);
}

async fn what_cannot_be_cancelled_or_extended_says_why(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, other) =
        (a_fan_with_points(&service, &sale).await, a_fan_with_points(&service, &sale).await);
    let held = hold(&fan, &sale, &[1]).await;

    assert_eq!(cancel(&fan, &held).await.code(), "NOT_CONFIRMED");
    assert_eq!(cancel(&other, &held).await.code(), "RESERVATION_NOT_FOUND");
    assert_eq!(extend(&other, &held).await.code(), "RESERVATION_NOT_FOUND");
    assert_eq!(cancel(&fan, "no-id").await.code(), "VALIDATION");

    pay(&fan, &held).await;
    assert_eq!(extend(&fan, &held).await.code(), "ALREADY_PAID");
    service.clock.pass(Duration::from_secs(12 * 3_600));
    assert_eq!(cancel(&fan, &held).await.code(), "CANCELLATION_CLOSED");
    assert_eq!(service.audit().await, []);
}

async fn one_fan_cannot_hold_up_a_whole_date(kind: StoreKind) {
    let service = Service::start_with(kind, |settings| settings.holds_max = 2).await;
    let sale = service.on_sale(1, json!({})).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let first = hold(&fan, &sale, &[1]).await;
    hold(&fan, &sale, &[2]).await;
    let third = json!({"scheduleId": sale.schedule_id, "bestAvailable": 1});

    let refused = fan.post(RESERVATIONS, third.clone()).await;

    assert_eq!(refused.refusal(), (409, "TOO_MANY_HOLDS"));
    fan.delete(&format!("{RESERVATIONS}/{first}")).await;
    assert_eq!(fan.post(RESERVATIONS, third).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn both_holds_of_one_token_are_paid(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1})).await;
    let fan = a_fan_with_points(&service, &sale).await;
    service.new_user().await.join(&sale.concert_id).await;
    let (first, second) = (hold(&fan, &sale, &[1]).await, hold(&fan, &sale, &[2]).await);

    assert_eq!(pay(&fan, &first).await.body["queueToken"]["reason"], "COMPLETED");
    service.clock.pass(Duration::from_secs(298));
    let paid = pay(&fan, &second).await;

    assert_eq!((paid.status.as_u16(), paid.number_at("balance")), (201, 0), "{paid:?}");
    assert_eq!(paid.body["queueToken"]["reason"], "COMPLETED");
    assert_eq!(service.audit().await, []);
}

async fn a_second_payment_is_told_the_ticket(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let id = hold(&fan, &sale, &[1]).await;
    pay(&fan, &id).await;

    for answer in [
        pay(&fan, &id).await,
        extend(&fan, &id).await,
        fan.delete(&format!("{RESERVATIONS}/{id}")).await,
    ] {
        assert_eq!(answer.refusal(), (409, "ALREADY_PAID"), "{answer:?}");
        assert_eq!(answer.text_at("reservationId"), id);
    }
    assert_eq!(fan.balance().await, 10_000);
}

async fn a_hold_whose_token_ended_with_it_says_that_it_expired(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"activeSeconds": 400})).await;
    let (slow, fan) =
        (a_fan_with_points(&service, &sale).await, a_fan_with_points(&service, &sale).await);
    service.clock.pass(Duration::from_secs(250));
    let (too_slow, held) = (hold(&slow, &sale, &[1]).await, hold(&fan, &sale, &[2]).await);
    service.clock.pass(Duration::from_secs(305));
    service.run_jobs().await;

    let paid = pay(&fan, &held).await;
    service.clock.pass(Duration::from_secs(5));
    let over = pay(&slow, &too_slow).await;

    assert_eq!((paid.status.as_u16(), &paid.body["late"]), (201, &json!(true)), "{paid:?}");
    assert_eq!(paid.body["queueToken"]["reason"], "TIMED_OUT");
    assert_eq!(over.refusal(), (410, "HOLD_EXPIRED"));
    assert_eq!(slow.poll().await.text_at("reason"), "TIMED_OUT");
    assert_eq!(service.audit().await, []);
}

async fn a_payment_of_what_was_released_or_cancelled_says_so(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let (released, ticket) = (hold(&fan, &sale, &[1]).await, hold(&fan, &sale, &[2]).await);
    fan.delete(&format!("{RESERVATIONS}/{released}")).await;

    let of_released = pay(&fan, &released).await;
    pay(&fan, &ticket).await;
    cancel(&fan, &ticket).await;

    for answer in [
        of_released,
        pay(&fan, &ticket).await,
        pay(&fan, &released).await,
        extend(&fan, &released).await,
    ] {
        let refusal = answer.refusal();
        assert_eq!(refusal, (409, "RESERVATION_CANCELLED"), "{answer:?}");
    }
    assert_eq!(fan.balance().await, 20_000);
    assert_eq!(service.audit().await, []);
}

async fn a_hold_is_not_extended_past_the_closing_and_ends_by_the_end_of_the_show(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let at = |seconds| {
        let instant = service.clock.now() + time::Duration::seconds(seconds);
        instant.format(&Rfc3339).unwrap()
    };
    let schedule = json!({
        "startsAt": at(100), "endsAt": at(400), "bookingOpensAt": at(-60),
        "bookingClosesAt": at(340), "seatMap": {"rows": 1, "columns": 10, "price": 10_000},
    });
    let body = json!({"title": "Short", "schedules": [schedule]});
    let concert = organizer.post("/api/v1/concerts", body).await;
    let schedule = &concert.body["schedules"][0];
    let schedule_id = schedule["id"].as_str().unwrap().to_owned();
    let sale = OnSale {
        concert_id: concert.text_at("id"),
        schedule_id,
        room_id: String::new(),
        organizer: String::new(),
    };
    let fan = a_fan_with_points(&service, &sale).await;
    let read = async |id: &str| fan.get(&format!("{RESERVATIONS}/{id}")).await.body;

    let first = hold(&fan, &sale, &[1]).await;
    assert_eq!(read(&first).await["extendableUntil"], schedule["bookingClosesAt"]);
    assert_eq!(extend(&fan, &first).await.body["expiresAt"], schedule["bookingClosesAt"]);
    service.clock.pass(Duration::from_secs(330));
    let last = hold(&fan, &sale, &[2]).await;
    let held = read(&last).await;
    assert_eq!((&held["expiresAt"], &held["extendableUntil"]), (&schedule["endsAt"], &Value::Null));
    assert_eq!(extend(&fan, &last).await.code(), "NOT_EXTENDABLE");
    service.clock.pass(Duration::from_secs(60));
    assert_eq!(pay(&fan, &last).await.status, 201, "booking has closed, and the hold has not");
    assert_eq!(service.audit().await, []);
}

async fn a_user_who_holds_and_releases_in_a_loop_expires_in_the_end(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1, "activeSeconds": 300})).await;
    let fan = a_fan_with_points(&service, &sale).await;
    let body = sale.seats(&[1]);
    let mut seconds = 0;
    let refused = loop {
        let held = fan.post(RESERVATIONS, body.clone()).await;
        if held.status != 201 {
            break held;
        }
        fan.delete(&format!("{RESERVATIONS}/{}", held.text_at("id"))).await;
        service.clock.pass(Duration::from_secs(60));
        seconds += 60;
    };

    assert_eq!(refused.refusal(), (401, "TOKEN_EXPIRED"));
    assert!((660..=780).contains(&seconds), "300 to shop, 300 to hold, 120 to extend: {seconds}");
    let (_, next) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(next.text_at("status"), "ACTIVE", "there is room for the next");
    assert_eq!(service.audit().await, []);
}
