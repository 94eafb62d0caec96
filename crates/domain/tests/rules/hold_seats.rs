//! Holding seats (rules 7 to 11).

use stagedoor_domain::operations::{
    BestSeats, HoldRefused, HoldSeats, Pay, ReleaseHold, SeatChoice,
};
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::{
    BookingPolicy, BookingWindow, ExpiryReason, Instant, Needs, PlanVersion, QueueToken,
    Reservation, ReservationState, Room, RoomId, RoomPolicy, Schedule, Seat, SeatMap, Submission,
    TicketLimit, TokenState, WorkingSet,
};
use time::Duration;

use crate::builders::*;
use crate::world::{World, a_box_office, ids_of};

/// Schedule 2 of concert 2, which has seat 21, next to the box office's own.
fn a_second_concert() -> World {
    let other = Schedule { id: schedule(2), concert_id: concert(2), ..a_schedule() };
    let its_seat = Seat { id: seat(21), schedule_id: schedule(2), ..a_seat() };
    let its_room = Room { id: room(2), concert_id: Some(concert(2)), ..a_room() };
    a_box_office().with([other]).with([its_room]).with(vec![its_seat])
}

fn closed() -> BookingWindow {
    BookingWindow { opens_at: NOW - seconds(9), closes_at: NOW }
}

fn with_token(world: World, state: TokenState) -> World {
    world.with([QueueToken { state, ..an_active_token(1) }])
}

/// A hold by a policy that allows `holds_max` live holds.
fn at_most(holds_max: usize, hold: HoldSeats) -> HoldSeats {
    HoldSeats { policy: BookingPolicy { holds_max, ..POLICY }, ..hold }
}

#[test]
fn refusals_come_in_their_order() {
    let left = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    let expired = HoldRefused::NotActive(NotActive::Expired);
    let nowhere = HoldSeats { schedule_id: schedule(9), ..hold(1, seats(&[99])) };
    let elsewhere = HoldSeats { schedule_id: schedule(2), ..hold(1, seats(&[99])) };
    let as_another = HoldSeats { user_id: user(2), ..hold(1, seats(&[99])) };
    let unknown_token = HoldSeats { token_id: token(99), ..nowhere.clone() };
    let shut = || a_second_concert().with([Schedule { booking: closed(), ..a_schedule() }]);
    let both_shut = || {
        let other = Schedule { id: schedule(2), concert_id: concert(2), ..a_schedule() };
        shut().with([Schedule { booking: closed(), ..other }])
    };
    let taken = || {
        let state = held_by(7, NOW + TICK);
        a_second_concert().with([Seat { state, ..a_seat() }])
    };
    let one_too_many = at_most(0, hold(1, seats(&[99])));
    let waits = HoldRefused::NotActive(NotActive::Waiting);
    let table = [
        ("an unknown token", both_shut(), unknown_token, expired),
        ("a token that left", with_token(shut(), left), nowhere.clone(), expired),
        ("a token overdue", with_token(shut(), active_until(NOW)), nowhere.clone(), expired),
        ("a token in line", with_token(shut(), waiting(NOW)), nowhere.clone(), waits),
        ("no such schedule", both_shut(), nowhere, HoldRefused::ScheduleNotFound),
        ("another concert", both_shut(), elsewhere, HoldRefused::OtherRoom),
        ("another user's token", both_shut(), as_another, HoldRefused::OtherRoom),
        ("booking closed", shut(), hold(1, seats(&[99])), HoldRefused::BookingClosed),
        ("too many holds", taken(), one_too_many, HoldRefused::TooManyHolds),
        ("no such seat", taken(), hold(1, seats(&[1, 99])), HoldRefused::SeatNotFound),
        ("a seat elsewhere", taken(), hold(1, seats(&[1, 21])), HoldRefused::SeatNotFound),
        ("a seat taken", taken(), hold(1, seats(&[2, 1])), HoldRefused::SeatTaken),
    ];
    for (case, world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{case}");
    }
}

