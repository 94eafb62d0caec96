//! One room's line in memory, and how fast it moves.

use std::collections::VecDeque;

use stagedoor_domain::room::Admissions;
use stagedoor_domain::{Instant, Line, Room};
use time::Duration;

/// How far back the rate looks.
const WINDOW: Duration = Duration::minutes(5);

/// A room as last read, and its line.
#[derive(Debug)]
pub(super) struct RoomLine {
    pub(super) room: Room,
    pub(super) line: Line,
    /// Whether the whole line has been read once.
    pub(super) is_known: bool,
    meter: AdmissionMeter,
    /// The meter's estimate, made at each read: many polls are answered between two.
    admission_rate: Option<f64>,
}

impl RoomLine {
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            line: Line::default(),
            is_known: false,
            meter: AdmissionMeter::default(),
            admission_rate: None,
        }
    }

    pub(super) fn admission_rate(&self) -> Option<f64> {
        self.admission_rate
    }

    /// Takes in the room's row as read at `now`.
    pub(super) fn take_in(&mut self, room: Room, now: Instant) {
        if self.line.version() >= room.version {
            self.line.knows_up_to(room.last_sequence);
        }
        self.meter.look(&room, self.line.waiting() > 0, now);
        self.admission_rate = self.meter.per_second(room.policy.admit_interval());
        self.room = room;
    }
}

/// An estimate of the admission rate.
///
/// The room's row says how many were let in since its interval began. Each look at it adds what
/// that count has grown by; when a new interval has begun, its whole count. People let in at the
/// very end of an interval, after the last look at it, are missed, so the estimate is a little low
/// and the wait a little long. Only times in which a token waited count: an empty line says
/// nothing about how fast it moves.
#[derive(Debug, Default)]
struct AdmissionMeter {
    looks: VecDeque<Look>,
    last: Option<(Instant, Admissions)>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    admitted: i64,
    busy: Duration,
}

impl AdmissionMeter {
    /// Takes in the room's row as read at `now`, whether or not a token waited.
    fn look(&mut self, room: &Room, anyone_waits: bool, now: Instant) {
        let seen = room.admissions;
        if let Some((last_at, last)) = self.last.replace((now, seen)) {
            let grown = if seen.since == last.since { seen.count - last.count } else { seen.count };
            let admitted = i64::from(grown.max(0));
            if admitted > 0 || anyone_waits {
                let busy = (now - last_at).max(Duration::ZERO);
                self.looks.push_back(Look { at: now, admitted, busy });
            }
        }
        while self.looks.front().is_some_and(|look| look.at + WINDOW <= now) {
            self.looks.pop_front();
        }
    }

    /// How many a second were let in; nothing while none were. Less than one interval is not
    /// judged by, because people come in by the batch.
    fn per_second(&self, interval: Duration) -> Option<f64> {
        let admitted: i64 = self.looks.iter().map(|look| look.admitted).sum();
        let busy: Duration = self.looks.iter().map(|look| look.busy).sum();
        let seconds = busy.max(interval).as_seconds_f64();
        (admitted > 0 && seconds > 0.0).then(|| admitted as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::RoomId;
    use time::macros::datetime;

    use super::*;

    const START: Instant = datetime!(2026-11-21 10:00 UTC);
    const INTERVAL: Duration = Duration::seconds(10);

    fn room(since_seconds: i64, count: i32) -> Room {
        let since = START + Duration::seconds(since_seconds);
        Room { admissions: Admissions { since, count }, ..Room::open(RoomId::SITE, None, START) }
    }

    /// When it is looked, when the interval began, both in seconds, and the count.
    type Looked = (i64, i64, i32);

    /// Looks while a token waits.
    fn after(looks: &[Looked]) -> AdmissionMeter {
        let mut meter = AdmissionMeter::default();
        for (second, since, count) in looks {
            meter.look(&room(*since, *count), true, START + Duration::seconds(*second));
        }
        meter
    }

    #[test]
    fn the_rate_is_the_growth_of_the_counts_over_the_time_in_which_tokens_waited() {
        let table: [(&[Looked], Option<f64>); 6] = [
            (&[], None),
            (&[(0, 0, 10)], None),
            (&[(0, 0, 0), (20, 0, 0)], None),
            (&[(0, 0, 4), (20, 0, 10)], Some(0.3)),
            (&[(0, 0, 10), (10, 10, 10), (20, 20, 10)], Some(1.0)),
            (&[(0, 0, 0), (1, 0, 10)], Some(1.0)),
        ];
        for (looks, expected) in table {
            assert_eq!(after(looks).per_second(INTERVAL), expected, "{looks:?}");
        }
    }

    #[test]
    fn what_is_older_than_the_window_and_times_without_a_line_do_not_count() {
        let mut meter = after(&[(0, 0, 0), (10, 0, 100)]);
        meter.look(&room(0, 100), false, START + Duration::seconds(200));
        assert_eq!(meter.per_second(INTERVAL), Some(10.0));

        meter.look(&room(0, 100), false, START + Duration::seconds(310));
        assert_eq!(meter.per_second(INTERVAL), None);
    }

    #[test]
    fn a_look_counts_if_a_token_waits_or_was_admitted() {
        // Whether a token waits at the second look, its count, and the rate over its 20 seconds and
        // the 20 seconds of waiting before, in which 10 people were let in.
        let table = [(true, 10, 0.25), (false, 10, 0.5), (true, 30, 0.75), (false, 30, 0.75)];
        for (anyone_waits, count, expected) in table {
            let mut meter = after(&[(0, 0, 0), (20, 0, 10)]);
            meter.look(&room(0, count), anyone_waits, START + Duration::seconds(40));
            assert_eq!(meter.per_second(INTERVAL), Some(expected), "{anyone_waits} {count}");
        }
    }

    #[test]
    fn the_window_ends_five_minutes_after_a_look() {
        for (second, expected) in [(319, Some(0.5)), (320, None)] {
            let mut meter = after(&[(0, 0, 0), (20, 0, 10)]);
            meter.look(&room(0, 10), false, START + Duration::seconds(second));
            assert_eq!(meter.per_second(INTERVAL), expected, "{second}");
        }
    }
}
