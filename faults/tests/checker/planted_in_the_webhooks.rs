//! Breaks that are planted in what a receiver of webhooks received.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_faults::checker::Kind;
use stagedoor_faults::checker::webhooks::{Case, check, signature};
use stagedoor_faults::dump::{Dump, Payment, Reservation, ReservedSeat, Seat};
use stagedoor_faults::history::{Asked, Attempt, Operation, Outcome, Request};
use stagedoor_faults::receiver::Reception;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const SECONDS: i64 = 1_700_000_000;
/// Paid and then cancelled; the answer to its hold was lost.
const TICKET: &str = "019a0000-0000-7000-8000-00000000000a";
/// Held, and given back.
const RELEASED: &str = "019a0000-0000-7000-8000-00000000000b";
/// Held until it expired.
const EXPIRED: &str = "019a0000-0000-7000-8000-00000000000c";
const USER: &str = "the user";
const SCHEDULE: &str = "the schedule";
const PRICE: i64 = 7;

/// What is planted, and which kinds are to be found.
type Planted = (&'static str, fn(&mut Case), &'static [Kind]);

const PLANTED: [Planted; 17] = [
    ("an event of a held seat is lost", |all| lose(all, RELEASED, 1), &[Kind::Lost]),
    ("an event of a payment is lost", |all| lose(all, TICKET, 3), &[Kind::Lost]),
    ("an event of a cancellation is lost", |all| lose(all, TICKET, 4), &[Kind::Lost]),
    ("an event of a release is lost", |all| lose(all, RELEASED, 4), &[Kind::Lost]),
    ("an event of a lost answer is lost", |all| lose(all, TICKET, 1), &[Kind::Lost]),
    (
        "an event was refused and never sent again",
        |all| all.receptions[0].is_taken = false,
        &[Kind::Lost],
    ),
    ("an event of an expired hold is lost", |all| lose(all, EXPIRED, 2), &[Kind::Lost]),
    (
        "an event tells a payment that was never made",
        |all| receive(all, EXPIRED, 3, "reservation.paid", "CONFIRMED"),
        &[Kind::Unaccounted],
    ),
    (
        "an event tells that a ticket paid in time had expired",
        |all| insert(all, 1, TICKET, 2, "reservation.expired", "EXPIRED"),
        &[Kind::Unaccounted],
    ),
    (
        "an event tells of a reservation that is not there",
        |all| receive(all, SCHEDULE, 1, "reservation.held", "HELD"),
        &[Kind::Unaccounted],
    ),
    (
        "an event tells that a room was paused",
        |all| receive(all, EXPIRED, 5, "room.paused", "HELD"),
        &[Kind::Unaccounted],
    ),
    ("two events are in the wrong order", |all| all.receptions.swap(0, 1), &[Kind::OutOfOrder]),
    (
        "a signature is by another secret",
        |all| all.secret = SECRET.replace('C', "D"),
        &[Kind::WronglySigned; 7],
    ),
    (
        "a body was changed after it was signed",
        |all| all.receptions[0].body.push(' '),
        &[Kind::WronglySigned],
    ),
    (
        "a request was signed an hour before",
        |all| all.receptions[0].at += 3_600_000_000,
        &[Kind::WronglySigned],
    ),
    (
        "one id has two types",
        |all| receive(all, TICKET, 3, "reservation.cancelled", "CANCELLED"),
        &[Kind::AnswersDiffer],
    ),
    (
        "an event names other seats",
        |all| all.store.reserved_seats[0].seat_id.push('x'),
        &[Kind::AnswerUntrue; 3],
    ),
];

#[test]
fn every_break_planted_in_what_was_received_is_found_and_nothing_else() {
    for (what, plant, expected) in PLANTED {
        let mut case = clean();
        plant(&mut case);

        let breaks = check(&case).breaks;

        let kinds: Vec<_> = breaks.iter().map(|found| found.kind).collect();
        let sentences: Vec<_> = breaks.iter().map(ToString::to_string).collect();
        assert_eq!(kinds, expected, "{what}:\n{}", sentences.join("\n"));
    }
}

#[test]
fn nothing_is_found_where_nothing_is_planted_and_duplicates_are_counted() {
    let mut case = clean();
    let again = case.receptions[0].clone();
    case.receptions.push(again);

    let verdict = check(&case);

    assert_eq!(verdict.breaks, []);
    assert_eq!((verdict.events, verdict.duplicates), (7, 1));
    assert_eq!((verdict.acknowledged, verdict.unacknowledged), (5, 1));
}

#[test]
fn a_payment_whose_answer_was_lost_may_be_told_or_not_made() {
    let mut made = clean();
    made.operations.retain(|it| !matches!(it.asked, Asked::Pay { .. }));
    let mut not_made = clean();
    let asked = Asked::Pay { reservation: RELEASED.to_owned() };
    not_made.operations.push(operation(asked, Outcome::Unknown("no answer".to_owned())));

    assert_eq!(check(&made).breaks, []);
    assert_eq!(check(&not_made).breaks, []);
}

