//! Rate limits: how often one address and one account may sign up, log in, join, hold, change the
//! wallet and create concerts.
//!
//! Each is a bucket of tokens (GCRA, by `governor`): a burst at once, refilled evenly. What is left is
//! told in the fields `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10.

mod allowance;
mod backoff;
mod places;
mod rate;

use std::fmt::Write;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use moka::sync::Cache;
use tokio::time::Instant;

pub(crate) use allowance::{
    Allowance, Announced, ChangingPoints, Creating, Holding, LoggingIn, SigningUp, joining,
};
pub use rate::{Rate, RateLimitSettings, Rates};

use backoff::{Backoff, Rule};
use places::Places;

use crate::client_address::household;
use crate::error::ApiError;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    SignUp,
    LogIn,
    Join,
    Hold,
    ChangePoints,
    Create,
}

/// The operations that are limited, by their ids in the documentation.
pub(crate) const OPERATIONS: &[(&str, Action)] = &[
    ("signUp", Action::SignUp),
    ("logIn", Action::LogIn),
    ("joinConcertRoom", Action::Join),
    ("joinSiteRoom", Action::Join),
    ("ticketingEnter", Action::Join),
    ("ostIssueToken", Action::Join),
    ("reservationIssueToken", Action::Join),
    ("holdSeats", Action::Hold),
    ("ticketingHold", Action::Hold),
    ("ostHold", Action::Hold),
    ("reservationHold", Action::Hold),
    ("chargePoints", Action::ChangePoints),
    ("usePoints", Action::ChangePoints),
    ("ticketingCharge", Action::ChangePoints),
    ("ostCharge", Action::ChangePoints),
    ("ostUse", Action::ChangePoints),
    ("createConcert", Action::Create),
    ("createSchedule", Action::Create),
    ("ostCreateConcert", Action::Create),
    ("ostCreateSeries", Action::Create),
];

/// An address, in one go at one account. It can only be the owner who is held up by it, or somebody
/// behind the same address.
const OF_PAIR: Rule = Rule {
    free: 5.0,
    forgotten_each: Duration::from_secs(300),
    wait_max: Duration::from_secs(300),
};
/// An account, from anywhere it was not logged in from of late. Whoever knows an e-mail address can
/// cause this, so the owner never waits for longer than ten seconds, and not at all at a known place.
const OF_ACCOUNT: Rule =
    Rule { free: 50.0, forgotten_each: Duration::from_secs(10), wait_max: Duration::from_secs(10) };
/// An address, at any account. Behind one address there may be thousands who mistype.
const OF_ADDRESS: Rule =
    Rule { free: 200.0, forgotten_each: Duration::from_secs(1), wait_max: Duration::from_secs(30) };
/// How long a place is known from which somebody has logged in.
const PLACE_KNOWN_FOR: Duration = Duration::from_secs(7 * 86_400);
const PLACES_KNOWN_MAX: u64 = 100_000;

/// The limits of one process.
pub(crate) struct RateLimits {
    limiters: Option<[[Limiter; 2]; 6]>,
    /// With a key of its own, so that nobody can choose who shares a place.
    hasher: RandomState,
    of_pair: Backoff,
    of_account: Backoff,
    of_address: Backoff,
    known_places: Cache<u64, ()>,
}

struct Limiter {
    name: &'static str,
    rate: Rate,
    governor: RateLimiter<u64, Places, Ticks, StateInformationMiddleware>,
}

/// Whose requests a limit counts.
#[derive(Clone, Copy)]
enum Whose {
    Address = 0,
    Account = 1,
}

/// The time since the start, as the runtime tells it, which tests can move on.
#[derive(Clone)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// How much of a limit is left after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    name: &'static str,
    rate: Rate,
    left: u32,
    /// If it was refused: how long until the next may be made.
    wait: Option<Duration>,
}

impl RateLimits {
    /// Limits of these rates; none at all without any.
    pub(crate) fn new(settings: Option<&RateLimitSettings>) -> Self {
        let limiters = settings.map(|settings| {
            let (places, ticks) = (Places::default(), Ticks(Instant::now()));
            let limiter = |name, rate: Rate| Limiter {
                name,
                rate,
                governor: RateLimiter::new(rate.quota(), places.clone(), ticks.clone()),
            };
            let pair = |rates: Rates, address, account| {
                [limiter(address, rates.address), limiter(account, rates.account)]
            };
            [
                pair(settings.sign_up, "sign-up-address", "sign-up-account"),
                pair(settings.log_in, "log-in-address", "log-in-account"),
                pair(settings.join, "join-address", "join-account"),
                pair(settings.hold, "hold-address", "hold-account"),
                pair(settings.wallet, "wallet-address", "wallet-account"),
                pair(settings.create, "create-address", "create-account"),
            ]
        });
        let known_places =
            Cache::builder().max_capacity(PLACES_KNOWN_MAX).time_to_live(PLACE_KNOWN_FOR);
        Self {
            limiters,
            hasher: RandomState::new(),
            of_pair: Backoff::new(OF_PAIR),
            of_account: Backoff::new(OF_ACCOUNT),
            of_address: Backoff::new(OF_ADDRESS),
            known_places: known_places.build(),
        }
    }

