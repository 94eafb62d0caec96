//! People wait in line while the service or its database is down, or while two processes answer in turn.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::sleep;

use crate::checker::waiting::{Case, Verdict, check};
use crate::checker::{Break, Clock, Kind};
use crate::client::{Client, Manners};
use crate::dump::Dump;
use crate::faults::Fault;
use crate::history::Micros;
use crate::program::signal;
use crate::run::{close, read};
use crate::sale::{Concert, Sale, User, sign_up};
use crate::scene::{Needs, Scene};
use crate::store::StoreKind;
use crate::waiting::{Behaviour, Hall, Wait, Waiter};
use crate::watcher::Watcher;

const RECOVERY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the room may take to admit a user once a slot is free.
const ADMIT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a silent client may keep its place beyond the idle time, for each outage and besides.
const ABANDON_GRACE: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(50);
/// The idle time where no token is to be abandoned.
const IDLE_LONG: Duration = Duration::from_secs(600);
/// How long two processes answer at least, so that people are admitted and leave meanwhile.
const IN_TURN_MIN: Duration = Duration::from_secs(4);
/// How long processes take to notice which others there are.
const SETTLED: Duration = Duration::from_millis(2_500);
/// For longer than a process counts as one that answers.
const FROZEN: Duration = Duration::from_secs(5);
/// How long two processes may take for the polls that are wanted.
const POLLS_TIMEOUT: Duration = Duration::from_secs(1_800);

/// Those who wait for the concert where people come and go.
const BUSY: [(Behaviour, usize); 3] =
    [(Behaviour::Polls, 8), (Behaviour::KeepsAlive, 3), (Behaviour::PollsRarely, 3)];
/// The clients that wait for the concert whose slot stays occupied until the outages have ended, in the order of joining.
const QUIET: [(Behaviour, usize); 5] = [
    (Behaviour::Occupies, 1),
    (Behaviour::GoesSilent, 2),
    (Behaviour::Polls, 2),
    (Behaviour::KeepsAlive, 1),
    (Behaviour::PollsRarely, 2),
];
/// Those who occupy the room, and those who wait and are told a deadline by a process that is killed.
const TRUSTING: [(Behaviour, usize); 2] =
    [(Behaviour::Occupies, 6), (Behaviour::TrustsItsDeadline, 10)];
/// Longer than the time that the store has to have left of a deadline for a process to keep heartbeats to itself.
const IDLE_KEPT: Duration = Duration::from_secs(45);
/// When the process is killed: all have polled, and none of that is written.
const ALL_HAVE_POLLED: Duration = Duration::from_secs(6);
/// When all have polled again, at the deadlines that they had been told.
const ALL_HAVE_POLLED_AGAIN: Duration = Duration::from_secs(50);
const IN_TURN: [(Behaviour, usize); 1] = [(Behaviour::PollsInTurn, 20)];

/// What is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// The service: killed, and started again later.
    Service,
    /// PostgreSQL: killed, and started again later.
    Database,
    /// PostgreSQL: stopped, so that nothing is refused and nothing answered.
    DatabaseFrozen,
    /// The service and PostgreSQL.
    Both,
}

impl Down {
    /// All that can be down.
    pub const ALL: [Self; 4] = [Self::Service, Self::Database, Self::DatabaseFrozen, Self::Both];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "outage-service",
            Self::Database => "outage-database",
            Self::DatabaseFrozen => "outage-database-frozen",
            Self::Both => "outage-both",
        }
    }

    /// The stores it can happen on.
    pub fn stores(self) -> &'static [StoreKind] {
        match self {
            Self::Service => &[StoreKind::Postgres, StoreKind::Embedded],
            Self::Database | Self::DatabaseFrozen | Self::Both => &[StoreKind::Postgres],
        }
    }

    fn go_down(self, scene: &mut Scene) -> Result<()> {
        if matches!(self, Self::Service | Self::Both) {
            scene.kill(0)?;
        }
        let Some(cluster) = scene.cluster.as_mut() else { return Ok(()) };
        match self {
            Self::Service => Ok(()),
            Self::Database | Self::Both => block_in_place(|| cluster.kill()),
            Self::DatabaseFrozen => block_in_place(|| cluster.freeze()),
        }
    }

    fn come_back(self, scene: &mut Scene) -> Result<()> {
        if let Some(cluster) = scene.cluster.as_mut() {
            match self {
                Self::Service => {}
                Self::Database | Self::Both => block_in_place(|| cluster.start_again())?,
                Self::DatabaseFrozen => block_in_place(|| cluster.thaw())?,
            }
        }
        if matches!(self, Self::Service | Self::Both) {
            scene.start(0)?;
        }
        Ok(())
    }
}

