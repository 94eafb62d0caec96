//! Settings: flags before environment before defaults.

mod arguments;
pub mod bounds;
mod limits;
mod mail;
mod refusal;
mod secret;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, ValueEnum};

pub use limits::{LimitSettings, ProxyHeaderName};
pub use mail::MailSettings;
use secrecy::{ExposeSecret, SecretString};
pub use secret::read_secret;
use stagedoor_domain::BookingPolicy;
use stagedoor_domain::webhook::Reach;
use stagedoor_http::{AllowedOrigins, LocalTime};

use bounds::within;

/// The environment variable that holds the signing keys. There is no flag for it: other people on
/// the machine can read the arguments of a running program.
pub const SIGNING_KEY_VARIABLE: &str = "STAGEDOOR_SIGNING_KEY";

/// Whether something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is.
    #[value(alias = "true")]
    On,
    /// It is not.
    #[value(alias = "false")]
    Off,
}

/// Who gets a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuthMode {
    /// Anyone who names a user; anyone may create concerts.
    Open,
    /// Who has signed in; organizers alone create concerts.
    Closed,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What the server is told.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "STAGEDOOR_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        value_parser = address
    )]
    pub listen: SocketAddr,
    /// Demonstrate: example users and concerts, open mode, a signing key of its own
    #[arg(
        long, env = "STAGEDOOR_DEMO", num_args = 0..=1, require_equals = true, action = ArgAction::Set,
        default_value = "false", default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub demo: bool,
    /// Who gets a token: in `open` mode anyone who names a user, and anyone may create concerts
    #[arg(long, env = "AUTH_MODE", value_name = "MODE", default_value = "closed")]
    pub auth_mode: AuthMode,
    /// Let users charge points themselves, without a payment provider; open mode always does
    #[arg(
        long, env = "STAGEDOOR_DIRECT_CHARGES", num_args = 0..=1, require_equals = true, action = ArgAction::Set,
        default_value = "false", default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub direct_charges: bool,
    /// Let webhooks be sent by http and to addresses of private networks and of this machine. Then users who may
    /// register webhooks can have the service call what only the service reaches
    #[arg(
        long, env = "STAGEDOOR_WEBHOOKS_ANYWHERE", num_args = 0..=1, require_equals = true, action = ArgAction::Set,
        default_value = "false", default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub webhooks_anywhere: bool,
    /// The time zone of the dates and times on the pages and in the documented contracts, by its IANA name
    #[arg(long, env = "STAGEDOOR_TIME_ZONE", value_name = "ZONE", default_value = "Asia/Seoul",
        value_parser = time_zone)]
    pub time_zone: LocalTime,
    /// Maximum unpaid holds of one user in one schedule
    #[arg(long, env = "STAGEDOOR_HOLDS_MAX", value_name = "N", default_value = "4",
        value_parser = within::<usize>("holds-max"))]
    pub holds_max: usize,
    #[command(flatten)]
    pub store: StoreSettings,
    #[command(flatten)]
    pub times: TimeSettings,
    #[command(flatten)]
    pub server: ServerSettings,
    #[command(flatten)]
    pub limits: LimitSettings,
    #[command(flatten)]
    pub mail: MailSettings,
    #[command(flatten)]
    pub work: WorkSettings,
    #[command(flatten)]
    pub logs: LogSettings,
    /// The signing keys, from the environment.
    #[arg(skip)]
    pub signing_key: Option<SecretString>,
    /// A file that holds the signing keys
    #[arg(long, env = "STAGEDOOR_SIGNING_KEY_FILE", value_name = "FILE")]
    signing_key_file: Option<PathBuf>,
}

impl Settings {
    /// What is allowed when seats are booked.
    pub fn booking_policy(&self) -> BookingPolicy {
        let seconds = |seconds: u64| time::Duration::seconds(seconds.cast_signed());
        BookingPolicy {
            hold_time: seconds(self.times.hold_seconds),
            extension_time: seconds(self.times.hold_extension_seconds),
            late_payment_time: seconds(self.times.late_payment_seconds),
            holds_max: self.holds_max,
            // Guests of open mode have no addresses.
            needs_verified_email: self.mail.is_on(),
        }
    }
}

