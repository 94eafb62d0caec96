//! Telling the store that this process can take heartbeats.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::Pulse;
use stagedoor_domain::ports::{Clock, Maintenance, StoreError};
use tokio::time::Instant as Tick;

use super::Sweep;

/// How often a process tells that it has the store.
pub(super) const PULSE_INTERVAL: Duration = Duration::from_secs(1);
/// After how long without the store a process has had an outage.
const GAP_MAX: Duration = Duration::from_secs(3);

/// Writes the heartbeats that were kept, and then tells the store that this process has it. The
/// heartbeats come first: after an outage nobody is judged before they are written.
pub struct PulseSweep<S: ?Sized> {
    flush: Arc<dyn Sweep>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    /// Measured by a clock that nobody sets.
    last: Mutex<Option<Tick>>,
}

impl<S: Maintenance + ?Sized> PulseSweep<S> {
    /// Tells `store`, after `flush`.
    pub fn new(flush: Arc<dyn Sweep>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { flush, store, clock, last: Mutex::default() }
    }

    /// Whether this process has just had the store, so that few heartbeats are unwritten.
    fn is_recent(&self) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() <= PULSE_INTERVAL + PULSE_INTERVAL / 4)
    }

    fn next_pulse(&self) -> Pulse {
        match *self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Pulse::Start,
            Some(last) if last.elapsed() > GAP_MAX => Pulse::Recovered,
            Some(_) => Pulse::Steady,
        }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> Sweep for PulseSweep<S> {
    fn name(&self) -> &'static str {
        "pulse"
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        self.flush.sweep_once().await?;
        let (pulse, at) = (self.next_pulse(), Tick::now());
        self.store.pulse(pulse, self.clock.now()).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        Ok(())
    }
}

/// A sweep that judges waiting tokens, which waits for the first pulse after an outage.
pub struct AfterPulse<S: ?Sized> {
    pulse: Arc<PulseSweep<S>>,
    sweep: Arc<dyn Sweep>,
}

impl<S: ?Sized> AfterPulse<S> {
    /// Runs `sweep` only while `pulse` has the store.
    pub fn new(pulse: Arc<PulseSweep<S>>, sweep: Arc<dyn Sweep>) -> Self {
        Self { pulse, sweep }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> Sweep for AfterPulse<S> {
    fn name(&self) -> &'static str {
        self.sweep.name()
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        if !self.pulse.is_recent() {
            self.pulse.sweep_once().await?;
        }
        self.sweep.sweep_once().await
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::Instant;
    use stagedoor_domain::ports::Readiness;
    use time::macros::datetime;

    use super::*;

    /// A store that can be down, and what it was told; the same stands for the other sweeps.
    #[derive(Default)]
    struct Noting {
        told: Mutex<Vec<String>>,
        is_down: Mutex<bool>,
    }

    impl Noting {
        fn tell(&self, what: &str) -> Result<(), StoreError> {
            if *self.is_down.lock().unwrap() {
                return Err(StoreError::Unavailable("down".to_owned()));
            }
            self.told.lock().unwrap().push(what.to_owned());
            Ok(())
        }
    }

    #[async_trait]
    impl Maintenance for Noting {
        async fn readiness(&self) -> Result<Readiness, StoreError> {
            Err(StoreError::Unavailable("not asked".to_owned()))
        }

        async fn forget_answers(&self, _: Instant, _: usize) -> Result<usize, StoreError> {
            Ok(0)
        }

        async fn pulse(&self, pulse: Pulse, _: Instant) -> Result<(), StoreError> {
            self.tell(&format!("{pulse:?}"))
        }
    }

    impl Clock for Noting {
        fn now(&self) -> Instant {
            datetime!(2026-11-29 10:00 UTC)
        }
    }

    struct Step(Arc<Noting>, &'static str);

    #[async_trait]
    impl Sweep for Step {
        fn name(&self) -> &'static str {
            self.1
        }

        async fn sweep_once(&self) -> Result<(), StoreError> {
            self.0.tell(self.1)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_outage_heartbeats_are_written_and_refunded_before_anyone_is_judged() {
        let store = Arc::new(Noting::default());
        let flush = Arc::new(Step(store.clone(), "flush"));
        let pulse = Arc::new(PulseSweep::new(flush, store.clone(), store.clone()));
        let judge = AfterPulse::new(pulse.clone(), Arc::new(Step(store.clone(), "judge")));
        pulse.sweep_once().await.unwrap();
        judge.sweep_once().await.unwrap();
        assert_eq!(*store.told.lock().unwrap(), ["flush", "Start", "judge"]);
        tokio::time::advance(Duration::from_secs(1)).await;
        pulse.sweep_once().await.unwrap();

        *store.is_down.lock().unwrap() = true;
        tokio::time::advance(Duration::from_secs(16)).await;
        assert!(pulse.sweep_once().await.is_err() && judge.sweep_once().await.is_err());
        *store.is_down.lock().unwrap() = false;
        store.told.lock().unwrap().clear();
        judge.sweep_once().await.unwrap();
        judge.sweep_once().await.unwrap();

        assert_eq!(*store.told.lock().unwrap(), ["flush", "Recovered", "judge", "judge"]);
        assert_eq!(judge.name(), "judge");
    }
}
