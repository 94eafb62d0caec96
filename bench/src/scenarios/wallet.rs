//! Points: charging.

use super::queue::access_token;
use super::{Measure, Scenario, Side, service};
use crate::bench::Bench;
use crate::requests::Request;
use crate::seed;
use crate::store::StoreKind;

pub const PEOPLE: u64 = 5_000;

fn people(_: &Bench) -> String {
    seed::users(PEOPLE)
}

fn charges(bench: &Bench, people: u64) -> Vec<Request> {
    let charge = |n| {
        let body = r#"{"amount":1000}"#.to_owned();
        Request::post("/api/v1/points/charges", &access_token(bench, n), body)
    };
    (1..=people).map(charge).collect()
}

pub fn charges_spread(bench: &Bench, _: u64) -> Vec<Request> {
    charges(bench, PEOPLE)
}

fn charges_of_one(bench: &Bench, _: u64) -> Vec<Request> {
    charges(bench, 1)
}

const CHARGE: &str = "
    WITH next AS MATERIALIZED (SELECT bench_id(0, nextval('bench_n') % 5000 + 1) AS id), charged AS (
        UPDATE point_accounts SET balance = balance + 1000, entries = entries + 1
        FROM next WHERE user_id = id RETURNING user_id, balance, entries
    )
    INSERT INTO point_entries SELECT gen_random_uuid(), user_id, entries, 'CHARGE', 1000, balance, NULL, now()
    FROM charged;";

pub fn scenarios() -> Vec<Scenario> {
    let spread = || Scenario {
        name: "charge, spread",
        at: "256 connections",
        against: "pgbench",
        measure: Measure::Rate,
        goal: 2.5,
        connections: 256,
        seed: people,
        store: StoreKind::Postgres,
        beside: None,
        service: service(charges_spread, 201),
        reference: Side::Pgbench { script: CHARGE },
    };
    vec![
        spread(),
        Scenario {
            name: "charge, one account",
            against: "its own spread",
            goal: 0.9,
            service: service(charges_of_one, 201),
            reference: service(charges_spread, 201),
            ..spread()
        },
    ]
}
