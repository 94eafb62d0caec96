//! How the server behaves.

use std::time::Duration;

use stagedoor_domain::BookingPolicy;

use crate::auth::metrics_token::MetricsToken;
use crate::edge::allowed_origins::AllowedOrigins;
use crate::edge::client_address::TrustedProxies;
use crate::edge::rates::RateLimitSettings;
use crate::wire::local_time::LocalTime;

/// How the server behaves; `docs/operations.md` gives the meaning and bounds of each.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Tokens are given out for a bare `userId`, and anyone may create concerts.
    pub open_mode: bool,
    /// Users may charge points themselves, without a payment provider.
    pub direct_charges: bool,
    /// The API's documentation is served at `/docs/`.
    pub docs: bool,
    /// The zone of the dates and times that the documented contracts write without an offset.
    pub local_time: LocalTime,
    /// What commands that book seats carry.
    pub booking: BookingPolicy,
    pub access_token_time: Duration,
    pub queue_token_time: Duration,
    pub workers: usize,
    pub connections_max: usize,
    pub body_bytes_max: usize,
    pub request_timeout: Duration,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    pub keep_alive: Duration,
    pub drain_timeout: Duration,
    /// The most open streams of server-sent events.
    pub event_streams_max: usize,
    /// The most of them that one user has.
    pub event_streams_per_user_max: usize,
    /// The most requests in hand that only read, the most that come in, and the most of others that change
    /// something.
    pub requests_max: usize,
    /// The most bytes of long bodies in memory that are being sent, those that readers share counted once.
    pub unsent_bytes_max: usize,
    /// Whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// How often things may be done; nothing is limited without it.
    pub rate_limits: Option<RateLimitSettings>,
    /// What the chance in `Retry-After` begins with.
    pub jitter_seed: u64,
    /// Other sites whose pages may use the API.
    pub allowed_origins: AllowedOrigins,
    /// What lets a monitoring system read the metrics, besides operators.
    pub metrics_token: Option<MetricsToken>,
}
