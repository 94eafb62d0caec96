//! Rate limits: how often one address and one account may sign up, log in, join, hold, change the
//! wallet and create concerts.
//!
//! Each is a bucket of tokens (GCRA, by `governor`): a burst at once, refilled evenly. What is left is
//! told in the fields `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10.

mod allowance;
mod backoff;
mod limit_table;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use moka::sync::Cache;
use tokio::time::Instant;

pub(crate) use allowance::{Allowance, Announced};

use backoff::{Backoff, Rule};
use limit_table::Places;

use crate::edge::client_address::{household, networks};
use crate::edge::rates::{Rate, RateLimitSettings, Rates};
use crate::wire::error::ApiError;

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

/// An address, in one go at one account.
const OF_PAIR: Rule = Rule {
    free: 5.0,
    forgotten_each: Duration::from_secs(300),
    wait_max: Duration::from_secs(300),
};
/// An account, from anywhere it was not logged in from of late. Whoever knows an e-mail address can
/// cause this, so the owner never waits for longer than ten seconds, and not at all at a known place.
const OF_ACCOUNT: Rule =
    Rule { free: 50.0, forgotten_each: Duration::from_secs(10), wait_max: Duration::from_secs(10) };
/// A network, at any account: what each account waits for after it failed from there. An account that has
/// not failed from there does not wait, because behind one address there may be thousands.
const OF_NETWORK: Rule =
    Rule { free: 200.0, forgotten_each: Duration::from_secs(1), wait_max: Duration::from_secs(30) };
/// An address at an account that was logged in to from there. Who shares the address with the owner
/// cannot lock the owner out: they may fail ten times a second for an hour, and then once a second.
const OF_KNOWN_PAIR: Rule = Rule {
    free: 36_000.0,
    forgotten_each: Duration::from_secs(1),
    wait_max: Duration::from_secs(1),
};
/// How many times the rate of an address its networks of 56 and of 48 bits have.
const WIDER: [u32; 2] = [4, 16];
/// The most sign-ups and log-ins of one network that are in flight at once: half of the passwords that
/// may wait to be hashed, so that one network cannot take all places.
const IN_HAND_OF_A_NETWORK_MAX: usize = 64;
/// How long a place is known from which somebody has logged in.
const PLACE_KNOWN_FOR: Duration = Duration::from_secs(7 * 86_400);
const PLACES_KNOWN_MAX: u64 = 100_000;

