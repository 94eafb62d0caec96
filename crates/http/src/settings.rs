//! How the server behaves.

use std::time::Duration;

use stagedoor_domain::webhook::Reach;
use stagedoor_domain::{BookingPolicy, Poster};

use crate::auth::metrics_token::MetricsToken;
use crate::edge::allowed_origins::AllowedOrigins;
use crate::edge::client_address::TrustedProxies;
use crate::edge::rates::RateLimitSettings;
use crate::wire::local_time::LocalTime;

/// How the server behaves; `docs/settings.md` gives the meaning and bounds of each.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Queue tokens are issued for a bare `userId`, and anyone may create concerts.
    pub open_mode: bool,
    /// Users may charge points themselves, without a payment provider.
    pub direct_charges: bool,
    /// The API's documentation is served at `/docs/`.
    pub docs: bool,
    /// The time zone of the contracts whose dates and times have no offset.
    pub local_time: LocalTime,
    /// The rules of booking that operators set.
    pub booking: BookingPolicy,
    pub access_token_time: Duration,
    pub queue_token_time: Duration,
    pub workers: usize,
    pub connections_max: usize,
    pub body_bytes_max: usize,
    pub request_timeout: Duration,
    pub header_timeout: Duration,
    /// For a small body; a large one has more time.
    pub body_timeout: Duration,
    pub keep_alive: Duration,
    pub drain_timeout: Duration,
    /// The most open streams of server-sent events.
    pub event_streams_max: usize,
    /// The most of one user.
    pub event_streams_per_user_max: usize,
    /// The most requests in flight that read, the most entry requests, and the most of all others.
    pub requests_max: usize,
    /// The most bytes of long bodies in memory that are being sent. A shared body counts once.
    pub unsent_bytes_max: usize,
    /// The proxies that are trusted to report a client's address.
    pub trusted_proxies: TrustedProxies,
    /// The rate limits; without them nothing is limited.
    pub rate_limits: Option<RateLimitSettings>,
    /// The seed of the random part of `Retry-After`.
    pub jitter_seed: u64,
    /// Other sites whose pages may use the API.
    pub allowed_origins: AllowedOrigins,
    /// The token with which a monitoring system reads the metrics, besides operators.
    pub metrics_token: Option<MetricsToken>,
    /// Users get e-mail, and must confirm their addresses.
    pub sends_mail: bool,
    /// Which addresses webhooks may have.
    pub webhook_reach: Reach,
}

/// The fewest bytes of a large body that a client must send in a second: a megabit.
const BODY_BYTES_PER_SECOND_MIN: usize = 131_072;

impl HttpSettings {
    /// How long a client may take to send a body of this many bytes.
    pub(crate) fn body_time(&self, bytes: usize) -> Duration {
        self.body_timeout + Self::extra_time(bytes)
    }

    /// How long a request with a body of this many bytes may take in all. No route takes a longer body than a poster
    /// or the setting for other bodies.
    pub(crate) fn request_time(&self, bytes: usize) -> Duration {
        let bytes_max = self.body_bytes_max.max(Poster::BYTES_MAX);
        self.request_timeout + Self::extra_time(bytes.min(bytes_max))
    }

    /// The time that a large body has besides that of a small one.
    fn extra_time(bytes: usize) -> Duration {
        Duration::from_secs((bytes / BODY_BYTES_PER_SECOND_MIN).try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;

    #[test]
    fn a_request_has_no_more_time_than_the_longest_body_needs() {
        let small = settings();
        let large = HttpSettings { body_bytes_max: 16 * 1024 * 1024, ..settings() };
        let extra = |settings: &HttpSettings, bytes| {
            (settings.request_time(bytes) - settings.request_timeout).as_secs()
        };

        assert_eq!([65_536, 5 * 1024 * 1024, usize::MAX].map(|it| extra(&small, it)), [0, 40, 40]);
        assert_eq!(extra(&large, usize::MAX), 128);
    }

    #[test]
    fn a_large_body_has_a_second_more_for_each_megabit() {
        let extra = |bytes| HttpSettings::extra_time(bytes).as_secs();

        assert_eq!([0, 65_536, 131_071].map(extra), [0, 0, 0]);
        assert_eq!([131_072, 5 * 1024 * 1024].map(extra), [1, 40]);
    }
}
