//! One process of the service: its clock, its lines in memory, its jobs, and the requests that
//! queue in it. All of that is lost when it is killed.

use std::collections::BTreeMap;
use std::sync::Arc;

use stagedoor::lines::{HeartbeatFlusher, LineFollower, MemoryLines};
use stagedoor::periodic_job::PeriodicJob;
use stagedoor::scheduler::{
    AdmissionJob, HoldExpiryJob, IdempotencyRecordJob, SettlementJob, TokenExpiryJob,
};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Clock, StoreError};
use time::Duration;

use crate::calls::{self, Answered, Kind, at_once};
use crate::clock::SetClock;
use crate::disk::{Disk, Shared};
use crate::intents::Letter;

/// How long answers to idempotency keys are kept.
pub const RECORDS_KEPT: Duration = Duration::hours(2);
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
    DeleteIdempotencyRecords,
}

impl Chore {
    pub const ALL: [Self; 7] = [
        Self::Follow,
        Self::Flush,
        Self::ExpireHolds,
        Self::ExpireTokens,
        Self::Admit,
        Self::Settle,
        Self::DeleteIdempotencyRecords,
    ];
}

/// What became of a request: its letter, and the answer to it.
pub type Outcome = (Letter, Result<Answered, StoreError>);

pub struct Process {
    pub disk: Arc<Disk>,
    pub lines: Arc<MemoryLines>,
    /// How far its clock is ahead of the true time.
    pub skew: Duration,
    /// It does nothing before this move of the simulation.
    pub frozen_until: usize,
    clock: Arc<SetClock>,
    lanes: BTreeMap<Kind, Vec<Letter>>,
}

impl Process {
    pub fn start(shared: &Arc<Shared>, number: usize, now: Instant, skew: Duration) -> Self {
        Self {
            disk: Arc::new(Disk::new(Arc::clone(shared), number)),
            lines: Arc::new(MemoryLines::new(HEARTBEATS_MAX)),
            skew,
            frozen_until: 0,
            clock: Arc::new(SetClock::at(now + skew)),
            lanes: BTreeMap::new(),
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
        self.lanes.iter().filter(|(_, lane)| !lane.is_empty()).map(|(kind, _)| *kind).collect()
    }

    /// Executes one batch of at most this size. A process that dies meanwhile answers no request.
    pub fn commit(&mut self, kind: Kind, most: usize) -> Vec<Outcome> {
        let lane = self.lanes.entry(kind).or_default();
        let batch: Vec<_> = lane.drain(..most.min(lane.len())).collect();
        if batch.is_empty() {
            return Vec::new();
        }
        let asked: Vec<_> = batch.iter().map(|letter| letter.asked.clone()).collect();
        let executed = calls::execute(&self.disk, kind, &asked, self.clock.now());
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
            Chore::Settle => Box::new(SettlementJob::new(disk(), clock())),
            Chore::DeleteIdempotencyRecords => {
                Box::new(IdempotencyRecordJob::new(disk(), clock(), RECORDS_KEPT))
            }
        };
        at_once(job.run_once())
    }
}
