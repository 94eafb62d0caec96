//! Positions that rise from one answer to another, planted in what clients were told.

use reqwest::Method;
use serde_json::json;
use stagedoor_faults::checker::positions::check;
use stagedoor_faults::checker::{Kind, line};
use stagedoor_faults::dump::{Dump, Token};
use stagedoor_faults::history::{Asked, Attempt, Micros, Operation, Outcome, Request};

fn attempt(begun: Micros, ended: Micros, outcome: Outcome) -> Attempt {
    Attempt { begun, ended, replica: 0, outcome }
}

fn answered(status: &str, position: i64) -> Outcome {
    let body = json!({"id": "token", "status": status, "position": position});
    Outcome::Answered { status: 200, body }
}

fn operation(asked: Asked, attempts: Vec<Attempt>) -> Operation {
    let request = Request::new(Method::GET, "/");
    Operation { user: "user".to_owned(), asked, request, attempts }
}

fn poll(begun: Micros, ended: Micros, status: &str, position: i64) -> Operation {
    operation(Asked::Poll, vec![attempt(begun, ended, answered(status, position))])
}

fn found(operations: &[Operation]) -> Vec<Kind> {
    check(operations).iter().map(|found| found.kind).collect()
}

#[test]
fn a_position_that_rises_between_two_answers_of_any_processes_is_found() {
    let falls = [poll(0, 9, "WAITING", 5), poll(10, 19, "WAITING", 4), poll(20, 29, "ACTIVE", 0)];
    assert_eq!(found(&falls), []);

    assert_eq!(
        found(&[poll(0, 9, "WAITING", 4), poll(10, 19, "WAITING", 5)]),
        [Kind::PositionIncreased]
    );
    assert_eq!(
        found(&[poll(0, 9, "ACTIVE", 0), poll(10, 19, "WAITING", 1)]),
        [Kind::PositionIncreased]
    );
}

#[test]
fn answers_to_requests_that_overlap_may_come_in_any_order() {
    assert_eq!(found(&[poll(0, 19, "WAITING", 4), poll(10, 29, "WAITING", 5)]), []);
}

#[test]
fn a_join_that_was_asked_for_again_may_repeat_its_first_answer() {
    let join = |attempts| operation(Asked::Join { concert: "concert".to_owned() }, attempts);
    let lost = || attempt(0, 1, Outcome::Unknown("the connection was lost".to_owned()));
    let refused = || attempt(0, 1, Outcome::NotDone("UNAVAILABLE".to_owned()));
    let again = || attempt(30, 39, answered("WAITING", 5));
    let polled = || poll(10, 19, "WAITING", 4);

    let admitted = || attempt(0, 1, answered("ACTIVE", 0));

    assert_eq!(found(&[polled(), join(vec![admitted()])]), [], "it reads the store");
    assert_eq!(found(&[polled(), join(vec![lost(), again()])]), []);
    assert_eq!(found(&[polled(), join(vec![refused(), again()])]), [Kind::PositionIncreased]);
}

#[test]
fn a_token_that_was_abandoned_is_found_where_no_client_is_silent() {
    let token = |reason: &str| Token {
        id: "token".to_owned(),
        room_id: "room".to_owned(),
        user_id: "user".to_owned(),
        place: Some(1),
        version: 1,
        status: "EXPIRED".to_owned(),
        active_since: None,
        expires_at: None,
        reason: Some(reason.to_owned()),
        ended_at: Some(1),
    };
    let found = |reason| {
        let store = Dump { tokens: vec![token(reason)], ..Dump::default() };
        line::none_abandoned(&store).iter().map(|found| found.kind).collect::<Vec<_>>()
    };

    assert_eq!(found("LEFT"), []);
    assert_eq!(found("ABANDONED"), [Kind::PlaceLost]);
}
