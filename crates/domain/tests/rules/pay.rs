//! Paying (rule 15).

use stagedoor_domain::operations::{ExpireHolds, ExpireTokens, HoldSeats, Pay, PayRefused};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    BookingWindow, ExpiryReason, Instant, Payment, PointAccount, PointEntry, PointKind, Points,
    QueueToken, Reservation, ReservationState, Room, RoomId, Schedule, Seat, SeatState, Submission,
    TokenState,
};

use crate::builders::*;
use crate::world::{World, a_box_office, ids_of, seats_one_and_two_are_held};

const DEADLINE: Instant = NOW.saturating_add(HOLD_TIME);

fn with_token(world: World, state: TokenState) -> World {
    world.with([QueueToken { state, ..an_active_token(1) }])
}

fn with_reservation(world: World, state: ReservationState) -> World {
    let reservation = world.get::<Reservation>(reservation(1)).clone();
    world.with([Reservation { state, ..reservation }])
}

fn with_balance(world: World, balance: i64) -> World {
    world.with([an_account(1, balance)])
}

#[test]
fn refusals_come_in_their_order() {
    let held = seats_one_and_two_are_held;
    let poor = || with_balance(held(), 0);
    let left = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    let paid = ReservationState::Confirmed { at: NOW };
    let released = ReservationState::Cancelled { at: NOW };
    let of_unknown = Pay { reservation_id: reservation(9), ..pay(1) };
    let as_another = Pay { user_id: user(2), token_id: token(2), ..pay(1) };
    let with_anothers_token = Pay { token_id: token(2), ..pay(1) };
    let in_another_room = || Pay { room_id: room(2), ..pay(1) };
    let unknown_token = Pay { token_id: token(9), ..of_unknown.clone() };
    let elsewhere = QueueToken { room_id: room(2), ..an_active_token(1) };
    let second_room = Room { id: room(2), concert_id: Some(concert(2)), ..a_room() };
    let other_room = |state| {
        with_reservation(poor(), state).with([second_room.clone()]).with([elsewhere.clone()])
    };
    let expired = PayRefused::NotActive(NotActive::Expired);
    let waits = PayRefused::NotActive(NotActive::Waiting);
    let not_found = PayRefused::ReservationNotFound;
    let (over, is_paid) = (PayRefused::NotHeld(NotHeld::Over), PayRefused::NotHeld(NotHeld::Paid));
    let cancelled = PayRefused::NotHeld(NotHeld::Cancelled);
    let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
    let table = [
        ("unknown token", poor(), unknown_token, NOW, expired),
        ("no such token in the room", poor(), in_another_room(), NOW, expired),
        ("token left", with_token(poor(), left), of_unknown.clone(), NOW, expired),
        ("token overdue", with_token(held(), active_until(NOW)), of_unknown.clone(), NOW, expired),
        ("token waits", with_token(poor(), waiting(NOW)), of_unknown.clone(), NOW, waits),
        ("no such reservation", poor(), of_unknown, NOW, not_found),
        ("another's reservation", poor(), as_another, DEADLINE, not_found),
        (
            "another room's token",
            other_room(released),
            in_another_room(),
            NOW,
            PayRefused::OtherRoom,
        ),
        ("another's token", poor(), with_anothers_token, DEADLINE, PayRefused::OtherRoom),
        ("hold expired", poor(), pay(1), DEADLINE, over),
        ("hold expired", with_reservation(poor(), ReservationState::Expired), pay(1), NOW, over),
        ("released", with_reservation(poor(), released), pay(1), NOW, cancelled),
        ("paid already", with_reservation(poor(), paid), pay(1), NOW, is_paid),
        ("poor by one", with_balance(held(), 19_999), pay(1), DEADLINE - TICK, insufficient),
    ];
    for (case, world, command, now, expected) in table {
        assert_eq!(world.refusal(command, now), expected, "{case}");
    }
}

#[test]
fn a_hold_whose_seats_are_no_longer_its_own_is_not_paid() {
    let gone = Seat { state: held_by(7, DEADLINE), ..a_chart(2, 5).remove(1) };
    let world = seats_one_and_two_are_held().with([gone]);

    assert_eq!(world.refusal(pay(1), NOW), PayRefused::NotHeld(NotHeld::Over));
}

