use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use mockall::predicate::eq;
use serde_json::{Value, json};
use stagedoor_domain::operations::{HoldRefused, HoldSeats, ReleaseRefused, SeatChoice};
use stagedoor_domain::ports::{MockReservations, MockSchedules, MockSubmit};
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    ConcertId, Points, Refused, Reservation, ReservationId, ReservationState, ReservedSeat,
    ScheduleId, SeatDetails, SeatId, UserId, Verdict,
};
use time::Duration;
use uuid::Uuid;

use crate::services::Services;
use crate::testing::{
    Answer, NOW, a_pass, a_queue_token, a_user, an_account, answer, answering, post, request,
    services, settings,
};

pub(crate) fn a_reservation() -> Reservation {
    let seat = ReservedSeat {
        id: SeatId(Uuid::from_u128(21)),
        number: 1,
        row: 1,
        column: 1,
        label: "VIP".to_owned(),
        price: Points::new(10_000).unwrap(),
        details: SeatDetails::default(),
    };
    Reservation {
        id: ReservationId(Uuid::from_u128(20)),
        user_id: a_user(),
        concert_id: ConcertId(Uuid::from_u128(22)),
        schedule_id: ScheduleId(Uuid::from_u128(23)),
        queue_token_id: Some(a_queue_token().id),
        total_price: seat.price,
        seats: vec![seat],
        created_at: NOW,
        expires_at: NOW + Duration::minutes(5),
        extendable_until: None,
        reference: None,
        tickets_issued: false,
        state: ReservationState::Held,
    }
}

async fn hold(body: Value, verdict: Verdict<HoldSeats>) -> Answer {
    let services = Services { hold_seats: answering(verdict), ..services() };
    let request = post("/api/v1/reservations", body);
    answer(services, request.insert_header((AUTHORIZATION, a_pass()))).await
}

fn one_seat() -> Value {
    json!({"scheduleId": Uuid::from_u128(23), "seatNumbers": [1]})
}

#[actix_web::test]
async fn each_refusal_of_a_hold_has_its_status_and_code() {
    let table = [
        (HoldRefused::NotActive(NotActive::Waiting), (403, "TOKEN_WAITING")),
        (HoldRefused::NotActive(NotActive::Expired), (401, "TOKEN_EXPIRED")),
        (HoldRefused::ScheduleNotFound, (404, "SCHEDULE_NOT_FOUND")),
        (HoldRefused::OtherRoom, (403, "FORBIDDEN")),
        (HoldRefused::OwnQueue, (403, "FORBIDDEN")),
        (HoldRefused::BookingClosed, (409, "BOOKING_CLOSED")),
        (HoldRefused::SeatNotFound, (404, "SEAT_NOT_FOUND")),
        (HoldRefused::AlreadyHeld(a_reservation().id), (409, "ALREADY_HELD")),
        (HoldRefused::TooManyHolds, (409, "TOO_MANY_HOLDS")),
        (HoldRefused::SeatTaken, (409, "SEAT_TAKEN")),
    ];
    assert_eq!(hold(one_seat(), Err(Refused::KeyReused)).await.refusal().0, 422);
    for (refused, (status, code)) in table {
        let answer = hold(one_seat(), Err(refused.into())).await;

        assert_eq!(answer.refusal(), (status, code.to_owned()));
    }
}

#[actix_web::test]
async fn who_holds_the_seats_already_is_told_the_reservation() {
    let held = HoldRefused::AlreadyHeld(a_reservation().id);

    let answer = hold(one_seat(), Err(held.into())).await;

    assert_eq!(answer.json()["reservationId"], json!(a_reservation().id.0));
}

#[actix_web::test]
async fn a_hold_is_answered_with_its_seats_price_and_deadline() {
    let answer = hold(one_seat(), Ok(a_reservation())).await;

    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!(body["status"], "HELD");
    assert_eq!(body["totalPrice"], 10_000);
    assert_eq!(body["expiresAt"], "2026-11-21T10:05:00Z");
    assert_eq!(body["seats"][0]["label"], "VIP");
}

