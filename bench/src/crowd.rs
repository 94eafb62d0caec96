//! A crowd in one queue: people join through several processes, send heartbeats, are admitted and leave, while each
//! process follows the line. It drives the store and the lines in memory, without HTTP.

mod worker;

use std::io::{BufRead, BufReader, Write};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryableByName, sql_query};
use serde::{Deserialize, Serialize};

use crate::bench::Bench;
use crate::store::{Store, StoreKind};

pub use worker::{Worker, work};

/// How large the crowd is
#[derive(Args)]
pub struct Crowd {
    /// How many people join
    #[arg(long, value_name = "N", default_value = "1000000")]
    people: u64,
    /// How many processes they are spread over
    #[arg(long, value_name = "N", default_value = "1")]
    processes: NonZeroU64,
    /// How many joins, deadlines or departures one transaction has
    #[arg(long, value_name = "N", default_value = "256")]
    batch: NonZeroUsize,
}

/// What a worker is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Its people join.
    Join,
    /// All of them send a heartbeat, which the process keeps.
    Heartbeat,
    /// The deadlines of a tenth are written.
    Deadline,
    /// A twentieth of all is admitted.
    Admit,
    /// A twentieth of its people leaves.
    Leave,
    /// The line is read from scratch.
    Start,
}

/// What a worker did.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    pub count: u64,
    pub seconds: f64,
    /// The longest time in which the line in memory was not brought up to date.
    pub lag_seconds: f64,
    pub resident_megabytes: f64,
    /// How many wait in its line.
    pub waiting: u64,
    /// When each of its batches began and ended, in microseconds since 1970, and its lowest and highest place.
    pub batches: Vec<(i64, i64, i64, i64)>,
}

struct Process {
    child: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
}

impl Process {
    fn start(
        url: &str,
        first: u64,
        people: u64,
        batch: NonZeroUsize,
        is_alone: bool,
    ) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["crowd-worker", "--first", &first.to_string(), "--people", &people.to_string()])
            .args(["--batch", &batch.to_string()])
            .args(is_alone.then_some("--alone"))
            .env("DATABASE_URL", url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().context("its input")?;
        let reports = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, orders, reports })
    }

    fn tell(&mut self, phase: Phase) -> Result<()> {
        writeln!(self.orders, "{}", serde_json::to_string(&phase)?)?;
        Ok(())
    }

    fn report(&mut self) -> Result<Done> {
        let mut line = String::new();
        self.reports.read_line(&mut line)?;
        ensure!(!line.is_empty(), "a process of the crowd ended: {}", self.child.wait()?);
        Ok(serde_json::from_str(&line)?)
    }
}

/// Has each of `processes` do its part at the same time.
fn all(processes: &mut [Process], phase: Phase) -> Result<Vec<Done>> {
    processes.iter_mut().try_for_each(|process| process.tell(phase))?;
    processes.iter_mut().map(Process::report).collect()
}

fn row(name: &str, done: &[Done]) {
    let count: u64 = done.iter().map(|done| done.count).sum();
    let most = |of: fn(&Done) -> f64| done.iter().map(of).fold(0.0, f64::max);
    let seconds = most(|done| done.seconds);
    println!(
        "| {name} | {count} | {seconds:.1} s | {:.0}/s | {:.2} s | {:.0} MB |",
        count as f64 / seconds.max(0.001),
        most(|done| done.lag_seconds),
        most(|done| done.resident_megabytes),
    );
}

/// Runs a crowd and prints what it took.
pub async fn run(crowd: &Crowd, server_url: String, program: &Path) -> Result<()> {
    let bench = Bench::new(server_url, program.to_owned(), "target/bench".into(), false)?;
    let store = bench.new_store(StoreKind::Postgres, "crowd").await?;
    store.run("UPDATE rooms SET capacity = 0, idle_seconds = 86400 WHERE concert_id IS NULL")?;
    let Store::Postgres(url) = &store else { anyhow::bail!("a crowd needs PostgreSQL") };
    let share = crowd.people / crowd.processes;
    let is_alone = crowd.processes.get() == 1;
    let mut processes = (0..crowd.processes.get())
        .map(|nth| Process::start(url, nth * share + 1, share, crowd.batch, is_alone))
        .collect::<Result<Vec<_>>>()?;
    println!(
        "| {} processes | people | time | rate | longest lag | memory of a process |",
        crowd.processes
    );
    println!("|---|---:|---:|---:|---:|---:|");
    let joined = all(&mut processes, Phase::Join)?;
    row("join", &joined);
    check_order(&joined)?;
    check_places(url, share * crowd.processes.get())?;
    row("heartbeat", &all(&mut processes, Phase::Heartbeat)?);
    row("deadline written", &all(&mut processes, Phase::Deadline)?);
    store.run(
        "UPDATE rooms SET capacity = 1000000, admit_batch = 1000000, admit_interval_seconds = 1
         WHERE concert_id IS NULL",
    )?;
    processes[0].tell(Phase::Admit)?;
    let admitted = processes[0].report()?;
    row("admit", &[admitted]);
    row("leave", &all(&mut processes, Phase::Leave)?);
    let mut fresh = Process::start(url, 1, share, crowd.batch, false)?;
    fresh.tell(Phase::Start)?;
    let started = fresh.report()?;
    let waiting = started.waiting;
    row("start of one more", &[started]);
    let known = all(&mut processes, Phase::Start)?;
    ensure!(known.iter().all(|done| done.waiting == waiting), "lines differ: {known:?}");
    Ok(())
}

/// People whose join was answered before another one began are ahead of it.
fn check_order(joined: &[Done]) -> Result<()> {
    let mut batches: Vec<_> = joined.iter().flat_map(|done| &done.batches).collect();
    batches.sort_by_key(|(began, ..)| *began);
    let mut ended: Vec<_> = batches.iter().map(|(_, ended, _, last)| (*ended, *last)).collect();
    ended.sort_unstable();
    let (mut next, mut answered) = (0, 0);
    for (began, _, first, _) in batches {
        while let Some((_, last)) = ended.get(next).filter(|(at, _)| at < began) {
            answered = answered.max(*last);
            next += 1;
        }
        ensure!(*first > answered, "place {first} was given after {answered}");
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Places {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    different: i64,
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// The places are 1 to the number of people, each once.
fn check_places(url: &str, people: u64) -> Result<()> {
    let mut conn = PgConnection::establish(url)?;
    let found: Places = sql_query(
        "SELECT count(place) AS count, count(DISTINCT place) AS different, max(place) AS last FROM queue_tokens",
    )
    .get_result(&mut conn)?;
    let people = i64::try_from(people)?;
    ensure!(
        [found.count, found.different, found.last] == [people; 3],
        "{} places, {} different ones, the last is {}",
        found.count,
        found.different,
        found.last
    );
    println!("| places 1 to {people}, in order | | | | | |");
    Ok(())
}