/// The name of two processes that answer in turn.
pub const TWO_PROCESSES: &str = "two-processes";
/// The name of two processes that answer in turn while they end, start and stand still.
pub const PROCESSES_RESTARTED: &str = "processes-restarted";

/// The name of a process that is killed with heartbeats that it kept to itself.
pub const HEARTBEATS_LOST: &str = "heartbeats-lost";

/// Outages that are to happen one after the other.
#[derive(Clone, Debug)]
pub struct Outages {
    /// The program's file.
    pub program: PathBuf,
    /// What is down.
    pub down: Down,
    /// On which store.
    pub store: StoreKind,
    /// After how much available time without a heartbeat a place is lost.
    pub idle: Duration,
    /// How long each outage lasts, in tenths of the idle time.
    pub tenths: &'static [u32],
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What was run.
    pub name: &'static str,
    /// On which store.
    pub store: StoreKind,
    /// What was wrong, and how much there was to judge.
    pub verdict: Verdict,
    /// How many polls were answered.
    pub polls: u64,
    /// How long the service took each time until it was ready again.
    pub recoveries: Vec<Duration>,
    /// The last lines of the service's log, if something was wrong.
    pub log: Vec<String>,
}

/// Lets the outages happen while people wait.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_outages(plan: &Outages) -> Result<Report> {
    // Locks are given up after the statement timeout.
    const FLAGS: &[&str] =
        &["--database-connect-timeout-seconds", "2", "--database-statement-timeout-seconds", "3"];
    let needs = Needs { flags: FLAGS, ..Needs::default() };
    let mut stage = Stage::set(&plan.program, plan.store, needs, plan.idle).await?;
    let [busy, quiet] = &stage.sale.concerts[..] else { anyhow::bail!("two concerts") };
    let (busy, quiet) = (busy.clone(), quiet.clone());
    let mut line = Line::default();
    line.join(&stage, &busy, &BUSY).await?;
    line.join(&stage, &quiet, &QUIET).await?;
    let watcher = Watcher::start_in(stage.scene.place.clone(), Clock::Steady, Some(busy.room));
    let began = Instant::now();

    let (mut recoveries, mut breaks) = (Vec::new(), Vec::new());
    for tenths in plan.tenths {
        sleep(plan.idle / 2).await;
        match stage.outage(plan.down, plan.idle * *tenths / 10).await? {
            Some(recovery) => recoveries.push(recovery),
            None => breaks.push(Break::new(Kind::NotRecovered, "no /readyz after an outage")),
        }
        sleep(plan.idle / 2).await;
    }
    stage.await_abandoned(&quiet.room, began, plan.idle).await;
    stage.hall.make_room();
    breaks.extend(stage.await_admission(&quiet.room).await);
    breaks.extend(watcher.stop().breaks);
    stage.judge(plan.down.name(), plan.store, line, recoveries, breaks).await
}

/// Lets two processes answer polls in turn while users are admitted and leave.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_in_turn(program: &Path, polls: u64) -> Result<Report> {
    let needs = Needs { more_replicas: 1, ..Needs::default() };
    let stage = Stage::set(program, StoreKind::Postgres, needs, IDLE_LONG).await?;
    let mut line = Line::default();
    for concert in &stage.sale.concerts {
        line.join(&stage, concert, &IN_TURN).await?;
    }
    let asked = Instant::now();
    let wants = || asked.elapsed() < IN_TURN_MIN || stage.hall.polls() < polls;
    while wants() && asked.elapsed() < POLLS_TIMEOUT {
        sleep(LOOK).await;
    }
    stage.judge(TWO_PROCESSES, StoreKind::Postgres, line, Vec::new(), Vec::new()).await
}