/// So that a refused request for the best block reads no seat map.
#[test]
fn only_a_best_block_that_no_earlier_rule_refuses_needs_every_seat() {
    let needs = |state: TokenState, command: HoldSeats| {
        let mut set = WorkingSet::new();
        set.load([a_room()]);
        set.load([a_schedule()]);
        set.load([QueueToken { state, ..an_active_token(1) }]);
        let besides = Needs::besides(&[Submission::new(command)], &set, NOW).unwrap();
        !besides.seats_of_schedules.is_empty()
    };
    let best = || hold(1, SeatChoice::best(2));
    let active = active_until(NOW + TICK);
    assert!(needs(active, best()));
    assert!(!needs(active, hold(1, seats(&[1]))));
    assert!(!needs(active, at_most(0, best())));
    assert!(!needs(active, HoldSeats { schedule_id: schedule(9), ..best() }));
    assert!(!needs(active_until(NOW), best()));
    assert!(!needs(waiting(NOW), best()));
}

#[test]
fn a_hold_takes_all_its_seats_until_its_deadline() {
    let world = a_box_office();

    let (mut verdicts, changes) = world.outcome(&[Submission::new(hold(1, seats(&[7, 2])))], NOW);

    let chart = a_chart(2, 5);
    let expected = a_reservation(1, &[chart[1].clone(), chart[6].clone()]);
    assert_eq!(verdicts.remove(0), Ok(expected.clone()));
    assert_eq!(expected.total_price, points(2 * SEAT_PRICE));
    assert_eq!(changes.inserted::<Reservation>(), [&expected]);
    assert_eq!(ids_of(&changes.updated::<Seat>()), [seat(2), seat(7)]);
    let until = held_by(1, NOW + HOLD_TIME);
    assert!(changes.updated::<Seat>().iter().all(|seat| seat.state == until));
    assert_eq!(changes.count(), 4, "the token had time enough");
}

#[test]
fn seats_are_chosen_by_id_or_by_number_or_as_the_best_block() {
    let table = [
        (seats(&[10, 1]), [1, 10]),
        (SeatChoice::Numbers(vec![10, 1]), [1, 10]),
        (SeatChoice::best(2), [1, 2]),
    ];
    for (choice, expected) in table {
        let held = a_box_office().decide(hold(1, choice.clone()), NOW).unwrap();
        let numbers: Vec<_> = held.seats.iter().map(|seat| seat.number).collect();
        assert_eq!(numbers, expected, "{choice:?}");
    }
}

#[test]
fn the_best_seats_of_a_section_or_a_zone_are_held() {
    let in_hall = PlanVersion { hall_id: hall(1), version: 1 };
    let ids: Vec<_> = (1..=9).map(seat).collect();
    let prices = [("R".to_owned(), 9_000), ("S".to_owned(), SEAT_PRICE)];
    let chart = SeatMap::of_plan(&a_hall_plan(), &prices).unwrap().seats(schedule(1), &ids);
    let of_plan = a_box_office()
        .with([Schedule { plan: Some(in_hall), ..a_schedule() }])
        .with([a_hall_plan()])
        .with(chart);
    let of = |section: &str, zone: &str, accessible| {
        let given = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let best = BestSeats { count: 1, section: given(section), zone: given(zone), accessible };
        hold(1, SeatChoice::Best(best))
    };
    let table = [
        ("a section", &of_plan, of("Stalls", "", false), Ok(6)),
        ("standing places", &of_plan, of("Arena", "", false), Ok(8)),
        ("a zone", &of_plan, of("", "S", false), Ok(8)),
        ("both", &of_plan, of("Stalls", "R", false), Ok(6)),
        ("for a wheelchair", &of_plan, of("", "", true), Ok(3)),
        ("no such part", &of_plan, of("Arena", "R", false), Err(HoldRefused::SeatTaken)),
        ("none for wheelchairs", &of_plan, of("", "S", true), Err(HoldRefused::SeatTaken)),
        ("no such section", &of_plan, of("Balcony", "X", false), Err(HoldRefused::SectionNotFound)),
        ("no such zone", &of_plan, of("Stalls", "X", false), Err(HoldRefused::ZoneNotFound)),
        ("without a plan", &a_box_office(), of("", "1", false), Ok(3)),
        ("another price", &a_box_office(), of("", "2", false), Err(HoldRefused::ZoneNotFound)),
        ("no label", &a_box_office(), of("R", "", false), Err(HoldRefused::SectionNotFound)),
    ];
    for (case, world, command, expected) in table {
        let held = world.clone().decide(command, NOW);
        assert_eq!(held.map(|held| held.seats[0].number), expected, "{case}");
    }
}