#[test]
fn the_signature_is_the_one_that_the_authors_of_the_standard_test_for() {
    let body = r#"{"email":"test@example.com","username":"test_user"}"#;

    let signed = signature(SECRET, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553", body);

    assert_eq!(signed.as_deref(), Some("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
}

/// Three reservations, and everything that is to be told of them.
fn clean() -> Case {
    let done = |asked, body| operation(asked, Outcome::Answered { status: 201, body });
    let held = |id: &str| done(Asked::Hold { schedule: SCHEDULE.to_owned() }, json!({"id": id}));
    let (ticket, released) = (TICKET.to_owned(), RELEASED.to_owned());
    let operations = vec![
        done(Asked::Pay { reservation: ticket.clone() }, json!({"late": false})),
        done(Asked::Cancel { reservation: ticket }, Value::Null),
        held(RELEASED),
        done(Asked::GiveBack { reservation: released }, Value::Null),
        held(EXPIRED),
    ];
    let mut case =
        Case { operations, store: store(), secret: SECRET.to_owned(), receptions: Vec::new() };
    receive(&mut case, TICKET, 1, "reservation.held", "HELD");
    receive(&mut case, TICKET, 3, "reservation.paid", "CONFIRMED");
    receive(&mut case, TICKET, 4, "reservation.cancelled", "CANCELLED");
    receive(&mut case, RELEASED, 1, "reservation.held", "HELD");
    receive(&mut case, RELEASED, 4, "reservation.cancelled", "CANCELLED");
    receive(&mut case, EXPIRED, 1, "reservation.held", "HELD");
    receive(&mut case, EXPIRED, 2, "reservation.expired", "EXPIRED");
    case
}

fn store() -> Dump {
    let states = [(TICKET, "CANCELLED"), (RELEASED, "CANCELLED"), (EXPIRED, "EXPIRED")];
    let reservations = states.map(|(id, status)| Reservation {
        id: id.to_owned(),
        user_id: USER.to_owned(),
        schedule_id: SCHEDULE.to_owned(),
        queue_token_id: String::new(),
        total_price: PRICE,
        created_at: 0,
        expires_at: 0,
        status: status.to_owned(),
        ended_at: None,
    });
    let reserved_seats = states.map(|(id, _)| ReservedSeat {
        reservation_id: id.to_owned(),
        seat_id: format!("the seat of {id}"),
    });
    let seats = states.map(|(id, _)| Seat {
        id: format!("the seat of {id}"),
        schedule_id: SCHEDULE.to_owned(),
        number: 1,
        price: PRICE,
        status: "FREE".to_owned(),
        reservation_id: None,
        held_until: None,
    });
    let payment = Payment {
        id: String::new(),
        user_id: USER.to_owned(),
        reservation_id: TICKET.to_owned(),
        amount: PRICE,
        created_at: 0,
    };
    Dump {
        reservations: reservations.into(),
        reserved_seats: reserved_seats.into(),
        seats: seats.into(),
        payments: vec![payment],
        ..Dump::default()
    }
}

fn operation(asked: Asked, outcome: Outcome) -> Operation {
    let request = Request::new(Method::POST, "/").once("a key".to_owned());
    let attempts = vec![Attempt { begun: 0, ended: 1, replica: 0, outcome }];
    Operation { user: USER.to_owned(), asked, request, attempts }
}

fn event_id(reservation: &str, number: i64) -> String {
    format!("evt_{}_{number}", reservation.replace('-', ""))
}

fn receive(case: &mut Case, reservation: &str, number: i64, kind: &str, status: &str) {
    let last = case.receptions.len();
    insert(case, last, reservation, number, kind, status);
}

/// Has an event received as the service would send it.
fn insert(case: &mut Case, place: usize, reservation: &str, number: i64, kind: &str, status: &str) {
    let (id, timestamp) = (event_id(reservation, number), SECONDS.to_string());
    let seats = [json!({"id": format!("the seat of {reservation}")})];
    let reservation = json!({
        "id": reservation, "userId": USER, "scheduleId": SCHEDULE, "totalPrice": PRICE,
        "status": status, "seats": seats,
    });
    let data = json!({"reservation": reservation});
    let body = json!({"id": id, "type": kind, "data": data}).to_string();
    let signature = signature(SECRET, &id, &timestamp, &body).expect("the secret is one");
    let at = SECONDS * 1_000_000;
    case.receptions.insert(place, Reception { at, id, timestamp, signature, body, is_taken: true });
}

fn lose(case: &mut Case, reservation: &str, number: i64) {
    let id = event_id(reservation, number);
    case.receptions.retain(|reception| reception.id != id);
}