/// Where data are kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Store")]
pub struct StoreSettings {
    /// The directory of the embedded store and of the demonstration's signing key; `./data` unless set,
    /// `./data-demo` for a demonstration
    #[arg(long, env = "STAGEDOOR_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A postgres:// URL; without one the embedded store is used. With a password in it, never a flag
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    database_url: Option<SecretString>,
    /// A file that holds the URL
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    /// Maximum connections to PostgreSQL
    #[arg(long, env = "STAGEDOOR_DATABASE_CONNECTIONS", value_name = "N", default_value = "10",
        value_parser = within::<u32>("database-connections"))]
    pub database_connections: u32,
    /// Timeout for a connection to PostgreSQL
    #[arg(long, env = "STAGEDOOR_DATABASE_CONNECT_TIMEOUT_SECONDS", value_name = "N",
        default_value = "5", value_parser = within::<u64>("database-connect-timeout-seconds"))]
    database_connect_timeout_seconds: u64,
    /// Timeout of one PostgreSQL statement
    #[arg(long, env = "STAGEDOOR_DATABASE_STATEMENT_TIMEOUT_SECONDS", value_name = "N",
        default_value = "30", value_parser = within::<u64>("database-statement-timeout-seconds"))]
    database_statement_timeout_seconds: u64,
    /// Timeout of a commit, and of a PostgreSQL that answers nothing at all
    #[arg(long, env = "STAGEDOOR_DATABASE_ANSWER_TIMEOUT_SECONDS", value_name = "N",
        default_value = "5", value_parser = within::<u64>("database-answer-timeout-seconds"))]
    database_answer_timeout_seconds: u64,
}

/// Lifetimes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Times")]
pub struct TimeSettings {
    /// Lifetime of a hold that is not paid
    #[arg(long, env = "STAGEDOOR_HOLD_SECONDS", value_name = "N", default_value = "300",
        value_parser = within::<u64>("hold-seconds"))]
    pub hold_seconds: u64,
    /// Extension of a hold, once for each hold; 0 turns it off
    #[arg(long, env = "STAGEDOOR_HOLD_EXTENSION_SECONDS", value_name = "N", default_value = "120",
        value_parser = within::<u64>("hold-extension-seconds"))]
    pub hold_extension_seconds: u64,
    /// Grace period in which an expired hold can be paid if its seats are still free
    #[arg(long, env = "STAGEDOOR_LATE_PAYMENT_SECONDS", value_name = "N", default_value = "10",
        value_parser = within::<u64>("late-payment-seconds"))]
    pub late_payment_seconds: u64,
    /// Lifetime of an access token
    #[arg(long, env = "STAGEDOOR_ACCESS_TOKEN_SECONDS", value_name = "N", default_value = "3600",
        value_parser = within::<u64>("access-token-seconds"))]
    pub access_token_seconds: u64,
    /// Lifetime of a queue token's JWT
    #[arg(long, env = "STAGEDOOR_QUEUE_TOKEN_SECONDS", value_name = "N", default_value = "86400",
        value_parser = within::<u64>("queue-token-seconds"))]
    pub queue_token_seconds: u64,
    /// Lifetime of an idempotency record
    #[arg(long, env = "STAGEDOOR_IDEMPOTENCY_KEY_HOURS", value_name = "N", default_value = "24",
        value_parser = within::<u64>("idempotency-key-hours"))]
    pub idempotency_key_hours: u64,
    /// Lifetime of an event, and of its deliveries to webhooks once they have ended
    #[arg(long, env = "STAGEDOOR_EVENT_DAYS", value_name = "N", default_value = "30",
        value_parser = within::<u64>("event-days"))]
    pub event_days: u64,
}

