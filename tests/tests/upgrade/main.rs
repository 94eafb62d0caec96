//! Upgrading a store with data in it from any older schema to the newest, and going back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod seed;
mod tables;

use serde_json::json;
use stagedoor_tests::process::run;
use stagedoor_tests::service::{Home, Service, StoreKind};
use tables::{Shape, content, shape};

/// Runs the program on a store; answers what it printed.
fn stagedoor(home: &Home, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{arguments:?}: {printed:?}");
    printed.concat()
}

/// The names of all migrations, oldest first.
fn migrations(kind: StoreKind) -> Vec<String> {
    let home = Home::new(kind);
    stagedoor(&home, &["migrate", "up"]);
    let status = stagedoor(&home, &["migrate", "status"]);
    status.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

/// A new store to which these migrations were applied, out of all.
fn store_at(kind: StoreKind, applied: &[String], all: &[String]) -> Home {
    let home = Home::new(kind);
    stagedoor(&home, &["migrate", "up"]);
    take_back(&home, &all[applied.len()..]);
    home
}

/// Takes migrations back, newest first.
fn take_back(home: &Home, names: &[String]) {
    for name in names.iter().rev() {
        let told = stagedoor(home, &["migrate", "down"]);
        assert_eq!(told.trim(), format!("took back {name}"));
    }
}

/// Applies what is missing, and checks that no row that was there has changed.
fn upgrade(home: &Home, missing: &[String], known: &Shape) {
    let before = content(home, known);
    let told = stagedoor(home, &["migrate", "up"]);
    let expected: Vec<_> = missing.iter().map(|name| format!("applied {name}")).collect();
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    assert_eq!(content(home, known), before, "every row is as it was");
    assert_eq!(stagedoor(home, &["audit"]).trim(), "no violations");
}

/// People go on where they were: they sign in, get the answers they got, pay what they hold.
async fn people_go_on(home: Home) -> Home {
    let service = Service::start_in(home, |_| {}).await;
    let access = service.sign_in("fan@example.com").await;
    assert_eq!(access.get("/api/v1/points").await.number_at("balance"), 50_000);
    let (fan, joined) = access.join(seed::CONCERT).await;
    assert_eq!(joined.text_at("id"), seed::ACTIVE_TOKEN, "it is the token from before");
    let repeated = fan.post_once("/api/v1/reservations", seed::KEY, seed::hold()).await;
    assert_eq!((repeated.status.as_u16(), repeated.text_at("id")), (201, seed::HELD.to_owned()));
    let paid = fan.post("/api/v1/payments", json!({"reservationId": seed::HELD})).await;
    assert_eq!((paid.status.as_u16(), paid.number_at("balance")), (201, 30_000), "{paid:?}");
    let tickets = access.get("/api/v1/reservations?status=CONFIRMED").await;
    assert_eq!(tickets.body["items"].as_array().unwrap().len(), 2, "{tickets:?}");

    service.run_jobs().await;
    let tickets = access.get("/api/v1/tickets").await;
    let valid = tickets.body["items"].as_array().unwrap().iter();
    // Two of the payment above, and one of the payment to the older service.
    assert_eq!(valid.filter(|ticket| ticket["status"] == "VALID").count(), 3, "{tickets:?}");

    let (newcomer, _) = service.new_user().await.join(seed::CONCERT).await;
    let taken = json!({"scheduleId": seed::SCHEDULE, "seatNumbers": [2]});
    let taken = newcomer.post("/api/v1/reservations", taken).await;
    assert_eq!(taken.code(), "SEAT_TAKEN");
    let free = json!({"scheduleId": seed::SCHEDULE, "bestAvailable": 1});
    assert_eq!(newcomer.post("/api/v1/reservations", free).await.status, 201);
    assert_eq!(service.audit().await, []);
    service.stop().await
}

async fn every_older_schema(kind: StoreKind) {
    let all = migrations(kind);
    for count in 1..all.len() {
        let (applied, missing) = all.split_at(count);
        let home = store_at(kind, applied, &all);
        seed::sow(&home, applied).await;
        let known = shape(&home);

        upgrade(&home, missing, &known);
        let home = people_go_on(home).await;
        seed::sow_added(&home, missing);
        for (table, rows) in content(&home, &shape(&home)) {
            // The service removes what it has finished with.
            let is_emptied = ["number_ranges", "processes", "outages"].contains(&table.as_str());
            let is_filled = !rows.is_empty() || is_emptied;
            assert!(is_filled, "{table} has no rows to go back with: add them to seed.rs");
        }

        let after = content(&home, &known);
        take_back(&home, missing);
        assert_eq!(shape(&home), known, "the older schema is as it was");
        assert_eq!(content(&home, &known), after, "it keeps all that it can hold");
        upgrade(&home, missing, &known);
        let service = Service::start_in(home, |_| {}).await;
        let access = service.sign_in("fan@example.com").await;
        assert_eq!(access.get("/api/v1/points").await.number_at("balance"), 30_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_older_schema_goes_up_with_its_data_and_back_on_the_embedded_store() {
    every_older_schema(StoreKind::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_older_schema_goes_up_with_its_data_and_back_on_postgres() {
    every_older_schema(StoreKind::Postgres).await;
}
