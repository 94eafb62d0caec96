//! Whether concerts and their dates can be booked.

use stagedoor_domain::ports::{ConcertListing, VenueOfSchedule};
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{
    BookingWindow, Concert, ConcertSale, ConcertState, DateSale, Reason, Schedule, VenueId,
};
use time::Duration;
use uuid::Uuid;

use crate::builders::{NOW, a_concert, a_schedule, schedule};

fn window(opens: i64, closes: i64) -> BookingWindow {
    let at = |hours| NOW + Duration::hours(hours);
    BookingWindow { opens_at: at(opens), closes_at: at(closes) }
}

fn sold_out(date: Schedule) -> Schedule {
    Schedule { sold_count: date.seat_count, ..date }
}

fn cancelled(mut date: Schedule) -> Schedule {
    date.cancel(Reason::parse("Illness").unwrap(), NOW).unwrap();
    date
}

/// A date of this number that starts this number of hours from now.
fn starting(n: u128, hours: i64) -> Schedule {
    let starts_at = NOW + Duration::hours(hours);
    let ends_at = starts_at + Duration::hours(2);
    Schedule { id: schedule(n), starts_at, ends_at, ..a_schedule() }
}

#[test]
fn a_date_says_why_it_cannot_be_booked() {
    let not_open = Schedule { booking: window(1, 2), ..a_schedule() };
    let closed = Schedule { booking: window(-2, 0), ..a_schedule() };
    let of_cancelled = Schedule { concert_state: ConcertState::Cancelled, ..a_schedule() };
    for (date, expected) in [
        (a_schedule(), DateSale::Open),
        (not_open.clone(), DateSale::NotOpen),
        (sold_out(a_schedule()), DateSale::SoldOut),
        (sold_out(not_open), DateSale::SoldOut),
        (closed.clone(), DateSale::Closed),
        (sold_out(closed), DateSale::Closed),
        (cancelled(a_schedule()), DateSale::Cancelled),
        (of_cancelled, DateSale::Cancelled),
    ] {
        assert_eq!(date.sale(NOW), expected, "{date:?}");
    }
}

#[test]
fn the_most_hopeful_date_of_a_concert_counts() {
    use DateSale as Date;
    let sale = |dates: &[Date]| ConcertSale::of(ConcertState::Published, dates, false);
    let all = [Date::Cancelled, Date::Closed, Date::SoldOut, Date::NotOpen, Date::Open];
    let expected = [
        ConcertSale::NoDate,
        ConcertSale::Cancelled,
        ConcertSale::Closed,
        ConcertSale::SoldOut,
        ConcertSale::NotOpen,
        ConcertSale::Held,
    ];
    for (count, expected) in expected.into_iter().enumerate() {
        assert_eq!(sale(&all[..count]), expected);
    }
    let of = |state, bookable| ConcertSale::of(state, &[Date::Open], bookable);
    assert_eq!(of(ConcertState::Published, true), ConcertSale::Open);
    assert_eq!(of(ConcertState::Draft, false), ConcertSale::Open, "once it is published");
    assert_eq!(of(ConcertState::Cancelled, false), ConcertSale::Cancelled);
}

#[test]
fn a_listing_has_the_dates_to_come_in_their_order_and_the_first_venue() {
    let venue = VenueOfSchedule {
        id: VenueId(Uuid::from_u128(5)),
        name: PlaceName::parse("Concert house").unwrap(),
        address: Address::default(),
        time_zone: TimeZoneName::parse("Europe/Berlin").unwrap(),
    };
    let runs = starting(1, -1);
    let dates = vec![
        (starting(4, 30), Some(venue.clone())),
        (cancelled(starting(3, 20)), None),
        (sold_out(starting(2, 10)), None),
        (runs, None),
    ];

    let listing = ConcertListing::new(a_concert(), false, dates.clone(), NOW);

    let hours = |hours| NOW + Duration::hours(hours);
    assert_eq!(listing.next_dates, [hours(10), hours(30)]);
    let listed: Vec<_> = listing.dates.iter().map(|it| (it.schedule_id, it.sale)).collect();
    let expected = [
        (schedule(2), DateSale::SoldOut),
        (schedule(3), DateSale::Cancelled),
        (schedule(4), DateSale::Open),
    ];
    assert_eq!(listed, expected);
    assert_eq!((listing.sale, listing.venue), (ConcertSale::Held, Some(venue)));
    let of_cancelled = Concert { state: ConcertState::Cancelled, ..a_concert() };
    let listing = ConcertListing::new(of_cancelled, false, dates, NOW);
    assert_eq!((listing.next_dates.len(), listing.sale), (0, ConcertSale::Cancelled));
}

#[test]
fn the_earliest_opening_of_a_date_that_is_on_is_told_while_the_concert_is_on_sale() {
    let opening = |n, hours| Schedule { booking: window(hours, hours + 1), ..starting(n, 40) };
    let dates = vec![
        (opening(1, -1), None),
        (opening(2, 9), None),
        (opening(3, 7), None),
        (cancelled(opening(4, 5)), None),
    ];
    for (state, expected) in [
        (ConcertState::Published, Some(NOW + Duration::hours(7))),
        (ConcertState::Draft, None),
        (ConcertState::Cancelled, None),
    ] {
        let concert = Concert { state, ..a_concert() };
        let listing = ConcertListing::new(concert, false, dates.clone(), NOW);
        assert_eq!(listing.booking_opens_at, expected, "{state:?}");
    }
}

#[test]
fn a_listing_is_bounded() {
    let dates = (1..=20).map(|n| (starting(n, i64::try_from(n).unwrap()), None)).collect();

    let listing = ConcertListing::new(a_concert(), true, dates, NOW);

    assert_eq!(listing.next_dates.len(), ConcertListing::DATES_MAX);
    assert_eq!(listing.dates.len(), ConcertListing::LISTED_MAX);
}
