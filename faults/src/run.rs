//! One run: a sale under load, a fault that happens several times, and the judgement.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::sleep;

use crate::checker::{Break, Clock, Kind, check};
use crate::checker::{mails, webhooks};
use crate::client::{Client, Manners, Shared};
use crate::dump::Dump;
use crate::failover::{unavailability, unreplicated};
use crate::fan::Fan;
use crate::faults::{Fault, Lift, Pace};
use crate::history::{Asked, Micros, Operation, Outcome};
use crate::program::Program;
use crate::replicated::Replicated;
use crate::sale::{Sale, sign_up};
use crate::scene::Scene;
use crate::store::StoreKind;
use crate::watcher::Watcher;
use crate::webhooks::Webhook;

/// How long the service may take to change something again after a fault has ended, and to answer what
/// was unknown.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(60);
/// Between two looks whether it has recovered.
const LOOK: Duration = Duration::from_millis(5);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program's file.
    pub program: PathBuf,
    /// What goes wrong.
    pub fault: Fault,
    /// On which store.
    pub store: StoreKind,
    /// How often.
    pub rounds: usize,
    /// For how long each time.
    pub pace: Pace,
    /// How many clients there are; fewer people, because some come twice.
    pub fans: usize,
    /// Chance.
    pub seed: u64,
    /// Is told after each round how long it took until something was changed again.
    pub progress: fn(usize, Duration),
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What was run.
    pub plan: Plan,
    /// Everything that was asked and answered.
    pub operations: Vec<Operation>,
    /// What was wrong.
    pub breaks: Vec<Break>,
    /// How long it took each time until something was changed again.
    pub recoveries: Vec<Duration>,
    /// The longest time without an acknowledged change during each fault, until the recovery.
    pub gaps: Vec<Duration>,
    /// How many acknowledged changes were lost; a control must have some.
    pub lost: usize,
    /// How many changes were made more than once.
    pub doubled: usize,
    /// How many snapshots of the lines were looked at.
    pub snapshots: usize,
    /// What came of the webhook, if there was one; its breaks are among the others.
    pub webhook: Option<webhooks::Verdict>,
    /// What came of the e-mails, if there were any; their breaks are among the others.
    pub mail: Option<mails::Verdict>,
    /// The last words of the service, if something was wrong.
    pub log: Vec<String>,
}

impl Report {
    /// How many operations were answered.
    pub fn answered(&self) -> usize {
        self.operations.iter().filter(|operation| operation.answered().is_some()).count()
    }

    /// How many changes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.operations.iter().filter_map(Operation::first_made).count()
    }

    /// How many attempts got no answer, whether or not that is known to have done nothing.
    pub fn unanswered(&self) -> usize {
        let attempts = self.operations.iter().flat_map(|operation| &operation.attempts);
        attempts.filter(|it| !matches!(it.outcome, Outcome::Answered { .. })).count()
    }

    /// How many attempts had an unknown outcome.
    pub fn unknown(&self) -> usize {
        let attempts = self.operations.iter().flat_map(|operation| &operation.attempts);
        attempts.filter(|attempt| is_unknown(&attempt.outcome)).count()
    }
}

/// A sale that has ended, with its store open to readers.
pub struct Over {
    /// What was left.
    pub scene: Scene,
    /// What came of it.
    pub report: Report,
}

/// Runs a plan.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run(plan: Plan) -> Result<Report> {
    Ok(run_and_leave(plan).await?.report)
}

/// Runs a plan and leaves the store as it is.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_and_leave(plan: Plan) -> Result<Over> {
    let scene = Scene::set(plan.program.clone(), plan.store, plan.fault.needs(plan.store)).await?;
    run_in(scene, plan).await
}

/// Runs a plan on a cluster that runs already, and gives it back.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_on(cluster: Replicated, plan: Plan) -> Result<(Report, Option<Replicated>)> {
    let scene =
        Scene::on(cluster, plan.program.clone(), plan.store, plan.fault.needs(plan.store)).await?;
    let mut over = run_in(scene, plan).await?;
    Ok((over.report, over.scene.replicated.take()))
}

