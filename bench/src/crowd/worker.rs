//! One process of a crowd.

use std::convert::Infallible;
use std::io::BufRead;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Tick};

use anyhow::{Context, Result, ensure};
use clap::Args;
use stagedoor::clock::SystemClock;
use stagedoor::joins::Joins;
use stagedoor::lines::{LineFollower, MemoryLines, PeerWatch};
use stagedoor::periodic_job::PeriodicJob;
use stagedoor_domain::operations::{Admit, JoinRoom, KeepWaiting, LeaveRoom};
use stagedoor_domain::ports::{Clock, Execute, Heartbeat, Lines};
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{
    Command, Instant, KeptDeadline, Peers, QueueTokenId, RoomId, Submission, UserId, Verdict,
};
use stagedoor_store::postgres::{PLANS_REPLACED_AFTER, PostgresSettings, PostgresStore};
use tokio::task::JoinSet;

use super::{Done, Phase};
use crate::ids::{Kind, id};

/// How often a process brings its lines up to date, as the service does.
const REFRESH_INTERVAL: Duration = Duration::from_millis(500);
/// How many batches of a process are under way.
const AT_ONCE: u64 = 2;

/// One process of a crowd
#[derive(Args)]
pub struct Worker {
    #[arg(long)]
    first: u64,
    #[arg(long)]
    people: u64,
    #[arg(long)]
    batch: NonZeroUsize,
    /// Whether no other process takes part
    #[arg(long)]
    alone: bool,
}

struct Crowd {
    store: PostgresStore,
    joins: Joins<PostgresStore>,
    lines: Arc<MemoryLines>,
    follower: LineFollower<PostgresStore>,
    /// Milliseconds of the longest time without a refresh since it was last told.
    lag: AtomicU64,
}

