//! What the unit tests of this crate share.

use stagedoor_domain::Instant;
pub(crate) use stagedoor_domain::ports::StoppedClock;
use time::macros::datetime;

pub(crate) const NOW: Instant = datetime!(2026-11-21 10:00 UTC);
