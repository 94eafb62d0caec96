//! Seats: holding, looking, paying.

use std::sync::Arc;

use super::queue::queue_token;
use super::{Beside, Measure, Scenario, Side, service};
use crate::bench::Bench;
use crate::flood::Text;
use crate::ids::{Kind, id};
use crate::requests::Request;
use crate::seed::{self, SEATS_APART};
use crate::store::StoreKind;

/// How many people book.
const BUYERS: u64 = 2_000;
pub const SCHEDULES: u64 = 50;
const SEATS_OF_ONE: u64 = 20_000;
/// More holds or payments a second than these cannot be measured.
const HOLDS_MAX: u64 = 30_000;
const PAYMENTS_MAX: u64 = 16_000;

fn seats_each(bench: &Bench) -> u64 {
    bench.supply(HOLDS_MAX) * bench.runs() / SCHEDULES
}

fn let_in(count: u64) -> String {
    [seed::users(count), seed::room(1, 1_000_000), seed::active(1, count)].concat()
}

fn fifty_schedules(bench: &Bench) -> String {
    [let_in(BUYERS), seed::schedules(1, SCHEDULES, seats_each(bench))].concat()
}

fn fifty_schedules_with_a_past(bench: &Bench) -> String {
    let past = seed::past(bench.size(10_000_000), BUYERS, SCHEDULES, seats_each(bench));
    [fifty_schedules(bench), past].concat()
}

/// A run may sell more than one schedule out; the next follows.
fn large_schedules_each_run(bench: &Bench) -> u64 {
    bench.supply(HOLDS_MAX).div_ceil(SEATS_OF_ONE)
}

fn large_schedules(bench: &Bench) -> String {
    let count = large_schedules_each_run(bench) * bench.runs();
    [let_in(BUYERS), seed::schedules(1, count, SEATS_OF_ONE)].concat()
}

/// A schedule to look at, and others to hold seats of.
fn a_small_schedule(bench: &Bench) -> String {
    let others = seed::schedules(2, SCHEDULES, seats_each(bench));
    [let_in(BUYERS), seed::schedules(1, 1, 50), others].concat()
}

fn held_seats(bench: &Bench) -> String {
    to_be_paid(bench.supply(PAYMENTS_MAX) * bench.runs())
}

/// Users who hold a seat and have the points for it.
fn to_be_paid(count: u64) -> String {
    [let_in(count), seed::schedules(1, 1, count), seed::held(1, count)].concat()
}

fn hold(tokens: &[String], n: u64, schedule: u64, seat: u64) -> Request {
    hold_by(&tokens[(n % BUYERS) as usize], schedule, seat)
}

pub fn hold_by(token: &str, schedule: u64, seat: u64) -> Request {
    let body = format!(
        r#"{{"scheduleId":"{}","seatIds":["{}"]}}"#,
        id(Kind::Schedule, schedule),
        id(Kind::Seat, schedule * SEATS_APART + seat)
    );
    Request::post("/api/v1/reservations", token, body)
}

fn buyers(bench: &Bench) -> Vec<String> {
    (1..=BUYERS).map(|n| queue_token(bench, n, false)).collect()
}

/// Each buyer goes from schedule to schedule, and so has few live holds in each.
fn schedule_of(n: u64) -> u64 {
    (n + n / BUYERS) % SCHEDULES + 1
}

fn holds_spread(bench: &Bench, run: u64) -> Vec<Request> {
    let (tokens, each) = (buyers(bench), bench.supply(HOLDS_MAX) / SCHEDULES);
    let of = |n: u64| hold(&tokens, n, schedule_of(n), run * each + n / SCHEDULES + 1);
    (0..each * SCHEDULES).map(of).collect()
}

fn holds_of_one(bench: &Bench, run: u64) -> Vec<Request> {
    let (tokens, each) = (buyers(bench), large_schedules_each_run(bench));
    let of = |n| hold(&tokens, n, run * each + n / SEATS_OF_ONE + 1, n % SEATS_OF_ONE + 1);
    (0..each * SEATS_OF_ONE).map(of).collect()
}

