//! Servers in this process, and one on its own that is told to end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stagedoor::clock::SystemClock;
use stagedoor::passwords::Argon2Passwords;
use stagedoor::{Overrides, PasswordCosts, Running, Settings, start};
use stagedoor_domain::ports::{Clock, ConcertFilter, Passwords};
use stagedoor_domain::{Email, PageSize};

const METRICS_TOKEN: &str = "a-metrics-token-that-only-tests-may-use";

fn demo(data: &Path) -> Settings {
    let mut settings = Settings::defaults();
    settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    settings.demo = true;
    settings.store.data = Some(data.to_owned());
    settings.server.workers = Some(1);
    settings.server.drain_timeout_seconds = 1;
    settings.server.metrics_token = Some(METRICS_TOKEN.into());
    settings
}

async fn started(settings: Settings) -> anyhow::Result<Running> {
    let password_costs = Some(PasswordCosts::new(8, 1, 1, None).unwrap());
    start(settings, Overrides { password_costs, ..Overrides::default() }).await
}

/// The status line and all that follows.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let authorization = format!("Authorization: Bearer {METRICS_TOKEN}");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\n{authorization}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn answer(running: &Running, path: &'static str) -> String {
    let address = running.address;
    tokio::task::spawn_blocking(move || get(address, path)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_starts_is_ready_and_seeds_only_once() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let running = started(demo(directory.path())).await.unwrap();
        let ready = answer(&running, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");

        let store = running.store();
        let now = SystemClock.now();
        let concerts = store
            .concerts(&ConcertFilter::default(), None, PageSize::DEFAULT, now)
            .await
            .unwrap()
            .items;
        assert_eq!(concerts.len(), 3);
        assert!(concerts.iter().all(|concert| concert.bookable && concert.next_dates.len() == 2));
        for email in ["fan@example.com", "organizer@example.com", "operator@example.com"] {
            assert!(store.user_by_email(&Email::parse(email).unwrap()).await.unwrap().is_some());
        }
        running.scheduler().run_once().await.unwrap();
        assert_eq!(store.audit(now).await.unwrap(), []);
        drop(store);

        running.stop();
        running.wait().await.unwrap();
    }
}

/// Asks on a connection that may stay open; the head of the answer.
fn ask_on(connection: &mut BufReader<TcpStream>) -> String {
    write!(connection.get_mut(), "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(connection.read_line(&mut head).unwrap() > 0, "cut off after {head:?}");
    }
    head = head.to_lowercase();
    let length = head.split_once("content-length: ").unwrap().1.lines().next().unwrap();
    connection.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    head
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_meets_the_end_on_an_open_connection_is_answered_and_told_that_it_is_the_last()
 {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = demo(directory.path());
    settings.server.drain_timeout_seconds = 8;
    let running = started(settings).await.unwrap();
    let address = running.address;
    let mut connection = tokio::task::spawn_blocking(move || {
        let mut connection = BufReader::new(TcpStream::connect(address).unwrap());
        assert!(ask_on(&mut connection).starts_with("http/1.1 200"));
        connection
    })
    .await
    .unwrap();

    running.stop();
    let last = tokio::task::spawn_blocking(move || {
        while TcpStream::connect(address).is_ok() {}
        ask_on(&mut connection)
    });

    let last = last.await.unwrap();
    assert!(last.starts_with("http/1.1 200"), "{last}");
    assert!(last.contains("connection: close"), "{last}");
    running.wait().await.unwrap();
}

/// Seeds as of some days from now.
async fn seed(running: &Running, days: i64) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(LaterClock(time::Duration::days(days)));
    let costs = PasswordCosts::new(8, 1, 1, None).unwrap();
    let passwords: Arc<dyn Passwords> = Arc::new(Argon2Passwords::new(Some(costs))?);
    stagedoor::demo::seed(&running.store(), &clock, &passwords).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_concert_whose_schedules_have_closed_gets_new_ones() {
    let directory = tempfile::tempdir().unwrap();
    let running = started(demo(directory.path())).await.unwrap();
    for _ in 0..2 {
        seed(&running, 60).await.unwrap();

        let later = SystemClock.now() + time::Duration::days(60);
        let concerts = running
            .store()
            .concerts(&ConcertFilter::default(), None, PageSize::DEFAULT, later)
            .await
            .unwrap();
        assert_eq!(concerts.items.len(), 3);
        assert!(concerts.items.iter().all(|listing| listing.bookable));
        assert!(concerts.items.iter().all(|listing| listing.next_dates.len() == 2));
    }
    running.stop();
    running.wait().await.unwrap();
}

struct LaterClock(time::Duration);

impl Clock for LaterClock {
    fn now(&self) -> stagedoor_domain::Instant {
        SystemClock.now() + self.0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_the_same_directory_is_refused_with_a_clear_message() {
    let directory = tempfile::tempdir().unwrap();
    let running = started(demo(directory.path())).await.unwrap();

    let refused = started(demo(directory.path())).await.map(|_| ()).unwrap_err();
    let message = format!("{refused:#}");
    assert!(message.contains("another process uses the data directory"), "{message}");
    running.stop();
    running.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_of_batches_jobs_and_lines() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = demo(directory.path());
    settings.work.gauges_milliseconds = 100;
    let running = started(settings).await.unwrap();
    let wanted = [
        "stagedoor_periodic_job_runs_total{",
        "stagedoor_periodic_job_seconds_bucket{",
        "stagedoor_database_connections{",
        "stagedoor_line_lag_seconds",
        "stagedoor_queue_length{",
    ];
    let started = Instant::now();
    loop {
        let metrics = answer(&running, "/metrics").await;
        let missing = wanted.iter().find(|name| !metrics.contains(*name));
        let Some(missing) = missing else { break };
        assert!(started.elapsed() < Duration::from_secs(10), "no {missing} in {metrics}");
    }
    running.stop();
    running.wait().await.unwrap();
}

#[test]
fn the_program_says_where_it_listens_and_ends_well_on_sigterm() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stagedoor"))
        .current_dir(directory.path())
        .args(["serve", "--demo", "--data", "d"])
        .env_clear()
        .env("STAGEDOOR_LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on http://127.0.0.1:") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended before it listened");
    }
    assert!(line.contains("(SQLite), in demonstration (open) mode, direct charges on"), "{line}");

    let told = Instant::now();
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert_eq!(status.code(), Some(0), "{rest}");
    assert!(told.elapsed() < Duration::from_secs(10));
    assert!(rest.contains("THIS IS A DEMONSTRATION"), "{rest}");
}

#[test]
fn open_mode_on_a_network_is_warned_of() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stagedoor"))
        .current_dir(directory.path())
        .args(["serve", "--auth-mode", "open", "--listen", "0.0.0.0:0"])
        .env_clear()
        .env("STAGEDOOR_SIGNING_KEY", "a signing key that only tests may use")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("OPEN MODE ON A NETWORK") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended without a warning");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("WARN") && line.contains("AUTH_MODE=closed"), "{line}");
}