#[test]
fn a_payment_changes_everything_in_one_step() {
    let now = DEADLINE - TICK;
    let world = with_balance(seats_one_and_two_are_held(), 20_000);

    let (mut verdicts, changes) = world.outcome(&[Submission::new(pay(1))], now);

    let paid = verdicts.remove(0).unwrap();
    let amount = points(20_000);
    let expected_entry = PointEntry {
        id: entry(1),
        user_id: user(1),
        number: 2,
        kind: PointKind::Use,
        amount,
        balance_after: Points::ZERO,
        payment_id: Some(payment(1)),
        created_at: now,
    };
    let expected_payment = Payment {
        id: payment(1),
        user_id: user(1),
        reservation_id: reservation(1),
        amount,
        created_at: now,
    };
    assert_eq!(paid.payment, expected_payment);
    assert_eq!(paid.balance, Points::ZERO);
    assert_eq!(paid.reservation.state, ReservationState::Confirmed { at: now });
    let completed = TokenState::Expired { reason: ExpiryReason::Completed, at: now };
    assert_eq!(paid.token.state, completed);

    assert_eq!(changes.inserted::<PointEntry>(), [&expected_entry]);
    assert_eq!(changes.inserted::<Payment>(), [&expected_payment]);
    let account = PointAccount { user_id: user(1), balance: Points::ZERO, entries: 2 };
    assert_eq!(changes.updated::<PointAccount>(), [&account]);
    assert_eq!(changes.updated::<Reservation>(), [&paid.reservation]);
    assert_eq!(changes.updated::<QueueToken>(), [&paid.token]);
    assert_eq!(ids_of(&changes.updated::<Seat>()), [seat(1), seat(2)]);
    let sold = SeatState::Sold { reservation_id: reservation(1) };
    assert!(changes.updated::<Seat>().iter().all(|seat| seat.state == sold));
    assert_eq!(changes.updated::<Room>()[0].version, paid.token.version);
    let sold = changes.updated::<Schedule>();
    assert_eq!((sold.len(), sold[0].sold_count), (1, 2));
    assert_eq!(changes.count(), 12);
}

#[test]
fn another_token_of_the_same_room_pays_too_and_is_the_one_that_ends() {
    let made_with = TokenState::Expired { reason: ExpiryReason::Completed, at: NOW };
    let newer = QueueToken { id: token(5), ..an_active_token(1) };
    let mut world = with_token(seats_one_and_two_are_held(), made_with).with([newer]);

    let paid = world.decide(Pay { token_id: token(5), ..pay(1) }, NOW).unwrap();

    assert_eq!(paid.token.id, token(5));
    assert_eq!(world.get::<QueueToken>(token(1)).state, made_with);
}

#[test]
fn a_token_of_the_site_wide_room_pays_for_every_concert() {
    let site_wide = QueueToken { id: token(5), room_id: RoomId::SITE, ..an_active_token(1) };
    let mut world = seats_one_and_two_are_held().with([site_wide]);
    let command = Pay { token_id: token(5), room_id: RoomId::SITE, ..pay(1) };

    assert_eq!(world.decide(command, NOW).unwrap().token.room_id, RoomId::SITE);
    let kept = &world.get::<QueueToken>(token(1)).state;
    assert!(matches!(kept, TokenState::Active { .. }));
}

#[test]
fn a_reservation_is_paid_once_even_within_one_batch() {
    let newer = QueueToken { id: token(5), ..an_active_token(1) };
    let mut world = seats_one_and_two_are_held().with([newer]);
    let again = Pay { payment_id: payment(2), entry_id: entry(2), ..pay(1) };
    let with_the_newer = Pay { token_id: token(5), ..again.clone() };

    let verdicts = world.decide_batch(&[pay(1), again, with_the_newer], NOW);

    let outcome: Vec<_> = verdicts.into_iter().map(|verdict| verdict.map(|_| ())).collect();
    let paid = Err(PayRefused::NotHeld(NotHeld::Paid));
    assert_eq!(outcome, [Ok(()), paid, paid]);
    assert_eq!(world.all::<Payment>().count(), 1);
    assert_eq!(world.get::<PointAccount>(user(1)).balance, points(80_000));
}

