//! What goes wrong, one way at a time.

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::checker::Clock;
use crate::client::Manners;
use crate::failover;
use crate::history::{Micros, now};
use crate::program::{bound_files, signal};
use crate::proxy::Weather;
use crate::scene::{Needs, Scene};
use crate::store::{Connection, StoreKind};

/// How long what goes wrong stays wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As short as still shows something.
    Short,
    /// As long as it may last.
    Long,
}

/// One way to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong.
    Quiet,
    /// The service is killed and started again.
    ServiceKilled,
    /// PostgreSQL is killed, all of it, and started again.
    PostgresKilled,
    /// PostgreSQL stands still and goes on.
    PostgresStopped,
    /// Connections are cut by PostgreSQL.
    ConnectionsCut,
    /// The network to PostgreSQL is slow, swallows, truncates, and cuts.
    NetworkFails,
    /// The disk is full.
    DiskFull,
    /// All connections wait for a lock of another session.
    PoolDry,
    /// The service's clock steps by a minute, forward and back.
    ClockStepped,
    /// One of two replicas stands still for longer than every lease, and goes on.
    ReplicaFrozen,
    /// Two replicas are restarted in good order, one after the other.
    RollingRestart,
    /// The service is killed and started again while it sends webhooks to a receiver that fails and is down.
    Webhooks,
    /// The same while it sends e-mail by a mail server that postpones, breaks off, and is down.
    Mails,
    /// The primary of a cluster is killed together with its slow links.
    PrimaryKilledWithLinks,
    /// A standby is killed.
    StandbyKilled,
    /// Both standbys are killed, and started again later.
    StandbysLost,
    /// Another node becomes the primary in good order.
    Switchover,
    /// The primary is cut off from the other nodes and from etcd.
    Partition,
    /// The primary stands still for longer than its leader key lives.
    PrimaryFrozen,
}

/// When and where a fault was over.
#[derive(Clone, Copy, Debug)]
pub struct Lift {
    /// When the fault began.
    pub begun: Micros,
    /// From when on the service can recover.
    pub at: Micros,
    /// Of which replica, if it was one of several.
    pub replica: Option<usize>,
    /// From when until when nothing may be acknowledged.
    pub silence: Option<(Micros, Micros)>,
}

impl Lift {
    /// A fault that began and ended now.
    pub fn now() -> Self {
        Self { begun: now(), at: now(), replica: None, silence: None }
    }
}

