//! Telling the store that this process can take heartbeats.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use stagedoor_domain::operations::{KeepWaiting, RecordHeartbeats};
use stagedoor_domain::ports::{Clock, Execute, Maintenance, StoreError};
use stagedoor_domain::pulse::GAP_MAX;
use stagedoor_domain::{Peers, ProcessId, Pulse};
use tokio::time::Instant as Tick;

use crate::ids::new_id;
use crate::lines::{HeartbeatFlusher, PeerWatch};
use crate::periodic_job::PeriodicJob;
use crate::rounds::Rounds;

/// The longest time between two pulses while the store is there: the bound of `flush-milliseconds`.
const PULSE_INTERVAL: Duration = Duration::from_secs(1);

/// Writes the heartbeats that were kept, and then tells the store that this process has it. The
/// heartbeats come first: after an outage no token expires before they are written.
pub struct PulseJob<S: ?Sized> {
    process: ProcessId,
    flush: Arc<dyn PeriodicJob>,
    refresh: Arc<dyn PeriodicJob>,
    peers: Arc<PeerWatch>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    rounds: Rounds,
    /// Measured by the monotonic clock.
    last: Mutex<Option<Tick>>,
}

impl<S: Maintenance + ?Sized> PulseJob<S> {
    /// Tells `store`, after `flush`, and `peers` what it found of other processes; before this one
    /// is alone, `refresh` brings its lines up to date.
    pub fn new(
        flush: Arc<dyn PeriodicJob>,
        refresh: Arc<dyn PeriodicJob>,
        peers: Arc<PeerWatch>,
        store: Arc<S>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (process, rounds) = (ProcessId(new_id()), Rounds::default());
        Self { process, flush, refresh, peers, store, clock, rounds, last: Mutex::default() }
    }

    async fn pulse(&self) -> Result<(), StoreError> {
        self.flush.run_once().await?;
        let (pulse, at) = (self.next_pulse(), Tick::now());
        let peers = self.store.pulse(self.process, pulse, self.clock.now()).await?;
        *self.last.lock() = Some(at);
        // Others may have told positions until a moment ago.
        if peers == Peers::Absent && !self.peers.is_alone() {
            self.refresh.run_once().await?;
        }
        self.peers.pulsed(at, peers);
        Ok(())
    }

    /// Whether this process has just had the store, so that few heartbeats are unwritten.
    fn is_recent(&self) -> bool {
        let last = *self.last.lock();
        last.is_some_and(|last| last.elapsed() <= PULSE_INTERVAL + PULSE_INTERVAL / 4)
    }

    /// Whether the store may not have moved deadlines yet by its last outage.
    pub(super) fn is_due_after_outage(&self) -> bool {
        self.next_pulse() != Pulse::Steady
    }

    fn next_pulse(&self) -> Pulse {
        match *self.last.lock() {
            None => Pulse::Start,
            Some(last) if last.elapsed() > GAP_MAX.unsigned_abs() => Pulse::Recovered,
            Some(_) => Pulse::Steady,
        }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> PeriodicJob for PulseJob<S> {
    fn name(&self) -> &'static str {
        "pulse"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        let pulsed = self.rounds.join(async || self.pulse().await).await;
        if pulsed.is_err() {
            self.peers.cut_off();
        }
        pulsed
    }
}

/// Writes the last heartbeats and tells the store that this process answers no more. If there are too many to write, it tells
/// nothing: the process counts as lost, and all who wait get more time.
pub struct Leave<S: ?Sized, H: ?Sized> {
    pulse: Arc<PulseJob<S>>,
    heartbeats: Arc<HeartbeatFlusher<H>>,
}

impl<S: ?Sized, H: ?Sized> Leave<S, H> {
    /// Writes `heartbeats` and takes back what `pulse` tells.
    pub fn new(pulse: Arc<PulseJob<S>>, heartbeats: Arc<HeartbeatFlusher<H>>) -> Self {
        Self { pulse, heartbeats }
    }
}

#[async_trait]
impl<S, H> PeriodicJob for Leave<S, H>
where
    S: Maintenance + ?Sized + 'static,
    H: Execute<RecordHeartbeats> + Execute<KeepWaiting> + ?Sized + 'static,
{
    fn name(&self) -> &'static str {
        "leave"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        if self.heartbeats.write_all().await? {
            self.pulse.store.leave(self.pulse.process).await?;
        }
        Ok(())
    }
}

