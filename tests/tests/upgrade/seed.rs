//! Data that a service of an older version left in its store.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stagedoor::PasswordCosts;
use stagedoor::passwords::Argon2Passwords;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Clock, Passwords};
use stagedoor_tests::home::{Address, Home};
use stagedoor_tests::service::MovingClock;
use time::Duration;

use crate::tables::execute;

/// The data in the columns of the first schema.
const SEED: &str = include_str!("seed.sql");
/// What each later migration made room for. One that is missing here is tried without data of its own.
const ADDED: [(&str, &str); 15] = [
    (
        "reservation_references",
        "UPDATE reservations SET reference = 'ours' WHERE status = 'CONFIRMED';",
    ),
    (
        "operator_actions",
        "UPDATE rooms SET message = 'Doors open soon';
         INSERT INTO operator_actions (id, operator_id, room_id, before, after, at) VALUES (
             '01900000-0000-7000-8000-000000000041', '01900000-0000-7000-8000-000000000002',
             '01900000-0000-7000-8000-000000000004', '$controls$', '$controls$', {-50});",
    ),
    (
        "cancellation_and_extension",
        "UPDATE schedules SET cancellation_closes_at = {3600};
         UPDATE reservations SET extendable_until = {900} WHERE status = 'HELD';",
    ),
    (
        "sold_seats",
        "UPDATE schedules SET sold_count =
             (SELECT count(*) FROM seats WHERE schedule_id = schedules.id AND status = 'SOLD');",
    ),
    (
        "outages",
        "INSERT INTO outages (began_at, ended_at, moved_room_id, moved_place)
             VALUES ({-20}, {-10}, '01900000-0000-7000-8000-000000000004', 1);",
    ),
    (
        "managed_schedules",
        "UPDATE schedules SET ticket_limit = 6, version = 2, moved_at = {-40},
             moved_from = {3000}, refundable_until = {3500};",
    ),
    (
        "seat_plans",
        "INSERT INTO venues (id, organizer_id, name, address, time_zone, version, created_at) VALUES (
             '01900000-0000-7000-8000-000000000051', '01900000-0000-7000-8000-000000000002',
             'Concert house', '', 'Asia/Seoul', 0, {-40});
         INSERT INTO halls (id, venue_id, name, plan_version, place_count, created_at) VALUES (
             '01900000-0000-7000-8000-000000000052', '01900000-0000-7000-8000-000000000051',
             'Great hall', 1, 10, {-40});
         INSERT INTO hall_plans (hall_id, version, document, place_count, created_by, created_at) VALUES (
             '01900000-0000-7000-8000-000000000052', 1, '$plan$', 10,
             '01900000-0000-7000-8000-000000000002', {-40});",
    ),
    (
        "concerts",
        "UPDATE concerts SET subtitle = 'Encore', tags = '[\"jazz\"]', running_minutes = 120, age_limit = 12, version = 3;
         UPDATE rooms SET policy_version = 2;",
    ),
    (
        "posters",
        "INSERT INTO poster_images (concert_id, digest, width, height, content) VALUES (
             '01900000-0000-7000-8000-000000000003', '0123456789abcdef0123456789abcdef', 320, 480, $jpeg$);
         UPDATE concerts SET poster_digest = '0123456789abcdef0123456789abcdef', poster_width = 320, poster_height = 480;",
    ),
    (
        "line_changes",
        "INSERT INTO line_changes (room_id, since, version, joined, waiting_until, gone, written_at) VALUES (
             '01900000-0000-7000-8000-000000000004', 0, 1, $nobytes$, NULL, $nobytes$, {-40});",
    ),
    (
        "number_ranges",
        "UPDATE rooms SET last_place = 1 WHERE concert_id IS NULL;
         INSERT INTO number_ranges (room_id, first_place, last_place, reserved_at, idle_at)
             SELECT id, 1, 1, {-40}, {-30} FROM rooms WHERE concert_id IS NULL;",
    ),
    (
        "events",
        "INSERT INTO events (subject_id, number, kind, concert_id, at, fanned_out) VALUES (
             '01900000-0000-7000-8000-000000000004', 1, 'room.paused', NULL, {-10}, true);",
    ),
    (
        "webhooks",
        "INSERT INTO webhooks (id, owner_id, url, kinds, secret, state, tests, created_at) VALUES (
             '01900000-0000-7000-8000-000000000081', '01900000-0000-7000-8000-000000000002',
             'https://example.com/', '[\"room.paused\"]', 'whsec_c2VjcmV0', 'ENABLED', 0, {-20});
         INSERT INTO deliveries
             (webhook_id, subject_id, number, kind, state, attempts, last_at, last_answer, created_at)
         VALUES ('01900000-0000-7000-8000-000000000081', '01900000-0000-7000-8000-000000000004', 1,
             'room.paused', 'DELIVERED', 1, {-9}, '200', {-10});",
    ),
    (
        "mails",
        "UPDATE users SET email_verified_at = {-20}, language = 'en' WHERE role = 'FAN';
         INSERT INTO mails (subject_id, number, user_id, kind, state, attempts, created_at)
             SELECT id, 1, id, 'VERIFY_ADDRESS', 'SENT', 1, {-20} FROM users;
         INSERT INTO mail_tokens (digest, user_id, kind, session_version, expires_at)
             SELECT 'digest of ' || CAST(id AS text), id, 'VERIFY_ADDRESS', 0, {-10} FROM users;",
    ),
    (
        "check_ins",
        "INSERT INTO door_staff (concert_id, user_id, assigned_at)
             SELECT concerts.id, users.id, {-10} FROM concerts, users WHERE users.role = 'FAN';
         UPDATE tickets SET checked_in_at = {-5}, checked_in_by = holder_id, door = 'North', version = 1
             WHERE state = 'VALID';",
    ),
];