/// How the HTTP server behaves.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTP server")]
pub struct ServerSettings {
    /// Number of worker threads; by default one for each processor
    #[arg(long, env = "STAGEDOOR_WORKERS", value_name = "N",
        value_parser = within::<usize>("workers"))]
    pub workers: Option<usize>,
    /// Maximum open client connections for each worker thread
    #[arg(long, env = "STAGEDOOR_CONNECTIONS_MAX", value_name = "N", default_value = "25000",
        value_parser = within::<usize>("connections-max"))]
    pub connections_max: usize,
    /// Maximum size of a request body; a larger one is answered 413
    #[arg(long, env = "STAGEDOOR_BODY_BYTES_MAX", value_name = "N", default_value = "65536",
        value_parser = within::<usize>("body-bytes-max"))]
    pub body_bytes_max: usize,
    /// Timeout of a request
    #[arg(long, env = "STAGEDOOR_REQUEST_TIMEOUT_SECONDS", value_name = "N", default_value = "10",
        value_parser = within::<u64>("request-timeout-seconds"))]
    pub request_timeout_seconds: u64,
    /// Timeout for receiving the head of a request
    #[arg(long, env = "STAGEDOOR_HEADER_TIMEOUT_SECONDS", value_name = "N", default_value = "5",
        value_parser = within::<u64>("header-timeout-seconds"))]
    pub header_timeout_seconds: u64,
    /// Keep-alive timeout of an idle connection
    #[arg(long, env = "STAGEDOOR_KEEP_ALIVE_SECONDS", value_name = "N", default_value = "75",
        value_parser = within::<u64>("keep-alive-seconds"))]
    pub keep_alive_seconds: u64,
    /// Timeout of a graceful shutdown after SIGTERM; the program ends at most 2 seconds later
    #[arg(long, env = "STAGEDOOR_DRAIN_TIMEOUT_SECONDS", value_name = "N", default_value = "8",
        value_parser = within::<u64>("drain-timeout-seconds"))]
    pub drain_timeout_seconds: u64,
    /// Maximum open streams of server-sent events
    #[arg(long, env = "STAGEDOOR_EVENT_STREAMS_MAX", value_name = "N", default_value = "10000",
        value_parser = within::<usize>("event-streams-max"))]
    pub event_streams_max: usize,
    /// Whether the API's documentation is served at /docs/
    #[arg(long, env = "STAGEDOOR_DOCS", value_name = "SWITCH", default_value = "on")]
    pub docs: Switch,
    /// Other sites whose pages may use the API, by their origins, separated by commas; they send
    /// tokens, and the session's cookie is not taken from them
    #[arg(long, env = "STAGEDOOR_ALLOWED_ORIGINS", value_name = "ORIGINS",
        value_parser = AllowedOrigins::parse)]
    pub allowed_origins: Option<AllowedOrigins>,
    /// Bearer token with which a monitoring system reads the metrics, 32 characters or more; without it only
    /// operators read them. Never a flag
    #[arg(
        long,
        env = "STAGEDOOR_METRICS_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub metrics_token: Option<SecretString>,
    /// A file that holds the metrics token
    #[arg(long, env = "STAGEDOOR_METRICS_TOKEN_FILE", value_name = "FILE")]
    metrics_token_file: Option<PathBuf>,
    /// The secrets of the keys that sign tickets, separated by commas, 32 bytes or more each: the first signs, all
    /// verify; without them those of the signing keys. Never a flag
    #[arg(
        long,
        env = "STAGEDOOR_TICKET_KEYS",
        value_name = "KEYS",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub ticket_keys: Option<SecretString>,
    /// A file that holds the secrets of the keys that sign tickets
    #[arg(long, env = "STAGEDOOR_TICKET_KEYS_FILE", value_name = "FILE")]
    ticket_keys_file: Option<PathBuf>,
}

impl ServerSettings {
    /// The metrics token, if there is one.
    ///
    /// # Errors
    /// The file that should hold it cannot be used.
    pub fn metrics_token(&self) -> anyhow::Result<Option<SecretString>> {
        given_or_read(self.metrics_token.as_ref(), self.metrics_token_file.as_deref())
    }