/// The limits of one process.
pub(crate) struct RateLimits {
    limiters: Option<[[Limiter; 4]; 6]>,
    /// With a key of its own, so that nobody can choose who shares a place.
    hasher: RandomState,
    of_pair: Backoff,
    of_account: Backoff,
    of_network: Backoff,
    of_known_pair: Backoff,
    known_places: Cache<u64, ()>,
    in_hand: Mutex<HashMap<IpAddr, usize>>,
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
    /// An IPv6 network of 56 bits.
    Site = 2,
    /// An IPv6 network of 48 bits.
    LargeSite = 3,
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
            let all = |rates: Rates, [address, account, site, large_site]: [&'static str; 4]| {
                [
                    limiter(address, rates.address),
                    limiter(account, rates.account),
                    limiter(site, rates.address.times(WIDER[0])),
                    limiter(large_site, rates.address.times(WIDER[1])),
                ]
            };
            [
                all(
                    settings.sign_up,
                    ["sign-up-address", "sign-up-account", "sign-up-56", "sign-up-48"],
                ),
                all(
                    settings.log_in,
                    ["log-in-address", "log-in-account", "log-in-56", "log-in-48"],
                ),
                all(settings.join, ["join-address", "join-account", "join-56", "join-48"]),
                all(settings.hold, ["hold-address", "hold-account", "hold-56", "hold-48"]),
                all(
                    settings.wallet,
                    ["wallet-address", "wallet-account", "wallet-56", "wallet-48"],
                ),
                all(
                    settings.create,
                    ["create-address", "create-account", "create-56", "create-48"],
                ),
            ]
        });
        let known_places =
            Cache::builder().max_capacity(PLACES_KNOWN_MAX).time_to_live(PLACE_KNOWN_FOR);
        Self {
            limiters,
            hasher: RandomState::new(),
            of_pair: Backoff::new(OF_PAIR),
            of_account: Backoff::new(OF_ACCOUNT),
            of_network: Backoff::new(OF_NETWORK),
            of_known_pair: Backoff::new(OF_KNOWN_PAIR),
            known_places: known_places.build(),
            in_hand: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a request by the address it comes from, and by its wider networks; nothing when nothing is
    /// limited. What a wider network has left is told only when it refuses.
    fn count_address(&self, action: Action, address: IpAddr) -> Option<Standing> {
        let [household, site, large_site] = networks(address);
        let standing = self.count(action, Whose::Address, household)?;
        if standing.wait.is_some() || address.is_ipv4() {
            return Some(standing);
        }
        let wider = [(Whose::Site, site), (Whose::LargeSite, large_site)];
        let counted = wider.into_iter().filter_map(|(whose, who)| self.count(action, whose, who));
        let refused = counted.into_iter().find(|standing| standing.wait.is_some());
        Some(refused.unwrap_or(standing))
    }

    /// Takes one of the places that a network has for requests whose passwords are hashed.
    fn take_in_hand(self: &Arc<Self>, address: IpAddr) -> Result<InHand, ApiError> {
        let [.., network] = networks(address);
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let count = in_hand.entry(network).or_default();
        if self.limiters.is_some() && *count >= IN_HAND_OF_A_NETWORK_MAX {
            return Err(ApiError::RateLimited { wait: Duration::from_secs(1) });
        }
        *count += 1;
        drop(in_hand);
        Ok(InHand { limits: Arc::clone(self), network })
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

    /// Begins a log-in, unless there were too many failures.
    fn begin_log_in(&self, keys: &LogInKeys) -> Result<(), Duration> {
        if self.limiters.is_none() {
            return Ok(());
        }
        let now = Instant::now();
        if keys.is_known {
            return self.of_known_pair.attempt(keys.pair, now, Duration::ZERO);
        }
        self.of_account.attempt(keys.account, now, Duration::ZERO)?;
        let waits = keys.networks.iter().map(|key| self.of_network.count(*key, now));
        let least = waits.max().unwrap_or_default();
        if let Err(wait) = self.of_pair.attempt(keys.pair, now, least) {
            self.of_account.take_back(keys.account, now);
            keys.networks.iter().for_each(|key| self.of_network.take_back(*key, now));
            return Err(wait);
        }
        Ok(())
    }

    /// What a log-in to an account is counted by, which the key of its e-mail address names.
    fn keys(&self, address: IpAddr, account: &str) -> LogInKeys {
        let pair = self.hasher.hash_one((household(address), account));
        let mut networks = networks(address).map(|network| self.hasher.hash_one(network)).to_vec();
        networks.dedup();
        LogInKeys {
            pair,
            account: self.hasher.hash_one(account),
            networks,
            is_known: self.known_places.contains_key(&pair),
        }
    }

    /// Takes a log-in back that failed for another reason than a wrong password.
    fn take_back(&self, keys: &LogInKeys) {
        let now = Instant::now();
        if keys.is_known {
            self.of_known_pair.take_back(keys.pair, now);
            return;
        }
        self.of_pair.take_back(keys.pair, now);
        self.of_account.take_back(keys.account, now);
        keys.networks.iter().for_each(|key| self.of_network.take_back(*key, now));
    }

    fn logged_in(&self, keys: &LogInKeys) {
        self.take_back(keys);
        self.of_pair.forget(keys.pair);
        self.of_known_pair.forget(keys.pair);
        self.known_places.insert(keys.pair, ());
    }
}

/// What a log-in's failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LogInKeys {
    /// An account at an address.
    pair: u64,
    account: u64,
    /// The networks of the address, none twice.
    networks: Vec<u64>,
    /// Whether there was a recent log-in to the account from the address.
    is_known: bool,
}

/// A place that a request has among those of its network, until it is dropped.
pub(crate) struct InHand {
    limits: Arc<RateLimits>,
    network: IpAddr,
}

impl Drop for InHand {
    fn drop(&mut self) {
        let mut in_hand = self.limits.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = in_hand.entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
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
