//! Paying late, extending a hold, cancelling what is paid, and how many holds one may have.

use stagedoor_domain::operations::{
    CancelRefused, CancelReservation, ExpireHolds, ExpireTokens, ExtendHold, ExtendRefused,
    HoldRefused, HoldSeats, Pay, PayRefused, SchedulePlan,
};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    BookingPolicy, BookingWindow, ExpiryReason, PageSize, PointKind, Reservation, ReservationState,
    Role, ScheduleTerms, SeatState, TokenState,
};
use time::Duration;

use super::store::{Store, ask, ask_all, ask_keyed, keyed, together};
use super::world::{
    EXTENSION_SECONDS, Fan, HOLD_SECONDS, OPENING, PRICE, Show, World, at, before, points,
};

const GRACE: Duration = Duration::seconds(10);

fn late<S: Store>(world: &World<S>, fan: Fan, held: &Reservation) -> Pay {
    Pay { grace: GRACE, ..world.pay(fan, held.id) }
}

/// Extends a hold.
pub fn extension(held: &Reservation) -> ExtendHold {
    ExtendHold { reservation_id: held.id, user_id: held.user_id }
}

/// Cancels a paid reservation.
pub fn cancellation<S: Store>(world: &World<S>, sold: &Reservation) -> CancelReservation {
    CancelReservation { entry_id: world.id(), reservation_id: sold.id, user_id: sold.user_id }
}

/// Rule 15, a moment after the deadline, whether or not the janitor has been there.
pub async fn a_late_payment_takes_the_same_seats_again<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 3).await;
    for (is_expired, seats) in [(false, [1, 2]), (true, [4, 5])] {
        let fan = world.fan(show.room_id).await;
        world.charge(fan.user_id, 2 * PRICE).await;
        let held = world.held(fan, &show, &seats, OPENING).await;
        if is_expired {
            world.done(ExpireHolds, at(HOLD_SECONDS)).await;
        }
        let paid = world.done(late(&world, fan, &held), at(HOLD_SECONDS + 9)).await;
        assert!(paid.late);
        let state = ReservationState::Confirmed { at: at(HOLD_SECONDS + 9) };
        assert_eq!(world.reservation(held.id).await.state, state);
        let chart = world.seats(&show).await;
        let sold = SeatState::Sold { reservation_id: held.id };
        let own = chart.iter().filter(|seat| seats.contains(&seat.number));
        assert!(own.into_iter().all(|seat| seat.state == sold));
    }
}

/// Rule 15: a payment completes the token, and its other holds can still be paid with it.
pub async fn each_hold_of_a_token_is_paid_within_its_time<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 2 * PRICE).await;
    let first = world.held(fan, &show, &[1], OPENING).await;
    let second = world.held(fan, &show, &[2], OPENING).await;
    let completed = world.done(world.pay(fan, first.id), at(1)).await.token;
    let paid = world.done(world.pay(fan, second.id), before(second.expires_at)).await;
    assert_eq!(paid.token, completed, "it ended once");
    assert_eq!(world.token(fan.token_id).await, completed);
    assert_eq!(paid.balance, points(0));
}

/// Rules 8 and 15: a token lasts as long as its hold, and ends with it; the hold is what has expired,
/// whether or not the janitor has been there.
pub async fn a_hold_that_ended_with_its_token_is_paid_a_moment_late<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let ends_at = at(500 + HOLD_SECONDS);
    for (is_expired, seat) in [(false, 1), (true, 2)] {
        let fan = world.fan(show.room_id).await;
        world.charge(fan.user_id, PRICE).await;
        let held = world.held(fan, &show, &[seat], at(500)).await;
        if is_expired {
            world.done(ExpireTokens, ends_at).await;
            world.done(ExpireHolds, ends_at).await;
        }
        let in_time_alone = ask(&world.store, world.pay(fan, held.id), ends_at).await;
        assert_eq!(in_time_alone.map(|_| ()), Err(PayRefused::NotHeld(NotHeld::Over)));
        let paid = world.done(late(&world, fan, &held), ends_at + GRACE / 2).await;
        let timed_out = TokenState::Expired { reason: ExpiryReason::TimedOut, at: ends_at };
        assert_eq!((paid.late, paid.token.state), (true, timed_out));
        assert_eq!(world.token(fan.token_id).await, paid.token);
    }
}

