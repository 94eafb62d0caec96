//! Rates, as they are configured.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use governor::Quota;

/// The largest number in a rate.
const MOST: u32 = 1_000_000_000;

/// A rate a minute, and a burst. It is written `120/600`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many requests each minute adds.
    pub per_minute: NonZeroU32,
    /// How many requests there may be at once.
    pub burst: NonZeroU32,
}

/// The rates of one address and of one account.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// All requests from one address together.
    pub address: Rate,
    /// All requests of one account.
    pub account: Rate,
}

/// Everything that is limited.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitSettings {
    /// Signing up.
    pub sign_up: Rates,
    /// Logging in.
    pub log_in: Rates,
    /// Asking for a queue token.
    pub join: Rates,
    /// Holding seats.
    pub hold: Rates,
    /// Charging and using points.
    pub wallet: Rates,
    /// Creating concerts and dates.
    pub create: Rates,
    /// Exporting one's data.
    pub export: Rates,
}

impl Rate {
    pub(crate) fn quota(self) -> Quota {
        let interval = Duration::from_secs(60) / self.per_minute.get();
        let quota = Quota::with_period(interval.max(Duration::from_nanos(1)));
        quota.unwrap_or(Quota::per_minute(self.per_minute)).allow_burst(self.burst)
    }

    /// A rate that is `factor` times as large.
    pub(crate) fn times(self, factor: u32) -> Self {
        let times =
            |number: NonZeroU32| number.saturating_mul(NonZeroU32::MIN.saturating_add(factor - 1));
        Self { per_minute: times(self.per_minute), burst: times(self.burst) }
    }

    /// How long it takes until the whole burst is available again.
    pub(crate) fn window_seconds(self) -> u64 {
        (u64::from(self.burst.get()) * 60).div_ceil(self.per_minute.get().into())
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let number = text.parse::<NonZeroU32>().ok();
            number.filter(|number| number.get() <= MOST)
        };
        let rate = text.split_once('/').and_then(|(per_minute, burst)| {
            Some(Self { per_minute: number(per_minute)?, burst: number(burst)? })
        });
        rate.ok_or_else(|| {
            format!("must be as 120/600: a rate a minute and a burst, 1 to {MOST} each")
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.per_minute, self.burst)
    }
}
