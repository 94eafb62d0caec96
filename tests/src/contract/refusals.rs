//! Every refusal, and that it changes nothing.

use stagedoor_domain::operations::{
    ChangeNameRefused, ChangePasswordRefused, ChangePoints, CreateConcertRefused, CreateSchedule,
    CreateScheduleRefused, CreateUser, CreateUserRefused, HeartbeatRefused, HoldRefused, HoldSeats,
    JoinRefused, LeaveRefused, LeaveRoom, Pay, PayRefused, PointsRefused, PolicyEdit,
    PolicyRefused, ReleaseHold, ReleaseRefused, SchedulePlan, SeatChoice,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::ports::Execute;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    BookingWindow, Command, Instant, Points, Role, RoomId, ScheduleTerms, SeatId, User,
};

use super::extend_and_cancel::cancellation;
use super::ids::fresh;
use super::snapshot::Snapshot;
use super::store::Store;
use super::world::{
    CHARGE, Fan, HOLD_SECONDS, OPENING, PRICE, Show, USE, World, at, before, heartbeat, leave,
    new_password, points, release, rename,
};

/// Asks, expects this refusal, and expects all there is to read to be as before.
async fn assert_refused<S, C>(world: &World<S>, command: C, now: Instant, refusal: C::Refusal)
where
    S: Store + Execute<C>,
    C: Command,
{
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, now).await;
    let verdict = world.ask(command.clone(), now).await;
    assert_eq!(verdict.expect_err("a rule refuses it"), refusal, "{command:?}");
    earlier.assert_same(&Snapshot::of(&world.store, &known, now).await);
}

/// Whatever the letters' case, for it is lowered before.
pub async fn a_taken_address_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let first = world.sign_up(Role::Fan);
    world.done(first.clone(), OPENING).await;
    let second = CreateUser { email: first.email, ..world.sign_up(Role::Operator) };
    assert_refused(&world, second, at(1), CreateUserRefused::EmailTaken).await;
}

/// An unknown user, and a password that is no longer the one that was checked.
pub async fn a_name_or_password_that_cannot_be_changed_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let user = world.stored_user(world.users(1).await[0]).await;
    let unknown = User { id: world.id(), ..user.clone() };
    let nameless = rename(unknown.id, "Any Name");
    assert_refused(&world, nameless, at(1), ChangeNameRefused::UserNotFound).await;
    let refused = ChangePasswordRefused::UserNotFound;
    assert_refused(&world, new_password(&unknown, "new hash"), at(1), refused).await;
    world.done(new_password(&user, "new hash"), at(1)).await;
    let refused = ChangePasswordRefused::WrongPassword;
    assert_refused(&world, new_password(&user, "newer hash"), at(2), refused).await;
}

/// Fans, operators and unknown people announce nothing, not even in part.
pub async fn a_concert_by_anyone_but_an_organizer_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let refusal = CreateConcertRefused::NotOrganizer;
    for role in [Role::Fan, Role::Operator] {
        let user_id = world.user(role).await;
        let command = world.announcement(user_id, vec![world.plan(1, 1)]);
        assert_refused(&world, command, OPENING, refusal).await;
    }
    let command = world.announcement(world.id(), Vec::new());
    assert_refused(&world, command, OPENING, refusal).await;
}

/// An unknown concert, and another organizer's.
pub async fn a_schedule_for_a_concert_not_ones_own_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let organizer_id = world.user(Role::Organizer).await;
    let (concert_id, plan) = (show.concert_id, world.plan(1, 1));
    let others = CreateSchedule { concert_id, organizer_id, plan };
    let unknown = CreateSchedule { concert_id: world.id(), ..others.clone() };
    assert_refused(&world, others, OPENING, CreateScheduleRefused::NotOrganizer).await;
    assert_refused(&world, unknown, OPENING, CreateScheduleRefused::ConcertNotFound).await;
}

