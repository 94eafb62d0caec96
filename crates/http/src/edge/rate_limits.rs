//! Rate limits: how often one address and one account may sign up, log in, join, hold, change the wallet,
//! create concerts and export data.
//!
//! Each is a token bucket (GCRA, by `governor`): a burst at once, refilled evenly. The headers
//! `RateLimit-Policy` and `RateLimit` say what is left (draft-ietf-httpapi-ratelimit-headers-10).

mod allowance;
mod backoff;
mod limit_table;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::time::Instant;

pub(crate) use allowance::{Allowance, CountedBy};

use backoff::{Backoff, Rule};
use limit_table::LimitTable;

use crate::edge::client_address::{networks, rate_limit_prefix};
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
    Export,
}

/// Failed log-ins from one address to one account.
const OF_PAIR: Rule = Rule {
    free: 5.0,
    forgotten_each: Duration::from_secs(300),
    wait_max: Duration::from_secs(300),
};
/// Failed log-ins to an account, from addresses without a recent log-in to it. Anyone who knows an e-mail
/// address can cause these, so the owner waits at most ten seconds, and not at all at a known address.
const OF_ACCOUNT: Rule =
    Rule { free: 50.0, forgotten_each: Duration::from_secs(10), wait_max: Duration::from_secs(10) };
/// Failed log-ins from a network, to any account: how long each account waits that failed from there. An
/// account that has not failed from there does not wait, because thousands of users may share one address.
const OF_NETWORK: Rule =
    Rule { free: 200.0, forgotten_each: Duration::from_secs(1), wait_max: Duration::from_secs(30) };
/// Failed log-ins from an address to an account that has a recent log-in from there. Another user of the
/// address cannot lock the owner out: ten failures a second for an hour are free, and then one a second.
const OF_KNOWN_PAIR: Rule = Rule {
    free: 36_000.0,
    forgotten_each: Duration::from_secs(1),
    wait_max: Duration::from_secs(1),
};
/// The factors by which the networks of 56 and of 48 bits may do more than one address.
const WIDER: [u32; 2] = [4, 16];
/// The most sign-ups and log-ins of one network in flight: half of the password hashing queue, so that one
/// network cannot fill it.
const HASHING_OF_A_NETWORK_MAX: usize = 64;
/// How long an address is known after a log-in.
const ADDRESS_KNOWN_FOR: Duration = Duration::from_secs(7 * 86_400);
const ADDRESSES_KNOWN_MAX: u64 = 100_000;

/// The limits of one process.
pub(crate) struct RateLimits {
    limiters: Option<[[Limiter; 4]; 7]>,
    /// With a random key, so that clients cannot choose with whom they share a bucket of the table.
    hasher: RandomState,
    of_pair: Backoff,
    of_account: Backoff,
    of_network: Backoff,
    of_known_pair: Backoff,
    known_addresses: Cache<u64, ()>,
    hashing: Mutex<HashMap<IpAddr, usize>>,
}

struct Limiter {
    /// The action and the scope, for the headers.
    name: (&'static str, &'static str),
    rate: Rate,
    governor: RateLimiter<u64, LimitTable, Ticks, StateInformationMiddleware>,
}

/// By what a limit counts requests.
#[derive(Clone, Copy)]
enum Whose {
    Address = 0,
    Account = 1,
    /// An IPv6 network of 56 bits.
    Site = 2,
    /// An IPv6 network of 48 bits.
    LargeSite = 3,
}

/// The time since the start by the runtime's clock, which tests can advance.
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
pub(crate) struct RateLimitStatus {
    name: (&'static str, &'static str),
    rate: Rate,
    left: u32,
    /// If it was rejected: how long until the next may be made.
    wait: Option<Duration>,
}

