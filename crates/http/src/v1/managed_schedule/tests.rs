use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, ETAG, IF_MATCH};
use mockall::predicate::function;
use serde_json::{Value, json};
use stagedoor_domain::operations::{CancelScheduleRefused, EditScheduleRefused};
use stagedoor_domain::ports::{MockSchedules, MockSubmit, ScheduleListing};
use stagedoor_domain::schedule::ScheduleCancelled;
use stagedoor_domain::{ConcertId, Role, Verdict};
use time::Duration;
use uuid::Uuid;

use super::*;
use crate::testing::{Answer, NOW, answer, answering, keys, post, request};
use crate::tests::authorization::{services_of_a, user};
use crate::v1::schedule::tests::a_schedule;

/// A date of the concert of [`services_of_a`], whose organizer is user 9.
fn a_date() -> Schedule {
    Schedule { concert_id: ConcertId(Uuid::from_u128(1)), version: 3, ..a_schedule() }
}

fn a_cancelled_date() -> Schedule {
    let cancelled = ScheduleCancelled { at: NOW, reason: Reason::parse("Snow.").unwrap() };
    Schedule { cancelled: Some(cancelled), ..a_date() }
}

/// Services of an organizer with one date, of which 480 tickets are refunded and 20 are not.
fn with_a_date(date: Schedule) -> Services {
    let mut schedules = MockSchedules::new();
    let found = date.clone();
    schedules.expect_schedule().returning(move |id| Ok((id == found.id).then(|| found.clone())));
    schedules.expect_schedule_listing().returning(move |_, _| {
        Ok(Some(ScheduleListing { schedule: date.clone(), seats_available: 2, venue: None }))
    });
    let settlement = Settlement { refunded: 480, tickets: 20, holds: 1 };
    schedules.expect_settlement().returning(move |_| Ok(settlement));
    let mut services = services_of_a(Role::Organizer);
    services.schedules = Arc::new(schedules);
    services
}

async fn ask(services: Services, sender: u128, request: actix_web::test::TestRequest) -> Answer {
    let token = keys().access_token(user(sender), "Staff", 0, NOW, 60).unwrap();
    answer(services, request.insert_header((AUTHORIZATION, format!("Bearer {token}")))).await
}

fn path(rest: &str) -> String {
    format!("/api/v1/schedules/{}{rest}", a_date().id)
}

fn edit_of(body: Value) -> actix_web::test::TestRequest {
    request(Method::PATCH, &path("")).set_json(body).insert_header((IF_MATCH, "\"v3\""))
}

fn editing(verdict: Verdict<EditSchedule>) -> Services {
    let mut services = with_a_date(a_date());
    services.staff.edit_schedule = answering(verdict);
    services
}

#[actix_web::test]
async fn a_date_is_read_with_the_tag_of_its_version_by_who_manages_it() {
    let read =
        async |sender| ask(with_a_date(a_date()), sender, request(Method::GET, &path(""))).await;

    let own = read(9).await;
    let anothers = read(8).await;

    assert_eq!((own.status.as_u16(), own.header(ETAG)), (200, "\"v3\""));
    assert_eq!(anothers.refusal(), (403, "FORBIDDEN".to_owned()));
}

#[actix_web::test]
async fn an_edit_names_only_the_fields_that_change() {
    let mut submit = MockSubmit::<EditSchedule>::new();
    let asked = |submission: &Submission<EditSchedule>| {
        let TermsEdit { ends_at, cancellation_closes_at, ticket_limit, .. } =
            submission.command.edit;
        let expected = (Some(NOW + Duration::HOUR), Some(None), TicketLimit::parse(2).ok());
        (ends_at, cancellation_closes_at, ticket_limit) == expected
            && submission.command.edit.starts_at.is_none()
    };
    submit.expect_submit().with(function(asked)).times(1).returning(|_| Ok(Ok(a_date())));
    let mut services = with_a_date(a_date());
    services.staff.edit_schedule = Arc::new(submit);

    let body = json!({
        "endsAt": "2026-11-21T11:00:00Z", "cancellationClosesAt": null, "maxTicketsPerPerson": 2
    });
    let edited = ask(services, 9, edit_of(body)).await;

    assert_eq!((edited.status.as_u16(), edited.header(ETAG)), (200, "\"v3\""));
}

