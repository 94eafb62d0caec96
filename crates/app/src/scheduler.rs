//! What is done again and again: following the lines, writing heartbeats, letting people in,
//! and expiring what is overdue.
//!
//! No rule depends on any of it being on time (rule 13), and each may run in any number of
//! processes at once: what must not happen twice is decided under the store's locks.

mod admission;
mod clock;
mod expiry;
mod gauges;
mod line_sync;
mod moved_dates;
mod pulse;
mod retention;
mod settlement;
#[cfg(test)]
mod tests;
mod ticket_repair;

use std::sync::Arc;
use std::time::Duration;

use stagedoor_domain::operations::TellMoves;
use stagedoor_domain::ports::{Clock, Execute, Kept, LineSync, Maintenance, StoreError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::StoreClock;
use crate::lines::{HeartbeatFlusher, LineFollower, MemoryLines, PeerWatch};
use crate::periodic_job::{PeriodicJob, run_every};
use crate::sessions::{MemorySessions, SessionFollower};
use crate::settings::{Settings, Switch};
use crate::store::Store;

pub use admission::AdmissionJob;
use clock::{CLOCK_INTERVAL, ClockJob};
pub use expiry::{HoldExpiryJob, TokenExpiryJob};
pub use gauges::GaugeJob;
use line_sync::PeerSync;
pub use moved_dates::MovedDatesJob;
use pulse::{AfterPulse, Leave, PulseJob};
pub use retention::RetentionJob;
pub use settlement::SettlementJob;
pub use ticket_repair::TicketRepairJob;

/// How often sessions that another process ended are looked for.
const SESSIONS_INTERVAL: Duration = Duration::from_secs(1);
/// How often tickets of cancelled schedules are looked for, which are to be refunded.
const SETTLEMENT_INTERVAL: Duration = Duration::from_secs(1);
/// How often tickets that an older program left out are looked for.
const TICKET_REPAIR_INTERVAL: Duration = Duration::from_secs(2);
/// How often dates whose holders are to be told of a move are looked for.
const MOVED_DATES_INTERVAL: Duration = Duration::from_secs(1);
/// How often old idempotency records, changes of lines and events are deleted.
const RETENTION_INTERVAL: Duration = Duration::from_secs(60);
/// How long changes of lines are kept. A process that was away for longer reads lines anew.
const LINE_CHANGES_KEPT: time::Duration = time::Duration::minutes(10);

/// The periodic jobs of one process, and how often each runs.
pub struct Scheduler {
    refresh: Arc<dyn PeriodicJob>,
    sessions: Arc<dyn PeriodicJob>,
    flush: Arc<dyn PeriodicJob>,
    pulse: Arc<dyn PeriodicJob>,
    leave: Arc<dyn PeriodicJob>,
    line_sync: Arc<dyn LineSync>,
    peers: Arc<PeerWatch>,
    /// In the order in which one full round does them.
    janitor: Vec<(Arc<dyn PeriodicJob>, Duration)>,
    gauges: Arc<dyn PeriodicJob>,
    /// Nothing if the store has no clock of its own.
    clock: Option<Arc<dyn PeriodicJob>>,
    refresh_interval: Duration,
    flush_interval: Duration,
    gauges_interval: Duration,
    janitor_is_on: bool,
}

impl Scheduler {
    /// The jobs over a store.
    pub fn new(
        store: &Arc<dyn Store>,
        lines: &Arc<MemoryLines>,
        sessions: &Arc<MemorySessions>,
        clock: &Arc<dyn Clock>,
        settings: &Settings,
    ) -> Self {
        let work = &settings.work;
        let store = || Arc::clone(store);
        let lines = || Arc::clone(lines);
        let clock = || Arc::clone(clock);
        let expiry = Duration::from_millis(work.expiry_milliseconds);
        let admission = Duration::from_millis(work.admission_milliseconds);
        let kept = time::Duration::hours(settings.times.idempotency_key_hours.cast_signed());
        let events_kept = time::Duration::days(settings.times.event_days.cast_signed());
        let heartbeats = Arc::new(HeartbeatFlusher::new(lines(), store(), clock()));
        let flush: Arc<dyn PeriodicJob> = heartbeats.clone();
        let follower = Arc::new(LineFollower::new(lines(), store(), clock()));
        let peers = Arc::new(PeerWatch::new());
        let refresh: Arc<dyn PeriodicJob> = follower.clone();
        let pulse = Arc::new(PulseJob::new(
            Arc::clone(&flush),
            Arc::clone(&refresh),
            Arc::clone(&peers),
            store(),
            clock(),
        ));
        let after_pulse = |job| Arc::new(AfterPulse::new(Arc::clone(&pulse), job));
        let retention = |what, time| -> Arc<dyn PeriodicJob> {
            Arc::new(RetentionJob::new(what, store(), clock(), time))
        };
        let sessions = SessionFollower::new(Arc::clone(sessions), store(), clock());
        Self {
            sessions: Arc::new(sessions),
            refresh,
            line_sync: Arc::new(PeerSync::new(follower, Arc::clone(&pulse), Arc::clone(&peers))),
            peers,
            flush,
            janitor: vec![
                (Arc::new(HoldExpiryJob::new(store(), clock())), expiry),
                (after_pulse(Arc::new(TokenExpiryJob::new(store(), clock()))), expiry),
                (after_pulse(Arc::new(AdmissionJob::new(lines(), store(), clock()))), admission),
                (Arc::new(SettlementJob::new(store(), clock())), SETTLEMENT_INTERVAL),
                (Arc::new(TicketRepairJob::new(store(), clock())), TICKET_REPAIR_INTERVAL),
                (retention(Kept::IdempotencyRecords, kept), RETENTION_INTERVAL),
                (retention(Kept::LineChanges, LINE_CHANGES_KEPT), RETENTION_INTERVAL),
                (retention(Kept::Events, events_kept), RETENTION_INTERVAL),
            ],
            leave: Arc::new(Leave::new(Arc::clone(&pulse), heartbeats)),
            pulse,
            gauges: Arc::new(GaugeJob::new(lines(), store(), store(), clock())),
            clock: None,
            refresh_interval: Duration::from_millis(work.refresh_milliseconds),
            flush_interval: Duration::from_millis(work.flush_milliseconds),
            gauges_interval: Duration::from_millis(work.gauges_milliseconds),
            janitor_is_on: work.janitor == Switch::On,
        }
    }

    /// Tells holders by e-mail of dates that were moved.
    pub fn telling_moves<S>(mut self, store: &Arc<S>, clock: &Arc<dyn Clock>) -> Self
    where
        S: Execute<TellMoves> + ?Sized + 'static,
    {
        let job = MovedDatesJob::new(Arc::clone(store), Arc::clone(clock));
        self.janitor.push((Arc::new(job), MOVED_DATES_INTERVAL));
        self
    }

    /// Has this clock follow the store's.
    pub fn following<S>(self, store: &Arc<S>, clock: Arc<StoreClock>) -> Self
    where
        S: Maintenance + ?Sized + 'static,
    {
        Self { clock: Some(Arc::new(ClockJob { clock, store: Arc::clone(store) })), ..self }
    }

    /// Brings the lines and what is known of ended sessions up to date.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.sessions.run_once().await?;
        self.refresh.run_once().await
    }

    /// Tells the store that this process has it. The first time after an outage, waiting tokens are
    /// not charged for it.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn pulse(&self) -> Result<(), StoreError> {
        self.pulse.run_once().await
    }

    /// Writes the last heartbeats and tells the store that this process answers no more.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn leave(&self) -> Result<(), StoreError> {
        self.leave.run_once().await
    }

    /// Keeps the lines as new as what other processes tell.
    pub fn line_sync(&self) -> Arc<dyn LineSync> {
        Arc::clone(&self.line_sync)
    }

    /// What is known of other processes.
    pub fn peers(&self) -> Arc<PeerWatch> {
        Arc::clone(&self.peers)
    }

    /// Writes the heartbeats that are not kept any longer.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.flush.run_once().await
    }

    /// Does everything once, whether or not the janitor is on: a step for tests that move time.
    ///
    /// # Errors
    /// The first failure of the store.
    pub async fn run_once(&self) -> Result<(), StoreError> {
        self.flush().await?;
        self.refresh().await?;
        for (job, _) in &self.janitor {
            job.run_once().await?;
        }
        self.refresh().await
    }

    /// Runs the loops until `stop`. Must be called within a tokio runtime.
    pub fn start(&self, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
        let mut loops = vec![
            (&self.refresh, self.refresh_interval),
            (&self.sessions, SESSIONS_INTERVAL),
            (&self.pulse, self.flush_interval),
            (&self.gauges, self.gauges_interval),
        ];
        loops.extend(self.clock.iter().map(|clock| (clock, CLOCK_INTERVAL)));
        if self.janitor_is_on {
            loops.extend(self.janitor.iter().map(|(job, interval)| (job, *interval)));
        }
        loops
            .into_iter()
            .map(|(job, interval)| tokio::spawn(run_every(Arc::clone(job), interval, stop.clone())))
            .collect()
    }
}
