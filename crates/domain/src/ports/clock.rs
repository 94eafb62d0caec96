//! Time.

use crate::Instant;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The instant now, in UTC. MUST be cut to whole microseconds, which is what stores keep.
    fn now(&self) -> Instant;
}