impl RateLimits {
    /// Limits of these rates; without settings nothing is limited.
    pub(crate) fn new(settings: Option<&RateLimitSettings>) -> Self {
        let limiters = settings.map(|settings| {
            let (table, ticks) = (LimitTable::default(), Ticks(Instant::now()));
            let of_action = |name: &'static str, rates: Rates| {
                let limiter = |scope, rate: Rate| Limiter {
                    name: (name, scope),
                    rate,
                    governor: RateLimiter::new(rate.quota(), table.clone(), ticks.clone()),
                };
                [
                    limiter("address", rates.address),
                    limiter("account", rates.account),
                    limiter("56", rates.address.times(WIDER[0])),
                    limiter("48", rates.address.times(WIDER[1])),
                ]
            };
            [
                of_action("sign-up", settings.sign_up),
                of_action("log-in", settings.log_in),
                of_action("join", settings.join),
                of_action("hold", settings.hold),
                of_action("wallet", settings.wallet),
                of_action("create", settings.create),
                of_action("export", settings.export),
            ]
        });
        let known_addresses =
            Cache::builder().max_capacity(ADDRESSES_KNOWN_MAX).time_to_live(ADDRESS_KNOWN_FOR);
        Self {
            limiters,
            hasher: RandomState::new(),
            of_pair: Backoff::new(OF_PAIR),
            of_account: Backoff::new(OF_ACCOUNT),
            of_network: Backoff::new(OF_NETWORK),
            of_known_pair: Backoff::new(OF_KNOWN_PAIR),
            known_addresses: known_addresses.build(),
            hashing: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a request by its address and its wider networks. A wider network's status is reported only when
    /// it rejects.
    fn count_address(&self, action: Action, address: IpAddr) -> Option<RateLimitStatus> {
        let [rate_limit_prefix, site, large_site] = networks(address);
        let status = self.count(action, Whose::Address, rate_limit_prefix)?;
        if status.wait.is_some() || address.is_ipv4() {
            return Some(status);
        }
        let wider = [(Whose::Site, site), (Whose::LargeSite, large_site)];
        let counted = wider.into_iter().filter_map(|(whose, who)| self.count(action, whose, who));
        let refused = counted.into_iter().find(|status| status.wait.is_some());
        Some(refused.unwrap_or(status))
    }

    /// Reserves password hashing for a request of a network.
    fn begin_hashing(self: &Arc<Self>, address: IpAddr) -> Result<Hashing, ApiError> {
        let [.., network] = networks(address);
        let mut hashing = self.hashing.lock();
        let count = hashing.entry(network).or_default();
        if self.limiters.is_some() && *count >= HASHING_OF_A_NETWORK_MAX {
            return Err(ApiError::RateLimited { wait: Duration::from_secs(1) });
        }
        *count += 1;
        drop(hashing);
        Ok(Hashing { limits: Arc::clone(self), network })
    }

    /// Counts a request by the account it is for.
    fn count_account(&self, action: Action, account: impl Hash) -> Option<RateLimitStatus> {
        self.count(action, Whose::Account, account)
    }

    fn count(&self, action: Action, whose: Whose, who: impl Hash) -> Option<RateLimitStatus> {
        let limiter = self.limiters.as_ref()?.get(action as usize)?.get(whose as usize)?;
        let key = self.hasher.hash_one((action, whose as u8, who));
        let (left, wait) = match limiter.governor.check_key(&key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(limiter.governor.clock().now()))),
        };
        Some(RateLimitStatus { name: limiter.name, rate: limiter.rate, left, wait })
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

    /// What a log-in to an account is counted by; `account` is the key of its e-mail address.
    fn keys(&self, address: IpAddr, account: &str) -> LogInKeys {
        let pair = self.hasher.hash_one((rate_limit_prefix(address), account));
        let mut networks = networks(address).map(|network| self.hasher.hash_one(network)).to_vec();
        networks.dedup();
        LogInKeys {
            pair,
            account: self.hasher.hash_one(account),
            networks,
            is_known: self.known_addresses.contains_key(&pair),
        }
    }

    /// Uncounts a log-in that failed for another reason than a wrong password.
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
        self.known_addresses.insert(keys.pair, ());
    }
}

/// What failed log-ins are counted by.
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

/// Reserved password hashing, released when this is dropped.
pub(crate) struct Hashing {
    limits: Arc<RateLimits>,
    network: IpAddr,
}

impl Drop for Hashing {
    fn drop(&mut self) {
        let mut hashing = self.limits.hashing.lock();
        if let Entry::Occupied(mut count) = hashing.entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

impl RateLimitStatus {
    fn check(&self) -> Result<(), ApiError> {
        self.wait.map_or(Ok(()), |wait| Err(ApiError::RateLimited { wait }))
    }

    /// Seconds until the whole burst is available again.
    fn reset_seconds(&self) -> u64 {
        let used = u64::from(self.rate.burst.get().saturating_sub(self.left));
        (used * 60).div_ceil(self.rate.per_minute.get().into())
    }
}

/// The fields `RateLimit-Policy` and `RateLimit` for these limits.
fn fields(statuses: &[RateLimitStatus]) -> Option<(HeaderValue, HeaderValue)> {
    let bytes = statuses.len() * 40;
    let (mut policy, mut left) = (String::with_capacity(bytes), String::with_capacity(bytes));
    for (index, status) in statuses.iter().enumerate() {
        let RateLimitStatus { name: (action, scope), rate, left: remaining, .. } = status;
        let comma = if index == 0 { "" } else { ", " };
        let (burst, window) = (rate.burst, rate.window_seconds());
        write!(policy, "{comma}\"{action}-{scope}\";q={burst};w={window}").ok()?;
        write!(left, "{comma}\"{action}-{scope}\";r={remaining};t={}", status.reset_seconds())
            .ok()?;
    }
    Some((HeaderValue::try_from(policy).ok()?, HeaderValue::try_from(left).ok()?))
}

#[cfg(test)]
mod tests;