#[test]
fn two_payments_of_one_user_in_one_batch_share_the_balance() {
    let mut world = with_balance(seats_one_and_two_are_held(), 25_000);
    let newer = QueueToken { id: token(5), ..an_active_token(1) };
    let second_hold = HoldSeats { reservation_id: reservation(2), ..hold(1, seats(&[5])) };
    world.decide(second_hold, NOW).unwrap();
    world = world.with([newer]);
    let second = Pay { token_id: token(5), reservation_id: reservation(2), ..pay(1) };
    let second = Pay { payment_id: payment(2), entry_id: entry(2), ..second };

    let verdicts = world.decide_batch(&[pay(1), second], NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(PayRefused::Balance(BalanceRefused::Insufficient)));
    assert_eq!(world.get::<PointAccount>(user(1)).balance, points(5_000));
    assert_eq!(world.get::<Reservation>(reservation(2)).state, ReservationState::Held);
    assert!(matches!(world.get::<QueueToken>(token(5)).state, TokenState::Active { .. }));
}

#[test]
fn a_user_without_an_account_has_nothing_to_pay_with() {
    let bare = World::default().with([a_room()]).with([a_schedule()]);
    let mut world = bare.with(a_chart(1, 2)).with([an_active_token(1)]);
    world.decide(hold(1, seats(&[1])), NOW).unwrap();

    let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
    assert_eq!(world.refusal(pay(1), NOW), insufficient);
}

#[test]
fn a_price_that_the_payer_expects_is_checked_after_the_hold_and_before_the_balance() {
    let price = seats_one_and_two_are_held().get::<Reservation>(reservation(1)).total_price;
    let other = Points::new(price.get() - 1);
    let expects = |expected| Pay { expected, ..pay(1) };
    let wrong = PayRefused::OtherPrice(price);
    let waits = with_token(seats_one_and_two_are_held(), waiting(NOW));
    assert_eq!(waits.refusal(expects(other), NOW), PayRefused::NotActive(NotActive::Waiting));
    let poor = with_balance(seats_one_and_two_are_held(), 0);
    assert_eq!(poor.refusal(expects(other), NOW), wrong);
    let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
    assert_eq!(poor.refusal(expects(Some(price)), NOW), insufficient);
}

fn pay_late(n: u8) -> Pay {
    Pay { grace: GRACE, ..pay(n) }
}

fn later_hold() -> HoldSeats {
    hold(2, seats(&[2]))
}

#[test]
fn a_late_payment_takes_the_same_seats_again() {
    let last_instant = DEADLINE + GRACE - TICK;
    let mut expired = seats_one_and_two_are_held();
    expired.decide(ExpireHolds, DEADLINE).unwrap();
    let mut touched_since = seats_one_and_two_are_held();
    touched_since.decide(later_hold(), DEADLINE).unwrap();
    touched_since.decide(release(2), DEADLINE).unwrap();
    for mut world in [seats_one_and_two_are_held(), expired, touched_since] {
        let paid = world.decide(pay_late(1), last_instant).unwrap();

        assert!(paid.late);
        assert_eq!(paid.reservation.state, ReservationState::Confirmed { at: last_instant });
        assert_eq!(paid.balance, points(80_000));
        let sold = SeatState::Sold { reservation_id: reservation(1) };
        assert!([1, 2].iter().all(|n| world.get::<Seat>(seat(*n)).state == sold));
    }
    assert!(!seats_one_and_two_are_held().decide(pay_late(1), DEADLINE - TICK).unwrap().late);
}

#[test]
fn a_late_payment_is_refused_when_it_is_too_late_a_seat_is_gone_or_booking_is_closed() {
    let over = PayRefused::NotHeld(NotHeld::Over);
    let mut gone = seats_one_and_two_are_held();
    gone.decide(later_hold(), DEADLINE).unwrap();
    let closed = BookingWindow { closes_at: DEADLINE, ..a_schedule().booking };
    let closed = seats_one_and_two_are_held().with([Schedule { booking: closed, ..a_schedule() }]);
    let poor = with_balance(seats_one_and_two_are_held(), 19_999);
    let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
    let table = [
        ("too late", seats_one_and_two_are_held(), DEADLINE + GRACE, over),
        ("one seat gone", gone, DEADLINE + TICK, over),
        ("booking closed", closed, DEADLINE, over),
        ("too poor", poor, DEADLINE, insufficient),
    ];
    for (case, world, now, expected) in table {
        assert_eq!(world.refusal(pay_late(1), now), expected, "{case}");
    }
}

fn ended(reason: ExpiryReason) -> TokenState {
    TokenState::Expired { reason, at: DEADLINE }
}

