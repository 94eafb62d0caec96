//! Time as a process sees it.

use std::sync::Mutex;

use stagedoor_domain::Instant;
use stagedoor_domain::ports::Clock;

/// A clock that is set by hand.
pub struct SetClock(Mutex<Instant>);

impl SetClock {
    pub fn at(now: Instant) -> Self {
        Self(Mutex::new(now))
    }

    pub fn set(&self, now: Instant) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}