pub const CONCERT: &str = "01900000-0000-7000-8000-000000000003";
pub const SCHEDULE: &str = "01900000-0000-7000-8000-000000000005";
pub const ACTIVE_TOKEN: &str = "01900000-0000-7000-8000-000000000007";
pub const HELD: &str = "01900000-0000-7000-8000-000000000009";
/// The idempotency key under which the hold was asked for.
pub const KEY: &str = "before";

/// The body that the hold was asked for with.
pub fn hold() -> Value {
    json!({"scheduleId": SCHEDULE, "seatNumbers": [2, 3]})
}

/// Puts the data into a store to which these migrations were applied.
pub async fn sow(home: &Home, applied: &[String]) {
    let now = MovingClock::default().now();
    let hash = hash().await;
    let sql = with_instants(SEED, home, now)
        .replace("$hash$", &hash)
        .replace("$fingerprint$", &fingerprint())
        .replace("$verdict$", &verdict(now).to_string());
    execute(home, &sql);
    sow_added(home, applied);
}

/// Puts people with these ids and addresses into a store, the oldest first.
pub async fn sow_people(home: &Home, people: &[(&str, &str)]) {
    let now = MovingClock::default().now();
    let hash = hash().await;
    for (age, (id, email)) in (0..).map(|nth| 60 * nth - 7_200).zip(people) {
        let sql = format!(
            "INSERT INTO users (id, name, email, password_hash, role, created_at)
                 VALUES ('{id}', 'Kim Minji', '{email}', '{hash}', 'FAN', {{{age}}});
             INSERT INTO point_accounts (user_id, balance, entries) VALUES ('{id}', 0, 0);"
        );
        execute(home, &with_instants(&sql, home, now));
    }
}

async fn hash() -> String {
    let passwords = Argon2Passwords::new(Some(PasswordCosts::new(8, 1, 1, None).unwrap())).unwrap();
    passwords.hash("stagedoor".to_owned()).await.unwrap()
}

/// Puts data into what these migrations made room for.
pub fn sow_added(home: &Home, applied: &[String]) {
    let controls = json!({"policy": {"capacity": 50, "admitBatch": 10, "admitIntervalSeconds": 10,
        "activeSeconds": 3600, "idleSeconds": 120, "paused": false}, "message": ""});
    let is_applied = |name: &str| applied.iter().any(|applied| applied.ends_with(name));
    for (_, sql) in ADDED.iter().filter(|(name, _)| is_applied(name)) {
        let sql = with_instants(sql, home, MovingClock::default().now());
        let sql = sql.replace("$plan$", &plan().to_string());
        let jpeg = match home.address() {
            Address::Url(_) => r"'\xffd8ffd9'",
            Address::Directory(_) => "x'ffd8ffd9'",
        };
        let no_bytes = match home.address() {
            Address::Url(_) => r"'\x0000000000000000'",
            Address::Directory(_) => "x'0000000000000000'",
        };
        let sql = sql.replace("$jpeg$", jpeg).replace("$nobytes$", no_bytes);
        execute(home, &sql.replace("$controls$", &controls.to_string()));
    }
}

/// A standing area for ten people.
fn plan() -> Value {
    json!({
        "stage": {"x": 0, "y": 0, "width": 1, "height": 1},
        "zones": [{"code": "R", "name": "R", "colour": "#000000"}],
        "sections": [{"name": "Arena", "zone": "R", "x": 0, "y": 2,
            "standing": {"capacity": 10, "width": 1, "height": 1}}],
    })
}

/// Replaces every `{seconds}` by that instant as the store keeps it.
fn with_instants(sql: &str, home: &Home, now: Instant) -> String {
    let mut parts = sql.split('{');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (seconds, rest) = part.split_once('}').unwrap();
        let instant = now + Duration::seconds(seconds.parse().unwrap());
        let micros = instant.unix_timestamp_nanos() / 1_000;
        text += &match home.address() {
            Address::Url(_) => format!("timestamptz 'epoch' + interval '{micros} microseconds'"),
            Address::Directory(_) => micros.to_string(),
        };
        text += rest;
    }
    text
}

/// The digest that tells a repetition of the hold from a reuse of its key.
fn fingerprint() -> String {
    let mut digest = Sha256::new();
    digest.update("POST /api/v1/reservations");
    digest.update([0]);
    digest.update(hold().to_string());
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// The answer to the hold, as the first version kept it.
fn verdict(now: Instant) -> Value {
    let seat = |number: i32| {
        json!({"id": format!("01900000-0000-7000-8000-00000000001{number}"), "number": number,
            "row": 1, "column": number, "label": "R", "price": 10_000})
    };
    json!({"Ok": {
        "id": HELD, "user_id": "01900000-0000-7000-8000-000000000001", "concert_id": CONCERT,
        "schedule_id": SCHEDULE, "queue_token_id": ACTIVE_TOKEN, "seats": [seat(2), seat(3)],
        "total_price": 20_000, "created_at": now - Duration::seconds(60),
        "expires_at": now + Duration::seconds(240), "state": "Held",
    }})
}