#[actix_web::test]
async fn an_edit_that_cannot_be_read_is_refused_with_its_field() {
    let table = [
        (json!({"maxTicketsPerPerson": 0}), "maxTicketsPerPerson"),
        (json!({"maxTicketsPerPerson": 1_001}), "maxTicketsPerPerson"),
        (json!({"startsAt": null}), "startsAt"),
        (json!({"startsAt": "tomorrow"}), "startsAt"),
        (json!({"soldCount": 0}), "soldCount"),
    ];
    for (body, field) in table {
        let refused = ask(with_a_date(a_date()), 9, edit_of(body)).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{field}");
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
}

#[actix_web::test]
async fn each_refusal_of_an_edit_has_its_status_and_code() {
    let table = [
        (EditScheduleRefused::ScheduleNotFound, (404, "SCHEDULE_NOT_FOUND")),
        (EditScheduleRefused::NotManager, (403, "FORBIDDEN")),
        (EditScheduleRefused::OtherVersion, (412, "PRECONDITION_FAILED")),
        (EditScheduleRefused::Cancelled, (409, "SCHEDULE_CANCELLED")),
        (EditScheduleRefused::StartHasPassed, (400, "VALIDATION")),
        (EditScheduleRefused::RefundableUntil, (400, "VALIDATION")),
    ];
    for (refused, (status, code)) in table {
        let answered = ask(editing(Err(refused)), 9, edit_of(json!({}))).await;

        assert_eq!(answered.refusal(), (status, code.to_owned()));
    }
    let untagged = request(Method::PATCH, &path("")).set_json(json!({}));
    let answered = ask(editing(Ok(a_date())), 9, untagged).await;
    assert_eq!(answered.refusal(), (428, "PRECONDITION_REQUIRED".to_owned()));
}

#[actix_web::test]
async fn a_cancellation_tells_how_far_its_refunds_have_come() {
    let mut services = with_a_date(a_cancelled_date());
    services.staff.cancel_schedule = answering(Ok(a_cancelled_date()));
    let cancelled = post(&path("/cancellation"), json!({"reason": "Snow."}));

    let answers = [
        ask(services, 9, cancelled).await,
        ask(with_a_date(a_cancelled_date()), 9, request(Method::GET, &path("/cancellation"))).await,
    ];

    for answered in answers {
        let body = answered.json();
        let counts = ["refunded", "toRefund", "toRelease"].map(|field| body[field].as_i64());
        assert_eq!(counts, [Some(480), Some(20), Some(1)], "{}", answered.text);
        assert_eq!(body["reason"], "Snow.");
    }
}

#[actix_web::test]
async fn a_date_that_goes_on_has_no_cancellation() {
    let reading = request(Method::GET, &path("/cancellation"));

    let answered = ask(with_a_date(a_date()), 9, reading).await;

    assert_eq!(answered.refusal(), (404, "CANCELLATION_NOT_FOUND".to_owned()));
}

#[actix_web::test]
async fn each_refusal_of_a_cancelled_date_has_its_status_and_code() {
    let table = [
        (CancelScheduleRefused::ScheduleNotFound, (404, "SCHEDULE_NOT_FOUND")),
        (CancelScheduleRefused::NotManager, (403, "FORBIDDEN")),
    ];
    for (refused, (status, code)) in table {
        let mut services = with_a_date(a_date());
        services.staff.cancel_schedule = answering(Err(refused));

        let cancelled = post(&path("/cancellation"), json!({"reason": "Snow."}));
        let answered = ask(services, 9, cancelled).await;

        assert_eq!(answered.refusal(), (status, code.to_owned()));
    }
}