#[test]
fn a_name_of_a_part_is_visible_text() {
    let best = |section: Option<&str>, zone: Option<&str>| {
        let of = |name: Option<&str>| name.map(str::to_owned);
        SeatChoice::Best(BestSeats {
            count: 1,
            section: of(section),
            zone: of(zone),
            accessible: false,
        })
    };
    let long = "x".repeat(41);
    let table = [
        (best(Some(" A\u{200b} "), Some(" R ")), Ok(best(Some("A"), Some("R")))),
        (best(Some(""), None), Ok(best(Some(""), None))),
        (best(Some(&long), None), Err("section")),
        (best(None, Some(&long[..21])), Err("zone")),
        (best(None, Some("")), Err("zone")),
    ];
    for (choice, expected) in table {
        let checked = choice.check().map_err(|invalid| invalid.field);
        assert_eq!(checked, expected.map_err(Into::into));
    }
}

#[test]
fn an_unknown_number_is_no_seat_and_a_block_that_does_not_fit_is_taken() {
    let world = a_box_office();
    let unknown = SeatChoice::Numbers(vec![1, 11]);
    assert_eq!(world.refusal(hold(1, unknown), NOW), HoldRefused::SeatNotFound);

    let cramped = a_box_office().with(
        [3, 8].map(|n| Seat { state: held_by(7, NOW + TICK), ..a_chart(2, 5).remove(n - 1) }),
    );
    let block = hold(1, SeatChoice::best(3));
    assert_eq!(cramped.refusal(block.clone(), NOW), HoldRefused::SeatTaken);
    assert!(cramped.clone().decide(block, NOW + TICK).is_ok(), "an expired hold is free");
}

#[test]
fn the_booking_window_includes_its_opening_and_not_its_close() {
    let window = a_schedule().booking;
    let table = [
        (window.opens_at - TICK, Err(HoldRefused::BookingClosed)),
        (window.opens_at, Ok(())),
        (window.closes_at - TICK, Ok(())),
        (window.closes_at, Err(HoldRefused::BookingClosed)),
    ];
    for (now, expected) in table {
        let mut world = with_token(a_box_office(), active_until(NOW + seconds(9_999)));
        let verdict = world.decide(hold(1, seats(&[1])), now);
        assert_eq!(verdict.map(|_| ()), expected, "{now}");
    }
}

#[test]
fn a_hold_ends_by_the_end_of_its_schedule_and_is_extended_by_the_closing_of_booking_at_most() {
    let deadline = NOW + HOLD_TIME;
    let extended = deadline + EXTENSION_TIME;
    let table = [
        ("long before", extended + TICK, extended + TICK, deadline, Some(extended)),
        ("closing cuts the extension", extended - TICK, extended, deadline, Some(extended - TICK)),
        ("closing comes first", deadline, extended, deadline, None),
        ("closing comes before", NOW + TICK, extended, deadline, None),
        ("the end comes first", NOW + TICK, deadline - TICK, deadline - TICK, None),
    ];
    for (case, closes_at, ends_at, expires_at, extendable_until) in table {
        let booking = BookingWindow { closes_at, ..a_schedule().booking };
        let mut world = a_box_office().with([Schedule { booking, ends_at, ..a_schedule() }]);

        let held = world.decide(hold(1, seats(&[1])), NOW).unwrap();

        assert_eq!(
            (held.expires_at, held.extendable_until),
            (expires_at, extendable_until),
            "{case}"
        );
        assert_eq!(world.get::<Seat>(seat(1)).state, held_by(1, expires_at), "{case}");
        assert!(world.decide(pay(1), expires_at - TICK).is_ok(), "{case}: paid in its time");
    }
}

/// User 1 holds seats with token 1, which is of the site-wide room.
fn from_the_site(choice: SeatChoice) -> HoldSeats {
    HoldSeats { room_id: RoomId::SITE, ..hold(1, choice) }
}