fn holds_of_others(bench: &Bench, run: u64) -> Vec<Request> {
    let (tokens, each) = (buyers(bench), bench.supply(HOLDS_MAX) / SCHEDULES);
    let of =
        |n: u64| hold(&tokens, n, n % (SCHEDULES - 1) + 2, run * each + n / (SCHEDULES - 1) + 1);
    (0..each * (SCHEDULES - 1)).map(of).collect()
}

fn holds_of_one_seat(bench: &Bench, _: u64) -> Vec<Request> {
    let tokens = buyers(bench);
    (1..=BUYERS).map(|n| hold(&tokens, n, 1, 1)).collect()
}

fn one_seat_held(_: &Bench) -> String {
    [let_in(BUYERS), seed::schedules(1, 1, 50), seed::held(1, 1)].concat()
}

fn looks(bench: &Bench, _: u64) -> Vec<Request> {
    let path = format!("/api/v1/schedules/{}/seats", id(Kind::Schedule, 1));
    (1..=BUYERS).map(|n| Request::get(path.clone(), &queue_token(bench, n, false))).collect()
}

fn payments(bench: &Bench, run: u64) -> Vec<Request> {
    let count = bench.supply(PAYMENTS_MAX);
    (1..=count).map(|n| pay(bench, run * count + n)).collect()
}

fn pay(bench: &Bench, n: u64) -> Request {
    pay_by(&queue_token(bench, n, false), &id(Kind::Reservation, n).to_string())
}

pub fn pay_by(token: &str, reservation: &str) -> Request {
    let body = format!(r#"{{"reservationId":"{reservation}"}}"#);
    Request::post("/api/v1/payments", token, body)
}

/// More than a flood of payments can ask for.
const PAYMENTS_IN_FLOOD: u64 = 400_000;

pub fn flooded_with_payments(bench: &Bench) -> String {
    to_be_paid(bench.size(PAYMENTS_IN_FLOOD))
}

/// Payments of one person after another.
pub fn flood_of_payments(bench: &Bench) -> Text {
    let count = bench.size(PAYMENTS_IN_FLOOD);
    let texts: Vec<_> = (1..=count).map(|n| pay(bench, n).text().into_bytes()).collect();
    Arc::new(move |n| texts[(n % count) as usize].clone())
}

/// How many seats each of the schedules has for a flood of holds.
const SEATS_IN_FLOOD: u64 = 15_000;

pub fn flooded(bench: &Bench) -> String {
    [let_in(BUYERS), seed::schedules(1, SCHEDULES, bench.size(SEATS_IN_FLOOD))].concat()
}

/// Holds of one seat after another, on all schedules in turn.
pub fn flood(bench: &Bench) -> Text {
    let (tokens, seats) = (buyers(bench), bench.size(SEATS_IN_FLOOD));
    Arc::new(move |n| {
        let seat = n % (SCHEDULES * seats) / SCHEDULES + 1;
        hold(&tokens, n, schedule_of(n), seat).text().into_bytes()
    })
}

const HOLD: &str = "
    WITH next AS MATERIALIZED (SELECT nextval('bench_n') - 1 AS n), wanted AS MATERIALIZED (
        SELECT n, n % 2000 + 1 AS buyer, n % 50 + 1 AS schedule,
            bench_id(5, (n % 50 + 1) * 100000 + n / 50 + 1) AS seat FROM next
    ), made AS (
        INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price, created_at,
            expires_at, status)
        SELECT bench_id(6, n), bench_id(0, buyer), bench_id(1, 1), bench_id(4, schedule), bench_id(3, buyer), 10000,
            now(), now() + interval '5 minutes', 'HELD' FROM wanted
    ), taken AS (
        UPDATE seats SET status = 'HELD', reservation_id = bench_id(6, n), held_until = now() + interval '5 minutes'
        FROM wanted WHERE id = seat AND status = 'FREE'
    )
    INSERT INTO reservation_seats SELECT bench_id(6, n), seat FROM wanted;";