#[actix_web::test]
async fn a_hold_lasts_as_long_as_the_service_says_and_carries_the_callers_key() {
    let mut submit = MockSubmit::<HoldSeats>::new();
    submit
        .expect_submit()
        .withf(|request| {
            let key = request.idempotency().map(|idempotency| idempotency.key.as_str());
            request.command.policy == settings().booking
                && request.command.choice == SeatChoice::Numbers(vec![1])
                && key == Some("once")
        })
        .times(1)
        .returning(|_| Ok(Ok(a_reservation())));
    let mut services = services();
    services.hold_seats = Arc::new(submit);
    let request = post("/api/v1/reservations", one_seat())
        .insert_header((AUTHORIZATION, a_pass()))
        .insert_header(("Idempotency-Key", "once"));

    assert_eq!(answer(services, request).await.status, 201);
}

#[actix_web::test]
async fn a_hold_names_its_seats_in_exactly_one_way_and_no_more_than_four() {
    let schedule = Uuid::from_u128(23);
    for body in [
        json!({"scheduleId": schedule}),
        json!({"scheduleId": schedule, "seatNumbers": [1], "bestAvailable": 1}),
        json!({"scheduleId": schedule, "seatNumbers": []}),
        json!({"scheduleId": schedule, "seatNumbers": [1, 1]}),
        json!({"scheduleId": schedule, "seatNumbers": [1, 2, 3, 4, 5]}),
        json!({"scheduleId": schedule, "bestAvailable": 0}),
        json!({"scheduleId": schedule, "bestAvailable": 5}),
        json!({"scheduleId": schedule, "bestAvailable": -1}),
        json!({"scheduleId": "17", "seatNumbers": [1]}),
        json!({"scheduleId": schedule, "seatIds": ["x"]}),
    ] {
        let answer = hold(body.clone(), Ok(a_reservation())).await;

        assert_eq!(answer.refusal(), (400, "VALIDATION".to_owned()), "{body}");
    }
}

#[actix_web::test]
async fn a_reservation_of_another_user_is_not_found() {
    for (owner, status) in [(a_user(), 200), (UserId(Uuid::from_u128(99)), 404)] {
        let reservation = Reservation { user_id: owner, ..a_reservation() };
        let path = format!("/api/v1/reservations/{}", reservation.id);
        let mut reservations = MockReservations::new();
        reservations
            .expect_reservation()
            .with(eq(reservation.id))
            .returning(move |_| Ok(Some(reservation.clone())));
        let mut schedules = MockSchedules::new();
        schedules.expect_schedule().returning(|_| Ok(None));
        let mut services = services();
        services.reservations = Arc::new(reservations);
        services.schedules = Arc::new(schedules);
        let request = request(Method::GET, &path).insert_header((AUTHORIZATION, an_account()));

        assert_eq!(answer(services, request).await.status, status);
    }
}

#[actix_web::test]
async fn each_verdict_on_giving_back_has_its_status_and_code() {
    let table = [
        (Ok(()), (204, "")),
        (Err(ReleaseRefused::ReservationNotFound), (404, "RESERVATION_NOT_FOUND")),
        (Err(ReleaseRefused::NotHeld(NotHeld::Over)), (410, "HOLD_EXPIRED")),
        (Err(ReleaseRefused::NotHeld(NotHeld::Paid)), (409, "ALREADY_PAID")),
        (Err(ReleaseRefused::NotHeld(NotHeld::Cancelled)), (409, "RESERVATION_CANCELLED")),
    ];
    for (verdict, (status, code)) in table {
        let services = Services { release_hold: answering(verdict), ..services() };
        let path = format!("/api/v1/reservations/{}", Uuid::from_u128(20));
        let request = request(Method::DELETE, &path).insert_header((AUTHORIZATION, an_account()));

        assert_eq!(answer(services, request).await.refusal(), (status, code.to_owned()));
    }
}