#[test]
fn a_token_of_the_site_wide_room_opens_every_concert() {
    let site_wide = QueueToken { room_id: RoomId::SITE, ..an_active_token(1) };
    let mut world = a_second_concert().with([site_wide]);
    let elsewhere = HoldSeats {
        schedule_id: schedule(2),
        reservation_id: reservation(5),
        ..from_the_site(seats(&[21]))
    };

    assert!(world.decide(from_the_site(seats(&[1])), NOW).is_ok());
    assert_eq!(world.decide(elsewhere, NOW).unwrap().concert_id, concert(2));
}

#[test]
fn a_token_of_the_site_wide_room_passes_no_concerts_own_queue() {
    let site_wide = || QueueToken { room_id: RoomId::SITE, ..an_active_token(1) };
    let paused = RoomPolicy { paused: true, ..RoomPolicy::default() };
    let closed = RoomPolicy { capacity: 0, ..RoomPolicy::default() };
    let full = RoomPolicy { capacity: 2, ..RoomPolicy::default() };
    let gone = QueueToken { state: waiting(NOW - seconds(600)), ..a_token(4) };
    let own_queue = Err(HoldRefused::OwnQueue);
    let table = [
        ("no token waits", RoomPolicy::default(), None, Ok(())),
        ("someone waits", RoomPolicy::default(), Some(a_token(4)), own_queue),
        ("who waited is gone", RoomPolicy::default(), Some(gone), Ok(())),
        ("paused", paused, None, own_queue),
        ("no capacity", closed, None, own_queue),
        ("full, and no token waits", full, None, Ok(())),
    ];
    for (case, policy, other, expected) in table {
        let world = a_box_office().with([Room { policy, ..a_room() }]).with(other);
        let mut with_site_token = world.clone().with([site_wide()]);
        let of_the_concert = world.clone().decide(hold(1, seats(&[1])), NOW);

        let held = with_site_token.decide(from_the_site(seats(&[1])), NOW);

        assert_eq!(held.map(|_| ()), expected, "{case}");
        assert!(of_the_concert.is_ok(), "{case}: an active user stays active");
    }
}

#[test]
fn a_hold_made_before_the_concert_got_a_queue_is_paid_with_its_site_wide_token() {
    let site_wide = QueueToken { room_id: RoomId::SITE, ..an_active_token(1) };
    let mut world = a_box_office().with([site_wide]);
    world.decide(from_the_site(seats(&[1])), NOW).unwrap();
    let policy = RoomPolicy { paused: true, ..RoomPolicy::default() };
    let mut world = world.with([Room { policy, ..a_room() }]).with([a_token(4)]);

    assert!(world.decide(extend(1), NOW).is_ok());
    assert!(world.decide(Pay { room_id: RoomId::SITE, ..pay(1) }, NOW).is_ok());
}

#[test]
fn of_those_who_ask_for_one_seat_in_one_batch_the_first_gets_it() {
    let mut world = a_box_office();

    let asked = [hold(1, seats(&[4])), hold(2, seats(&[4, 5])), hold(3, seats(&[5]))];
    let verdicts = world.decide_batch(&asked, NOW);

    let outcome: Vec<_> = verdicts.into_iter().map(|verdict| verdict.map(|_| ())).collect();
    assert_eq!(outcome, [Ok(()), Err(HoldRefused::SeatTaken), Ok(())]);
    assert_eq!(world.get::<Seat>(seat(4)).state, held_by(1, NOW + HOLD_TIME));
    assert_eq!(world.get::<Seat>(seat(5)).state, held_by(3, NOW + HOLD_TIME));
    assert_eq!(world.all::<Reservation>().count(), 2);
}

#[test]
fn best_blocks_in_one_batch_do_not_overlap() {
    let mut world = a_box_office();

    let verdicts = world.decide_batch(&[1, 2, 3].map(|n| hold(n, SeatChoice::best(4))), NOW);

    let rows: Vec<_> =
        verdicts.into_iter().map(|verdict| verdict.map(|r| r.seats[0].row)).collect();
    assert_eq!(rows, [Ok(1), Ok(2), Err(HoldRefused::SeatTaken)]);
}

