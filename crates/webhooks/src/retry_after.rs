//! How long a receiver asks to be left alone.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use stagedoor_domain::Instant;

/// The longest time that a receiver can ask for: a day.
const RETRY_AFTER_SECONDS_MAX: u64 = 86_400;

/// Parses `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, of which the time since `now` counts. A date in
/// the past is 0 s. Any other text is ignored.
pub(crate) fn parse(headers: &HeaderMap, now: Instant) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits fail to parse only when the number is too large.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(SystemTime::from(now)).unwrap_or_default()
    };
    Some(asked.min(Duration::from_secs(RETRY_AFTER_SECONDS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_is_at_most_a_day() {
        let now = Instant::from_unix_timestamp(784_111_777).unwrap();
        for (text, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("Sun, 06 Nov 2044 08:49:37 GMT", Some(86_400)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);

            assert_eq!(parse(&headers, now), seconds.map(Duration::from_secs), "{text:?}");
        }
        assert_eq!(parse(&HeaderMap::new(), now), None);
    }
}
