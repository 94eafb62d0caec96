//! A rolling upgrade under load: an older program serves, the newer one starts next to it and migrates the store, the older one
//! ends, starts once more on the newer schema, and goes on alone.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::checker::{Break, Clock, Kind, check, line, positions};
use crate::client::{Client, Manners};
use crate::crowd::{Crowd, SILENT_DOMAIN, insert_silent};
use crate::dump::Dump;
use crate::failover::unavailability;
use crate::history::{Operation, now};
use crate::run::{audit, interrupted, read};
use crate::sale::{Sale, sign_up};
use crate::scene::{Needs, Scene};
use crate::store::StoreKind;
use crate::watcher::Watcher;

/// The name of this run on the command line.
pub const ROLLING: &str = "rolling";
/// The older process, and the newer one.
const OLDER: usize = 0;
const NEWER: usize = 1;
/// How long the service may take to answer what was unknown.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(60);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// The older program's file.
    pub older: PathBuf,
    /// The newer program's file.
    pub newer: PathBuf,
    /// How many people there are, and for how long.
    pub size: Size,
    /// Chance.
    pub seed: u64,
}

/// How many people there are, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Clients that do everything.
    pub fans: usize,
    /// Users who join at the same time, poll, leave, and join again.
    pub crowd: usize,
    /// Silent people in the long queue, ahead of the crowd.
    pub silent: u32,
    /// How long each phase lasts.
    pub phase: Duration,
}

impl Size {
    /// So small that it fits in the tests.
    pub const SHORT: Self =
        Self { fans: 8, crowd: 70, silent: 2_000, phase: Duration::from_millis(1_200) };
    /// Long enough for pulses, expiries and admissions of each phase.
    pub const LONG: Self =
        Self { fans: 14, crowd: 120, silent: 12_000, phase: Duration::from_secs(4) };
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Everything that was asked and answered.
    pub operations: Vec<Operation>,
    /// What was wrong.
    pub breaks: Vec<Break>,
    /// How long the newer program took to migrate the store and to listen.
    pub started: Duration,
    /// The longest time without an acknowledged change, from the start of the newer program to the end.
    pub gap: Duration,
    /// How many snapshots of the lines were looked at.
    pub snapshots: usize,
    /// The last lines of the logs, if something was wrong.
    pub log: Vec<String>,
}

impl Report {
    /// How many changes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.operations.iter().filter_map(Operation::first_made).count()
    }

    /// How many operations were answered.
    pub fn answered(&self) -> usize {
        self.operations.iter().filter(|operation| operation.answered().is_some()).count()
    }
}

/// Runs one upgrade.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_upgrade(plan: &Upgrade) -> Result<Report> {
    const FLAGS: &[&str] = &["--database-connections", "8"];
    let needs = Needs { more_replicas: 1, flags: FLAGS, ..Needs::default() };
    let mut scene = Scene::set(plan.older.clone(), StoreKind::Postgres, needs).await?;
    block_in_place(|| Sale::create_staff(scene.program()))?;
    scene.start(OLDER)?;
    let client = Client::new(&scene.shared, Manners::Patient)?;
    let sale = Arc::new(Sale::open(&client).await?);
    let queues = Sale::open_with(&client, policy_of_queue).await?;
    let users = sign_up(&scene.shared, plan.size.fans * 3 / 4 + plan.size.crowd).await?;
    block_in_place(|| {
        insert_silent(&mut scene.place.connect()?, &queues.concerts[0].room, plan.size.silent)
    })?;
    let watcher = Watcher::start(scene.place.clone(), Clock::Steady);
    let mut random = Rng::with_seed(plan.seed);
    let queues: Vec<String> = queues.concerts.into_iter().map(|concert| concert.id).collect();
    let crowd = Crowd::gather(&scene.shared, &sale, &queues, users, plan.size.fans, &mut random)?;

    sleep(plan.size.phase).await;
    let begun = now();
    let (started, mut breaks) = phases(&mut scene, plan).await?;
    crowd.disperse().await;
    let ended = now();
    client.settle(SETTLE_TIMEOUT).await;
    let watched = watcher.stop();
    breaks.extend(watched.breaks);
    breaks.extend(end(&mut scene, OLDER));
    breaks.extend(audit(scene.program()));

    let operations = scene.shared.history.copy();
    let store = Dump { lacks_tickets: true, ..block_in_place(|| read(&scene))? };
    let store = without_silent(store);
    breaks.extend(judge(&operations, &store));
    let gap = unavailability(&operations, begun, ended);
    let log = if breaks.is_empty() { Vec::new() } else { scene.logs() };
    Ok(Report { operations, breaks, started, gap, snapshots: watched.snapshots, log })
}

