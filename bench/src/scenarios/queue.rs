//! Waiting in the queue: polls and joins.

use std::sync::Arc;

use stagedoor_domain::{QueueToken, QueueTokenId, RoomId, TokenState, UserId};
use time::OffsetDateTime;

use super::{Measure, Scenario, Side, service};
use crate::bench::Bench;
use crate::flood::Text;
use crate::ids::{Kind, id};
use crate::requests::Request;
use crate::seed;
use crate::store::StoreKind;

const TOKEN_SECONDS: i64 = 86_400;
/// How many different people poll.
const POLLERS: u64 = 2_000;
/// More joins a second than this cannot be measured.
pub const JOINS_MAX: u64 = 40_000;

#[expect(clippy::disallowed_methods, reason = "tokens are made for the service's own clock")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

pub fn access_token(bench: &Bench, user: u64) -> String {
    let (user, now) = (UserId(id(Kind::User, user)), now());
    bench.keys.access_token(user, "Fan", 0, now, TOKEN_SECONDS).expect("a key that signs")
}

/// The JWT of token `n` of user `n` in room 1, waiting or active.
pub fn queue_token(bench: &Bench, n: u64, waits: bool) -> String {
    let now = now();
    let expires_at = now + time::Duration::DAY;
    let active = TokenState::Active { since: now, expires_at };
    let token = QueueToken {
        id: QueueTokenId(id(Kind::QueueToken, n)),
        room_id: RoomId(id(Kind::Room, 1)),
        user_id: UserId(id(Kind::User, n)),
        sequence: waits.then_some(n as i64),
        version: 1,
        created_at: now,
        state: if waits {
            TokenState::Waiting { seen_at: now, idle_at: now + time::Duration::HOUR }
        } else {
            active
        },
    };
    let of = stagedoor_http::QueueTokenOf { name: "Fan", session_version: 0, schedule_id: None };
    bench.keys.queue_token(&token, of, now, TOKEN_SECONDS).expect("a key that signs")
}

fn waiting_in_room(count: u64) -> String {
    [seed::users(count), seed::room(1, 0), seed::waiting(1, count)].concat()
}

fn a_thousand(bench: &Bench) -> String {
    waiting_in_room(bench.size(1_000))
}

fn a_hundred_thousand(bench: &Bench) -> String {
    waiting_in_room(bench.size(100_000))
}

pub fn a_million(bench: &Bench) -> String {
    waiting_in_room(bench.size(1_000_000))
}

fn polls(bench: &Bench, waiting: u64) -> Vec<Request> {
    let pollers = POLLERS.min(waiting);
    let apart = waiting / pollers;
    let poll = |n| Request::get("/api/v1/queue-tokens/me", &queue_token(bench, n * apart, true));
    (1..=pollers).map(poll).collect()
}

fn polls_of_a_thousand(bench: &Bench, _: u64) -> Vec<Request> {
    polls(bench, bench.size(1_000))
}

fn polls_of_a_hundred_thousand(bench: &Bench, _: u64) -> Vec<Request> {
    polls(bench, bench.size(100_000))
}

fn polls_of_a_million(bench: &Bench, _: u64) -> Vec<Request> {
    polls(bench, bench.size(1_000_000))
}

fn before_an_empty_room(bench: &Bench) -> String {
    let people = seed::users(bench.supply(JOINS_MAX) * bench.runs());
    [people, seed::room(1, 0), seed::schedules(1, 1, 1)].concat()
}

pub fn joins(bench: &Bench, run: u64) -> Vec<Request> {
    let count = bench.supply(JOINS_MAX);
    let path = format!("/api/v1/concerts/{}/queue-tokens", id(Kind::Concert, 1));
    let join =
        |n| Request::post(path.clone(), &access_token(bench, run * count + n), String::new());
    (1..=count).map(join).collect()
}

const JOINING: u64 = 1_000_000;

pub fn flooded(bench: &Bench) -> String {
    [seed::users(bench.size(JOINING)), seed::room(1, 0), seed::schedules(1, 1, 1)].concat()
}

pub fn flood(bench: &Bench) -> Text {
    flood_of(bench, bench.size(JOINING))
}

/// Joins of one user after another, of `count` users.
pub fn flood_of(bench: &Bench, count: u64) -> Text {
    let path = format!("/api/v1/concerts/{}/queue-tokens", id(Kind::Concert, 1));
    let tokens: Vec<String> = (1..=count).map(|user| access_token(bench, user)).collect();
    Arc::new(move |n| {
        let token = &tokens[(n % count) as usize];
        Request::post(path.clone(), token, String::new()).text().into_bytes()
    })
}

pub fn ten_thousand(_: &Bench) -> String {
    waiting_in_room(10_000)
}

/// Users who follow their queue position.
pub fn follow(bench: &Bench, count: u64) -> Vec<Request> {
    let follow = |n| Request::get("/api/v1/queue-tokens/me/events", &queue_token(bench, n, true));
    (1..=count).map(follow).collect()
}

const JOIN: &str = "
    INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, idle_at)
    SELECT gen_random_uuid(), bench_id(2, 1), bench_id(0, n), n, n, now(), 'WAITING', now(), now() + interval '10 minutes'
    FROM nextval('bench_n') n;";

pub fn scenarios() -> Vec<Scenario> {
    let poll = |name, connections| Scenario {
        name,
        at: if connections == 64 { "64 connections" } else { "256 connections" },
        against: "bare handler",
        measure: Measure::Rate,
        goal: 0.8,
        connections,
        seed: a_hundred_thousand,
        store: StoreKind::Postgres,
        beside: None,
        service: service(polls_of_a_hundred_thousand, 200),
        reference: Side::Bare { bytes: 200 },
    };
    let join = |name, at, against, measure, goal, connections, reference| Scenario {
        name,
        at,
        against,
        measure,
        goal,
        connections,
        seed: before_an_empty_room,
        store: StoreKind::Postgres,
        beside: None,
        service: service(joins, 201),
        reference,
    };
    let one_by_one = Side::Service {
        arguments: &["--batch-size-max", "1"],
        seed: None,
        requests: joins,
        expected: 201,
    };
    vec![
        poll("poll, 100,000 wait", 64),
        poll("poll, 100,000 wait, 256", 256),
        Scenario {
            name: "poll, 1,000,000 wait",
            against: "itself with 1,000",
            goal: 0.95,
            seed: a_million,
            service: service(polls_of_a_million, 200),
            reference: Side::Service {
                arguments: &[],
                seed: Some(a_thousand),
                requests: polls_of_a_thousand,
                expected: 200,
            },
            ..poll("", 64)
        },
        join(
            "join",
            "256 connections",
            "pgbench",
            Measure::Rate,
            2.5,
            256,
            Side::Pgbench { script: JOIN },
        ),
        join("join, alone", "1 connection", "batching off", Measure::Latency, 1.1, 1, one_by_one),
    ]
}