    /// The secrets of the keys that sign tickets, if they have any of their own.
    ///
    /// # Errors
    /// The file that should hold them cannot be used.
    pub fn ticket_keys(&self) -> anyhow::Result<Option<SecretString>> {
        given_or_read(self.ticket_keys.as_ref(), self.ticket_keys_file.as_deref())
    }
}

/// How work is shared out and repeated.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Batches and jobs")]
pub struct WorkSettings {
    /// How long the server waits for PostgreSQL when it starts, unless PostgreSQL refuses the user or the database
    #[arg(long, env = "STAGEDOOR_DATABASE_START_SECONDS", value_name = "N", default_value = "120",
        value_parser = within::<u64>("database-start-seconds"))]
    pub database_start_seconds: u64,
    /// Maximum commands of one kind in a batch, which is one commit
    #[arg(long, env = "STAGEDOOR_BATCH_SIZE_MAX", value_name = "N", default_value = "256",
        value_parser = within::<usize>("batch-size-max"))]
    pub batch_size_max: usize,
    /// Maximum queued commands of one kind; one more is answered 503
    #[arg(long, env = "STAGEDOOR_QUEUE_LENGTH_MAX", value_name = "N", default_value = "4096",
        value_parser = within::<usize>("queue-length-max"))]
    pub queue_length_max: usize,
    /// Maximum expected wait of a queued command; above it the answer is 503
    #[arg(long, env = "STAGEDOOR_QUEUE_WAIT_MILLISECONDS", value_name = "N", default_value = "1000",
        value_parser = within::<u64>("queue-wait-milliseconds"))]
    pub queue_wait_milliseconds: u64,
    /// Maximum heartbeats of tokens that are not known to wait yet
    #[arg(long, env = "STAGEDOOR_HEARTBEATS_MAX", value_name = "N", default_value = "1000000",
        value_parser = within::<usize>("heartbeats-max"))]
    pub heartbeats_max: usize,
    /// Interval at which the waiting lines in memory are refreshed from the store
    #[arg(long, env = "STAGEDOOR_REFRESH_MILLISECONDS", value_name = "N", default_value = "500",
        value_parser = within::<u64>("refresh-milliseconds"))]
    pub refresh_milliseconds: u64,
    /// Interval at which heartbeats are written to the store
    #[arg(long, env = "STAGEDOOR_FLUSH_MILLISECONDS", value_name = "N", default_value = "1000",
        value_parser = within::<u64>("flush-milliseconds"))]
    pub flush_milliseconds: u64,
    /// Interval of admissions
    #[arg(long, env = "STAGEDOOR_ADMISSION_MILLISECONDS", value_name = "N", default_value = "500",
        value_parser = within::<u64>("admission-milliseconds"))]
    pub admission_milliseconds: u64,
    /// Interval at which overdue tokens and holds are expired
    #[arg(long, env = "STAGEDOOR_EXPIRY_MILLISECONDS", value_name = "N", default_value = "1000",
        value_parser = within::<u64>("expiry-milliseconds"))]
    pub expiry_milliseconds: u64,
    /// Interval at which new events, and deliveries to webhooks that are due, are looked for
    #[arg(long, env = "STAGEDOOR_WEBHOOK_MILLISECONDS", value_name = "N", default_value = "500",
        value_parser = within::<u64>("webhook-milliseconds"))]
    pub webhook_milliseconds: u64,
    /// Interval at which the gauges of rooms and connections are read
    #[arg(long, env = "STAGEDOOR_GAUGES_MILLISECONDS", value_name = "N", default_value = "5000",
        value_parser = within::<u64>("gauges-milliseconds"))]
    pub gauges_milliseconds: u64,
    /// Whether this process expires what is overdue and lets people in; one of several processes is enough
    #[arg(long, env = "STAGEDOOR_JANITOR", value_name = "SWITCH", default_value = "on")]
    pub janitor: Switch,
}

/// What is logged.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// Format of the log
    #[arg(long, env = "STAGEDOOR_LOG_FORMAT", value_name = "FORMAT", default_value = "human")]
    pub log_format: LogFormat,
    /// Log levels by module, as `info,stagedoor=debug`
    #[arg(long, env = "STAGEDOOR_LOG_FILTER", value_name = "FILTER", default_value = "info")]
    pub log_filter: String,
}

