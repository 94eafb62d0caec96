//! Whether writes are let through to the database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use stagedoor_domain::ports::StoreError;

/// How often a write is tried while none gets through.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Refuses writes at once while the database commits none, for example because no standby acknowledges them. One write
/// at a time goes on as a probe; the first one that commits lets all through again.
///
/// What the database holds back keeps its locks and its connection there; [`Lane`](super::pool::Lane) bounds how many
/// such calls there are.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    is_closed: AtomicBool,
    closed: Mutex<Option<Closed>>,
}

#[derive(Debug)]
struct Closed {
    since: Instant,
    reason: String,
    probed_at: Instant,
    is_probing: bool,
}

impl Gate {
    /// Whether writes get through.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_closed.load(Ordering::Acquire)
    }

    /// Lets a write through.
    ///
    /// # Errors
    /// None gets through at present, and this one is not to try it.
    pub(crate) fn enter(&self) -> Result<(), StoreError> {
        if self.is_open() {
            return Ok(());
        }
        let mut closed = self.closed.lock();
        let Some(closed) = closed.as_mut() else { return Ok(()) };
        if !closed.is_probing && closed.probed_at.elapsed() >= PROBE_INTERVAL {
            (closed.is_probing, closed.probed_at) = (true, Instant::now());
            return Ok(());
        }
        let (seconds, reason) = (closed.since.elapsed().as_secs(), &closed.reason);
        Err(StoreError::Unavailable(format!("nothing commits, since {seconds} s: {reason}")))
    }

    /// Notes the end of a write that was let through.
    pub(crate) fn note<T>(&self, done: &Result<T, StoreError>) {
        match done {
            Ok(_) => self.open(),
            Err(_) if self.is_open() => {}
            Err(_) => {
                if let Some(closed) = self.closed.lock().as_mut() {
                    closed.is_probing = false;
                }
            }
        }
    }

    /// Notes that a write was given up.
    pub(crate) fn give_up(&self, error: &StoreError) {
        let reason = error.to_string();
        let mut closed = self.closed.lock();
        if let Some(closed) = closed.as_mut() {
            (closed.reason, closed.is_probing) = (reason, false);
            return;
        }
        tracing::error!(reason, "nothing commits; changes are refused until something does");
        let now = Instant::now();
        *closed = Some(Closed { since: now, reason, probed_at: now, is_probing: false });
        self.is_closed.store(true, Ordering::Release);
    }

    /// Lets all through: a write committed, perhaps one that was given up.
    pub(crate) fn open(&self) {
        if self.is_open() {
            return;
        }
        let Some(closed) = self.closed.lock().take() else { return };
        self.is_closed.store(false, Ordering::Release);
        tracing::info!(seconds = closed.since.elapsed().as_secs(), "changes commit again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> StoreError {
        StoreError::OutcomeUnknown("no answer".to_owned())
    }

    /// A gate that closed long enough ago for a probe.
    fn closed() -> Gate {
        let gate = Gate::default();
        gate.give_up(&failure());
        gate.rest();
        gate
    }

    impl Gate {
        fn rest(&self) {
            let mut closed = self.closed.lock();
            let closed = closed.as_mut().unwrap();
            closed.probed_at = closed.probed_at.checked_sub(PROBE_INTERVAL).unwrap();
        }
    }

    #[test]
    fn a_write_that_is_given_up_closes_the_gate_for_all_but_one_probe_at_a_time() {
        let gate = closed();

        assert!(!gate.is_open());
        assert!(gate.enter().is_ok(), "the probe");
        gate.rest();
        let refused = gate.enter().unwrap_err().to_string();

        assert!(refused.contains("nothing commits") && refused.contains("no answer"), "{refused}");
        gate.give_up(&failure());
        assert!(gate.enter().is_ok(), "the next probe");
    }

    #[test]
    fn a_probe_follows_another_one_after_a_second_at_the_earliest() {
        let gate = closed();
        gate.enter().unwrap();

        gate.note::<()>(&Err(failure()));

        assert!(gate.enter().is_err());
        gate.rest();
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn the_first_write_that_commits_opens_the_gate_also_one_that_was_given_up() {
        let gate = closed();
        gate.note(&Ok(()));
        assert!(gate.is_open() && gate.enter().is_ok());

        let gate = closed();
        gate.open();
        assert!(gate.is_open() && gate.enter().is_ok());
    }

    #[test]
    fn a_write_that_fails_in_time_leaves_the_gate_open() {
        let gate = Gate::default();

        gate.note::<()>(&Err(failure()));

        assert!(gate.is_open() && gate.enter().is_ok());
    }
}