/// Joining, controlling, leaving, and heartbeats from those not in line.
pub async fn unknown_rooms_and_tokens_are_refused<S: Store>(store: S) {
    let world = World::new(store);
    let active = world.fan(RoomId::SITE).await;
    let room_id: RoomId = world.id();
    let join = world.join(room_id, active.user_id);
    assert_refused(&world, join, OPENING, JoinRefused::RoomNotFound).await;
    let edit = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };
    let update_controls = world.change_policy(room_id, edit);
    assert_refused(&world, update_controls, OPENING, PolicyRefused::RoomNotFound).await;
    let unknown = LeaveRoom { token_id: world.id(), room_id: RoomId::SITE };
    assert_refused(&world, unknown, OPENING, LeaveRefused::TokenNotFound).await;
    let unknown = Fan { token_id: world.id(), ..active };
    assert_refused(&world, heartbeat(unknown, OPENING), OPENING, HeartbeatRefused::NotWaiting)
        .await;
    assert_refused(&world, heartbeat(active, at(1)), at(1), HeartbeatRefused::NotWaiting).await;
    let waiting = world.fan(world.closed_show().await.room_id).await;
    assert_refused(&world, heartbeat(waiting, at(120)), at(120), HeartbeatRefused::NotWaiting)
        .await;
    world.done(leave(waiting), at(1)).await;
    assert_refused(&world, heartbeat(waiting, at(2)), at(2), HeartbeatRefused::NotWaiting).await;
}

/// No dates, dates that have closed, and dates of which every seat is paid; what is held may come back.
pub async fn a_concert_with_nothing_left_to_book_is_not_joined<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let command = world.announcement(organizer_id, Vec::new());
    let (dateless, concert_id) = (command.room_id, command.id);
    world.done(command, OPENING).await;
    let newcomer = world.users(1).await[0];
    let join = |room_id| world.join(room_id, newcomer);
    assert_refused(&world, join(dateless), OPENING, JoinRefused::BookingClosed).await;

    let show = world.open_show(1, 2).await;
    assert_refused(&world, join(show.room_id), at(86_400), JoinRefused::BookingClosed).await;
    let fans = world.fans(show.room_id, 3).await;
    let ticket = world.sold(fans[0], &show, &[1], OPENING).await.reservation;
    world.held(fans[1], &show, &[2], OPENING).await;
    let early = world.done(join(show.room_id), at(1)).await;
    world.done(LeaveRoom { token_id: early.token.id, room_id: show.room_id }, at(1)).await;
    world.sold(fans[2], &show, &[2], at(HOLD_SECONDS)).await;
    assert_refused(&world, join(show.room_id), at(HOLD_SECONDS), JoinRefused::SoldOut).await;
    let again = world.join(show.room_id, fans[1].user_id);
    assert!(!world.done(again, at(HOLD_SECONDS)).await.is_new, "the live token is returned");

    world.done(cancellation(&world, &ticket), at(HOLD_SECONDS)).await;
    assert!(world.done(join(show.room_id), at(HOLD_SECONDS)).await.is_new);
    let plan = world.plan(1, 1);
    let later = BookingWindow { opens_at: at(50_000), closes_at: at(60_000) };
    let terms = ScheduleTerms { booking: later, ..plan.terms };
    let plan = SchedulePlan { terms, ..plan };
    world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    assert!(world.done(join(dateless), at(1)).await.is_new, "before booking opens");
}

/// Leaving again, or after the token has ended, is not refused and changes nothing.
pub async fn leaving_twice_changes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let fans = world.fans(RoomId::SITE, 2).await;
    world.done(leave(fans[0]), at(1)).await;
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(600)).await;
    world.done(leave(fans[0]), at(600)).await;
    world.done(leave(fans[1]), at(600)).await;
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(600)).await);
}

async fn refused_hold<S: Store>(world: &World<S>, hold: HoldSeats, now: Instant, why: HoldRefused) {
    assert_refused(world, hold, now, why).await;
}

/// A token that is unknown, waits, has ended, is another user's, or is of another room.
pub async fn a_hold_without_admission_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 2).await, world.open_show(1, 1).await);
    let fan = world.fan(show.room_id).await;
    let stranger = world.fan(other.room_id).await;
    let waiting = world.fan(world.closed_show().await.room_id).await;
    let expired = HoldRefused::NotActive(NotActive::Expired);
    let hold = |fan| world.hold(fan, &show, &[1]);
    let unknown = Fan { token_id: world.id(), ..fan };
    refused_hold(&world, hold(unknown), OPENING, expired).await;
    let waits = HoldRefused::NotActive(NotActive::Waiting);
    refused_hold(&world, hold(waiting), OPENING, waits).await;
    refused_hold(&world, hold(waiting), at(120), expired).await;
    refused_hold(&world, hold(fan), at(600), expired).await;
    refused_hold(&world, hold(stranger), OPENING, HoldRefused::OtherRoom).await;
    let borrowed = Fan { user_id: stranger.user_id, ..fan };
    refused_hold(&world, hold(borrowed), OPENING, HoldRefused::OtherRoom).await;
    let nowhere = Show { schedule_id: world.id(), ..show.clone() };
    let command = world.hold(fan, &nowhere, &[1]);
    refused_hold(&world, command, OPENING, HoldRefused::ScheduleNotFound).await;
    world.done(leave(fan), at(1)).await;
    refused_hold(&world, hold(fan), at(2), expired).await;
}