/// One who is too late, and one whose seat another has.
pub async fn a_late_payment_that_cannot_have_its_seats_changes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fans = world.fans(show.room_id, 2).await;
    world.charge(fans[0].user_id, 4 * PRICE).await;
    let held = world.held(fans[0], &show, &[1, 2], OPENING).await;
    world.held(fans[1], &show, &[2, 3], at(HOLD_SECONDS)).await;
    let over = Err(PayRefused::NotHeld(NotHeld::Over));
    for seconds in [HOLD_SECONDS + 1, HOLD_SECONDS + 10] {
        let verdict = ask(&world.store, late(&world, fans[0], &held), at(seconds)).await;
        assert_eq!(verdict.map(|_| ()), over);
    }
    assert_eq!(world.account(fans[0].user_id).await.balance, points(4 * PRICE));
}

/// The old holder pays, others want the seat: one of them has it afterwards.
pub async fn paying_late_and_holding_at_once_have_one_winner<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 10).await;
    for number in 1..=10 {
        let fans = world.fans(show.room_id, 3).await;
        world.charge(fans[0].user_id, PRICE).await;
        let held = world.held(fans[0], &show, &[number], OPENING).await;
        let pay = late(&world, fans[0], &held);
        let holds = [1, 2].map(|rival| world.hold(fans[rival], &show, &[number]));
        let paying = {
            let store = world.store.clone();
            async move { ask(&store, pay, at(HOLD_SECONDS + 1)).await.is_ok() }
        };
        let holding = holds.map(|hold| {
            let store = world.store.clone();
            async move { ask(&store, hold, at(HOLD_SECONDS + 1)).await.is_ok() }
        });
        let (paid, held) = tokio::join!(paying, together(holding));
        let winners = held.into_iter().chain([paid]).filter(|won| *won).count();
        assert_eq!(winners, 1, "for seat {number}");
    }
}

/// The reservation, its seats and its token, once.
pub async fn a_hold_is_extended_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1, 2], at(250)).await;
    let latest = at(250 + HOLD_SECONDS + EXTENSION_SECONDS);

    let extended = world.done(extension(&held), at(400)).await;

    let expected = Reservation { expires_at: latest, extendable_until: None, ..held };
    assert_eq!(extended, expected);
    assert_eq!(world.reservation(expected.id).await, expected);
    let chart = world.seats(&show).await;
    let state = SeatState::Held { reservation_id: expected.id, until: latest };
    assert!(chart[..2].iter().all(|seat| seat.state == state));
    let of_token = world.token(fan.token_id).await.state;
    assert!(matches!(of_token, TokenState::Active { expires_at, .. } if expires_at == latest));
    let again = ask(&world.store, extension(&expected), at(401)).await;
    assert_eq!(again, Err(ExtendRefused::NotExtendable));
    let too_late = ask(&world.store, extension(&expected), latest).await;
    assert_eq!(too_late, Err(ExtendRefused::NotHeld(NotHeld::Over)));
}