#[test]
fn a_token_that_has_ended_answers_for_the_reservations_that_were_made_with_it() {
    use ExpiryReason::{Completed, Left, TimedOut};
    let held = ReservationState::Held;
    let paid = ReservationState::Confirmed { at: NOW };
    let cancelled = ReservationState::Cancelled { at: NOW };
    let expired = PayRefused::NotActive(NotActive::Expired);
    let over = PayRefused::NotHeld(NotHeld::Over);
    let (is_paid, is_cancelled) =
        (PayRefused::NotHeld(NotHeld::Paid), PayRefused::NotHeld(NotHeld::Cancelled));
    let table = [
        (Completed, held, over),
        (Completed, ReservationState::Expired, over),
        (Completed, paid, is_paid),
        (Completed, cancelled, is_cancelled),
        (TimedOut, held, over),
        (TimedOut, ReservationState::Expired, over),
        (TimedOut, paid, is_paid),
        (TimedOut, cancelled, expired),
        (Left, held, expired),
        (Left, paid, is_paid),
        (Left, cancelled, expired),
    ];
    for (reason, state, expected) in table {
        let world = with_token(seats_one_and_two_are_held(), ended(reason));
        let world = with_reservation(world, state);
        assert_eq!(world.refusal(pay(1), DEADLINE), expected, "{reason:?} and {state:?}");
    }
    let of_unknown = Pay { reservation_id: reservation(9), ..pay(1) };
    for (reason, expected) in
        [(Completed, PayRefused::ReservationNotFound), (TimedOut, expired), (Left, expired)]
    {
        let world = with_token(seats_one_and_two_are_held(), ended(reason));
        assert_eq!(world.refusal(of_unknown.clone(), NOW), expected, "{reason:?}");
    }
}

#[test]
fn a_token_that_has_ended_pays_no_hold_that_was_made_with_another() {
    for reason in [ExpiryReason::Completed, ExpiryReason::TimedOut] {
        let other = QueueToken { id: token(5), state: ended(reason), ..an_active_token(1) };
        let world = seats_one_and_two_are_held().with([other]);
        let with_the_other = Pay { token_id: token(5), ..pay(1) };
        let expired = PayRefused::NotActive(NotActive::Expired);
        assert_eq!(world.refusal(with_the_other, NOW), expired, "{reason:?}");
    }
}

#[test]
fn both_holds_of_one_token_are_paid_within_their_time() {
    let mut world = seats_one_and_two_are_held();
    let second = HoldSeats { reservation_id: reservation(2), ..hold(1, seats(&[5])) };
    world.decide(second, NOW).unwrap();
    let pay_second = Pay { reservation_id: reservation(2), payment_id: payment(2), ..pay(1) };
    let pay_second = Pay { entry_id: entry(2), ..pay_second };

    let first = world.decide(pay(1), NOW).unwrap();
    let second = world.decide(pay_second, DEADLINE - TICK).unwrap();

    let completed = TokenState::Expired { reason: ExpiryReason::Completed, at: NOW };
    assert_eq!((first.token.state, second.token.state), (completed, completed));
    assert_eq!(second.token.version, first.token.version, "it ended once");
    assert_eq!(second.balance, points(70_000));
}

/// The box office, where token 1 would have ended just after user 1 held seats 1 and 2.
fn the_token_ends_with_its_hold() -> World {
    let mut world = with_token(a_box_office(), active_until(NOW + TICK));
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world
}

#[test]
fn a_token_that_ended_with_its_hold_says_that_the_hold_expired_and_pays_it_a_moment_late() {
    let mut expired = the_token_ends_with_its_hold();
    expired.decide(ExpireTokens, DEADLINE).unwrap();
    for mut world in [the_token_ends_with_its_hold(), expired] {
        assert_eq!(world.refusal(pay(1), DEADLINE), PayRefused::NotHeld(NotHeld::Over));
        let too_late = world.refusal(pay_late(1), DEADLINE + GRACE);
        assert_eq!(too_late, PayRefused::NotHeld(NotHeld::Over));

        let paid = world.decide(pay_late(1), DEADLINE + GRACE - TICK).unwrap();

        assert!(paid.late);
        assert_eq!(paid.token.state, ended(ExpiryReason::TimedOut), "it keeps its reason");
        assert_eq!(world.get::<QueueToken>(token(1)), &paid.token);
    }
}

#[test]
fn a_hold_that_expired_before_a_later_one_ended_its_token_says_so_too() {
    let mut world = the_token_ends_with_its_hold();
    let later = HoldSeats { reservation_id: reservation(2), ..hold(1, seats(&[5])) };
    world.decide(later, DEADLINE - TICK).unwrap();

    assert_eq!(world.refusal(pay(1), DEADLINE + HOLD_TIME), PayRefused::NotHeld(NotHeld::Over));
}