/// From the start of the newer program on. Answers how long that start took.
async fn phases(scene: &mut Scene, plan: &Upgrade) -> Result<(Duration, Vec<Break>)> {
    let mut breaks = Vec::new();
    let asked = std::time::Instant::now();
    breaks.extend(start(scene, NEWER, plan)?);
    let started = asked.elapsed();
    sleep(2 * plan.size.phase).await;

    breaks.extend(end(scene, OLDER));
    scene.shared.send_elsewhere(OLDER, NEWER);
    sleep(plan.size.phase).await;

    breaks.extend(start(scene, OLDER, plan)?);
    sleep(plan.size.phase).await;
    breaks.extend(end(scene, NEWER));
    scene.shared.send_elsewhere(NEWER, OLDER);
    sleep(plan.size.phase).await;
    scene.use_program(plan.newer.clone());
    Ok((started, breaks))
}

/// Starts a process. A program that fails to start is a break, though it may start when tried again.
fn start(scene: &mut Scene, replica: usize, plan: &Upgrade) -> Result<Option<Break>> {
    let program = if replica == OLDER { &plan.older } else { &plan.newer };
    scene.use_program(program.clone());
    let failed = scene.start_at_once(replica).err();
    if failed.is_some() {
        scene.start(replica)?;
    }
    Ok(failed.map(|error| Break::new(Kind::NotRecovered, format!("{error:#}"))))
}

/// Ends a process in good order.
fn end(scene: &mut Scene, replica: usize) -> Option<Break> {
    let sentence = match scene.terminate(replica) {
        Ok(status) if ExitStatus::success(&status) => return None,
        Ok(status) => format!("the program ended with {status}"),
        Err(error) => format!("{error:#}"),
    };
    Some(Break::new(Kind::NotRecovered, sentence))
}

/// What every upgrade must keep, with any two programs.
fn judge(operations: &[Operation], store: &Dump) -> Vec<Break> {
    let mut breaks = check(operations, store, Clock::Steady);
    breaks.extend(interrupted(operations));
    breaks.extend(positions::check(operations));
    breaks.extend(line::none_abandoned(store));
    breaks
}

/// The store without the people who were inserted, whom no answer accounts for.
fn without_silent(mut store: Dump) -> Dump {
    let is_silent = |email: &str| email.ends_with(SILENT_DOMAIN);
    let silent: std::collections::BTreeSet<String> =
        store.users.iter().filter(|it| is_silent(&it.email)).map(|it| it.id.clone()).collect();
    store.users.retain(|user| !silent.contains(&user.id));
    store.accounts.retain(|account| !silent.contains(&account.user_id));
    store.tokens.retain(|token| !silent.contains(&token.user_id));
    store
}

/// In the first room a long queue moves on; in the second one the crowd has the line to itself.
fn policy_of_queue(concert: usize) -> Value {
    let (capacity, batch, active) = if concert == 0 { (40, 20, 2) } else { (6, 4, 4) };
    json!({
        "capacity": capacity, "admitBatch": batch, "admitIntervalSeconds": 1,
        "activeSeconds": active, "idleSeconds": 3_600,
    })
}
