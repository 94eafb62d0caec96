//! Breaks that are planted in what was asked and answered, after a sale in which nothing was wrong.

use std::collections::BTreeSet;

use serde_json::json;
use stagedoor_faults::checker::Kind;
use stagedoor_faults::history::{Asked, Attempt, Fate, Operation, Outcome};
use stagedoor_faults::run::read;
use stagedoor_faults::store::StoreKind;

use crate::{a_clean_sale, found};

/// What is planted, and which kinds are to be found.
type Planted = (&'static str, fn(&mut Vec<Operation>), &'static [Kind]);

const PLANTED: [Planted; 24] = [
    ("a charge was refused", |all| refuse(charge(all)), &[Kind::LeftSomething]),
    ("a charge was surely not done", |all| not_done(charge(all)), &[Kind::LeftSomething]),
    ("a hold was refused", |all| refuse(hold(all)), &[Kind::Unaccounted]),
    ("a hold was surely not done", |all| not_done(hold(all)), &[Kind::Unaccounted]),
    ("a payment was refused", |all| refuse(pay(all)), &[Kind::Unaccounted]),
    ("an account was refused", |all| refuse(sign_up(all)), &[Kind::LeftSomething]),
    ("a repetition had another answer", |all| answer_differently(all), &[Kind::AnswersDiffer]),
    ("an answer named another balance", |all| name_another_balance(all), &[Kind::AnswerUntrue]),
    ("a balance was read that never was", |all| read_a_wrong_balance(all), &[Kind::OutOfOrder]),
    (
        "a hold was not found after it was answered",
        |all| lose_sight_of_a_hold(all),
        &[Kind::OutOfOrder],
    ),
    ("the service broke", |all| break_once(all), &[Kind::Broke]),
    ("a key has no answer", |all| never_answer(charge(all)), &[Kind::NeverAnswered]),
    ("an extension was refused", |all| refuse(extend(all)), &[Kind::LeftSomething]),
    (
        "an extension named another end",
        |all| body(extend(all))["expiresAt"] = json!("2026-01-01T00:00:00Z"),
        &[Kind::AnswerUntrue],
    ),
    ("a cancellation was refused", |all| refuse(cancel(all)), &[Kind::LeftSomething]),
    (
        "a cancellation named another balance",
        |all| body(cancel(all))["balance"] = json!(1),
        &[Kind::AnswerUntrue],
    ),
    (
        "a ticket was cancelled twice",
        |all| {
            let again = cancel(all).clone();
            all.push(again);
        },
        &[Kind::Doubled],
    ),
    ("a transfer was refused", |all| refuse(transfer(all)), &[Kind::LeftSomething]),
    ("a transfer was surely not done", |all| not_done(transfer(all)), &[Kind::LeftSomething]),
    (
        "a transfer named another ticket",
        |all| body(transfer(all))["id"] = json!("another"),
        &[Kind::AnswerUntrue],
    ),
    (
        "a ticket was transferred twice",
        |all| {
            let again = transfer(all).clone();
            all.push(again);
        },
        &[Kind::Doubled],
    ),
    (
        "the cancellation of a seat was refused",
        |all| refuse(cancel_ticket(all)),
        &[Kind::LeftSomething],
    ),
    (
        "the cancellation of a seat named another balance",
        |all| body(cancel_ticket(all))["balance"] = json!(1),
        &[Kind::AnswerUntrue],
    ),
    ("a seat was answered to two", answer_a_seat_twice, &[Kind::Lost, Kind::TwoOwners]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_break_planted_in_a_history_is_found_and_nothing_else() {
    let sale = a_clean_sale(StoreKind::Embedded).await;
    let store = read(&sale.scene).expect("the store reads");

    for (what, plant, expected) in PLANTED {
        let mut operations = sale.report.operations.clone();
        plant(&mut operations);

        let (kinds, sentences) = found(&operations, &store);

        assert_eq!(kinds, expected.iter().copied().collect(), "{what}:\n{sentences}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_outcome_without_a_key_may_have_happened_or_not() {
    let sale = a_clean_sale(StoreKind::Embedded).await;
    let store = read(&sale.scene).expect("the store reads");
    let mut operations = sale.report.operations.clone();
    let happened = charge(&mut operations);
    happened.request.key = None;
    never_answer(happened);
    let mut did_not_happen = hold(&mut operations).clone();
    did_not_happen.request.key = None;
    never_answer(&mut did_not_happen);
    operations.push(did_not_happen);

    assert_eq!(found(&operations, &store), (BTreeSet::new(), String::new()));
}

/// The first of a kind that was answered as done, has a key and was not asked again.
fn first(all: &mut [Operation], is_it: fn(&Asked) -> bool) -> &mut Operation {
    let mut fitting = all.iter_mut().filter(|it| {
        is_it(&it.asked)
            && matches!(it.fate(), Fate::Done(_))
            && it.request.key.is_some()
            && it.attempts.len() == 1
    });
    fitting.next().expect("a client did it")
}

fn charge(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Charge { .. }))
}

fn hold(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Hold { .. }))
}