impl Fault {
    /// All that go wrong.
    pub const ALL: [Self; 18] = [
        Self::ServiceKilled,
        Self::PostgresKilled,
        Self::PostgresStopped,
        Self::ConnectionsCut,
        Self::NetworkFails,
        Self::DiskFull,
        Self::PoolDry,
        Self::ClockStepped,
        Self::ReplicaFrozen,
        Self::RollingRestart,
        Self::Webhooks,
        Self::Mails,
        Self::PrimaryKilledWithLinks,
        Self::StandbyKilled,
        Self::StandbysLost,
        Self::Switchover,
        Self::Partition,
        Self::PrimaryFrozen,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::ServiceKilled => "service-killed",
            Self::PostgresKilled => "postgres-killed",
            Self::PostgresStopped => "postgres-stopped",
            Self::ConnectionsCut => "connections-cut",
            Self::NetworkFails => "network-fails",
            Self::DiskFull => "disk-full",
            Self::PoolDry => "pool-dry",
            Self::ClockStepped => "clock-stepped",
            Self::ReplicaFrozen => "replica-frozen",
            Self::RollingRestart => "rolling-restart",
            Self::Webhooks => "webhooks",
            Self::Mails => "mails",
            Self::PrimaryKilledWithLinks => "primary-killed-with-links",
            Self::StandbyKilled => "standby-killed",
            Self::StandbysLost => "standbys-lost",
            Self::Switchover => "switchover",
            Self::Partition => "partition",
            Self::PrimaryFrozen => "primary-frozen",
        }
    }

    /// The stores it can happen on.
    pub fn stores(self) -> &'static [StoreKind] {
        match self {
            Self::Quiet
            | Self::ServiceKilled
            | Self::DiskFull
            | Self::PoolDry
            | Self::ClockStepped
            | Self::Webhooks
            | Self::Mails => &[StoreKind::Postgres, StoreKind::Embedded],
            Self::PostgresKilled
            | Self::PostgresStopped
            | Self::ConnectionsCut
            | Self::NetworkFails
            | Self::ReplicaFrozen
            | Self::RollingRestart => &[StoreKind::Postgres],
            Self::PrimaryKilledWithLinks => {
                &[StoreKind::Cluster, StoreKind::ClusterByHosts, StoreKind::ClusterAsynchronous]
            }
            Self::StandbyKilled | Self::StandbysLost => &[StoreKind::Cluster],
            Self::Switchover | Self::Partition | Self::PrimaryFrozen => {
                &[StoreKind::Cluster, StoreKind::ClusterByHosts]
            }
        }
    }

    /// What it takes on a store.
    pub fn needs(self, store: StoreKind) -> Needs {
        // Locks of a replica that stands still are given up after the statement timeout.
        const FLAGS: &[&str] = &[
            "--database-connections",
            "4",
            "--database-connect-timeout-seconds",
            "2",
            "--database-statement-timeout-seconds",
            "3",
        ];
        const FEW: &[&str] = &[
            "--database-connections",
            "2",
            "--database-connect-timeout-seconds",
            "1",
            "--database-statement-timeout-seconds",
            "2",
        ];
        const WITH_WEBHOOKS: &[&str] = &[
            "--webhooks-anywhere",
            "--database-connections",
            "4",
            "--database-connect-timeout-seconds",
            "2",
            "--database-statement-timeout-seconds",
            "3",
        ];
        let has_two = store.is_cluster()
            || matches!(self, Self::ReplicaFrozen | Self::RollingRestart)
            || (matches!(self, Self::Webhooks | Self::Mails) && store == StoreKind::Postgres);
        let more_replicas = usize::from(has_two);
        Needs {
            more_replicas,
            proxy: self == Self::NetworkFails,
            clock: self == Self::ClockStepped,
            receiver: self == Self::Webhooks,
            mail: self == Self::Mails,
            flags: match self {
                Self::PoolDry => FEW,
                Self::Webhooks => WITH_WEBHOOKS,
                _ => FLAGS,
            },
        }
    }

    /// How often it happens where others happen so often: a quarter as often if it lasts long, and on
    /// the variants of a cluster.
    pub fn rounds(self, store: StoreKind, of_others: usize) -> usize {
        if matches!(store, StoreKind::ClusterByHosts | StoreKind::ClusterAsynchronous) {
            return of_others.div_ceil(4);
        }
        match self {
            Self::PostgresStopped
            | Self::DiskFull
            | Self::PoolDry
            | Self::ReplicaFrozen
            | Self::StandbysLost
            | Self::Partition
            | Self::PrimaryFrozen => of_others.div_ceil(4),
            _ => of_others,
        }
    }

    /// How the service's clock goes.
    pub fn clock(self) -> Clock {
        if self == Self::ClockStepped { Clock::Stepped } else { Clock::Steady }
    }

    /// How its clients behave.
    pub fn manners(self) -> Manners {
        if self == Self::RollingRestart { Manners::Patient } else { Manners::Hasty }
    }

    /// Injects it for the `round`th time, and ensures that it ends.
    ///
    /// # Errors
    /// It could not be done, or what was ended could not be started again.
    pub async fn happen(
        self,
        scene: &mut Scene,
        round: usize,
        pace: Pace,
        random: &mut Rng,
    ) -> Result<Lift> {
        match self {
            Self::Quiet => Ok(Lift::now()),
            Self::ServiceKilled => service_killed(scene),
            Self::PostgresKilled => postgres_killed(scene),
            Self::PostgresStopped => postgres_stopped(scene, pace).await,
            Self::ConnectionsCut => connections_cut(scene, random).await,
            Self::NetworkFails => network_fails(scene, round, random).await,
            Self::DiskFull => disk_full(scene, round, pace).await,
            Self::PoolDry => pool_dry(scene, pace).await,
            Self::ClockStepped => clock_stepped(scene, round),
            Self::ReplicaFrozen => replica_frozen(scene, pace).await,
            Self::RollingRestart => rolling_restart(scene),
            Self::Webhooks | Self::Mails => told(scene, round, pace, random).await,
            Self::PrimaryKilledWithLinks
            | Self::StandbyKilled
            | Self::StandbysLost
            | Self::Switchover
            | Self::Partition
            | Self::PrimaryFrozen => failover::happen(self, scene, round, pace, random).await,
        }
    }
}

