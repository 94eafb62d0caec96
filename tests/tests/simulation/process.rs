//! One process of the service: its clock, its lines in memory, its jobs, and the requests that
//! queue in it. All of that is lost when it is killed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use stagedoor::joins::Joins;
use stagedoor::lines::{HeartbeatFlusher, LineFollower, MemoryLines, PeerWatch};
use stagedoor::periodic_job::PeriodicJob;
use stagedoor::scheduler::{
    AdmissionJob, HoldExpiryJob, RetentionJob, SettlementJob, TokenExpiryJob,
};
use stagedoor_domain::operations::{FanOutEvents, JoinRoom};
use stagedoor_domain::ports::{Clock, Execute, Kept, StoreError};
use stagedoor_domain::{Instant, Peers, Submission, Verdict};
use time::Duration;
use tokio::time::Instant as Tick;

use crate::calls::{self, Answered, Asked, Kind, at_once};
use crate::clock::SetClock;
use crate::deliveries::Attempts;
use crate::disk::{Disk, Shared};
use crate::intents::Letter;

/// How long answers to idempotency keys are kept.
pub const RECORDS_KEPT: Duration = Duration::hours(2);
/// So short that readers who are late miss some.
const CHANGES_KEPT: Duration = Duration::seconds(20);
/// More heartbeats than people give between two flushes, and fewer than one batch of them.
const HEARTBEATS_MAX: usize = 1_000;

/// What a process does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    Follow,
    Flush,
    ExpireHolds,
    ExpireTokens,
    Admit,
    Settle,
    FanOut,
    DeleteIdempotencyRecords,
    DeleteLineChanges,
}

impl Chore {
    pub const ALL: [Self; 9] = [
        Self::Follow,
        Self::Flush,
        Self::ExpireHolds,
        Self::ExpireTokens,
        Self::Admit,
        Self::Settle,
        Self::FanOut,
        Self::DeleteIdempotencyRecords,
        Self::DeleteLineChanges,
    ];
}

/// What became of a request: its letter, and the answer to it.
pub type Outcome = (Letter, Result<Answered, StoreError>);

/// Joins that are under way: between two steps, other processes do what they do.
struct Joining {
    batch: Vec<Letter>,
    answers: BoxFuture<'static, Result<Vec<Verdict<JoinRoom>>, StoreError>>,
}

pub struct Process {
    pub disk: Arc<Disk>,
    pub lines: Arc<MemoryLines>,
    /// How far its clock is ahead of the true time.
    pub skew: Duration,
    /// It does nothing before this move of the simulation.
    pub frozen_until: usize,
    /// What it has begun to deliver.
    pub attempts: Attempts,
    clock: Arc<SetClock>,
    lanes: BTreeMap<Kind, Vec<Letter>>,
    joining: Option<Joining>,
}

impl Process {
    pub fn start(shared: &Arc<Shared>, number: usize, now: Instant, skew: Duration) -> Self {
        Self {
            disk: Arc::new(Disk::new(Arc::clone(shared), number)),
            lines: Arc::new(MemoryLines::new(HEARTBEATS_MAX)),
            skew,
            frozen_until: 0,
            attempts: Attempts::default(),
            clock: Arc::new(SetClock::at(now + skew)),
            lanes: BTreeMap::new(),
            joining: None,
        }
    }