/// Lets two processes answer polls in turn while one is killed and started, the other one restarted
/// in good order, and one stands still for longer than it counts as one that answers.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_restarts(program: &Path, rounds: usize) -> Result<Report> {
    let needs = Needs { more_replicas: 1, ..Needs::default() };
    let mut stage = Stage::set(program, StoreKind::Postgres, needs, IDLE_LONG).await?;
    let mut line = Line::default();
    for concert in &stage.sale.concerts {
        line.join(&stage, concert, &IN_TURN).await?;
    }
    for _ in 0..rounds {
        restart(&mut stage.scene).await?;
    }
    stage.judge(PROCESSES_RESTARTED, StoreKind::Postgres, line, Vec::new(), Vec::new()).await
}

/// Kills one of two processes that has told clients deadlines and not written them. The clients come back to the other one
/// just before these deadlines, when those that the store had are over.
///
/// # Errors
/// It could not be run; what the service did wrong is in the report.
pub async fn run_heartbeats_lost(program: &Path) -> Result<Report> {
    let needs = Needs { more_replicas: 1, ..Needs::default() };
    let mut stage = Stage::set(program, StoreKind::Postgres, needs, IDLE_KEPT).await?;
    let mut line = Line::default();
    let concert = stage.sale.concerts.first().context("a concert")?.clone();
    line.join(&stage, &concert, &TRUSTING).await?;
    let joined = Instant::now();
    sleep(ALL_HAVE_POLLED).await;
    // Each client's first request goes to the other replica, and its second one to this.
    stage.scene.kill(0)?;
    stage.scene.start(0)?;
    sleep(ALL_HAVE_POLLED_AGAIN.saturating_sub(joined.elapsed())).await;
    stage.judge(HEARTBEATS_LOST, StoreKind::Postgres, line, Vec::new(), Vec::new()).await
}

async fn restart(scene: &mut Scene) -> Result<()> {
    scene.kill(1)?;
    scene.start(1)?;
    sleep(SETTLED).await;
    scene.terminate(0)?;
    sleep(SETTLED).await;
    scene.start(0)?;
    sleep(SETTLED).await;
    let frozen = scene.server(1)?.id();
    signal(frozen, "STOP")?;
    sleep(FROZEN).await;
    signal(frozen, "CONT")?;
    sleep(SETTLED).await;
    Ok(())
}

/// A service with a sale, and what the waiting clients share.
struct Stage {
    scene: Scene,
    sale: Sale,
    hall: Arc<Hall>,
    client: Client,
}

impl Stage {
    async fn set(program: &Path, store: StoreKind, needs: Needs, idle: Duration) -> Result<Self> {
        let mut scene = Scene::set(program.to_owned(), store, needs).await?;
        block_in_place(|| Sale::create_staff(scene.program()))?;
        for replica in 0..scene.replicas() {
            scene.start(replica)?;
        }
        let client = Client::new(&scene.shared, Manners::Patient)?;
        let has_two = scene.replicas() > 1;
        let sale = Sale::open_with(&client, |concert| policy(concert, idle, has_two)).await?;
        let hall = Arc::new(Hall::new(i64::try_from(idle.as_micros())?));
        Ok(Self { scene, sale, hall, client })
    }

    /// One outage; answers how long the service took until it was ready again, if it was in time.
    async fn outage(&mut self, down: Down, lasts: Duration) -> Result<Option<Duration>> {
        self.hall.begin_outage();
        down.go_down(&mut self.scene).context("it goes down")?;
        sleep(lasts).await;
        let lifted = Instant::now();
        down.come_back(&mut self.scene).context("it comes back")?;
        let ready = self.client.ready(RECOVERY_TIMEOUT).await;
        self.hall.end_outage();
        Ok(ready.ok().map(|()| lifted.elapsed()))
    }

    /// Waits until the silent clients have lost their places, or must have: the checker decides that.
    async fn await_abandoned(&self, room: &str, began: Instant, idle: Duration) {
        let silent = QUIET.iter().find(|(behaviour, _)| *behaviour == Behaviour::GoesSilent);
        let silent = silent.map_or(0, |(_, count)| *count);
        let outages = self.hall.outages();
        let lost: Micros = outages.iter().map(|it| it.ended - it.begun).sum();
        let lost = Duration::from_micros(lost.unsigned_abs());
        let graces = u32::try_from(outages.len() + 1).unwrap_or(u32::MAX);
        let until = began + idle + lost + ABANDON_GRACE * graces;
        let is_abandoned = |store: &Dump| {
            let of_room = store.tokens.iter().filter(|token| token.room_id == room);
            of_room.filter(|it| it.reason.as_deref() == Some("ABANDONED")).count() >= silent
        };
        while Instant::now() < until && !self.line_is(is_abandoned) {
            sleep(LOOK).await;
        }
    }