/// A token of the site-wide room, before a concert whose own room has waiting users, is paused or admits no user.
pub async fn a_site_wide_token_passes_no_concerts_own_queue<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let site_wide = world.fan(RoomId::SITE).await;
    let own_queue = HoldRefused::OwnQueue;
    let hold = |number| world.hold(site_wide, &show, &[number]);
    let held = world.done(hold(1), at(1)).await;
    world.charge(site_wide.user_id, PRICE).await;
    let inside = world.fan(show.room_id).await;

    world.set_capacity(show.room_id, 0, at(1)).await;
    refused_hold(&world, hold(2), at(1), own_queue).await;
    let waiting = world.fan(show.room_id).await;
    world.set_capacity(show.room_id, 100, at(1)).await;
    refused_hold(&world, hold(2), at(1), own_queue).await;
    let own = world.hold(inside, &show, &[3]);
    let verdicts = world.ask_all([hold(2), own.clone()], at(1)).await;
    assert_eq!(verdicts[0], Err(own_queue));
    assert!(verdicts[1].is_ok(), "an active user stays active");
    world.done(leave(waiting), at(1)).await;
    let paused = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };
    world.update_controls(show.room_id, paused, at(1)).await;
    refused_hold(&world, hold(2), at(1), own_queue).await;
    world.done(world.pay(site_wide, held.id), at(1)).await;
}

/// Just before it opens and from the instant on at which it closes.
pub async fn a_hold_outside_the_booking_window_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let edit = PolicyEdit { active_seconds: Some(86_400), ..PolicyEdit::default() };
    world.update_controls(show.room_id, edit, OPENING).await;
    let user_id = world.users(1).await[0];
    let fan = world.enter(show.room_id, user_id, at(1)).await;
    for now in [before(OPENING), at(86_400)] {
        let command = world.hold(fan, &show, &[1]);
        refused_hold(&world, command, now, HoldRefused::BookingClosed).await;
    }
    world.held(fan, &show, &[1], before(at(86_400))).await;
}

/// Seats that are unknown, another schedule's, held, sold, or not side by side; all or none.
pub async fn a_hold_of_seats_not_to_be_had_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(2, 3).await, world.open_show(1, 1).await);
    let fans = world.fans(show.room_id, 3).await;
    let others = world.seats(&other).await[0].id;
    let own = world.seats(&show).await[0].id;
    world.held(fans[0], &show, &[2], OPENING).await;
    world.sold(fans[1], &show, &[5], OPENING).await;
    let hold = |choice| world.hold_choice(fans[2], &show, choice);
    for choice in [
        SeatChoice::Ids(vec![own, others]),
        SeatChoice::Ids(vec![SeatId(fresh()), own]),
        SeatChoice::Numbers(vec![1, 7]),
        SeatChoice::Numbers(vec![0]),
    ] {
        refused_hold(&world, hold(choice), at(1), HoldRefused::SeatNotFound).await;
    }
    for choice in
        [SeatChoice::Numbers(vec![1, 2, 3]), SeatChoice::Numbers(vec![5]), SeatChoice::best(2)]
    {
        refused_hold(&world, hold(choice), at(1), HoldRefused::SeatTaken).await;
    }
    world.held(fans[2], &show, &[1, 3, 4, 6], at(1)).await;
    refused_hold(&world, hold(SeatChoice::best(1)), at(1), HoldRefused::SeatTaken).await;
}

/// Another user's, an unknown one, an expired one, a paid one; releasing twice changes nothing.
pub async fn releasing_what_is_not_held_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fans = world.fans(show.room_id, 2).await;
    let held = world.held(fans[0], &show, &[1], OPENING).await;
    let not_found = ReleaseRefused::ReservationNotFound;
    let others = ReleaseHold { user_id: fans[1].user_id, ..release(&held) };
    assert_refused(&world, others, at(1), not_found).await;
    let unknown = ReleaseHold { reservation_id: world.id(), ..release(&held) };
    assert_refused(&world, unknown, at(1), not_found).await;
    let over = ReleaseRefused::NotHeld(NotHeld::Over);
    assert_refused(&world, release(&held), held.expires_at, over).await;
    let paid = world.sold(fans[1], &show, &[2], at(2)).await.reservation;
    let already = ReleaseRefused::NotHeld(NotHeld::Paid);
    assert_refused(&world, release(&paid), at(3), already).await;
    world.done(release(&held), at(3)).await;
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(4)).await;
    world.done(release(&held), at(4)).await;
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(4)).await);
}