/// Booking closes during the hold, and the performance ends during another.
pub async fn a_hold_ends_with_its_schedule_and_is_extended_within_booking<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let closes_at = at(HOLD_SECONDS + 60);
    let booking = BookingWindow { opens_at: OPENING, closes_at };
    let plan = world.plan(1, 4);
    let (starts_at, ends_at) = (at(100), at(HOLD_SECONDS + 90));
    let cancellation_closes_at = None;
    let terms = ScheduleTerms { starts_at, ends_at, booking, cancellation_closes_at, ..plan.terms };
    let schedule_id = plan.id;
    let plan = SchedulePlan { terms, ..plan };
    let command = world.announcement(organizer_id, vec![plan]);
    let (concert_id, room_id) = (command.id, command.room_id);
    world.done(command, OPENING).await;
    let show = Show { organizer_id, concert_id, room_id, schedule_id };
    let fan = world.fan(room_id).await;
    world.charge(fan.user_id, 2 * PRICE).await;

    let first = world.held(fan, &show, &[1], OPENING).await;
    assert_eq!((first.expires_at, first.extendable_until), (at(HOLD_SECONDS), Some(closes_at)));
    let extended = world.done(extension(&first), at(1)).await;
    assert_eq!(extended.expires_at, closes_at);
    let last = world.held(fan, &show, &[2], before(closes_at)).await;
    assert_eq!((last.expires_at, last.extendable_until), (ends_at, None));
    let refused = ask(&world.store, extension(&last), before(closes_at)).await;
    assert_eq!(refused, Err(ExtendRefused::NotExtendable));
    let after = ask(&world.store, late(&world, fan, &last), ends_at).await;
    assert_eq!(after.map(|_| ()), Err(PayRefused::NotHeld(NotHeld::Over)), "booking is closed");
    world.done(world.pay(fan, last.id), before(ends_at)).await;
}

/// From ten tasks.
pub async fn one_hold_extended_from_ten_tasks_is_extended_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let tasks = (0..10).map(|_| {
        let (store, extend) = (world.store.clone(), extension(&held));
        async move { ask(&store, extend, at(1)).await.is_ok() }
    });
    let extended = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(extended.into_iter().filter(|extended| *extended).count(), 1);
}

/// Points back, seats free, history in order; the payment stays readable.
pub async fn a_cancelled_reservation_gives_points_and_seats_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fans = world.fans(show.room_id, 2).await;
    let sold = world.sold(fans[0], &show, &[1, 2], OPENING).await;
    let refunded = world.done(cancellation(&world, &sold.reservation), at(1)).await;

    let state = ReservationState::Cancelled { at: at(1) };
    assert_eq!(refunded.reservation.state, state);
    assert_eq!(world.reservation(sold.reservation.id).await.state, state);
    let size = PageSize::DEFAULT;
    let entries = world.store.point_entries(fans[0].user_id, None, size).await;
    let newest = entries.expect("the store reads").items.remove(0);
    assert_eq!(newest, refunded.entry);
    assert_eq!((newest.kind, newest.payment_id), (PointKind::Refund, Some(sold.payment.id)));
    assert_eq!(world.account(fans[0].user_id).await.balance, points(2 * PRICE));
    let details = world.store.payment(sold.payment.id).await.expect("the store reads");
    let details = details.expect("the payment is still there");
    assert_eq!((details.payment, details.reservation.state), (sold.payment, state));
    world.sold(fans[1], &show, &[1, 2], at(2)).await;
}

/// Not paid, cancelled before, after the deadline, another's.
pub async fn cancelling_what_cannot_be_cancelled_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fans = world.fans(show.room_id, 2).await;
    let sold = world.sold(fans[0], &show, &[1], OPENING).await.reservation;
    let held = world.held(fans[1], &show, &[2], OPENING).await;
    let others = CancelReservation { user_id: fans[1].user_id, ..cancellation(&world, &sold) };
    let unknown = CancelReservation { reservation_id: world.id(), ..others.clone() };
    let cases = [
        (others, at(1), CancelRefused::ReservationNotFound),
        (unknown, at(1), CancelRefused::ReservationNotFound),
        (cancellation(&world, &held), at(1), CancelRefused::NotConfirmed),
        (cancellation(&world, &sold), at(43_200), CancelRefused::CancellationClosed),
    ];
    for (command, now, expected) in cases {
        let verdict = ask(&world.store, command, now).await;
        assert_eq!(verdict.map(|_| ()), Err(expected), "at {now}");
    }
    world.done(cancellation(&world, &sold), at(43_199)).await;
    let again = ask(&world.store, cancellation(&world, &sold), at(43_199)).await;
    assert_eq!(again.map(|_| ()), Err(CancelRefused::NotConfirmed));
}