    /// Lets the true time reach the process.
    pub fn set_time(&self, now: Instant) {
        self.clock.set(now + self.skew);
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    pub fn queue(&mut self, letter: Letter) {
        self.lanes.entry(letter.asked.kind()).or_default().push(letter);
    }

    /// The kinds of which something has queued.
    pub fn queued(&self) -> Vec<Kind> {
        let lanes = self.lanes.iter().filter(|(_, lane)| !lane.is_empty()).map(|(kind, _)| *kind);
        let joining = self.joining.is_some().then_some(Kind::Join);
        let mut kinds: Vec<Kind> = lanes.chain(joining).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Executes one batch of at most this size, or a step of it. A process that dies meanwhile answers no request.
    pub fn commit(&mut self, kind: Kind, most: usize) -> Vec<Outcome> {
        if kind == Kind::Join {
            return self.join(most);
        }
        let batch = self.take(kind, most);
        if batch.is_empty() {
            return Vec::new();
        }
        let asked: Vec<_> = batch.iter().map(|letter| letter.asked.clone()).collect();
        let executed = calls::execute(&self.disk, kind, &asked, self.clock.now());
        self.outcomes(batch, executed)
    }

    fn take(&mut self, kind: Kind, most: usize) -> Vec<Letter> {
        let lane = self.lanes.entry(kind).or_default();
        lane.drain(..most.min(lane.len())).collect()
    }

    /// Goes on with the joins that are under way, or begins the next ones.
    fn join(&mut self, most: usize) -> Vec<Outcome> {
        let mut joining = match self.joining.take() {
            Some(joining) => joining,
            None => match self.take(Kind::Join, most) {
                batch if batch.is_empty() => return Vec::new(),
                batch => self.begin_to_join(batch),
            },
        };
        match joining.answers.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {
                self.joining = Some(joining);
                Vec::new()
            }
            Poll::Ready(answers) => {
                let executed = answers.map(|it| it.into_iter().map(Answered::Join).collect());
                self.outcomes(joining.batch, executed)
            }
        }
    }

    fn begin_to_join(&self, batch: Vec<Letter>) -> Joining {
        let submission = |letter: &Letter| match &letter.asked {
            Asked::Join(submission) => Some(submission.clone()),
            _ => None,
        };
        let submissions: Vec<Submission<JoinRoom>> = batch.iter().filter_map(submission).collect();
        let peers = PeerWatch::new();
        peers.pulsed(Tick::now(), Peers::Present);
        let joins = Joins::new(Arc::clone(&self.disk), self.lines.clone(), Arc::new(peers));
        let (joins, now) = (joins.in_two_steps_from(1), self.clock.now());
        Joining { batch, answers: Box::pin(async move { joins.execute(&submissions, now).await }) }
    }

    fn outcomes(
        &self,
        batch: Vec<Letter>,
        executed: Result<Vec<Answered>, StoreError>,
    ) -> Vec<Outcome> {
        if self.disk.is_dead() {
            return Vec::new();
        }
        match executed {
            Ok(answers) => {
                assert_eq!(answers.len(), batch.len(), "one verdict for each request");
                batch.into_iter().zip(answers.into_iter().map(Ok)).collect()
            }
            Err(error) => batch.into_iter().map(|letter| (letter, Err(error.clone()))).collect(),
        }
    }

    /// Does a chore once, as far as the store lets it.
    pub fn job(&self, chore: Chore) -> Result<(), StoreError> {
        let lines = || Arc::clone(&self.lines);
        let disk = || Arc::clone(&self.disk);
        let clock = || self.clock();
        // Each of them is as good as new: what a chore remembers, it remembers in the lines.
        let job: Box<dyn PeriodicJob> = match chore {
            Chore::Follow => Box::new(LineFollower::new(lines(), disk(), clock())),
            Chore::Flush => Box::new(HeartbeatFlusher::new(lines(), disk(), clock())),
            Chore::ExpireHolds => Box::new(HoldExpiryJob::new(disk(), clock())),
            Chore::ExpireTokens => Box::new(TokenExpiryJob::new(disk(), clock())),
            Chore::Admit => Box::new(AdmissionJob::new(lines(), disk(), clock())),
            Chore::FanOut => {
                let now = self.clock.now();
                return at_once(self.disk.execute_one(FanOutEvents::default(), now)).map(drop);
            }
            Chore::Settle => Box::new(SettlementJob::new(disk(), clock())),
            Chore::DeleteIdempotencyRecords => {
                Box::new(RetentionJob::new(Kept::IdempotencyRecords, disk(), clock(), RECORDS_KEPT))
            }
            Chore::DeleteLineChanges => {
                Box::new(RetentionJob::new(Kept::LineChanges, disk(), clock(), CHANGES_KEPT))
            }
        };
        at_once(job.run_once())
    }
}