/// A job that judges waiting tokens, which waits for the first pulse after an outage.
pub struct AfterPulse<S: ?Sized> {
    pulse: Arc<PulseJob<S>>,
    job: Arc<dyn PeriodicJob>,
}

impl<S: ?Sized> AfterPulse<S> {
    /// Runs `job` only while `pulse` has the store.
    pub fn new(pulse: Arc<PulseJob<S>>, job: Arc<dyn PeriodicJob>) -> Self {
        Self { pulse, job }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> PeriodicJob for AfterPulse<S> {
    fn name(&self) -> &'static str {
        self.job.name()
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        if !self.pulse.is_recent() {
            self.pulse.run_once().await?;
        }
        self.job.run_once().await
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::ports::{Heartbeat, Lines, MockMaintenance};
    use stagedoor_domain::queue_token::Heartbeats;
    use stagedoor_domain::{QueueTokenId, RoomId, RoomPolicy};

    use super::*;
    use crate::lines::MemoryLines;
    use crate::testing::{NOW, StoppedClock, Written};

    /// A store that can be down, and what it was told; the same stands for the other jobs.
    struct Noting {
        told: Mutex<Vec<String>>,
        is_down: Mutex<bool>,
        peers: Mutex<Peers>,
    }

    impl Noting {
        fn new(peers: Peers) -> Arc<Self> {
            Arc::new(Self {
                told: Mutex::default(),
                is_down: Mutex::default(),
                peers: Mutex::new(peers),
            })
        }

        fn pulse_job(self: &Arc<Self>) -> (Arc<PulseJob<MockMaintenance>>, Arc<PeerWatch>) {
            let step = |name| Arc::new(Step(Arc::clone(self), name));
            let peers = Arc::new(PeerWatch::new());
            let (mut store, noting) = (MockMaintenance::new(), Arc::clone(self));
            store.expect_pulse().returning(move |_, pulse, _| {
                noting.tell(&format!("{pulse:?}"))?;
                Ok(*noting.peers.lock())
            });
            let noting = Arc::clone(self);
            store.expect_leave().returning(move |_| noting.tell("leave"));
            let (store, clock) = (Arc::new(store), Arc::new(StoppedClock(NOW)));
            let (flush, refresh) = (step("flush"), step("refresh"));
            let pulse = PulseJob::new(flush, refresh, Arc::clone(&peers), store, clock);
            (Arc::new(pulse), peers)
        }

        fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.told.lock())
        }

        fn tell(&self, what: &str) -> Result<(), StoreError> {
            if *self.is_down.lock() {
                return Err(StoreError::Unavailable("down".to_owned()));
            }
            self.told.lock().push(what.to_owned());
            Ok(())
        }
    }

