//! Copying a store that is in use, and going on from the copy.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_tests::database::PostgresDatabase;
use stagedoor_tests::home::{Home, StoreKind};
use stagedoor_tests::process::{Server, run};
use tempfile::TempDir;

const CLIENTS: usize = 8;
/// How many charges are answered before the copy begins.
const CHARGES_BEFORE: usize = 60;

/// A charge and the answer to it.
type Charge = (String, Value);

/// Runs a program to its end, which must be a good one.
fn done(output: Output, what: &str) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}: {} {}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// A program of PostgreSQL, wherever it is installed.
fn postgres_program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
        let mut versions: Vec<_> = versions.map(|version| version.unwrap().path()).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev().map(|version| version.join("bin")));
    }
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("no {name}: install PostgreSQL's client programs"))
}

fn run_postgres(name: &str, arguments: &[&str]) {
    let output = Command::new(postgres_program(name)).args(arguments).output();
    done(output.unwrap(), name);
}

async fn charge(server: &Server, token: &str, key: &str) -> (u16, Value) {
    let request = server.request(Method::POST, "/api/v1/points/charges", Some(token));
    let request = request.header("Idempotency-Key", key).json(&json!({"amount": 7}));
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.expect("a whole answer"))
}

/// Charges again and again until it is told to stop, and keeps every answer.
async fn charge_on(
    server: Arc<Server>,
    token: String,
    client: usize,
    stop: Arc<AtomicBool>,
    answered: Arc<Mutex<Vec<Charge>>>,
) {
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        let key = format!("charge-{client}-{number}");
        let (status, answer) = charge(&server, &token, &key).await;
        assert_eq!(status, 201, "{answer}");
        answered.lock().unwrap().push((key, answer));
    }
}

/// Charges before, while and after `copy` works; answers what was answered before it began.
async fn under_load(server: Server, copy: impl FnOnce() + Send + 'static) -> (String, Vec<Charge>) {
    let token = server.log_in("fan@example.com").await;
    let (server, stop) = (Arc::new(server), Arc::new(AtomicBool::new(false)));
    let answered = Arc::new(Mutex::new(Vec::new()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, token) = (server.clone(), token.clone());
            tokio::spawn(charge_on(server, token, client, stop.clone(), answered.clone()))
        })
        .collect();
    while answered.lock().unwrap().len() < CHARGES_BEFORE {
        tokio::task::yield_now().await;
    }
    let before = answered.lock().unwrap().clone();

    tokio::task::spawn_blocking(copy).await.unwrap();

    let by_then = answered.lock().unwrap().len();
    while answered.lock().unwrap().len() == by_then {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    for ended in join_all(clients).await {
        ended.unwrap();
    }
    (token, before)
}

/// Checks the copy, starts a service on it, and goes on: what was answered before is answered
/// again, and people sign in, hold seats and pay.
async fn goes_on(home: &Home, token: &str, before: &[Charge]) {
    assert_eq!(done(run(home, &["audit"]), "audit").trim(), "no violations");
    let server = Server::start(home, &["--demo"]);
    for (key, first) in before {
        let (status, again) = charge(&server, token, key).await;
        assert_eq!((status, &again), (201, first), "{key} was answered before the copy");
    }
    let access = server.log_in("fan@example.com").await;
    let ask = async |method, path: &str, token: &str, body| {
        let (status, answer) = server.ask(method, path, Some(token), body).await;
        assert!(status == 200 || status == 201, "{path}: {status} {answer}");
        answer
    };
    let concerts = ask(Method::GET, "/api/v1/concerts", &access, None).await;
    let concert = concerts["items"][0]["id"].as_str().unwrap();
    let line = format!("/api/v1/concerts/{concert}/queue-tokens");
    let joined = ask(Method::POST, &line, &access, None).await;
    let pass = joined["token"].as_str().unwrap();
    let dates = format!("/api/v1/concerts/{concert}/schedules?available=true");
    let dates = ask(Method::GET, &dates, pass, None).await;
    let hold = json!({"scheduleId": dates["items"][0]["id"], "bestAvailable": 2});
    let held = ask(Method::POST, "/api/v1/reservations", pass, Some(hold)).await;
    let price = json!({"amount": held["totalPrice"]});
    ask(Method::POST, "/api/v1/points/charges", pass, Some(price)).await;
    let pay = json!({"reservationId": held["id"]});
    let paid = ask(Method::POST, "/api/v1/payments", pass, Some(pay)).await;
    assert_eq!(paid["reservation"]["status"], "CONFIRMED", "{paid}");
    assert!(server.terminate().0.success());
    assert_eq!(done(run(home, &["audit"]), "audit").trim(), "no violations");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_is_copied_under_load_and_goes_on_from_the_copy() {
    let home = Home::new(StoreKind::Embedded);
    let server = Server::start(&home, &["--demo"]);
    let restored = TempDir::new().unwrap();
    let copy = restored.path().join("stagedoor.db");
    let home = Arc::new(home);
    let (source, file) = (home.clone(), copy.clone());

    let (token, before) = under_load(server, move || {
        let told = done(run(&source, &["backup", file.to_str().unwrap()]), "backup");
        assert_eq!(told.trim(), format!("copied to {}", file.display()));
    })
    .await;

    goes_on(&Home::Directory(restored), &token, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_dumped_under_load_and_goes_on_from_the_dump() {
    let source = PostgresDatabase::create();
    let url = source.url();
    let home = Home::Database(source);
    let server = Server::start(&home, &["--demo", "--data", "/nonexistent"]);
    let folder = TempDir::new().unwrap();
    let dump = folder.path().join("stagedoor.dump");
    let file = dump.to_str().unwrap().to_owned();
    let written = file.clone();

    let (token, before) = under_load(server, move || {
        let arguments = ["-Fc", "--no-owner", "--no-privileges", "-f", &written, "-d", &url];
        run_postgres("pg_dump", &arguments);
    })
    .await;

    let fresh = PostgresDatabase::create();
    let into = fresh.url();
    let arguments = ["--no-owner", "--exit-on-error", "--single-transaction", "-d", &into, &file];
    run_postgres("pg_restore", &arguments);
    goes_on(&Home::Database(fresh), &token, &before).await;
}

#[test]
fn a_copy_is_refused_where_there_is_nothing_to_copy_or_something_to_write_over() {
    let home = Home::new(StoreKind::Embedded);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("copy.db");
    let copy = file.to_str().unwrap();
    let refused = |home: &Home, copy: &str| {
        let output = run(home, &["backup", copy]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };

    assert!(refused(&home, copy).contains("there is no store in the data directory"));
    let Home::Directory(data) = &home else { unreachable!("a directory was asked for") };
    std::fs::write(data.path().join("stagedoor.db"), "").unwrap();
    assert!(refused(&home, copy).contains("there is no store in the data directory"));
    done(run(&home, &["migrate", "up"]), "migrate up");
    done(run(&home, &["backup", copy]), "backup");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(refused(&home, copy).contains("exists already"));
    assert!(refused(&home, "/nonexistent/copy.db").contains("cannot be written"));
    let postgres = Home::new(StoreKind::Postgres);
    assert!(refused(&postgres, copy).contains("copy PostgreSQL with `pg_dump`"));
    let files: Vec<_> = folder.path().read_dir().unwrap().collect();
    assert_eq!(files.len(), 1, "nothing that was begun stays: {files:?}");
}
