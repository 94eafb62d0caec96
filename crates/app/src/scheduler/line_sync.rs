//! Positions that are as new as what other processes tell.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::RoomId;
use stagedoor_domain::ports::{LineSync, Maintenance, StoreError, WaitingLines};
use tokio::time::{sleep_until, timeout};

use super::PulseJob;
use crate::lines::{Company, LineFollower, PeerWatch};
use crate::periodic_job::PeriodicJob;

/// How long a process that was alone waits for a late pulse before it counts as cut off.
const PULSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Lets lines catch up with the store while other processes tell positions too.
pub struct PeerSync<S: ?Sized> {
    follower: Arc<LineFollower<S>>,
    pulse: Arc<PulseJob<S>>,
    peers: Arc<PeerWatch>,
}

impl<S: Maintenance + ?Sized + 'static> PeerSync<S> {
    /// Asks `pulse` whether there are others when `peers` does not know, and `follower` for changes.
    pub fn new(
        follower: Arc<LineFollower<S>>,
        pulse: Arc<PulseJob<S>>,
        peers: Arc<PeerWatch>,
    ) -> Self {
        Self { follower, pulse, peers }
    }

    /// What this process may do, once it knows.
    async fn company(&self) -> Result<Company, StoreError> {
        match self.peers.company() {
            Company::Unknown { found_peers: true } => self.pulse().await?,
            Company::Unknown { found_peers: false } => {
                // A failed pulse, too, leaves this process cut off.
                if timeout(PULSE_TIMEOUT, self.pulse()).await.is_err() {
                    self.peers.cut_off();
                }
            }
            known => return Ok(known),
        }
        Ok(self.peers.company())
    }

    /// Pulses in a task of its own: it goes on when the caller waits no longer, so that the
    /// heartbeats it writes are not lost.
    async fn pulse(&self) -> Result<(), StoreError> {
        let pulse = Arc::clone(&self.pulse);
        let pulsed = tokio::spawn(async move { pulse.run_once().await });
        pulsed.await.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}

