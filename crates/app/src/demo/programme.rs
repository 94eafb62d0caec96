//! What is on in the demonstration.

use anyhow::Context;
use stagedoor_domain::concert::Description;
use stagedoor_domain::operations::SchedulePlan;
use stagedoor_domain::{
    BookingWindow, ConcertDetails, ConcertId, Instant, ScheduleId, ScheduleTerms, SeatId, SeatMap,
    Section, TicketLimit, Title,
};
use time::macros::{offset, time};
use time::{Duration, UtcOffset};
use uuid::Uuid;

use crate::ids::new_id;

const SEOUL: UtcOffset = offset!(+9);
const CURTAIN: time::Time = time!(19:30);
const LENGTH: Duration = Duration::hours(2);
/// As many as a date has seats: a few people try the demonstration again and again.
const TICKETS_PER_PERSON: i64 = 50;
/// How long before the start tickets can be cancelled.
const CANCELLATION_NOTICE: Duration = Duration::days(1);
/// The first of the concerts' ids. They are fixed, so that a concert is made once however many
/// processes demonstrate on one store.
const FIRST_ID: u128 = 0x019a_a000_0000_7000_8000_0000_0000_0001;

/// Rows, seats in each, price and label of a section.
type Block = (i64, i64, i64, &'static str);

const PLAIN: &[Block] = &[(5, 10, 10_000, "")];
const IN_SECTIONS: &[Block] =
    &[(1, 10, 150_000, "VIP"), (2, 10, 110_000, "R"), (2, 10, 80_000, "S")];

/// A concert.
pub(super) struct Show {
    number: u128,
    title: &'static str,
    description: &'static str,
    /// In how many days it is first given, and what the seats are then and the day after.
    days_ahead: i64,
    seats: [&'static [Block]; 2],
}

pub(super) const SHOWS: &[Show] = &[
    Show {
        number: 0,
        title: "가을밤의 재즈 · Autumn Night Jazz",
        description: "작은 무대에서 듣는 재즈 사중주. A jazz quartet on a small stage.",
        days_ahead: 7,
        seats: [PLAIN, IN_SECTIONS],
    },
    Show {
        number: 1,
        title: "봄의 제전 · The Rite of Spring",
        description: "스트라빈스키의 발레 음악 연주회. Stravinsky's ballet in concert.",
        days_ahead: 14,
        seats: [PLAIN, PLAIN],
    },
    Show {
        number: 2,
        title: "서울 인디 나이트 · Seoul Indie Night",
        description: "하룻밤에 만나는 다섯 밴드. Five bands in one night.",
        days_ahead: 21,
        seats: [PLAIN, PLAIN],
    },
];

impl Show {
    pub(super) fn concert_id(&self) -> ConcertId {
        ConcertId(Uuid::from_u128(FIRST_ID + self.number))
    }

    pub(super) fn details(&self) -> anyhow::Result<ConcertDetails> {
        let description = Description::parse(self.description)?;
        Ok(ConcertDetails { description, ..ConcertDetails::titled(Title::parse(self.title)?) })
    }

    /// Two evenings, open for booking from `now` until they start.
    pub(super) fn schedules(&self, now: Instant) -> anyhow::Result<Vec<SchedulePlan>> {
        (self.days_ahead..).zip(self.seats).map(|(days, seats)| evening(now, days, seats)).collect()
    }
}

fn evening(now: Instant, days_ahead: i64, seats: &[Block]) -> anyhow::Result<SchedulePlan> {
    let day = now.to_offset(SEOUL).date().checked_add(Duration::days(days_ahead));
    let day = day.context("the calendar has no more days")?;
    let starts_at = day.with_time(CURTAIN).assume_offset(SEOUL).to_offset(UtcOffset::UTC);
    let sections = seats
        .iter()
        .map(|(rows, columns, price, label)| Section::parse(*rows, *columns, *price, label))
        .collect::<Result<_, _>>()?;
    let seat_map = SeatMap::new(sections)?;
    let seat_ids = (0..seat_map.seat_count()).map(|_| SeatId(new_id())).collect();
    Ok(SchedulePlan {
        id: ScheduleId(new_id()),
        terms: ScheduleTerms {
            starts_at,
            ends_at: starts_at + LENGTH,
            booking: BookingWindow { opens_at: now, closes_at: starts_at },
            cancellation_closes_at: Some(starts_at - CANCELLATION_NOTICE),
            ticket_limit: TicketLimit::parse(TICKETS_PER_PERSON)?,
        },
        seat_map,
        seat_ids,
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_show_is_sound_and_open_for_booking_from_the_start() {
        let now = datetime!(2026-11-21 20:00 UTC);
        for show in SHOWS {
            show.details().unwrap();
            let plans = show.schedules(now).unwrap();
            assert_eq!(plans.len(), 2);
            for plan in plans {
                plan.terms.check().unwrap();
                assert!(plan.terms.booking.is_open(now));
                assert_eq!(plan.seat_map.seat_count(), 50);
                assert_eq!(plan.seat_ids.len(), 50);
            }
        }
    }

    #[test]
    fn evenings_start_at_half_past_seven_in_seoul() {
        let plans = SHOWS[0].schedules(datetime!(2026-11-21 20:00 UTC)).unwrap();

        assert_eq!(plans[0].terms.starts_at, datetime!(2026-11-29 10:30 UTC));
        assert_eq!(plans[1].terms.starts_at, datetime!(2026-11-30 10:30 UTC));
    }
}