    /// Counts a request by the address it comes from; nothing when nothing is limited.
    fn count_address(&self, action: Action, address: IpAddr) -> Option<Standing> {
        self.count(action, Whose::Address, household(address))
    }

    /// Counts a request by the account it is for.
    fn count_account(&self, action: Action, account: impl Hash) -> Option<Standing> {
        self.count(action, Whose::Account, account)
    }

    fn count(&self, action: Action, whose: Whose, who: impl Hash) -> Option<Standing> {
        let limiter = self.limiters.as_ref()?.get(action as usize)?.get(whose as usize)?;
        let key = self.hasher.hash_one((action, whose as u8, who));
        let (left, wait) = match limiter.governor.check_key(&key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(limiter.governor.clock().now()))),
        };
        Some(Standing { name: limiter.name, rate: limiter.rate, left, wait })
    }

    /// Begins a log-in to an account, by the key of its e-mail address, unless there were too many
    /// failures.
    fn begin_log_in(&self, address: IpAddr, account: &str) -> Result<LogInKeys, Duration> {
        let address = household(address);
        let pair = self.hasher.hash_one((address, account));
        let account = self.hasher.hash_one(account);
        let keys = LogInKeys {
            pair,
            address: self.hasher.hash_one(address),
            account: (!self.known_places.contains_key(&pair)).then_some(account),
        };
        if self.limiters.is_none() {
            return Ok(keys);
        }
        let (now, counts) = (Instant::now(), self.counts(keys));
        for (index, (backoff, key)) in counts.iter().enumerate() {
            if let Err(wait) = backoff.attempt(*key, now) {
                counts.iter().take(index).for_each(|(backoff, key)| backoff.take_back(*key, now));
                return Err(wait);
            }
        }
        Ok(keys)
    }

    /// Where the failures of a log-in are counted.
    fn counts(&self, keys: LogInKeys) -> Vec<(&Backoff, u64)> {
        let of_account = keys.account.map(|key| (&self.of_account, key));
        let others = [(&self.of_pair, keys.pair), (&self.of_address, keys.address)];
        others.into_iter().chain(of_account).collect()
    }

    /// Takes a log-in back that failed for another reason than a wrong password.
    fn take_back(&self, keys: LogInKeys) {
        let now = Instant::now();
        self.counts(keys).iter().for_each(|(backoff, key)| backoff.take_back(*key, now));
    }

    fn logged_in(&self, keys: LogInKeys) {
        self.take_back(keys);
        self.of_pair.forget(keys.pair);
        self.known_places.insert(keys.pair, ());
    }
}

/// What a log-in's failures are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LogInKeys {
    pair: u64,
    address: u64,
    /// Nothing at a place from which the account was logged in to of late.
    account: Option<u64>,
}

impl Standing {
    fn check(&self) -> Result<(), ApiError> {
        self.wait.map_or(Ok(()), |wait| Err(ApiError::RateLimited { wait }))
    }

    /// Seconds until all of it is there again.
    fn reset_seconds(&self) -> u64 {
        let used = u64::from(self.rate.burst.get().saturating_sub(self.left));
        (used * 60).div_ceil(self.rate.per_minute.get().into())
    }
}

/// The fields `RateLimit-Policy` and `RateLimit` for these limits.
fn fields(standings: &[Standing]) -> Option<(HeaderValue, HeaderValue)> {
    let (mut policy, mut left) = (String::new(), String::new());
    for (index, standing) in standings.iter().enumerate() {
        let Standing { name, rate, left: remaining, .. } = standing;
        let comma = if index == 0 { "" } else { ", " };
        let (burst, window) = (rate.burst, rate.window_seconds());
        write!(policy, "{comma}\"{name}\";q={burst};w={window}").ok()?;
        write!(left, "{comma}\"{name}\";r={remaining};t={}", standing.reset_seconds()).ok()?;
    }
    Some((HeaderValue::try_from(policy).ok()?, HeaderValue::try_from(left).ok()?))
}

#[cfg(test)]
mod tests;
