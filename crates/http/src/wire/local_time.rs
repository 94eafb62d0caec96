//! Local dates and times, for the contracts whose times have no offset.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use stagedoor_domain::Instant;

use crate::wire::error::FieldRule;

/// The service's time zone.
#[derive(Clone, Debug)]
pub struct LocalTime(TimeZone);

impl LocalTime {
    /// The time zone of this name in the IANA database, such as `Asia/Seoul`.
    pub fn of_zone(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// Its name in the IANA database; `UTC` if it has none there.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local date, as `2026-12-24`.
    pub(crate) fn date(&self, instant: Instant) -> String {
        self.local(instant).date().to_string()
    }

    /// The local date and time, as `2026-12-24T19:00:00`, with a fraction if there is one.
    pub fn date_time(&self, instant: Instant) -> String {
        self.local(instant).to_string()
    }

    /// The instant of a local date and time. If clocks show it twice, it is the first one.
    ///
    /// # Errors
    /// The text is not a local date and time, or clocks skip it.
    pub(crate) fn instant(&self, date_time: &str) -> Result<Instant, FieldRule> {
        let is_local = date_time.bytes().all(|byte| b"0123456789-:.T".contains(&byte));
        let local: Option<DateTime> = date_time.parse().ok().filter(|_| is_local);
        let local = self.0.to_ambiguous_timestamp(local.ok_or(FieldRule::LocalTime)?);
        if matches!(local.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(FieldRule::ExistingLocalTime);
        }
        let timestamp = local.compatible().map_err(|_| FieldRule::LocalTime)?;
        let micros = i128::from(timestamp.as_microsecond());
        let instant = Instant::from_unix_timestamp_nanos(micros * 1_000).ok();
        instant.filter(|_| micros >= 0).ok_or(FieldRule::LocalTime)
    }

    /// The calendar covers every instant that is stored.
    fn local(&self, instant: Instant) -> DateTime {
        let micros = i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or_default();
        let timestamp = Timestamp::from_microsecond(micros).unwrap_or_default();
        self.0.to_datetime(timestamp)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn seoul() -> LocalTime {
        LocalTime::of_zone("Asia/Seoul").unwrap()
    }

    #[test]
    fn an_instant_has_the_date_that_calendars_there_show() {
        assert_eq!(seoul().date(datetime!(2026-12-24 15:00 UTC)), "2026-12-25");
        assert_eq!(seoul().date(datetime!(2026-12-24 14:59:59 UTC)), "2026-12-24");
    }

    #[test]
    fn local_times_are_written_and_read_without_an_offset() {
        for (instant, text) in [
            (datetime!(2026-12-24 10:00 UTC), "2026-12-24T19:00:00"),
            (datetime!(2026-12-24 10:00:00.25 UTC), "2026-12-24T19:00:00.25"),
        ] {
            assert_eq!(seoul().date_time(instant), text);
            assert_eq!(seoul().instant(text), Ok(instant));
        }
    }

    #[test]
    fn what_is_no_local_time_is_not_read() {
        for text in [
            "2026-12-24T19:00:00Z",
            "2026-12-24T19:00:00+09:00",
            "2026-12-24T19:00:00[Asia/Seoul]",
            "2026-02-30T19:00:00",
            "1969-12-31T23:59:59",
            "tomorrow",
            "",
        ] {
            assert_eq!(seoul().instant(text), Err(FieldRule::LocalTime), "{text}");
        }
    }

    #[test]
    fn an_hour_that_clocks_skip_is_refused_and_one_that_they_repeat_is_the_first() {
        let new_york = LocalTime::of_zone("America/New_York").unwrap();

        for skipped in ["2027-03-14T02:00:00", "2027-03-14T02:30:00", "2027-03-14T02:59:59.9"] {
            let refused = new_york.instant(skipped);
            assert_eq!(refused, Err(FieldRule::ExistingLocalTime), "{skipped}");
        }
        for (text, expected) in [
            ("2027-03-14T01:59:59", datetime!(2027-03-14 06:59:59 UTC)),
            ("2027-03-14T03:00:00", datetime!(2027-03-14 07:00 UTC)),
            ("2026-11-01T01:30:00", datetime!(2026-11-01 05:30 UTC)),
        ] {
            assert_eq!(new_york.instant(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        assert!(LocalTime::of_zone("Asia/Atlantis").is_none());
    }
}