/// An unknown user, more than the balance, and a balance past its bound.
pub async fn points_that_do_not_fit_are_refused<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let change = |change, amount| world.points(user_id, change, amount);
    let unknown = ChangePoints { user_id: world.id(), ..change(CHARGE, 1) };
    assert_refused(&world, unknown, OPENING, PointsRefused::UserNotFound).await;
    let insufficient = PointsRefused::Balance(BalanceRefused::Insufficient);
    assert_refused(&world, change(USE, 1), OPENING, insufficient).await;
    world.charge(user_id, 100).await;
    assert_refused(&world, change(USE, 101), OPENING, insufficient).await;
    let too_large = PointsRefused::Balance(BalanceRefused::TooLarge);
    let most = Points::MAX.get();
    assert_refused(&world, change(CHARGE, most - 99), OPENING, too_large).await;
    world.done(change(CHARGE, most - 100), OPENING).await;
    assert_refused(&world, change(CHARGE, 1), OPENING, too_large).await;
}

async fn refused_pay<S: Store>(world: &World<S>, pay: Pay, now: Instant, why: PayRefused) {
    assert_refused(world, pay, now, why).await;
}

/// A token that is unknown, waits or has ended; checked before anything else. One that ended with its
/// hold says that the hold expired.
pub async fn paying_without_admission_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 1).await, world.open_show(1, 1).await);
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, PRICE).await;
    let held = world.held(fan, &show, &[1], at(500)).await;
    let expired = PayRefused::NotActive(NotActive::Expired);
    let unknown = Fan { token_id: world.id(), ..fan };
    refused_pay(&world, world.pay(unknown, held.id), at(501), expired).await;
    let line = world.closed_show().await;
    let waiting = world.enter(line.room_id, fan.user_id, at(501)).await;
    let waits = PayRefused::NotActive(NotActive::Waiting);
    refused_pay(&world, world.pay(waiting, held.id), at(501), waits).await;
    refused_pay(&world, world.pay(waiting, world.id()), at(501), waits).await;
    let over = PayRefused::NotHeld(NotHeld::Over);
    refused_pay(&world, world.pay(fan, held.id), held.expires_at, over).await;
    refused_pay(&world, world.pay(fan, world.id()), held.expires_at, expired).await;
    let elsewhere = world.enter(other.room_id, fan.user_id, at(501)).await;
    refused_pay(&world, world.pay(elsewhere, held.id), at(501), PayRefused::OtherRoom).await;
    let stranger = world.fan(show.room_id).await;
    let borrowed = Fan { user_id: fan.user_id, ..stranger };
    refused_pay(&world, world.pay(borrowed, held.id), at(501), PayRefused::OtherRoom).await;
    let not_found = PayRefused::ReservationNotFound;
    refused_pay(&world, world.pay(stranger, held.id), at(501), not_found).await;
    refused_pay(&world, world.pay(fan, world.id()), at(501), not_found).await;
}

/// A hold that expired, was released or is paid, a ticket that was cancelled, and a balance below the
/// price by one point.
pub async fn paying_what_cannot_be_paid_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, PRICE - 1).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let insufficient = PayRefused::Balance(BalanceRefused::Insufficient);
    refused_pay(&world, world.pay(fan, held.id), at(1), insufficient).await;
    let over = PayRefused::NotHeld(NotHeld::Over);
    refused_pay(&world, world.pay(fan, held.id), held.expires_at, over).await;
    let released = world.held(fan, &show, &[2], OPENING).await;
    world.done(release(&released), at(1)).await;
    let cancelled = PayRefused::NotHeld(NotHeld::Cancelled);
    refused_pay(&world, world.pay(fan, released.id), at(2), cancelled).await;
    world.charge(fan.user_id, 1).await;
    world.done(world.pay(fan, held.id), before(held.expires_at)).await;
    let again = world.enter(show.room_id, fan.user_id, held.expires_at).await;
    let paid = PayRefused::NotHeld(NotHeld::Paid);
    refused_pay(&world, world.pay(again, held.id), held.expires_at, paid).await;
    refused_pay(&world, world.pay(fan, held.id), held.expires_at, paid).await;
    refused_pay(&world, world.pay(fan, released.id), held.expires_at, cancelled).await;
    assert_eq!(world.account(fan.user_id).await.balance, points(0));
}