fn pay(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Pay { .. }))
}

fn extend(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Extend { .. }))
}

fn cancel(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Cancel { .. }))
}

fn transfer(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::Transfer { .. }))
}

fn cancel_ticket(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::CancelTicket { .. }))
}

fn sign_up(all: &mut [Operation]) -> &mut Operation {
    first(all, |asked| matches!(asked, Asked::SignUp { .. }))
}

fn only_attempt(operation: &mut Operation) -> &mut Attempt {
    operation.attempts.first_mut().expect("an attempt")
}

fn refuse(operation: &mut Operation) {
    let body = json!({"code": "REFUSED"});
    only_attempt(operation).outcome = Outcome::Answered { status: 409, body };
}

fn not_done(operation: &mut Operation) {
    only_attempt(operation).outcome = Outcome::NotDone("UNAVAILABLE".to_owned());
}

fn never_answer(operation: &mut Operation) {
    only_attempt(operation).outcome = Outcome::Unknown("nothing came".to_owned());
}

fn body(operation: &mut Operation) -> &mut serde_json::Value {
    match &mut only_attempt(operation).outcome {
        Outcome::Answered { body, .. } => body,
        other => panic!("no answer: {other:?}"),
    }
}

fn answer_differently(all: &mut [Operation]) {
    let operation = charge(all);
    let mut again = only_attempt(operation).clone();
    again.outcome = Outcome::Answered { status: 201, body: json!({"balance": 0}) };
    operation.attempts.push(again);
}

fn name_another_balance(all: &mut [Operation]) {
    body(charge(all))["balance"] = json!(1);
}

fn read_a_wrong_balance(all: &mut [Operation]) {
    let mut reads = all.iter_mut().filter(|it| it.asked == Asked::ReadBalance);
    let read = reads.find(|it| it.attempts.len() == 1).expect("a client read a balance");
    body(read)["balance"] = json!(999_999_999_999_i64);
}

fn lose_sight_of_a_hold(all: &mut [Operation]) {
    let mut reads = all.iter_mut().filter(|it| matches!(it.asked, Asked::ReadReservation { .. }));
    refuse(reads.find(|it| it.attempts.len() == 1).expect("a client read a reservation"));
}

fn break_once(all: &mut [Operation]) {
    let operation = charge(all);
    let mut broken = only_attempt(operation).clone();
    broken.outcome = Outcome::Broken("500".to_owned());
    operation.attempts.push(broken);
}

/// A hold is answered with the seats of a payment that was answered before.
fn answer_a_seat_twice(all: &mut Vec<Operation>) {
    let mut paid = pay(all).clone();
    let paid_at = paid.answered().expect("it was answered");
    let mut another = hold(all).clone();
    only_attempt(&mut another).ended = paid_at + 1;
    let answer = body(&mut another);
    answer["id"] = json!("another");
    answer["seats"] = body(&mut paid)["reservation"]["seats"].clone();
    answer["expiresAt"] = json!("2999-01-01T00:00:00Z");
    all.push(another);
}