fn service_killed(scene: &mut Scene) -> Result<Lift> {
    scene.kill(0)?;
    let lift = Lift::now();
    scene.start(0)?;
    Ok(lift)
}

fn postgres_killed(scene: &mut Scene) -> Result<Lift> {
    let cluster = scene.cluster.as_mut().context("a PostgreSQL")?;
    block_in_place(|| cluster.kill())?;
    let lift = Lift::now();
    block_in_place(|| cluster.start_again())?;
    Ok(lift)
}

async fn postgres_stopped(scene: &Scene, pace: Pace) -> Result<Lift> {
    let cluster = scene.cluster.as_ref().context("a PostgreSQL")?;
    block_in_place(|| cluster.freeze())?;
    sleep(Duration::from_secs(if pace == Pace::Long { 20 } else { 3 })).await;
    block_in_place(|| cluster.thaw())?;
    Ok(Lift::now())
}

/// Cuts several times in a row, to hit transactions at different points.
async fn connections_cut(scene: &Scene, random: &mut Rng) -> Result<Lift> {
    const CUTS: usize = 5;
    let cluster = scene.cluster.as_ref().context("a PostgreSQL")?;
    for _ in 0..CUTS {
        block_in_place(|| {
            cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            )
        })?;
        sleep(Duration::from_millis(random.u64(5..80))).await;
    }
    Ok(Lift::now())
}

/// Each kind of weather in turn. What was swallowed is lost, so those connections are cut in the end.
async fn network_fails(scene: &Scene, round: usize, random: &mut Rng) -> Result<Lift> {
    let proxy = scene.proxy.as_ref().context("a proxy")?;
    let slow = Duration::from_millis(random.u64(20..400));
    let weathers = [
        Weather::Cut,
        Weather::TruncateAnswers,
        Weather::Swallow,
        Weather::TruncateRequests,
        Weather::Slow(slow),
    ];
    let weather = weathers[round % weathers.len()];
    proxy.set(weather);
    sleep(Duration::from_millis(random.u64(200..1_500))).await;
    if weather == Weather::Swallow {
        proxy.set(Weather::Cut);
        sleep(Duration::from_millis(50)).await;
    }
    proxy.set(Weather::Clear);
    Ok(Lift::now())
}

/// Files may not grow any more, as if the disk had no block left. PostgreSQL gives up and is started again;
/// the embedded store is killed every other time, with whatever it had half written.
async fn disk_full(scene: &mut Scene, round: usize, pace: Pace) -> Result<Lift> {
    const BYTES_MAX: u64 = 4_096;
    let time = Duration::from_secs(if pace == Pace::Long { 10 } else { 2 });
    if let Some(cluster) = scene.cluster.as_mut() {
        block_in_place(|| cluster.bound_files(Some(BYTES_MAX)))?;
        sleep(time).await;
        // It may have given up on its own.
        let _ = block_in_place(|| cluster.kill());
        let lift = Lift::now();
        block_in_place(|| cluster.start_again())?;
        return Ok(lift);
    }
    let id = scene.server(0)?.id();
    block_in_place(|| bound_files(id, Some(BYTES_MAX)))?;
    sleep(time).await;
    if round % 2 == 1 {
        return service_killed(scene);
    }
    block_in_place(|| bound_files(id, None))?;
    Ok(Lift::now())
}