#[test]
fn a_seat_whose_hold_expired_is_held_again_without_any_job() {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1])), NOW).unwrap();
    let deadline = NOW + HOLD_TIME;
    let again = hold(2, seats(&[1]));

    let just_before = world.refusal(again.clone(), deadline - TICK);
    assert_eq!(just_before, HoldRefused::SeatTaken);
    assert!(world.decide(again, deadline).is_ok());

    assert_eq!(world.get::<Seat>(seat(1)).state, held_by(2, deadline + HOLD_TIME));
    let first = world.get::<Reservation>(reservation(1));
    assert_eq!(first.state, ReservationState::Held, "nothing was expired");
}

#[test]
fn a_hold_that_outlasts_its_token_makes_the_token_last_as_long() {
    let mut world = with_token(a_box_office(), active_until(NOW + TICK));

    world.decide(hold(1, seats(&[1])), NOW).unwrap();

    assert_eq!(world.get::<QueueToken>(token(1)).state, active_until(NOW + HOLD_TIME));
}

/// Holds seat 1 for token 1, and says when that and its extension end. Then releases it.
fn hold_and_release(world: &mut World, n: u8, now: Instant) -> (Instant, Option<Instant>) {
    let reservation_id = reservation(n.into());
    let command = HoldSeats { reservation_id, ..hold(1, seats(&[1])) };
    let held = world.decide(command, now).unwrap();
    world.decide(ReleaseHold { reservation_id, user_id: user(1) }, now).unwrap();
    (held.expires_at, held.extendable_until)
}

#[test]
fn holding_again_and_again_keeps_a_token_active_for_one_hold_and_its_extension_at_most() {
    let since = NOW - Duration::MINUTE;
    let shop_until = since + RoomPolicy::default().active_time();
    let latest = shop_until + HOLD_TIME + EXTENSION_TIME;
    let mut world = with_token(a_box_office(), active_until(shop_until));
    let whole = |now: Instant| (now + HOLD_TIME, Some(now + HOLD_TIME + EXTENSION_TIME));

    let last_moment = shop_until - TICK;
    assert_eq!(hold_and_release(&mut world, 11, last_moment), whole(last_moment));
    let table = [
        (shop_until + seconds(60), (shop_until + seconds(360), Some(latest))),
        (latest - HOLD_TIME, (latest, None)),
        (latest - HOLD_TIME + seconds(60), (latest, None)),
        (latest - TICK, (latest, None)),
    ];
    for (n, (now, expected)) in (12..).zip(table) {
        assert_eq!(hold_and_release(&mut world, n, now), expected, "{now}");
    }
    let expired = HoldRefused::NotActive(NotActive::Expired);
    assert_eq!(world.refusal(hold(1, seats(&[1])), latest), expired);
}

#[test]
fn a_shorter_time_to_shop_takes_nothing_from_a_token_that_is_in() {
    let policy = RoomPolicy { active_seconds: 1, ..RoomPolicy::default() };
    let world = with_token(a_box_office(), active_until(NOW + seconds(540)));
    let mut world = world.with([Room { policy, ..a_room() }]);
    let latest = NOW + seconds(540);
    for (n, now) in [(11, NOW), (12, NOW + seconds(300))] {
        let whole = (now + HOLD_TIME, Some((now + HOLD_TIME + EXTENSION_TIME).min(latest)));
        let expected = (whole.0.min(latest), whole.1.filter(|until| *until > whole.0));
        assert_eq!(hold_and_release(&mut world, n, now), expected, "{now}");
    }
}

