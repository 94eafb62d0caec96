//! The cost of size: memory and start-up with a long queue, many admissions at once, a large schedule.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method};
use serde::Serialize;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::ids::{Kind, id};
use crate::scenarios::queue::{a_million, access_token};
use crate::seed;
use crate::service::Server;
use crate::store::{Store, StoreKind};

/// Something measured once, that must not be above its goal.
#[derive(Serialize)]
pub struct Measured {
    pub name: String,
    pub unit: &'static str,
    pub value: f64,
    pub goal: f64,
    pub met: bool,
}

const GROWTH: &str = "growth";
const ADMITTED: u64 = 10_000;
/// What the jobs took in all, how many there were, and how many were let in.
const ADMISSION: [&str; 3] = [
    "stagedoor_periodic_job_seconds_sum{job=\"admission\"",
    "stagedoor_periodic_job_seconds_count{job=\"admission\"",
    "stagedoor_admitted_total",
];
const PATIENCE: Duration = Duration::from_secs(60);

pub fn measured(name: &str, unit: &'static str, value: f64, goal: f64) -> Measured {
    Measured { name: name.to_owned(), unit, value, goal, met: value <= goal }
}

/// Measures all of it if it is asked for by the word `growth`, or by none.
pub async fn measure(bench: &Bench, only: &str) -> Result<Vec<Measured>> {
    if !GROWTH.contains(only) {
        return Ok(Vec::new());
    }
    println!("growth: 1,000,000 waiting, 10,000 let in at once, a schedule of 20,000 seats");
    let idle = started(bench, "bench_reference", &seed::users(1)).await?;
    let full = started(bench, "bench_service", &a_million(bench)).await?;
    let mut found = vec![
        measured(
            "memory of 1,000,000 waiting, above idle",
            "MB",
            full.server.resident_mb()? - idle.server.resident_mb()?,
            150.0,
        ),
        measured(
            "from start to ready with 1,000,000 waiting",
            "s",
            full.server.start_time.as_secs_f64(),
            5.0,
        ),
    ];
    let api = Api::new(bench, &full.server);
    found.push(measured("10,000 let in at once", "s", api.admit(bench, &full.server).await?, 1.0));
    found.push(measured(
        "a schedule of 20,000 seats made",
        "s",
        api.create_large_schedule().await?,
        2.0,
    ));
    for running in [idle, full] {
        running.server.stop().await?;
        running.store.stagedoor(&bench.program, &["audit"]).await?;
    }
    Ok(found)
}

struct Running {
    server: Server,
    store: Store,
}

async fn started(bench: &Bench, name: &str, seed: &str) -> Result<Running> {
    let store = bench.new_store(StoreKind::Postgres, name).await?;
    store.run(seed)?;
    store.run("UPDATE users SET role = 'OPERATOR' WHERE id = bench_id(0, 1)")?;
    store.settle()?;
    let server = Server::start(&bench.program, &store, &[]).await?;
    Ok(Running { server, store })
}

/// The service as an operator and organizer uses it.
struct Api {
    http: Client,
    base: String,
    token: String,
}

impl Api {
    fn new(bench: &Bench, server: &Server) -> Self {
        let base = format!("http://{}/api/v1", server.address);
        Self { http: Client::new(), base, token: access_token(bench, 1) }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token);
        let answer = body.iter().fold(request, |request, body| request.json(body)).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Opens the room for many, waits until they are in, and answers what the job took, in
    /// seconds.
    async fn admit(&self, bench: &Bench, server: &Server) -> Result<f64> {
        let count = bench.size(ADMITTED);
        let policy = json!({
            "capacity": count, "admitBatch": count, "admitIntervalSeconds": 1, "paused": false
        });
        let [before, _, _] = server.metrics(ADMISSION).await?;
        self.ask(Method::PATCH, &format!("/rooms/{}", id(Kind::Room, 1)), Some(policy)).await?;
        let started = Instant::now();
        let mut jobs_when_in = None;
        while started.elapsed() < PATIENCE {
            let [seconds, jobs, admitted] = server.metrics(ADMISSION).await?;
            if jobs_when_in.is_some_and(|then| jobs > then) {
                return Ok(seconds - before);
            }
            if admitted as u64 == count && jobs_when_in.is_none() {
                jobs_when_in = Some(jobs);
            }
        }
        anyhow::bail!("{count} were not let in within {PATIENCE:?}")
    }

    /// Adds a date with many seats to the concert, in seconds.
    async fn create_large_schedule(&self) -> Result<f64> {
        let body = json!({
            "startsAt": "2099-12-24T10:00:00Z", "endsAt": "2099-12-24T12:00:00Z",
            "bookingOpensAt": "2026-01-01T00:00:00Z", "bookingClosesAt": "2099-12-24T10:00:00Z",
            "seatMap": { "rows": 100, "columns": 200, "price": 10_000 }
        });
        let path = format!("/concerts/{}/schedules", id(Kind::Concert, 1));
        let started = Instant::now();
        let made = self.ask(Method::POST, &path, Some(body)).await?;
        let seats = made.get("seatCount").and_then(Value::as_u64).context("a count of seats")?;
        ensure!(seats == 20_000, "the schedule has {seats} seats");
        Ok(started.elapsed().as_secs_f64())
    }
}