/// Another session locks what every write needs, for longer than the service waits for it.
async fn pool_dry(scene: &Scene, pace: Pace) -> Result<Lift> {
    const LOCK_TRIES_MAX: usize = 10;
    let mut connection = block_in_place(|| scene.place.connect())?;
    let (lock, short) = match connection {
        Connection::Postgres(_) => {
            ("BEGIN; LOCK TABLE rooms, schedules, point_accounts IN ACCESS EXCLUSIVE MODE", 3)
        }
        Connection::Embedded(_) => ("BEGIN IMMEDIATE", 6),
    };
    // A session that locks this much at once may lose a deadlock to one that has a part of it.
    let mut tries = 0;
    while let Err(error) = block_in_place(|| connection.execute(lock)) {
        tries += 1;
        anyhow::ensure!(tries < LOCK_TRIES_MAX, "the lock cannot be had: {error:#}");
        // There may be nothing to roll back.
        let _ = block_in_place(|| connection.roll_back());
    }
    sleep(Duration::from_secs(if pace == Pace::Long { 15 } else { short })).await;
    block_in_place(|| connection.roll_back())?;
    Ok(Lift::now())
}

/// A minute forward, a minute back, another minute back, and forward again.
fn clock_stepped(scene: &Scene, round: usize) -> Result<Lift> {
    const SECONDS_AHEAD: [i64; 4] = [60, 0, -60, 0];
    let clock = scene.clock.as_ref().context("a clock")?;
    clock.step_to(SECONDS_AHEAD[round % SECONDS_AHEAD.len()])?;
    Ok(Lift::now())
}

/// Longer than a hold (2 s), than an active token (4 s) and than a client waits (2 s).
async fn replica_frozen(scene: &mut Scene, pace: Pace) -> Result<Lift> {
    let id = scene.server(0)?.id();
    signal(id, "STOP")?;
    sleep(Duration::from_secs(if pace == Pace::Long { 15 } else { 6 })).await;
    signal(id, "CONT")?;
    Ok(Lift { replica: Some(0), ..Lift::now() })
}

fn rolling_restart(scene: &mut Scene) -> Result<Lift> {
    for replica in 0..scene.replicas() {
        let ended = scene.terminate(replica)?;
        anyhow::ensure!(ended.success(), "the program ended with {ended}");
        scene.start(replica)?;
    }
    Ok(Lift::now())
}

/// What is told to others is down in every third round: the receiver of webhooks, or the mail server. The processes are
/// killed in turn, with requests under way.
async fn told(scene: &mut Scene, round: usize, pace: Pace, random: &mut Rng) -> Result<Lift> {
    const ROUNDS_OF_DOWN: usize = 3;
    let replica = round % scene.replicas();
    let down = random.u64(500..if pace == Pace::Long { 3_000 } else { 1_500 });
    set_up(scene, !round.is_multiple_of(ROUNDS_OF_DOWN));
    sleep(Duration::from_millis(down)).await;
    set_up(scene, true);
    // New events are looked for every half second.
    sleep(Duration::from_millis(random.u64(300..1_500))).await;
    scene.kill(replica)?;
    let lift = Lift { replica: Some(replica), ..Lift::now() };
    scene.start(replica)?;
    Ok(lift)
}

/// Has the receiver of webhooks and the mail server refuse connections, or accept them again.
fn set_up(scene: &Scene, is_up: bool) {
    if let Some(receiver) = &scene.receiver {
        receiver.set_up(is_up);
    }
    if let Some(mail) = &scene.mail {
        mail.set_up(is_up);
    }
}
