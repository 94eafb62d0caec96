//! The program as a process: signals, several of it at once, its command line on real data.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_tests::home::Address;
use stagedoor_tests::process::{Server, run, stagedoor};
use stagedoor_tests::relay::{Relay, authority};
use stagedoor_tests::service::{Home, StoreKind};
use tempfile::TempDir;

const CHARGES: &str = "/api/v1/points/charges";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a client saw of its charges of one point each.
#[derive(Default)]
struct Charged {
    answered: AtomicI64,
    unanswered: AtomicI64,
}

/// Charges one point after another until the server takes no more.
async fn charge_until_refused(server: &Server, token: &str, charged: &Charged) {
    loop {
        let request =
            server.request(Method::POST, CHARGES, Some(token)).json(&json!({"amount": 1}));
        match request.send().await {
            Ok(answer) if answer.status() == 201 => {
                charged.answered.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => panic!("an unexpected answer: {}", answer.status()),
            Err(error) => {
                // A refused connection charged nothing; one that broke may have charged.
                let lost = i64::from(!error.is_connect());
                charged.unanswered.fetch_add(lost, Ordering::SeqCst);
                return;
            }
        }
    }
}

async fn stops_under_load(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Server::start(&home, &[]);
    let token = server.sign_up().await;
    let server = Arc::new(server);
    let charged = Arc::new(Charged::default());
    let clients: Vec<_> = (0..32)
        .map(|_| {
            let (server, token, charged) = (server.clone(), token.clone(), charged.clone());
            tokio::spawn(async move { charge_until_refused(&server, &token, &charged).await })
        })
        .collect();
    while charged.answered.load(Ordering::SeqCst) < 500 {
        tokio::task::yield_now().await;
    }

    server.signal_termination();
    for client in join_all(clients).await {
        client.expect("a client that saw nothing unexpected");
    }
    let server = Arc::into_inner(server).expect("no other task asks");
    let (status, log) = server.wait_and_read_log();

    assert!(status.success(), "{status}");
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.is_empty() && log.contains("stopped"), "a clean stop logs no error: {log}");
    let answered = charged.answered.load(Ordering::SeqCst);
    let unanswered = charged.unanswered.load(Ordering::SeqCst);
    let server = Server::start(&home, &[]);
    let (_, points) = server.ask(Method::GET, "/api/v1/points", Some(&token), None).await;
    let balance = points["balance"].as_i64().expect("a balance");
    assert!(
        (answered..=answered + unanswered).contains(&balance),
        "{answered} were answered, {unanswered} broke off, and the balance is {balance}"
    );
    drop(server);
    let audit = run(&home, &["audit"]);
    assert!(audit.status.success(), "{}", text(&audit.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_no_answer_on_the_embedded_store() {
    stops_under_load(StoreKind::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_no_answer_on_postgres() {
    stops_under_load(StoreKind::Postgres).await;
}

/// A concert of the demonstration and one of its schedules, as a holder of a token sees them.
async fn a_concert(server: &Server) -> String {
    let (_, concerts) = server.ask(Method::GET, "/api/v1/concerts", None, None).await;
    concerts["items"][0]["id"].as_str().expect("a concert").to_owned()
}

async fn join(server: &Server, concert: &str, access: &str) -> Value {
    let path = format!("/api/v1/concerts/{concert}/queue-tokens");
    let (status, joined) = server.ask(Method::POST, &path, Some(access), None).await;
    assert!(status == 201 || status == 200, "{joined}");
    joined
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_postgres_behave_as_one() {
    let home = Home::new(StoreKind::Postgres);
    let demo = ["--demo", "--data", "/nonexistent"];
    let first = Server::start(&home, &demo);
    let second = Server::start(&home, &demo);
    let concert = a_concert(&first).await;
    let policy = json!({"capacity": 10, "admitBatch": 7, "admitIntervalSeconds": 1});
    let operator = first.log_in("operator@example.com").await;
    let (_, rooms) = second.ask(Method::GET, "/api/v1/rooms", Some(&operator), None).await;
    let room = rooms["items"].as_array().expect("rooms").iter();
    let room = room.clone().find(|room| room["concertId"] == concert.as_str()).expect("a room");
    let room = format!("/api/v1/rooms/{}", room["id"].as_str().expect("an id"));
    let (status, _) = second.ask(Method::PATCH, &room, Some(&operator), Some(policy)).await;
    assert_eq!(status, 200);

    let people = join_all((0..30).map(|i| {
        let (signs_up, joins) = if i % 2 == 0 { (&first, &second) } else { (&second, &first) };
        let concert = concert.clone();
        async move {
            let access = signs_up.sign_up().await;
            let joined = join(joins, &concert, &access).await;
            let again = join(signs_up, &concert, &access).await;
            assert_eq!(joined["id"], again["id"], "one token, whichever process is asked");
            joined["token"].as_str().expect("a token").to_owned()
        }
    }))
    .await;

    let mut held = 0;
    let mut schedule = None;
    while held == 0 {
        for (i, token) in people.iter().enumerate() {
            let server = if i % 2 == 0 { &first } else { &second };
            let path = format!("/api/v1/concerts/{concert}/schedules");
            let (status, dates) = server.ask(Method::GET, &path, Some(token), None).await;
            if status == 200 && schedule.is_none() {
                schedule = dates["items"][0]["id"].as_str().map(str::to_owned);
            }
        }
        let Some(schedule) = &schedule else { continue };
        let hold = json!({"scheduleId": schedule, "seatNumbers": [1]});
        let asked = people.iter().enumerate().map(|(i, token)| {
            let server = if i % 2 == 0 { &first } else { &second };
            server.ask(Method::POST, "/api/v1/reservations", Some(token), Some(hold.clone()))
        });
        let answers = join_all(asked).await;
        held = answers.iter().filter(|(status, _)| *status == 201).count();
        for (status, body) in &answers {
            let code = body["code"].as_str().unwrap_or_default();
            assert!(
                *status < 500
                    && (*status == 201 || ["SEAT_TAKEN", "TOKEN_WAITING"].contains(&code)),
                "{body}"
            );
        }
    }
    assert_eq!(held, 1, "one seat has one holder, whichever process is asked");
    let (_, counted) = first.ask(Method::GET, &room, Some(&operator), None).await;
    assert!(counted["active"].as_i64().expect("a number") <= 10, "{counted}");
    let audit = run(&home, &["audit"]);
    assert!(audit.status.success(), "{}", text(&audit.stdout));
    assert!(first.terminate().0.success() && second.terminate().0.success());
}

/// As in a failover, when there is no primary for some seconds.
#[test]
fn a_server_that_starts_before_its_postgresql_waits_for_it() {
    let home = Home::new(StoreKind::Postgres);
    let Address::Url(url) = home.address() else { panic!("a URL") };
    let server = authority(&url).to_owned();
    let later = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut serve = stagedoor(&home, &["serve", "--listen", "127.0.0.1:0"]);
    serve.env("DATABASE_URL", url.replacen(&server, &later.to_string(), 1)).stderr(Stdio::piped());

    let mut child = serve.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said = log.find(|line| line.contains("no connection to PostgreSQL")).unwrap();
    let _relay = Relay::on(TcpListener::bind(later).unwrap(), &server);
    let listening = log.any(|line| line.contains("listening on"));

    assert!(said.contains("Connection refused"), "{said}");
    assert!(listening, "it ended");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A library in front of `clock_gettime`, and the file that tells it how many seconds to add.
fn a_clock_that_is_off(seconds: i64) -> (TempDir, [PathBuf; 2]) {
    let folder = TempDir::new().expect("a folder");
    let [source, shim, file] =
        ["clock.c", "clock.so", "clock"].map(|name| folder.path().join(name));
    std::fs::write(&source, include_str!("../../faults/src/clock_shim.c")).expect("a source");
    std::fs::write(&file, seconds.to_ne_bytes()).expect("a clock");
    let built = std::process::Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&shim, &source])
        .status();
    assert!(built.expect("a C compiler").success());
    (folder, [shim, file])
}

/// Otherwise its holds end before they begin: the other process sells the seat again, and the first
/// payer gets 410.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_made_on_a_machine_that_is_ten_minutes_late_is_as_good_as_any() {
    let home = Home::new(StoreKind::Postgres);
    let demo = ["--demo", "--data", "/nonexistent"];
    let (_folder, [shim, file]) = a_clock_that_is_off(-600);
    let environment = [("LD_PRELOAD", &*shim), ("FAULTS_CLOCK", &*file)];
    let late = Server::start_with(&home, &demo, &environment);
    let on_time = Server::start(&home, &demo);
    let concert = a_concert(&late).await;
    let first = join(&late, &concert, &late.sign_up().await).await;
    let second = join(&on_time, &concert, &on_time.sign_up().await).await;
    let (first, second) = (first["token"].as_str(), second["token"].as_str());
    let path = format!("/api/v1/concerts/{concert}/schedules");
    let (_, dates) = late.ask(Method::GET, &path, first, None).await;
    let hold = json!({"scheduleId": dates["items"][0]["id"], "seatNumbers": [1]});
    let path = "/api/v1/reservations";

    let (status, held) = late.ask(Method::POST, path, first, Some(hold.clone())).await;
    assert_eq!(status, 201, "{held}");
    let (_, taken) = on_time.ask(Method::POST, path, second, Some(hold)).await;
    assert_eq!(taken["code"], "SEAT_TAKEN");
    let charge = json!({"amount": held["totalPrice"]});
    late.ask(Method::POST, "/api/v1/points/charges", first, Some(charge)).await;
    let payment = json!({"reservationId": held["id"]});
    let (status, paid) = on_time.ask(Method::POST, "/api/v1/payments", first, Some(payment)).await;

    assert_eq!(status, 201, "{paid}");
    let (status, ready) = late.ask(Method::GET, "/readyz", None, None).await;
    assert_eq!((status, &ready["clock"]), (200, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_up_line_tells_whether_users_charge_points_themselves() {
    let table = [
        ("--direct-charges=false", "in closed mode, direct charges off"),
        ("--direct-charges", "in closed mode, direct charges on"),
        ("--auth-mode=open", "in open mode, direct charges on"),
    ];
    for (argument, expected) in table {
        let home = Home::new(StoreKind::Embedded);
        let log = Server::start(&home, &[argument]).end_and_read_log();
        assert!(log.contains(expected), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_directory_is_refused() {
    let home = Home::new(StoreKind::Embedded);
    let server = Server::start(&home, &[]);

    let second = run(&home, &["serve", "--listen", "127.0.0.1:0"]);

    assert_eq!(second.status.code(), Some(1));
    let told = text(&second.stderr);
    assert!(told.contains("another process uses the data directory"), "{told}");
    let (status, _) = server.ask(Method::GET, "/readyz", None, None).await;
    assert_eq!(status, 200, "the first goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_read_work_beside_a_server_on_the_embedded_store() {
    let home = Home::new(StoreKind::Embedded);
    let server = Server::start(&home, &["--demo"]);
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.db");

    let audit = run(&home, &["audit"]);
    assert_eq!(text(&audit.stdout), "no violations\n", "{}", text(&audit.stderr));
    let status = run(&home, &["migrate", "status"]);
    assert!(status.status.success(), "{}", text(&status.stderr));
    assert!(text(&status.stdout).lines().all(|line| line.starts_with("applied ")));
    let backup = run(&home, &["backup", copy.to_str().expect("a path")]);
    assert!(backup.status.success() && copy.exists(), "{}", text(&backup.stderr));
    let down = run(&home, &["migrate", "down"]);
    assert!(text(&down.stderr).contains("another process uses the data directory"));

    server.sign_up().await;
    assert!(server.terminate().0.success());
    let audit = run(&home, &["audit"]);
    assert_eq!(text(&audit.stdout), "no violations\n", "{}", text(&audit.stderr));
}

#[test]
fn commands_that_read_make_nothing_in_an_empty_postgres() {
    let home = Home::new(StoreKind::Postgres);
    let Home::Schema(schema) = &home else { unreachable!("a schema was asked for") };

    let status = run(&home, &["migrate", "status"]);
    assert!(status.status.success(), "{}", text(&status.stderr));
    assert!(text(&status.stdout).lines().all(|line| line.starts_with("missing ")));
    assert!(text(&run(&home, &["audit"]).stderr).contains("stagedoor migrate up"));

    schema.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())
         THEN RAISE EXCEPTION 'there are tables'; END IF; END $$",
    );
}

#[test]
fn audit_prints_each_break_and_exits_1() {
    let home = Home::new(StoreKind::Postgres);
    assert!(run(&home, &["migrate", "up"]).status.success());
    assert!(run(&home, &["audit"]).status.success());
    let Home::Schema(schema) = &home else { unreachable!("a schema was asked for") };
    schema.execute(
        "INSERT INTO users VALUES (gen_random_uuid(), 'n', 'n@example.com', 'h', 'FAN', now());
         INSERT INTO point_accounts SELECT id, 5, 0 FROM users",
    );

    let audit = run(&home, &["audit"]);

    assert_eq!(audit.status.code(), Some(1));
    let printed = text(&audit.stdout);
    assert!(printed.contains("a balance is the sum of its entries"), "{printed}");
    assert!(printed.contains("has 5 but its entries come to 0"), "{printed}");
}

#[test]
fn a_command_whose_output_is_closed_ends_without_a_word() {
    let home = Home::new(StoreKind::Embedded);
    assert!(run(&home, &["migrate", "up"]).status.success());
    for arguments in
        [&["openapi"] as &[&str], &["audit"], &["migrate", "status"], &["migrate", "up"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ended = stagedoor(&home, arguments).stdout(writer).output().expect("it starts");
        assert_eq!(text(&ended.stderr), "", "{arguments:?}");
        assert_eq!(ended.status.code(), Some(128 + 13), "{arguments:?}, as if by SIGPIPE");
    }
    for arguments in [&["--help"], &["--version"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ended = stagedoor(&home, arguments).stdout(writer).output().expect("it starts");
        assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), String::new()));
    }
}