async fn run_in(mut scene: Scene, plan: Plan) -> Result<Over> {
    block_in_place(|| Sale::create_staff(scene.program()))?;
    for replica in 0..scene.replicas() {
        scene.start(replica)?;
    }
    let client = Client::new(&scene.shared, Manners::Patient)?;
    let sale = Arc::new(Sale::open(&client).await?);
    let webhook = Webhook::register(&client, &scene).await?;
    let watcher = Watcher::start(scene.place.clone(), plan.fault.clock());
    let mut random = Rng::with_seed(plan.seed);
    let clients = Clients::gather(&plan, &scene, &sale, &mut random).await?;

    let (times, mut breaks) = rounds(&plan, &mut scene, &mut random).await?;
    clients.stop().await;
    client.settle(RECOVERY_TIMEOUT).await;
    breaks.extend(client.ready(RECOVERY_TIMEOUT).await.err().map(not_recovered));
    breaks.extend(deliver(webhook.as_ref(), &client, &scene, plan.pace).await?);

    let watched = watcher.stop();
    breaks.extend(watched.breaks);
    breaks.extend(close(plan.fault, &mut scene));
    let operations = scene.shared.history.copy();
    let store = block_in_place(|| read(&scene))?;
    breaks.extend(check(&operations, &store, plan.fault.clock()));
    let webhook = webhook.map(|it| it.judge(&scene, &operations, &store)).transpose()?;
    breaks.extend(webhook.iter().flat_map(|it| it.breaks.clone()));
    let mail = scene.mail.as_ref().map(|server| crate::mails::judge(server, &store));
    breaks.extend(mail.iter().flat_map(|it| it.breaks.clone()));
    breaks.extend(
        times
            .iter()
            .filter_map(|it| it.lift.silence)
            .flat_map(|silence| unreplicated(&operations, silence)),
    );
    let count = |kind| breaks.iter().filter(|found| found.kind == kind).count();
    let (lost, doubled) = (count(Kind::Lost), count(Kind::Doubled));
    if plan.store == StoreKind::ClusterAsynchronous {
        breaks = control(lost);
    }
    let recoveries = times.iter().map(Times::recovery).collect();
    let gaps = times.iter().map(|it| unavailability(&operations, it.lift.begun, it.recovered));
    let gaps = gaps.collect();
    let log = if breaks.is_empty() { Vec::new() } else { scene.logs() };
    let snapshots = watched.snapshots;
    let report = Report {
        plan,
        operations,
        breaks,
        recoveries,
        gaps,
        lost,
        doubled,
        snapshots,
        webhook,
        mail,
        log,
    };
    Ok(Over { scene, report })
}

/// Waits until all that is told to others is delivered.
async fn deliver(
    webhook: Option<&Webhook>,
    client: &Client,
    scene: &Scene,
    pace: Pace,
) -> Result<Vec<Break>> {
    let mut breaks = Vec::new();
    if let Some(webhook) = webhook {
        breaks.extend(webhook.deliver(client, scene, pace).await?);
    }
    if let Some(server) = &scene.mail {
        breaks.extend(crate::mails::deliver(server, scene, pace).await?);
    }
    Ok(breaks)
}

/// Reads the store in one snapshot.
///
/// # Errors
/// The store failed.
pub fn read(scene: &Scene) -> Result<Dump> {
    let mut connection = scene.place.connect()?;
    connection.begin_snapshot()?;
    let store = Dump::read(&mut connection)?;
    connection.roll_back()?;
    Ok(store)
}

/// All clients that want something.
struct Clients {
    stop: Arc<AtomicBool>,
    fans: Vec<JoinHandle<()>>,
}

