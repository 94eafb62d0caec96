//! The units and bounds of the whole-number settings, in one table: the parser checks them, the
//! help shows them, and a test compares `docs/settings.md` with them.

use clap::builder::RangedU64ValueParser;

/// A whole-number setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Its name, as after `--`.
    pub name: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// The least it may be.
    pub low: u64,
    /// The most it may be.
    pub high: u64,
}

const fn bounds(name: &'static str, unit: &'static str, low: u64, high: u64) -> Bounds {
    Bounds { name, unit, low, high }
}

/// All of them.
pub const BOUNDS: &[Bounds] = &[
    bounds("database-connections", "connections", 2, 1_000),
    bounds("database-connect-timeout-seconds", "seconds", 1, 300),
    bounds("database-statement-timeout-seconds", "seconds", 1, 3_600),
    bounds("database-answer-timeout-seconds", "seconds", 1, 300),
    bounds("database-start-seconds", "seconds", 0, 86_400),
    bounds("holds-max", "holds", 1, 1_000_000),
    bounds("hold-seconds", "seconds", 1, 86_400),
    bounds("hold-extension-seconds", "seconds", 0, 86_400),
    bounds("late-payment-seconds", "seconds", 0, 300),
    bounds("access-token-seconds", "seconds", 60, 2_592_000),
    bounds("queue-token-seconds", "seconds", 60, 2_592_000),
    bounds("idempotency-key-hours", "hours", 1, 720),
    bounds("event-days", "days", 4, 365),
    bounds("workers", "threads", 1, 1_024),
    bounds("connections-max", "connections", 1, 1_000_000),
    bounds("body-bytes-max", "bytes", 1_024, 16_777_216),
    bounds("request-timeout-seconds", "seconds", 1, 300),
    bounds("header-timeout-seconds", "seconds", 1, 300),
    bounds("keep-alive-seconds", "seconds", 0, 3_600),
    bounds("drain-timeout-seconds", "seconds", 0, 300),
    bounds("event-streams-max", "streams", 0, 1_000_000),
    bounds("requests-max", "requests", 1, 1_000_000),
    bounds("unsent-bytes-max", "bytes", 16_777_216, 1_099_511_627_776),
    bounds("body-timeout-seconds", "seconds", 1, 300),
    bounds("event-streams-per-user-max", "streams", 1, 1_000_000),
    bounds("batch-size-max", "commands", 1, 10_000),
    bounds("queue-length-max", "commands", 1, 1_000_000),
    bounds("queue-wait-milliseconds", "milliseconds", 10, 300_000),
    bounds("heartbeats-max", "heartbeats", 1, 10_000_000),
    bounds("refresh-milliseconds", "milliseconds", 10, 60_000),
    bounds("flush-milliseconds", "milliseconds", 10, 1_000),
    bounds("admission-milliseconds", "milliseconds", 10, 60_000),
    bounds("expiry-milliseconds", "milliseconds", 10, 600_000),
    bounds("webhook-milliseconds", "milliseconds", 10, 60_000),
    bounds("mail-milliseconds", "milliseconds", 10, 60_000),
    bounds("gauges-milliseconds", "milliseconds", 100, 600_000),
];

/// The bounds of a setting, if it is a whole number.
pub fn of(name: &str) -> Option<Bounds> {
    BOUNDS.iter().copied().find(|bounds| bounds.name == name)
}

/// Reads a whole number within the setting's bounds.
pub(super) fn within<T>(name: &str) -> RangedU64ValueParser<T>
where
    T: TryFrom<u64> + Clone + Send + Sync,
{
    let parser = RangedU64ValueParser::new();
    match of(name) {
        Some(bounds) => parser.range(bounds.low..=bounds.high),
        None => parser,
    }
}