/// From ten tasks, half of them with one key.
pub async fn one_reservation_cancelled_from_ten_tasks_is_refunded_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let sold = world.sold(fan, &show, &[1], OPENING).await.reservation;
    let tasks = (0..10).map(|index| {
        let (store, cancel) = (world.store.clone(), cancellation(&world, &sold));
        async move {
            if index % 2 == 0 {
                return ask(&store, cancel, at(1)).await.ok();
            }
            ask_keyed(&store, keyed(fan.user_id, "cancel", "print", cancel), at(1)).await.ok()
        }
    });
    let refunds: Vec<_> = together(tasks.collect::<Vec<_>>()).await.into_iter().flatten().collect();
    assert!((1..=5).contains(&refunds.len()), "one alone, or all that share the key");
    assert!(refunds.iter().all(|refund| refund.entry.id == refunds[0].entry.id));
    assert_eq!(world.account(fan.user_id).await.balance, points(PRICE));
}

/// A hold by a policy that allows `holds_max` live holds.
fn at_most(holds_max: usize, hold: HoldSeats) -> HoldSeats {
    HoldSeats { policy: BookingPolicy { holds_max, ..hold.policy }, ..hold }
}

/// In one batch and over several, and only while the holds live.
pub async fn a_user_has_a_limited_number_of_live_holds_in_a_schedule<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 8).await, world.open_show(1, 8).await);
    let fan = world.fan(show.room_id).await;
    let hold = |number: i32| at_most(2, world.hold(fan, &show, &[number]));
    let verdicts = ask_all(&world.store, [1, 2, 3].map(hold), OPENING).await;
    assert!(verdicts[0].is_ok() && verdicts[1].is_ok());
    assert_eq!(verdicts[2], Err(HoldRefused::TooManyHolds));
    let again = ask(&world.store, hold(4), at(1)).await;
    assert_eq!(again, Err(HoldRefused::TooManyHolds));
    let elsewhere = world.fan(other.room_id).await;
    let elsewhere = at_most(1, world.hold(elsewhere, &other, &[1]));
    assert!(ask(&world.store, elsewhere, at(1)).await.is_ok());
    let after = at(HOLD_SECONDS);
    assert!(ask(&world.store, hold(5), after).await.is_ok());
}

/// A hold whose answer was lost, asked for again: in a batch, and with as many holds as one may have.
pub async fn who_holds_the_seats_already_is_told_the_own_hold<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fans = world.fans(show.room_id, 2).await;
    let hold = |fan, seats: &[i32]| at_most(1, world.hold(fan, &show, seats));
    let first = hold(fans[0], &[1, 2]);
    let already = HoldRefused::AlreadyHeld(first.reservation_id);
    let batch = [first, hold(fans[0], &[1, 2]), hold(fans[1], &[2]), hold(fans[1], &[3])];
    let verdicts = ask_all(&world.store, batch, at(1)).await;
    let refusals: Vec<_> = verdicts.into_iter().map(Result::err).collect();
    assert_eq!(refusals, [None, Some(already), Some(HoldRefused::SeatTaken), None]);
    for (fan, seats, refused) in [
        (fans[0], vec![1, 2], already),
        (fans[0], vec![2, 4], already),
        (fans[0], vec![2, 3], HoldRefused::TooManyHolds),
        (fans[1], vec![1], HoldRefused::TooManyHolds),
    ] {
        let verdict = ask(&world.store, hold(fan, &seats), at(2)).await;
        assert_eq!(verdict.err(), Some(refused), "{seats:?}");
    }
}

/// Twenty tasks of one user, each for another seat.
pub async fn holding_at_once_never_passes_the_bound<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(4, 5).await;
    let fan = world.fan(show.room_id).await;
    let tasks = (1..=20).map(|number| {
        let hold = at_most(3, world.hold(fan, &show, &[number]));
        let store = world.store.clone();
        async move { ask(&store, hold, OPENING).await.is_ok() }
    });
    let held = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(held.into_iter().filter(|held| *held).count(), 3);
}
