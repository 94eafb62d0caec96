//! The door: checking tickets in.

use stagedoor_domain::TicketNumber;

use super::queue::access_token;
use super::{Measure, Scenario, Side, service};
use crate::bench::Bench;
use crate::ids::{Kind, id};
use crate::requests::Request;
use crate::seed;
use crate::store::StoreKind;

/// More check-ins a second than these cannot be measured.
const CHECK_INS_MAX: u64 = 12_000;
/// The check digit of a multiple of it is 0.
const CHECK_MODULUS: u64 = 37;

/// A date that starts soon, whose seats all have a ticket. User 1 is the organizer.
fn an_evening(bench: &Bench) -> String {
    let count = bench.supply(CHECK_INS_MAX) * bench.runs();
    let people = [seed::users(count), seed::room(1, 1_000_000), seed::schedules(1, 1, count)];
    [people.concat(), seed::ticketed(count)].concat()
}

fn check_ins(bench: &Bench, run: u64) -> Vec<Request> {
    let (token, count) = (access_token(bench, 1), bench.supply(CHECK_INS_MAX));
    (1..=count).map(|n| check_in(&token, run * count + n)).collect()
}

fn check_in(token: &str, n: u64) -> Request {
    let number = i64::try_from(CHECK_MODULUS * n).ok().and_then(TicketNumber::stored);
    let number = number.expect("a number with a check digit that is read aloud");
    let body = format!(
        r#"{{"scheduleId":"{}","number":"{number}","door":"North"}}"#,
        id(Kind::Schedule, 1)
    );
    Request::post("/api/v1/check-ins", token, body)
}

const CHECK_IN: &str = "
    WITH next AS MATERIALIZED (SELECT nextval('bench_n') AS n)
    UPDATE tickets SET checked_in_at = now(), checked_in_by = bench_id(0, 1), door = 'North', version = version + 1
    FROM next WHERE number = 37 * n AND checked_in_at IS NULL;";

pub fn scenarios() -> Vec<Scenario> {
    vec![Scenario {
        name: "check-in",
        at: "10 connections",
        against: "pgbench",
        measure: Measure::Rate,
        goal: 0.5,
        connections: 10,
        seed: an_evening,
        store: StoreKind::Postgres,
        beside: None,
        service: service(check_ins, 201),
        reference: Side::Pgbench { script: CHECK_IN },
    }]
}