#[test]
fn a_choice_names_one_to_four_seats_and_none_twice() {
    let numbers = |numbers: &[i32]| SeatChoice::Numbers(numbers.to_vec());
    let table = [
        (seats(&[1]), None),
        (seats(&[1, 2, 3, 4]), None),
        (seats(&[]), Some("seatIds")),
        (seats(&[1, 2, 3, 4, 5]), Some("seatIds")),
        (seats(&[1, 2, 1]), Some("seatIds")),
        (numbers(&[1, 2, 3, 4]), None),
        (numbers(&[]), Some("seatNumbers")),
        (numbers(&[1, 2, 3, 4, 5]), Some("seatNumbers")),
        (numbers(&[7, 7]), Some("seatNumbers")),
        (SeatChoice::best(1), None),
        (SeatChoice::best(4), None),
        (SeatChoice::best(0), Some("bestAvailable")),
        (SeatChoice::best(5), Some("bestAvailable")),
        (SeatChoice::best(usize::MAX), Some("bestAvailable")),
    ];
    for (choice, field) in table {
        let refused = choice.clone().check().err().map(|invalid| invalid.field);
        assert_eq!(refused.as_deref(), field, "{choice:?}");
    }
}

#[test]
fn who_holds_the_seats_already_is_told_the_own_hold_and_not_that_they_are_taken() {
    let ticket_limit = TicketLimit::parse(10).unwrap();
    let mut world = a_box_office().with([Schedule { ticket_limit, ..a_schedule() }]);
    let again =
        |n: u8, seats| HoldSeats { reservation_id: reservation(n.into()), ..hold(1, seats) };
    world.decide(again(11, seats(&[1, 2])), NOW).unwrap();
    world.decide(again(12, seats(&[3])), NOW).unwrap();
    world.decide(hold(2, seats(&[4])), NOW).unwrap();
    let held = |n: u8| HoldRefused::AlreadyHeld(reservation(n.into()));
    let numbered = |numbers: &[i32]| SeatChoice::Numbers(numbers.to_vec());
    let table = [
        ("the same seats", seats(&[1, 2]), held(11)),
        ("by their numbers", numbered(&[2, 1]), held(11)),
        ("one of them", seats(&[2]), held(11)),
        ("one of them and a free one", seats(&[9, 2]), held(11)),
        ("of two holds", seats(&[3, 1]), held(12)),
        ("with one of another", seats(&[1, 4]), HoldRefused::SeatTaken),
        ("another's", seats(&[4]), HoldRefused::SeatTaken),
        ("with one that does not exist", seats(&[1, 99]), held(11)),
        ("with a number that does not exist", numbered(&[1, 99]), HoldRefused::SeatNotFound),
    ];
    for (case, choice, expected) in table {
        assert_eq!(world.refusal(again(13, choice), NOW), expected, "{case}");
    }
    let at_the_bound = at_most(2, again(13, seats(&[1, 2])));
    assert_eq!(world.refusal(at_the_bound, NOW), held(11), "the lost answer of the last hold");
    assert!(world.decide(again(13, seats(&[1, 2])), NOW + HOLD_TIME).is_ok(), "it expired");
}

#[test]
fn of_two_that_one_user_asks_for_in_one_batch_the_second_is_told_the_first() {
    let mut world = a_box_office();
    let again = HoldSeats { reservation_id: reservation(11), ..hold(1, seats(&[4])) };

    let verdicts = world.decide_batch(&[hold(1, seats(&[4])), again], NOW);

    assert_eq!(verdicts[1], Err(HoldRefused::AlreadyHeld(reservation(1))));
}

#[test]
fn a_user_has_at_most_holds_max_live_holds_in_one_schedule() {
    let mut world = a_second_concert();
    let another = |n: u8, seat| HoldSeats {
        reservation_id: reservation(n.into()),
        ..at_most(2, hold(1, seats(&[seat])))
    };

    let verdicts = world.decide_batch(&[another(11, 1), another(12, 2), another(13, 3)], NOW);

    assert!(verdicts[0].is_ok() && verdicts[1].is_ok());
    assert_eq!(verdicts[2], Err(HoldRefused::TooManyHolds));
    assert!(world.decide(at_most(2, hold(2, seats(&[3]))), NOW).is_ok());
    assert_eq!(world.refusal(another(14, 4), NOW), HoldRefused::TooManyHolds);
    let released = ReleaseHold { reservation_id: reservation(11), user_id: user(1) };
    world.decide(released, NOW).unwrap();
    assert!(world.decide(another(14, 4), NOW).is_ok());
    assert!(world.decide(another(15, 2), NOW + HOLD_TIME).is_ok());
}