/// Does what the lines of the standard input say, and answers each by a line.
pub async fn work(worker: &Worker) -> Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let wait = Duration::from_secs(60);
    let settings = PostgresSettings {
        url,
        connections_max: 8,
        connect_timeout: wait,
        statement_timeout: wait,
        answer_timeout: wait,
        instant_age_max: None,
        plans_replaced_after: PLANS_REPLACED_AFTER,
    };
    let store = PostgresStore::connect(settings).await?;
    let lines = Arc::new(MemoryLines::new(1_000_000));
    let clock = Arc::new(SystemClock);
    let follower = LineFollower::new(lines.clone(), Arc::new(store.clone()), clock);
    let peers = Arc::new(PeerWatch::new());
    let others = if worker.alone { Peers::Impossible } else { Peers::Present };
    peers.pulsed(tokio::time::Instant::now(), others);
    let joins = Joins::new(Arc::new(store.clone()), lines.clone(), peers);
    let crowd = Arc::new(Crowd { store, joins, lines, follower, lag: AtomicU64::new(0) });
    let mut following = tokio::spawn(crowd.clone().follow());
    loop {
        let mut line = String::new();
        let line = tokio::task::spawn_blocking(move || {
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        let line = line.await??;
        if line.is_empty() {
            following.abort();
            return Ok(());
        }
        let phase = serde_json::from_str(&line)?;
        let done = tokio::select! {
            done = crowd.clone().phase(worker, phase) => done?,
            ended = &mut following => match ended?? {},
        };
        println!("{}", serde_json::to_string(&done)?);
    }
}

impl Crowd {
    /// Brings the lines up to date until that fails.
    async fn follow(self: Arc<Self>) -> Result<Infallible> {
        let mut ticks = tokio::time::interval(REFRESH_INTERVAL);
        let mut last = Tick::now();
        loop {
            ticks.tick().await;
            self.follower.run_once().await?;
            let lag = last.elapsed().as_millis();
            self.lag.fetch_max(u64::try_from(lag)?, Ordering::Relaxed);
            last = Tick::now();
        }
    }

    async fn phase(self: Arc<Self>, worker: &Worker, phase: Phase) -> Result<Done> {
        self.lag.store(0, Ordering::Relaxed);
        let numbers = worker.first..worker.first + worker.people;
        let began = Tick::now();
        let mut batches = Vec::new();
        let count = match phase {
            Phase::Join => {
                batches = self.clone().spread(numbers.collect(), worker.batch, Self::join).await?;
                worker.people
            }
            Phase::Heartbeat => {
                for n in numbers {
                    self.note_heartbeat(n)?;
                }
                worker.people
            }
            Phase::Deadline => {
                let some: Vec<_> = numbers.step_by(10).collect();
                let count = some.len();
                self.clone().spread(some, worker.batch, Self::write_deadlines).await?;
                u64::try_from(count)?
            }
            Phase::Leave => {
                let some: Vec<_> = numbers.step_by(20).collect();
                let count = some.len();
                self.clone().spread(some, worker.batch, Self::leave).await?;
                u64::try_from(count)?
            }
            Phase::Admit => self.admit().await?,
            Phase::Start => 0,
        };
        let seconds = began.elapsed();
        self.follower.run_once().await?;
        let seconds = if phase == Phase::Start { began.elapsed() } else { seconds };
        Ok(Done {
            count: if phase == Phase::Start { self.lines.waiting(RoomId::SITE) } else { count },
            seconds: seconds.as_secs_f64(),
            lag_seconds: self.lag.load(Ordering::Relaxed) as f64 / 1_000.0,
            resident_megabytes: resident_megabytes()?,
            waiting: self.lines.waiting(RoomId::SITE),
            batches,
        })
    }

    /// Does batches of these people, a few at the same time. Answers when each began and ended, and its places.
    async fn spread<F, Ended>(
        self: Arc<Self>,
        people: Vec<u64>,
        batch: NonZeroUsize,
        of: F,
    ) -> Result<Vec<(i64, i64, i64, i64)>>
    where
        F: Fn(Arc<Self>, Vec<u64>) -> Ended,
        Ended: Future<Output = Result<(i64, i64)>> + Send + 'static,
    {
        let mut rest = people.chunks(batch.get()).map(<[u64]>::to_vec);
        let (mut tasks, mut batches) = (JoinSet::new(), Vec::new());
        loop {
            while tasks.len() < usize::try_from(AT_ONCE)? {
                let Some(batch) = rest.next() else { break };
                let done = of(self.clone(), batch);
                tasks.spawn(async move {
                    let began = now();
                    let (first, last) = done.await?;
                    anyhow::Ok((began, now(), first, last))
                });
            }
            match tasks.join_next().await {
                Some(done) => batches.push(done??),
                None => return Ok(batches),
            }
        }
    }

    async fn ask<C: Command>(&self, commands: Vec<C>) -> Result<Vec<Verdict<C>>>
    where
        PostgresStore: Execute<C>,
    {
        let submissions: Vec<_> = commands.into_iter().map(Submission::new).collect();
        Ok(self.store.execute(&submissions, SystemClock.now()).await?)
    }

    async fn join(self: Arc<Self>, people: Vec<u64>) -> Result<(i64, i64)> {
        let join = |n: u64| JoinRoom {
            token_id: QueueTokenId(id(Kind::QueueToken, n)),
            room_id: RoomId::SITE,
            user_id: UserId(id(Kind::User, n)),
        };
        let joins: Vec<_> = people.into_iter().map(join).map(Submission::new).collect();
        let joined = self.joins.execute(&joins, SystemClock.now()).await?;
        let places: Option<Vec<i64>> =
            joined.into_iter().map(|joined| joined.ok()?.token.sequence).collect();
        let places = places.context("a person did not join the line")?;
        let (first, last) = (places.iter().min(), places.iter().max());
        Ok((*first.context("no one joined")?, *last.context("no one joined")?))
    }

    /// The places are those from 1 on, so each worker has its part of them.
    fn note_heartbeat(&self, n: u64) -> Result<()> {
        let room = self.lines.room(RoomId::SITE).context("the room")?;
        let heartbeat = Heartbeat {
            room_id: RoomId::SITE,
            sequence: i64::try_from(n)?,
            token_id: QueueTokenId(id(Kind::QueueToken, n)),
            heartbeats: Heartbeats::one(&room.policy, SystemClock.now(), true),
        };
        Ok(self.lines.note_heartbeat(heartbeat)?)
    }

    async fn write_deadlines(self: Arc<Self>, people: Vec<u64>) -> Result<(i64, i64)> {
        let (stored, idle_at) = (Instant::UNIX_EPOCH, SystemClock.now() + time::Duration::DAY);
        let keep = |n: u64| -> Result<_> {
            let sequence = i64::try_from(n)?;
            Ok(KeepWaiting(KeptDeadline { room_id: RoomId::SITE, sequence, stored, idle_at }))
        };
        let written = self.ask(people.into_iter().map(keep).collect::<Result<_>>()?).await?;
        ensure!(written.iter().all(Result::is_ok), "a deadline was refused");
        Ok((0, 0))
    }

    async fn leave(self: Arc<Self>, people: Vec<u64>) -> Result<(i64, i64)> {
        let leave = |n: u64| LeaveRoom {
            token_id: QueueTokenId(id(Kind::QueueToken, n)),
            room_id: RoomId::SITE,
        };
        let left = self.ask(people.into_iter().map(leave).collect()).await?;
        ensure!(left.iter().all(Result::is_ok), "a departure was refused");
        Ok((0, 0))
    }

    /// Admits a twentieth of those who wait.
    async fn admit(&self) -> Result<u64> {
        let wanted = self.lines.waiting(RoomId::SITE) / 20;
        let mut count = 0;
        while count < wanted {
            let admitted = self.ask(vec![Admit { room_id: RoomId::SITE }]).await?;
            let admitted = admitted.into_iter().next().context("an answer")?;
            count += u64::try_from(admitted.map_or(0, |admitted| admitted.count))?;
        }
        Ok(count)
    }
}

/// Microseconds since 1970.
fn now() -> i64 {
    i64::try_from(SystemClock.now().unix_timestamp_nanos() / 1_000).unwrap_or_default()
}

fn resident_megabytes() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line.context("its memory")?.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_000.0)
}