const PAY: &str = "
    WITH next AS MATERIALIZED (SELECT nextval('bench_n') AS n), spent AS (
        UPDATE point_accounts SET balance = balance - 10000, entries = entries + 1
        FROM next WHERE user_id = bench_id(0, n) AND balance >= 10000
    ), confirmed AS (
        UPDATE reservations SET status = 'CONFIRMED', ended_at = now() FROM next WHERE id = bench_id(6, n)
    ), sold AS (
        UPDATE seats SET status = 'SOLD', held_until = NULL FROM next WHERE id = bench_id(5, 100000 + n)
    ), ended AS (
        UPDATE queue_tokens SET status = 'EXPIRED', active_since = NULL, expires_at = NULL, reason = 'COMPLETED',
            ended_at = now() FROM next WHERE id = bench_id(3, n)
    ), paid AS (
        INSERT INTO payments SELECT bench_id(7, n), bench_id(0, n), bench_id(6, n), 10000, now() FROM next
    )
    INSERT INTO point_entries
    SELECT gen_random_uuid(), bench_id(0, n), 2, 'USE', 10000, 0, bench_id(7, n), now() FROM next;";

pub fn scenarios() -> Vec<Scenario> {
    [holds(), looks_and_payments()].into_iter().flatten().collect()
}

fn spread() -> Scenario {
    Scenario {
        name: "hold, spread",
        at: "256 connections",
        against: "pgbench",
        measure: Measure::Rate,
        goal: 2.5,
        connections: 256,
        seed: fifty_schedules,
        store: StoreKind::Postgres,
        beside: None,
        service: service(holds_spread, 201),
        reference: Side::Pgbench { script: HOLD },
    }
}

/// The service with holds spread over 50 schedules.
fn its_own_spread() -> Side {
    Side::Service {
        arguments: &[],
        seed: Some(fifty_schedules),
        requests: holds_spread,
        expected: 201,
    }
}

/// The service without batching.
fn one_by_one(requests: fn(&Bench, u64) -> Vec<Request>) -> Side {
    Side::Service { arguments: &["--batch-size-max", "1"], seed: None, requests, expected: 201 }
}

fn holds() -> Vec<Scenario> {
    vec![
        spread(),
        Scenario {
            name: "hold, one date of 20,000 seats",
            against: "its own spread",
            goal: 0.9,
            seed: large_schedules,
            service: service(holds_of_one, 201),
            reference: its_own_spread(),
            ..spread()
        },
        Scenario {
            name: "hold, after 10,000,000",
            against: "its own spread",
            goal: 0.9,
            seed: fifty_schedules_with_a_past,
            service: service(holds_spread, 201),
            reference: its_own_spread(),
            ..spread()
        },
        Scenario {
            name: "hold, one seat (refused)",
            against: "bare handler",
            goal: 0.4,
            seed: one_seat_held,
            service: service(holds_of_one_seat, 409),
            reference: Side::Bare { bytes: 240 },
            ..spread()
        },
        Scenario {
            name: "hold, alone",
            at: "1 connection",
            against: "batching off",
            measure: Measure::Latency,
            goal: 1.1,
            connections: 1,
            reference: one_by_one(holds_spread),
            ..spread()
        },
    ]
}

fn looks_and_payments() -> Vec<Scenario> {
    let pay = || Scenario {
        name: "pay",
        goal: 3.0,
        seed: held_seats,
        service: service(payments, 201),
        reference: Side::Pgbench { script: PAY },
        ..spread()
    };
    vec![
        Scenario {
            name: "seats of a date, 50",
            at: "64 connections",
            against: "bare handler",
            goal: 0.5,
            connections: 64,
            seed: a_small_schedule,
            beside: Some(Beside { requests: holds_of_others, per_second: 500.0, expected: 201 }),
            service: service(looks, 200),
            reference: Side::Bare { bytes: 7_600 },
            ..spread()
        },
        pay(),
        Scenario {
            name: "pay, alone",
            at: "1 connection",
            against: "batching off",
            measure: Measure::Latency,
            goal: 1.1,
            connections: 1,
            reference: one_by_one(payments),
            ..pay()
        },
    ]
}