impl Clients {
    async fn gather(
        plan: &Plan,
        scene: &Scene,
        sale: &Arc<Sale>,
        random: &mut Rng,
    ) -> Result<Self> {
        let shared = &scene.shared;
        let users = sign_up(shared, plan.fans * 3 / 4).await?;
        if let Some(server) = &scene.mail {
            crate::mails::confirm(shared, server, &users).await?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let of_users = users.iter().cycle().take(plan.fans);
        let fans = of_users.map(|user| {
            let manners = plan.fault.manners();
            let fan = Fan::new(shared, sale, user.clone(), random.fork(), manners)?;
            Ok(tokio::spawn(fan.run(Arc::clone(&stop))))
        });
        Ok(Self { fans: fans.collect::<Result<_>>()?, stop })
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        futures_util::future::join_all(self.fans).await;
    }
}

/// When a fault happened, and when something was changed again.
struct Times {
    lift: Lift,
    recovered: Micros,
}

impl Times {
    fn recovery(&self) -> Duration {
        Duration::from_micros((self.recovered - self.lift.at).unsigned_abs())
    }
}

/// A control loses acknowledged changes; what else follows from this is not judged.
pub fn control(lost: usize) -> Vec<Break> {
    let sentence = "with asynchronous replication no acknowledged change was lost";
    let found = (lost == 0).then(|| Break::new(Kind::ControlLostNothing, sentence));
    found.into_iter().collect()
}

async fn rounds(
    plan: &Plan,
    scene: &mut Scene,
    random: &mut Rng,
) -> Result<(Vec<Times>, Vec<Break>)> {
    let (mut times, mut breaks) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        sleep(Duration::from_millis(random.u64(300..1_200))).await;
        let lift = plan.fault.happen(scene, round, plan.pace, random).await;
        let lift = lift.with_context(|| format!("round {}", round + 1))?;
        match recovery(&scene.shared, lift).await {
            Some(recovered) => {
                let time = Times { lift, recovered };
                (plan.progress)(round + 1, time.recovery());
                times.push(time);
            }
            None => {
                let error = anyhow::anyhow!("nothing was changed for {RECOVERY_TIMEOUT:?}");
                breaks.push(not_recovered(error));
            }
        }
    }
    // What went wrong last must have time to show.
    sleep(Duration::from_millis(500)).await;
    Ok((times, breaks))
}

async fn recovery(shared: &Shared, lift: Lift) -> Option<Micros> {
    let waited = Instant::now();
    while waited.elapsed() < RECOVERY_TIMEOUT {
        if let Some(changed) = shared.history.first_change_since(lift.at, lift.replica) {
            return Some(changed);
        }
        sleep(LOOK).await;
    }
    None
}

fn not_recovered(error: anyhow::Error) -> Break {
    Break::new(Kind::NotRecovered, format!("{error:#}"))
}

/// Ends the service in good order and has it check its own data.
pub fn close(fault: Fault, scene: &mut Scene) -> Vec<Break> {
    let mut breaks = Vec::new();
    for replica in 0..scene.replicas() {
        match scene.terminate(replica) {
            Ok(status) if status.success() => {}
            Ok(status) => breaks.push(not_recovered(anyhow::anyhow!("it ended with {status}"))),
            Err(error) => breaks.push(not_recovered(error)),
        }
    }
    if fault == Fault::RollingRestart {
        breaks.extend(interrupted(&scene.shared.history.copy()));
    }
    if fault.clock() == Clock::Stepped {
        // The audit compares deadlines with the machine's clock.
        return breaks;
    }
    breaks.extend(audit(scene.program()));
    breaks
}

/// Has the program check its own data.
pub fn audit(program: &Program) -> Option<Break> {
    match block_in_place(|| program.audit()) {
        Ok(audit) if audit.status.success() => None,
        Ok(audit) => Some(Break::new(Kind::Audit, String::from_utf8_lossy(&audit.stdout))),
        Err(error) => Some(not_recovered(error)),
    }
}

/// A client that asks again what was surely not done sees nothing of a restart in good order.
pub fn interrupted(operations: &[Operation]) -> Vec<Break> {
    let attempts = operations.iter().flat_map(|it| it.attempts.iter().map(move |one| (it, one)));
    let failed = attempts.filter(|(_, attempt)| is_unknown(&attempt.outcome));
    let sentence = |asked: &Asked, outcome: &Outcome| format!("{asked:?} failed: {outcome:?}");
    failed
        .map(|(it, one)| Break::new(Kind::Interrupted, sentence(&it.asked, &one.outcome)))
        .collect()
}

fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_) | Outcome::Broken(_))
}