#[async_trait]
impl<S: Maintenance + WaitingLines + ?Sized + 'static> LineSync for PeerSync<S> {
    fn is_current(&self) -> bool {
        self.peers.is_alone()
    }

    async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError> {
        match self.company().await? {
            Company::Alone => Ok(()),
            Company::WithPeers(tells_from) => {
                sleep_until(tells_from).await;
                self.follower.catch_up(room_id).await
            }
            Company::Unknown { .. } => {
                Err(StoreError::Unavailable("the process has no recent pulse".to_owned()))
            }
        }
    }

    async fn settle(&self) -> Result<(), StoreError> {
        if self.pulse.is_due_after_outage() { self.pulse().await } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Mutex;

    use stagedoor_domain::ports::{Kept, Readiness};
    use stagedoor_domain::{Instant, LinePage, Peers, ProcessId, Pulse, Room};
    use tokio::time::{Instant as Tick, advance};

    use super::*;
    use crate::lines::MemoryLines;
    use crate::testing::{NOW, StoppedClock};

    /// How a store takes a pulse.
    #[derive(Clone, Copy)]
    enum Answer {
        Finds(Peers),
        Fails,
        Hangs,
    }

    /// A store without rooms, and when its rooms were read.
    struct Store {
        answer: Mutex<Answer>,
        reads: Mutex<Vec<Tick>>,
    }

    #[async_trait]
    impl Maintenance for Store {
        async fn readiness(&self) -> Result<Readiness, StoreError> {
            Err(StoreError::Unavailable("not asked".to_owned()))
        }

        async fn delete_old(&self, _: Kept, _: Instant, _: usize) -> Result<usize, StoreError> {
            Ok(0)
        }

        async fn pulse(&self, _: ProcessId, _: Pulse, _: Instant) -> Result<Peers, StoreError> {
            let answer = *self.answer.lock().unwrap();
            match answer {
                Answer::Finds(peers) => Ok(peers),
                Answer::Fails => Err(StoreError::Unavailable("down".to_owned())),
                Answer::Hangs => pending().await,
            }
        }
    }

    #[async_trait]
    impl WaitingLines for Store {
        async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
            self.reads.lock().unwrap().push(Tick::now());
            Ok(Vec::new())
        }

        async fn line_part(&self, _: RoomId, _: i64, _: usize) -> Result<LinePage, StoreError> {
            Ok(LinePage::default())
        }

        async fn line_changes(&self, _: RoomId, _: i64, _: usize) -> Result<LinePage, StoreError> {
            Ok(LinePage::default())
        }
    }

    struct Nothing;

    #[async_trait]
    impl PeriodicJob for Nothing {
        fn name(&self) -> &'static str {
            "nothing"
        }

        async fn run_once(&self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    /// What keeps the lines of a process that has just pulsed, and its store.
    async fn after_a_pulse_that_found(peers: Peers) -> (PeerSync<Store>, Arc<Store>) {
        let answer = Mutex::new(Answer::Finds(peers));
        let store = Arc::new(Store { answer, reads: Mutex::default() });
        let (clock, lines) = (Arc::new(StoppedClock(NOW)), Arc::new(MemoryLines::new(1)));
        let follower = Arc::new(LineFollower::new(lines, store.clone(), clock.clone()));
        let watch = Arc::new(PeerWatch::new());
        let (flush, refresh) = (Arc::new(Nothing), Arc::new(Nothing));
        let pulse = PulseJob::new(flush, refresh, watch.clone(), store.clone(), clock);
        pulse.run_once().await.unwrap();
        (PeerSync::new(follower, Arc::new(pulse), watch), store)
    }

    #[tokio::test(start_paused = true)]
    async fn next_to_others_a_line_is_read_once_they_have_noticed_this_process() {
        let noticed = Tick::now() + Duration::from_secs(2);
        let (sync, store) = after_a_pulse_that_found(Peers::Present).await;
        assert!(!sync.is_current());

        sync.catch_up(RoomId::SITE).await.unwrap();

        assert_eq!(*store.reads.lock().unwrap(), [noticed]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_was_alone_pulses_before_it_tells_a_position_when_its_pulse_is_late() {
        for (answer, is_current, waits, reads) in [
            (Answer::Finds(Peers::Absent), true, 0, 0),
            (Answer::Finds(Peers::Present), false, 0, 1),
            (Answer::Fails, true, 0, 0),
            (Answer::Hangs, true, 1, 0),
        ] {
            let (sync, store) = after_a_pulse_that_found(Peers::Absent).await;
            assert!(sync.is_current());
            advance(Duration::from_secs(2)).await;
            *store.answer.lock().unwrap() = answer;
            let asked = Tick::now();

            assert!(!sync.is_current());
            sync.catch_up(RoomId::SITE).await.unwrap();

            assert_eq!((sync.is_current(), asked.elapsed().as_secs()), (is_current, waits));
            assert_eq!(store.reads.lock().unwrap().len(), reads);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_outage_of_the_store_a_pulse_moves_deadlines_before_a_token_is_judged() {
        let (sync, store) = after_a_pulse_that_found(Peers::Absent).await;
        *store.answer.lock().unwrap() = Answer::Fails;
        advance(Duration::from_secs(3)).await;
        assert_eq!(sync.settle().await, Ok(()), "three seconds are no outage");

        advance(Duration::from_secs(1)).await;
        assert_eq!(sync.settle().await, Err(StoreError::Unavailable("down".to_owned())));
        *store.answer.lock().unwrap() = Answer::Finds(Peers::Absent);
        assert_eq!(sync.settle().await, Ok(()));
        *store.answer.lock().unwrap() = Answer::Fails;
        assert_eq!(sync.settle().await, Ok(()), "it has just pulsed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_had_others_tells_no_position_without_the_store() {
        let (sync, store) = after_a_pulse_that_found(Peers::Present).await;
        advance(Duration::from_secs(3)).await;
        *store.answer.lock().unwrap() = Answer::Fails;

        let answer = sync.catch_up(RoomId::SITE).await;

        assert_eq!(answer, Err(StoreError::Unavailable("down".to_owned())));
    }
}