    /// Waits until a waiting client is admitted.
    async fn await_admission(&self, room: &str) -> Option<Break> {
        let asked = Instant::now();
        let is_admitted = |store: &Dump| {
            let of_room = store.tokens.iter().filter(|token| token.room_id == room);
            of_room.filter(|it| it.place.is_some()).any(|it| {
                it.status == "ACTIVE" || matches!(it.reason.as_deref(), Some("LEFT" | "TIMED_OUT"))
            })
        };
        while asked.elapsed() < ADMIT_TIMEOUT {
            if self.line_is(is_admitted) {
                return None;
            }
            sleep(LOOK).await;
        }
        Some(Break::new(Kind::NoAdmission, format!("the room {room} has a free slot")))
    }

    /// Whether the rooms and tokens of the store are as asked; not while it cannot be read.
    fn line_is(&self, is_so: impl Fn(&Dump) -> bool) -> bool {
        block_in_place(|| {
            let mut connection = self.scene.place.connect()?;
            Dump::read_line(&mut connection)
        })
        .is_ok_and(|store| is_so(&store))
    }

    /// Stops all clients, stops the service, and judges.
    async fn judge(
        mut self,
        name: &'static str,
        store: StoreKind,
        line: Line,
        recoveries: Vec<Duration>,
        mut breaks: Vec<Break>,
    ) -> Result<Report> {
        self.hall.stop();
        let waits = line.go_home().await?;
        breaks.extend(close(Fault::Quiet, &mut self.scene));
        let dump = block_in_place(|| read(&self.scene))?;
        let outages = self.hall.outages();
        let case = Case { waits: &waits, outages: &outages, idle: self.hall.idle, store: &dump };
        let mut verdict = check(&case);
        verdict.breaks.extend(breaks);
        let log = if verdict.breaks.is_empty() { Vec::new() } else { self.scene.logs() };
        Ok(Report { name, store, verdict, polls: self.hall.polls(), recoveries, log })
    }
}

/// All waiting clients.
#[derive(Default)]
struct Line(Vec<JoinHandle<Vec<Wait>>>);

impl Line {
    /// Clients join a room, one after the other.
    async fn join(
        &mut self,
        stage: &Stage,
        concert: &Concert,
        clients: &[(Behaviour, usize)],
    ) -> Result<()> {
        let count = clients.iter().map(|(_, count)| count).sum();
        let users: Vec<User> = sign_up(&stage.scene.shared, count).await?;
        let behaviours = clients.iter().flat_map(|(it, count)| std::iter::repeat_n(*it, *count));
        for (user, behaviour) in users.into_iter().zip(behaviours) {
            let joined = stage.hall.joined();
            let (shared, hall) = (&stage.scene.shared, &stage.hall);
            let waiter = Waiter::new(shared, hall, user, &concert.id, behaviour)?;
            self.0.push(tokio::spawn(waiter.run()));
            let asked = Instant::now();
            while stage.hall.joined() == joined {
                anyhow::ensure!(asked.elapsed() < RECOVERY_TIMEOUT, "no client can join");
                sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(())
    }

    async fn go_home(self) -> Result<Vec<Wait>> {
        let mut waits = Vec::new();
        for client in self.0 {
            waits.extend(client.await?);
        }
        Ok(waits)
    }
}

/// Of the first concert's room people come and go; into the second one's goes one at a time.
fn policy(concert: usize, idle: Duration, has_two: bool) -> Value {
    let (capacity, batch) = match (has_two, concert) {
        (true, _) => (6, 4),
        (false, 0) => (2, 1),
        (false, _) => (1, 1),
    };
    json!({
        "capacity": capacity, "admitBatch": batch, "admitIntervalSeconds": 1, "activeSeconds": 600,
        "idleSeconds": idle.as_secs(),
    })
}
