//! How much one address, one person and all together may ask for.

use std::net::IpAddr;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use stagedoor_http::{ProxyHeader, Rate, RateLimitSettings, Rates, TrustedProxies};

use super::Switch;
use super::bounds::within;

/// The header in which trusted proxies name the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeaderName {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// What is limited.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Networks of trusted proxies, separated by commas
    #[arg(long, env = "STAGEDOOR_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',',
        value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Header in which trusted proxies name the client's address; no other is read
    #[arg(
        long,
        env = "STAGEDOOR_PROXY_HEADER",
        value_name = "HEADER",
        default_value = "x-forwarded-for"
    )]
    pub proxy_header: ProxyHeaderName,
    /// Maximum in-flight requests of each class: reads, entry requests (sign-ups, log-ins, password changes and
    /// joins; a quarter of it while other writes are in flight), and other writes; one more is answered 503
    #[arg(long, env = "STAGEDOOR_REQUESTS_MAX", value_name = "N", default_value = "1024",
        value_parser = within::<usize>("requests-max"))]
    pub requests_max: usize,
    /// Timeout for receiving the body of a request
    #[arg(long, env = "STAGEDOOR_BODY_TIMEOUT_SECONDS", value_name = "N", default_value = "5",
        value_parser = within::<u64>("body-timeout-seconds"))]
    pub body_timeout_seconds: u64,
    /// Maximum buffered bytes of long answers; a copy that readers share counts once. One client may use an eighth
    /// of it. Above these the answer is 503, or 429
    #[arg(long, env = "STAGEDOOR_UNSENT_BYTES_MAX", value_name = "N", default_value = "268435456",
        value_parser = within::<usize>("unsent-bytes-max"))]
    pub unsent_bytes_max: usize,
    /// Maximum open streams of server-sent events of one user; one more is answered 429
    #[arg(long, env = "STAGEDOOR_EVENT_STREAMS_PER_USER_MAX", value_name = "N", default_value = "8",
        value_parser = within::<usize>("event-streams-per-user-max"))]
    pub event_streams_per_user_max: usize,
    /// Whether the rate limits below apply and failed log-ins are slowed down
    #[arg(long, env = "STAGEDOOR_RATE_LIMITS", value_name = "SWITCH", default_value = "on")]
    pub rate_limits: Switch,
    /// Sign-ups from one address: how many per minute, and how many at once
    #[arg(
        long,
        env = "STAGEDOOR_SIGN_UP_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "120/600"
    )]
    pub sign_up_rate_address: Rate,
    /// Sign-ups with one e-mail address
    #[arg(
        long,
        env = "STAGEDOOR_SIGN_UP_RATE_ACCOUNT",
        value_name = "RATE",
        default_value = "6/12"
    )]
    pub sign_up_rate_account: Rate,
    /// Log-ins from one address
    #[arg(
        long,
        env = "STAGEDOOR_LOG_IN_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "600/3000"
    )]
    pub log_in_rate_address: Rate,
    /// Log-ins from one address to one account
    #[arg(
        long,
        env = "STAGEDOOR_LOG_IN_RATE_ACCOUNT",
        value_name = "RATE",
        default_value = "12/30"
    )]
    pub log_in_rate_account: Rate,
    /// Queue tokens asked for from one address
    #[arg(
        long,
        env = "STAGEDOOR_JOIN_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "6000/12000"
    )]
    pub join_rate_address: Rate,
    /// Queue tokens asked for by one user
    #[arg(long, env = "STAGEDOOR_JOIN_RATE_ACCOUNT", value_name = "RATE", default_value = "30/60")]
    pub join_rate_account: Rate,
    /// Holds asked for from one address
    #[arg(
        long,
        env = "STAGEDOOR_HOLD_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "6000/12000"
    )]
    pub hold_rate_address: Rate,
    /// Holds asked for by one user
    #[arg(
        long,
        env = "STAGEDOOR_HOLD_RATE_ACCOUNT",
        value_name = "RATE",
        default_value = "60/120"
    )]
    pub hold_rate_account: Rate,
    /// Charges and uses of points from one address
    #[arg(
        long,
        env = "STAGEDOOR_WALLET_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "6000/12000"
    )]
    pub wallet_rate_address: Rate,
    /// Charges and uses of points by one user
    #[arg(
        long,
        env = "STAGEDOOR_WALLET_RATE_ACCOUNT",
        value_name = "RATE",
        default_value = "60/600"
    )]
    pub wallet_rate_account: Rate,
    /// Concerts and dates created from one address
    #[arg(
        long,
        env = "STAGEDOOR_CREATE_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "600/1200"
    )]
    pub create_rate_address: Rate,
    /// Concerts and dates created by one user
    #[arg(
        long,
        env = "STAGEDOOR_CREATE_RATE_ACCOUNT",
        value_name = "RATE",
        default_value = "60/120"
    )]
    pub create_rate_account: Rate,
    /// Exports of a user's data from one address
    #[arg(
        long,
        env = "STAGEDOOR_EXPORT_RATE_ADDRESS",
        value_name = "RATE",
        default_value = "120/600"
    )]
    pub export_rate_address: Rate,
    /// Exports of one user's data
    #[arg(long, env = "STAGEDOOR_EXPORT_RATE_ACCOUNT", value_name = "RATE", default_value = "2/6")]
    pub export_rate_account: Rate,
}

impl LimitSettings {
    /// The proxies that are trusted to name the client's address.
    pub fn trusted_proxies(&self) -> TrustedProxies {
        let header = match self.proxy_header {
            ProxyHeaderName::XForwardedFor => ProxyHeader::XForwardedFor,
            ProxyHeaderName::Forwarded => ProxyHeader::Forwarded,
        };
        TrustedProxies { networks: self.trusted_proxies.clone(), header }
    }

    /// The rates, if they are limited.
    pub fn rates(&self) -> Option<RateLimitSettings> {
        let rates = |address, account| Rates { address, account };
        (self.rate_limits == Switch::On).then(|| RateLimitSettings {
            sign_up: rates(self.sign_up_rate_address, self.sign_up_rate_account),
            log_in: rates(self.log_in_rate_address, self.log_in_rate_account),
            join: rates(self.join_rate_address, self.join_rate_account),
            hold: rates(self.hold_rate_address, self.hold_rate_account),
            wallet: rates(self.wallet_rate_address, self.wallet_rate_account),
            create: rates(self.create_rate_address, self.create_rate_account),
            export: rates(self.export_rate_address, self.export_rate_account),
        })
    }
}

/// A network as `10.0.0.0/8`, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| one()).map_err(|_| "must be as 10.0.0.0/8 or ::1".to_owned())
}