impl Settings {
    /// The settings when nothing is set, whatever the environment says.
    pub fn defaults() -> Self {
        /// A command of the settings alone.
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            settings: Settings,
        }
        let command = arguments::without_environment(Alone::command());
        let parsed = command
            .try_get_matches_from(["stagedoor"])
            .and_then(|matches| Alone::from_arg_matches(&matches));
        parsed.unwrap_or_else(|error| error.exit()).settings
    }

    /// The signing keys, if there are any.
    ///
    /// # Errors
    /// The file that should hold them cannot be used.
    pub fn signing_key(&self) -> anyhow::Result<Option<SecretString>> {
        given_or_read(self.signing_key.as_ref(), self.signing_key_file.as_deref())
    }

    /// Adds the signing keys of the environment, and gives a demonstration a directory of its own unless
    /// one is set.
    pub fn complete(&mut self, signing_key: Option<String>) {
        self.signing_key = signing_key.filter(|key| !key.is_empty()).map(SecretString::from);
        if self.demo {
            self.store.data.get_or_insert_with(|| PathBuf::from("./data-demo"));
        }
    }

    /// Whether tokens are given out for a bare `userId`.
    pub fn is_open(&self) -> bool {
        self.demo || self.auth_mode == AuthMode::Open
    }

    /// Whether users may charge points themselves.
    pub fn has_direct_charges(&self) -> bool {
        self.is_open() || self.direct_charges
    }

    /// Which addresses webhooks may have; the same in every mode.
    pub fn webhook_reach(&self) -> Reach {
        if self.webhooks_anywhere { Reach::Anywhere } else { Reach::Public }
    }
}

impl StoreSettings {
    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("./data"))
    }

    /// The URL of PostgreSQL; nothing for the embedded store.
    ///
    /// # Errors
    /// The file that should hold it cannot be used.
    pub fn database_url(&self) -> anyhow::Result<Option<SecretString>> {
        given_or_read(self.database_url.as_ref(), self.database_url_file.as_deref())
    }

    /// Chooses PostgreSQL.
    pub fn set_database_url(&mut self, url: &str) {
        self.database_url = Some(url.into());
    }

    /// The timeout for a connection.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.database_connect_timeout_seconds)
    }

    /// The timeout of a commit, and of a server that answers nothing at all.
    pub fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.database_answer_timeout_seconds)
    }

    /// The timeout of one statement.
    pub fn statement_timeout(&self) -> Duration {
        Duration::from_secs(self.database_statement_timeout_seconds)
    }
}

/// A secret that is set, or else the one in a file.
fn given_or_read(
    given: Option<&SecretString>,
    file: Option<&Path>,
) -> anyhow::Result<Option<SecretString>> {
    let file = file.filter(|file| !file.as_os_str().is_empty());
    match (given.filter(|secret| !secret.expose_secret().is_empty()), file) {
        (Some(secret), _) => Ok(Some(secret.clone())),
        (None, file) => file.map(read_secret).transpose(),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let rule = "must be an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    text.parse().map_err(|_| rule.to_owned())
}

fn time_zone(name: &str) -> Result<LocalTime, String> {
    LocalTime::of_zone(name).ok_or_else(|| {
        "must be a name of the IANA time zone database, such as Asia/Seoul".to_owned()
    })
}

/// Reads the settings and the other arguments of a command from the command line and the environment.
///
/// # Errors
/// What is wrong, as clap shows it.
pub fn parse(command: clap::Command, line: Vec<OsString>) -> Result<ArgMatches, clap::Error> {
    let mut command = arguments::with_bounds(command);
    let matches = command.try_get_matches_from_mut(line);
    let matches = matches.map_err(|error| refusal::explained(&mut command, error))?;
    let variables: Vec<_> =
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    refusal::unknown_variable(&command, variables.iter().map(String::as_str))
        .and_then(|()| refusal::secret_among_arguments(&matches))
        .map_err(|error| command.error(ErrorKind::ValueValidation, error))?;
    Ok(matches)
}