    struct Step(Arc<Noting>, &'static str);

    #[async_trait]
    impl PeriodicJob for Step {
        fn name(&self) -> &'static str {
            self.1
        }

        async fn run_once(&self) -> Result<(), StoreError> {
            self.0.tell(self.1)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_outage_heartbeats_are_written_and_refunded_before_anyone_is_judged() {
        let store = Noting::new(Peers::Impossible);
        let (pulse, _) = store.pulse_job();
        let judge = AfterPulse::new(pulse.clone(), Arc::new(Step(store.clone(), "judge")));
        pulse.run_once().await.unwrap();
        judge.run_once().await.unwrap();
        assert_eq!(store.take(), ["flush", "Start", "judge"]);
        tokio::time::advance(Duration::from_secs(1)).await;
        pulse.run_once().await.unwrap();

        *store.is_down.lock() = true;
        tokio::time::advance(Duration::from_secs(16)).await;
        assert!(pulse.run_once().await.is_err() && judge.run_once().await.is_err());
        *store.is_down.lock() = false;
        store.take();
        judge.run_once().await.unwrap();
        judge.run_once().await.unwrap();

        assert_eq!(store.take(), ["flush", "Recovered", "judge", "judge"]);
        assert_eq!(judge.name(), "judge");
    }

    #[tokio::test(start_paused = true)]
    async fn no_token_is_judged_later_than_an_interval_and_a_quarter_after_a_pulse() {
        let store = Noting::new(Peers::Impossible);
        let (pulse, _) = store.pulse_job();
        let judge = AfterPulse::new(pulse.clone(), Arc::new(Step(store.clone(), "judge")));
        pulse.run_once().await.unwrap();
        store.take();

        tokio::time::advance(Duration::from_millis(1_250)).await;
        judge.run_once().await.unwrap();
        assert_eq!(store.take(), ["judge"]);
        tokio::time::advance(Duration::from_millis(1)).await;
        judge.run_once().await.unwrap();

        assert_eq!(store.take(), ["flush", "Steady", "judge"]);
    }

    #[tokio::test]
    async fn the_end_is_told_to_the_store_unless_too_many_heartbeats_wait_to_be_written() {
        for (waiting, told) in [(20_000, vec!["leave"]), (20_001, vec![])] {
            let store = Noting::new(Peers::Absent);
            let (pulse, _) = store.pulse_job();
            let lines = Arc::new(MemoryLines::new(waiting));
            for number in 0..waiting {
                lines.note_heartbeat(a_heartbeat(number)).unwrap();
            }
            let clock = Arc::new(StoppedClock(NOW));
            let heartbeats = HeartbeatFlusher::new(lines, Arc::new(Written::default()), clock);
            let leave = Leave::new(Arc::clone(&pulse), Arc::new(heartbeats));

            leave.run_once().await.unwrap();

            assert_eq!(store.take(), told);
            assert_eq!([pulse.name(), leave.name()], ["pulse", "leave"]);
        }
    }

    fn a_heartbeat(number: usize) -> Heartbeat {
        let token_id = QueueTokenId(uuid::Uuid::from_u128(number as u128));
        let heartbeats = Heartbeats::one(&RoomPolicy::default(), NOW, true);
        Heartbeat { room_id: RoomId::SITE, sequence: 1, token_id, heartbeats }
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_reads_the_lines_anew_before_it_is_alone() {
        let store = Noting::new(Peers::Absent);
        let (pulse, peers) = store.pulse_job();
        for (found, is_alone, told) in [
            (Peers::Absent, true, vec!["flush", "Start", "refresh"]),
            (Peers::Absent, true, vec!["flush", "Steady"]),
            (Peers::Present, false, vec!["flush", "Steady"]),
            (Peers::Absent, true, vec!["flush", "Steady", "refresh"]),
        ] {
            *store.peers.lock() = found;
            pulse.run_once().await.unwrap();
            assert_eq!(
                (store.take(), peers.is_alone()),
                (told.iter().map(ToString::to_string).collect(), is_alone)
            );
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_was_alone_tells_positions_from_memory_while_the_store_is_away() {
        for (found, is_alone) in [(Peers::Absent, true), (Peers::Present, false)] {
            let store = Noting::new(found);
            let (pulse, peers) = store.pulse_job();
            pulse.run_once().await.unwrap();
            *store.is_down.lock() = true;
            tokio::time::advance(Duration::from_secs(2)).await;
            assert!(!peers.is_alone(), "another process may have started");

            assert!(pulse.run_once().await.is_err());

            assert_eq!(peers.is_alone(), is_alone);
        }
    }
}
