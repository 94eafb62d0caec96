//! What the unit tests of this crate share.

use stagedoor_domain::Instant;
use stagedoor_domain::ports::Clock;
use time::macros::datetime;

pub(crate) const NOW: Instant = datetime!(2026-11-21 10:00 UTC);

/// Tells [`NOW`] for ever.
pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Instant {
        NOW
    }
}
