//! The clock on the wall.

use stagedoor_domain::Instant;
use stagedoor_domain::ports::Clock;

/// Tells the time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    fn now(&self) -> Instant {
        cut_to_microseconds(Instant::now_utc())
    }
}

fn cut_to_microseconds(instant: Instant) -> Instant {
    instant.replace_nanosecond(instant.microsecond() * 1_000).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_is_cut_and_not_rounded() {
        let fine = datetime!(2026-11-21 10:00:00.123_456_789 UTC);

        assert_eq!(cut_to_microseconds(fine), datetime!(2026-11-21 10:00:00.123_456 UTC));
        assert_eq!(SystemClock.now().nanosecond() % 1_000, 0);
    }
}
