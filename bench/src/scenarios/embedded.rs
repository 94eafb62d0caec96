//! The embedded store, against single-row commits on SQLite.

use super::queue::{JOINS_MAX, joins};
use super::wallet::{PEOPLE, charges_spread};
use super::{Measure, Scenario, Side, service};
use crate::bench::Bench;
use crate::store::StoreKind;

/// Microseconds since 1970.
const NOW: &str = "unixepoch() * 1000000";

/// An id as `crate::ids` computes it.
fn id(kind: u8, number: &str) -> String {
    format!("printf('0190000{kind}-0000-7000-8000-%012x', {number})")
}

fn users(count: u64) -> String {
    let user = id(0, "n");
    format!(
        "CREATE TEMP TABLE numbers AS
            WITH RECURSIVE upward(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM upward WHERE n < {count})
            SELECT n FROM upward;
         BEGIN;
         INSERT INTO users (id, name, email, password_hash, role, created_at)
            SELECT {user}, 'Fan', n || '@bench.invalid', 'none', 'FAN', {NOW} FROM numbers;
         INSERT INTO point_accounts SELECT {user}, 0, 0 FROM numbers;
         COMMIT;"
    )
}

fn people(_: &Bench) -> String {
    users(PEOPLE)
}

fn before_an_empty_room(bench: &Bench) -> String {
    let count = bench.supply(JOINS_MAX) * bench.runs();
    let (user, concert, room) = (id(0, "1"), id(1, "1"), id(2, "1"));
    let (schedule, seat, day) = (id(4, "1"), id(5, "1"), "86400 * 1000000");
    format!(
        "{} INSERT INTO concerts (id, organizer_id, title, description, created_at)
            VALUES ({concert}, {user}, 'Bench', '', {NOW});
         INSERT INTO rooms (id, concert_id, capacity, admit_batch, admit_interval_seconds, active_seconds, idle_seconds,
            paused, policy_changed_at, last_place, version, admissions_since, admissions_count, message) VALUES ({room}, {concert}, 0, 1, 86400, 86400, 86400, 1, {NOW}, 0, 0, {NOW}, 0, '');
         INSERT INTO schedules (id, concert_id, starts_at, ends_at, booking_opens_at, booking_closes_at, seat_count,
            created_at) VALUES ({schedule}, {concert}, {NOW} + {day}, {NOW} + 2 * {day}, {NOW}, {NOW} + {day}, 1, {NOW});
         INSERT INTO seats (id, schedule_id, number, row_number, column_number, label, price, status)
            VALUES ({seat}, {schedule}, 1, 1, 1, '', 10000, 'FREE');",
        users(count)
    )
}

const JOIN: &str = "
    INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, idle_at)
    VALUES (printf('01900003-0000-7000-8000-%012x', ?), printf('01900002-0000-7000-8000-%012x', 1),
        printf('01900000-0000-7000-8000-%012x', ?), ?, ?, unixepoch() * 1000000, 'WAITING',
        unixepoch() * 1000000, (unixepoch() + 600) * 1000000)";

const CHARGE: &str = "
    BEGIN IMMEDIATE;
    UPDATE point_accounts SET balance = balance + 1000, entries = entries + 1
        WHERE user_id = printf('01900000-0000-7000-8000-%012x', ? % 5000 + 1);
    INSERT INTO point_entries
        SELECT printf('01900008-0000-7000-8000-%012x', ?), user_id, entries, 'CHARGE', 1000, balance, NULL,
            unixepoch() * 1000000
        FROM point_accounts WHERE user_id = printf('01900000-0000-7000-8000-%012x', ? % 5000 + 1);
    COMMIT";

pub fn scenarios() -> Vec<Scenario> {
    let embedded = |name, seed, service, statement| Scenario {
        name,
        at: "256 connections",
        against: "SQLite commits",
        measure: Measure::Rate,
        goal: 2.5,
        connections: 256,
        seed,
        store: StoreKind::Embedded,
        beside: None,
        service,
        reference: Side::SqliteCommits { statement },
    };
    vec![
        embedded("join, embedded store", before_an_empty_room, service(joins, 201), JOIN),
        embedded("charge, embedded store", people, service(charges_spread, 201), CHARGE),
    ]
}
