//! Time.

use crate::Instant;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The instant now, in UTC. MUST be cut to whole microseconds, which is what stores keep.
    fn now(&self) -> Instant;

    /// Whether that is the store's time as far as is known. While it is not, no command is decided:
    /// other processes may decide by another time.
    fn is_sure(&self) -> bool {
        true
    }
}

/// Tells one instant for ever.
#[cfg(any(test, feature = "mock"))]
pub struct StoppedClock(pub Instant);

#[cfg(any(test, feature = "mock"))]
impl Clock for StoppedClock {
    fn now(&self) -> Instant {
        self.0
    }
}
