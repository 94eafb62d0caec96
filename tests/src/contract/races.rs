//! Concurrent commands for the same seats, points, reservations and positions.

use std::collections::BTreeSet;

use stagedoor_domain::operations::{
    Admit, ChangePasswordRefused, ChangePolicy, CreateUser, CreateUserRefused, ExpireHolds,
    ExpireTokens, HoldRefused, PolicyEdit, PolicyRefused, ReleaseHold, SeatChoice,
};
use stagedoor_domain::{
    ExpectedVersion, ExpiryReason, Instant, Reservation, ReservationState, Role, RoomId,
    SeatStatus, TokenState,
};
use time::Duration;

use super::snapshot::all_entries;
use super::store::{Store, ask, ask_all, assert_sound, together};
use super::world::{
    CHARGE, Fan, OPENING, PRICE, Show, USE, World, at, heartbeat, leave, new_password, points,
    release, rename,
};

/// Rule 9: exactly one gets it, all others are told that it is taken.
pub async fn two_hundred_ask_for_one_seat_and_one_gets_it<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fans = world.fans(show.room_id, 200).await;
    let tasks = fans.iter().map(|fan| {
        let (store, hold) = (world.store.clone(), world.hold(*fan, &show, &[1]));
        async move { ask(&store, hold, OPENING).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    let held: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().ok()).collect();
    assert_eq!(held.len(), 1);
    let mut refusals = verdicts.iter().filter_map(|verdict| verdict.as_ref().err());
    assert!(refusals.all(|refusal| *refusal == HoldRefused::SeatTaken));
    let seats = world.seats(&show).await;
    assert!(seats[0].is_held_by(held[0].id));
    assert_eq!(seats[1].status(OPENING), SeatStatus::Free);
}

/// Several seats, schedules and rooms, requested in opposite orders: no request waits forever, and
/// no user gets a part.
pub async fn overlapping_holds_in_opposite_order_never_deadlock<S: Store>(store: S) {
    let world = World::new(store);
    let shows = [world.open_show(1, 4).await, world.open_show(1, 4).await];
    let mut fans: Vec<[Fan; 2]> = Vec::new();
    for _ in 0..2 {
        fans.push([world.fan(shows[0].room_id).await, world.fan(shows[1].room_id).await]);
    }
    for round in 0..25 {
        let now = at(round);
        let holds = |who: usize, order: [usize; 2], seats: [i32; 3]| {
            order.map(|show| world.hold(fans[who][show], &shows[show], &seats))
        };
        let batches = [holds(0, [0, 1], [1, 2, 3]), holds(1, [1, 0], [4, 3, 2])];
        let tasks = batches.map(|batch| {
            let store = world.store.clone();
            async move { ask_all(&store, batch, now).await }
        });
        let verdicts: Vec<_> = together(tasks).await.into_iter().flatten().collect();
        let held: Vec<Reservation> = verdicts.into_iter().filter_map(Result::ok).collect();
        assert_eq!(held.len(), 2, "one for each show");
        assert!(held.iter().all(|reservation| reservation.seats.len() == 3));
        let given = world.ask_all(held.iter().map(release), now).await;
        assert_eq!(given, [Ok(()), Ok(())]);
    }
}

/// Blocks of two, until each of the five rows of eight has but single seats left: none twice.
pub async fn best_blocks_asked_for_at_once_never_overlap<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(5, 8).await;
    let fans = world.fans(show.room_id, 30).await;
    let tasks = fans.iter().map(|fan| {
        let hold = world.hold_choice(*fan, &show, SeatChoice::best(2));
        let store = world.store.clone();
        async move { ask(&store, hold, OPENING).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    let held: Vec<Reservation> = verdicts.into_iter().filter_map(Result::ok).collect();
    let mut numbers: Vec<_> =
        held.iter().flat_map(|reservation| &reservation.seats).map(|seat| seat.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((held.len(), numbers.len()), (15, 30));
}

/// Rule 14: all count, each exactly once.
pub async fn five_hundred_charges_and_uses_of_one_account_all_count<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    world.charge(user_id, 100_000).await;
    let tasks = (0..500).map(|index| {
        let (change, amount) = if index % 2 == 0 { (CHARGE, 7) } else { (USE, 5) };
        let (store, command) = (world.store.clone(), world.points(user_id, change, amount));
        async move { ask(&store, command, at(1)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert!(verdicts.iter().all(Result::is_ok));
    let account = world.account(user_id).await;
    assert_eq!((account.balance, account.entries), (points(100_500), 501));
    let entries = all_entries(&world.store, user_id).await;
    let numbers = entries.iter().map(|entry| entry.number);
    assert_eq!(numbers.collect::<Vec<_>>(), (1..=501).collect::<Vec<_>>());
}

/// Uses that together pass the balance: as many are refused as must be.
pub async fn uses_at_once_never_take_more_than_there_is<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(2).await;
    for user_id in &users {
        world.charge(*user_id, 100).await;
    }
    let tasks = (0..20).map(|index| {
        let order = if index % 2 == 0 { [0, 1] } else { [1, 0] };
        let batch = order.map(|who: usize| world.points(users[who], USE, 15));
        let store = world.store.clone();
        async move { ask_all(&store, batch, at(1)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(verdicts.iter().flatten().filter(|verdict| verdict.is_ok()).count(), 12);
    for user_id in users {
        assert_eq!(world.account(user_id).await.balance, points(10));
    }
}

/// The payment, the janitor and the holder reach for one hold: one of them gets it.
pub async fn paying_expiring_and_releasing_at_once_have_one_winner<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 20).await;
    for seat in 1..=20 {
        let fan = world.fan(show.room_id).await;
        world.charge(fan.user_id, PRICE).await;
        let held = world.held(fan, &show, &[seat], OPENING).await;
        let (pay, give) = (world.pay(fan, held.id), release(&held));
        let stores = [(); 3].map(|()| world.store.clone());
        let [first, second, third] = stores;
        let overdue = held.expires_at;
        let paying = tokio::spawn(async move { ask(&first, pay, at(1)).await.is_ok() });
        let giving = tokio::spawn(async move { ask(&second, give, at(1)).await.is_ok() });
        let expiring = tokio::spawn(async move { ask(&third, ExpireHolds, overdue).await });
        let paid = paying.await.expect("it ends");
        let given = giving.await.expect("it ends");
        let expired = expiring.await.expect("it ends").expect("no rule refuses") > 0;
        let state = world.reservation(held.id).await.state;
        let outcome = match state {
            ReservationState::Held => [false, false, false],
            ReservationState::Confirmed { .. } => [true, false, false],
            ReservationState::Cancelled { .. } => [false, true, false],
            ReservationState::Expired => [false, false, true],
        };
        assert_eq!([paid, given, expired], outcome, "{state:?}");
        assert_ne!(state, ReservationState::Held);
        assert_paid_or_not(&world, fan, &show, paid, seat).await;
    }
}

async fn assert_paid_or_not<S: Store>(
    world: &World<S>,
    fan: Fan,
    show: &Show,
    paid: bool,
    seat: i32,
) {
    let left = points(if paid { 0 } else { PRICE });
    assert_eq!(world.account(fan.user_id).await.balance, left);
    let seats = world.seats(show).await;
    let status = if paid { SeatStatus::Sold } else { SeatStatus::Free };
    let seat = seats.iter().find(|candidate| candidate.number == seat).expect("the seat exists");
    assert_eq!(seat.status(at(1)), status);
}

/// Either the hold is paid and the token completed, or both are given up.
pub async fn leaving_and_paying_at_once_have_one_winner<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 20).await;
    for seat in 1..=20 {
        let fan = world.fan(show.room_id).await;
        world.charge(fan.user_id, PRICE).await;
        let held = world.held(fan, &show, &[seat], OPENING).await;
        let (first, second, pay) =
            (world.store.clone(), world.store.clone(), world.pay(fan, held.id));
        let leaving = tokio::spawn(async move { ask(&first, leave(fan), at(1)).await });
        let paying = tokio::spawn(async move { ask(&second, pay, at(1)).await.is_ok() });
        assert_eq!(leaving.await.expect("it ends"), Ok(()));
        let paid = paying.await.expect("it ends");
        let (reason, state) = if paid {
            (ExpiryReason::Completed, ReservationState::Confirmed { at: at(1) })
        } else {
            (ExpiryReason::Left, ReservationState::Cancelled { at: at(1) })
        };
        let token = world.token(fan.token_id).await;
        assert_eq!(token.state, TokenState::Expired { reason, at: at(1) });
        assert_eq!(world.reservation(held.id).await.state, state);
        assert_paid_or_not(&world, fan, &show, paid, seat).await;
    }
}

/// Leaving and holding at once, in either order, leave the user without a seat.
pub async fn holding_and_leaving_at_once_leave_no_hold_behind<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 40).await;
    let fans = world.fans(show.room_id, 20).await;
    for (seat, fan) in (1..).step_by(2).zip(fans) {
        let batch = [seat, seat + 1].map(|seat| world.hold(fan, &show, &[seat]));
        let (first, second) = (world.store.clone(), world.store.clone());
        let holding = tokio::spawn(async move { ask_all(&first, batch, at(1)).await });
        let leaving = tokio::spawn(async move { ask(&second, leave(fan), at(1)).await });
        assert_eq!(leaving.await.expect("it ends"), Ok(()));
        for held in holding.await.expect("it ends").into_iter().flatten() {
            let state = world.reservation(held.id).await.state;
            assert_eq!(state, ReservationState::Cancelled { at: at(1) });
        }
        let left = TokenState::Expired { reason: ExpiryReason::Left, at: at(1) };
        assert_eq!(world.token(fan.token_id).await.state, left);
    }
    let seats = world.seats(&show).await;
    assert!(seats.iter().all(|seat| seat.status(at(1)) == SeatStatus::Free));
}

/// Rule 8: the token outlives the longest of them.
pub async fn holds_of_one_token_at_once_all_move_its_deadline<S: Store>(store: S) {
    let world = World::new(store);
    let shows = [world.open_show(1, 40).await, world.open_show(1, 40).await];
    for seat in 1..=20 {
        let user_id = world.users(1).await[0];
        let fan = world.enter(RoomId::SITE, user_id, OPENING).await;
        let tasks = [0, 1].map(|index: usize| {
            let mut hold = world.hold(fan, &shows[index], &[seat]);
            hold.policy.hold_time = Duration::seconds([999, 899][index]);
            let store = world.store.clone();
            async move { ask(&store, hold, at(1)).await.is_ok() }
        });
        assert_eq!(together(tasks).await, [true, true]);
        let state = TokenState::Active { since: OPENING, expires_at: at(1_000) };
        assert_eq!(world.token(fan.token_id).await.state, state);
    }
}

/// One payment, whichever of the payer's tokens it comes with.
pub async fn one_reservation_paid_from_ten_tasks_is_paid_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let site_wide = world.enter(RoomId::SITE, fan.user_id, OPENING).await;
    world.charge(fan.user_id, 10 * PRICE).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let tasks = (0..10).map(|index| {
        let pay = world.pay(if index % 2 == 0 { fan } else { site_wide }, held.id);
        let store = world.store.clone();
        async move { ask(&store, pay, at(1)).await.is_ok() }
    });
    let paid = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(paid.into_iter().filter(|paid| *paid).count(), 1);
    assert_eq!(world.account(fan.user_id).await.balance, points(9 * PRICE));
}

/// Rule 17: the others are told that the address is taken.
pub async fn one_address_signed_up_from_twenty_tasks_makes_one_user<S: Store>(store: S) {
    let world = World::new(store);
    let email = world.sign_up(Role::Fan).email;
    let tasks = (0..20).map(|_| {
        let sign_up = CreateUser { email: email.clone(), ..world.sign_up(Role::Fan) };
        let store = world.store.clone();
        async move { ask(&store, sign_up, OPENING).await.err() }
    });
    let refusals = together(tasks.collect::<Vec<_>>()).await;
    let taken = refusals.iter().flatten().filter(|why| **why == CreateUserRefused::EmailTaken);
    assert_eq!(taken.count(), 19);
    assert_eq!(world.store.count_users(30).await, Ok(1));
}

/// Rule 17: all have checked the same password, and exactly one replaces it.
pub async fn one_password_changed_from_ten_tasks_is_changed_once<S: Store>(store: S) {
    let world = World::new(store);
    let user = world.stored_user(world.users(1).await[0]).await;
    let tasks = (0..10).map(|number| {
        let change = new_password(&user, &format!("hash {number}"));
        let store = world.store.clone();
        async move { (change.new_hash.clone(), ask(&store, change, at(1)).await) }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    let (changed, refused): (Vec<_>, Vec<_>) =
        verdicts.into_iter().partition(|(_, verdict)| verdict.is_ok());
    let [(hash, version)] = changed.as_slice() else { panic!("{changed:?} were all changed") };
    assert_eq!(*version, Ok(1));
    let wrong = Err(ChangePasswordRefused::WrongPassword);
    assert!(refused.iter().all(|(_, verdict)| *verdict == wrong), "{refused:?}");
    let stored = world.stored_user(user.id).await;
    assert_eq!((&stored.password_hash, stored.sessions.version), (hash, 1));
}

/// Neither writes back what it read before the other.
pub async fn a_name_and_a_password_changed_at_once_are_both_changed<S: Store>(store: S) {
    let world = World::new(store);
    for user_id in world.users(10).await {
        let change = new_password(&world.stored_user(user_id).await, "new hash");
        let (one, other) = (world.store.clone(), world.store.clone());
        let renamed =
            tokio::spawn(
                async move { ask(&one, rename(user_id, "New Name"), at(1)).await.is_ok() },
            );
        let changed = tokio::spawn(async move { ask(&other, change, at(1)).await.is_ok() });
        assert!(renamed.await.expect("it runs") && changed.await.expect("it runs"));
        let stored = world.stored_user(user_id).await;
        let (name, version) = (stored.name.as_str(), stored.sessions.version);
        assert_eq!((name, stored.password_hash.as_str(), version), ("New Name", "new hash", 1));
    }
}

/// Releasing from many tasks is releasing once.
pub async fn one_hold_released_from_ten_tasks_is_released_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let give: ReleaseHold = release(&held);
    let tasks = (1..=10).map(|seconds| {
        let (store, give) = (world.store.clone(), give.clone());
        async move { ask(&store, give, at(seconds)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert!(verdicts.iter().all(Result::is_ok));
    let state = world.reservation(held.id).await.state;
    assert!(matches!(state, ReservationState::Cancelled { .. }));
}

/// Forty batches of five: sequence numbers 1 to 200 without a gap, stamps 1 to 200 without a gap.
pub async fn joins_at_once_get_places_without_a_gap<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(200).await;
    let tasks = users.chunks(5).map(|users| {
        let joins: Vec<_> = users.iter().map(|user| world.join(room_id, *user)).collect();
        let store = world.store.clone();
        async move { ask_all(&store, joins, OPENING).await }
    });
    let joined = together(tasks.collect::<Vec<_>>()).await;
    let tokens = joined.into_iter().flatten().map(|j| j.expect("the room exists").token);
    let (mut sequences, mut stamps) = (BTreeSet::new(), BTreeSet::new());
    for token in tokens {
        sequences.insert(token.sequence.expect("every token waits"));
        stamps.insert(token.version);
    }
    assert_eq!(sequences, (1..=200).collect());
    assert_eq!(stamps, (1..=200).collect());
    let room = world.room(room_id).await;
    assert_eq!((room.last_sequence, room.version), (200, 200));
}

/// Rule 1, however often it is asked for at once.
pub async fn one_person_joining_from_fifty_tasks_gets_one_token<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let tasks = (0..50).map(|_| {
        let (store, join) = (world.store.clone(), world.join(RoomId::SITE, user_id));
        async move { ask(&store, join, OPENING).await.expect("the room exists") }
    });
    let joined = together(tasks.collect::<Vec<_>>()).await;
    let ids: BTreeSet<_> = joined.iter().map(|joined| joined.token.id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(joined.iter().filter(|joined| joined.is_new).count(), 1);
    assert_eq!(world.room(RoomId::SITE).await.version, 1);
}

/// Rule 4: neither the interval's batch nor the capacity is passed, and the first come first.
pub async fn admitting_at_once_passes_neither_batch_nor_capacity<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 50).await;
    let edit = PolicyEdit { capacity: Some(12), admit_batch: Some(5), ..PolicyEdit::default() };
    world.update_controls(room_id, edit, OPENING).await;
    for (seconds, expected) in [(1, 5), (2, 0), (11, 5), (21, 2), (31, 0)] {
        let tasks = (0..10).map(|_| {
            let store = world.store.clone();
            async move { ask(&store, Admit { room_id }, at(seconds)).await }
        });
        let admitted = together(tasks.collect::<Vec<_>>()).await;
        let counts = admitted.into_iter().map(|admitted| admitted.expect("no refusal").count);
        assert_eq!(counts.sum::<i32>(), expected, "after {seconds} s");
    }
    assert_sound(&world.store, at(31)).await;
    for (index, fan) in fans.iter().enumerate() {
        let state = world.token(fan.token_id).await.state;
        assert_eq!(matches!(state, TokenState::Active { .. }), index < 12, "the {index}th");
    }
}

/// Of two operators who have seen the same policy one changes it, and the other is told.
pub async fn two_edits_of_one_version_of_a_policy_do_not_both_count<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let seen = world.room(room_id).await.policy_version;
    let tasks = (1..=10).map(|capacity| {
        let edit = PolicyEdit { capacity: Some(capacity), ..PolicyEdit::default() };
        let expected = ExpectedVersion::OneOf(vec![seen]);
        let edit = ChangePolicy { expected, ..world.change_policy(room_id, edit) };
        let store = world.store.clone();
        async move { ask(&store, edit, at(1)).await }
    });
    let (done, refused): (Vec<_>, Vec<_>) =
        together(tasks.collect::<Vec<_>>()).await.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 9));
    assert!(refused.into_iter().all(|it| it.err() == Some(PolicyRefused::OtherVersion)));
    let room = world.room(room_id).await;
    assert_eq!(done[0], Ok(room.clone()));
    assert_eq!(room.policy_version, seen + 1);
}

/// A heartbeat that comes while its token is let in does not put it back in line.
pub async fn heartbeats_and_admissions_at_once_undo_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 40).await;
    let edit = PolicyEdit {
        capacity: Some(40),
        admit_batch: Some(1),
        admit_interval_seconds: Some(1),
        ..PolicyEdit::default()
    };
    world.update_controls(room_id, edit, OPENING).await;
    for (seconds, fan) in (1..).zip(&fans) {
        let (first, second, fan) = (world.store.clone(), world.store.clone(), *fan);
        let now = at(seconds);
        let signing = tokio::spawn(async move { ask(&first, heartbeat(fan, now), now).await });
        let admitting = tokio::spawn(async move { ask(&second, Admit { room_id }, now).await });
        assert!(admitting.await.expect("it ends").is_ok_and(|admitted| admitted.count == 1));
        let _ = signing.await.expect("it ends");
        let active = TokenState::Active { since: now, expires_at: now + Duration::minutes(10) };
        assert_eq!(world.token(fan.token_id).await.state, active);
    }
}

/// Newcomers, the line and those who leave: never more in than there is room for.
pub async fn joining_leaving_and_admitting_at_once_keep_the_capacity<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let edit = PolicyEdit { capacity: Some(10), admit_batch: Some(100), ..PolicyEdit::default() };
    world.update_controls(room_id, edit, OPENING).await;
    let early = world.fans(room_id, 20).await;
    let users = world.users(40).await;
    let mut tasks: Vec<tokio::task::JoinHandle<()>> = Vec::new();
    for (index, user_id) in users.iter().enumerate() {
        let (store, join) = (world.store.clone(), world.join(room_id, *user_id));
        tasks.push(tokio::spawn(async move {
            ask(&store, join, at(1)).await.expect("the room exists");
        }));
        let (store, going) = (world.store.clone(), early[index % early.len()]);
        tasks.push(tokio::spawn(async move {
            ask(&store, leave(going), at(1)).await.expect("the token exists");
            ask(&store, Admit { room_id }, at(1)).await.expect("no rule refuses");
        }));
    }
    for task in tasks {
        task.await.expect("the task runs to its end");
    }
    world.admit(room_id, at(1)).await;
    let count = world.store.room_count(room_id, at(1)).await.expect("it reads");
    let count = count.expect("the room exists");
    assert_eq!((count.active, count.waiting), (10, 30));
    assert_sound(&world.store, at(1)).await;
}

/// The janitor on two replicas: each token is written once.
pub async fn expiring_tokens_at_once_writes_each_once<S: Store>(store: S) {
    let world = World::new(store);
    let rooms = [world.open_show(1, 1).await.room_id, world.closed_show().await.room_id];
    for room_id in rooms {
        world.fans(room_id, 40).await;
    }
    let tasks = (0..6).map(|_| {
        let store = world.store.clone();
        async move { ask(&store, ExpireTokens, at(600)).await.expect("no rule refuses") }
    });
    let written = together(tasks.collect::<Vec<_>>()).await;
    assert_eq!(written.iter().sum::<usize>(), 80);
    for room_id in rooms {
        assert_eq!(world.room(room_id).await.version, 80);
    }
}

/// The same for holds.
pub async fn expiring_holds_at_once_writes_each_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 40).await;
    let fan = world.fan(show.room_id).await;
    let holds: Vec<_> = (1..=40).map(|seat| world.hold(fan, &show, &[seat])).collect();
    assert!(world.ask_all(holds, OPENING).await.iter().all(Result::is_ok));
    let tasks = (0..6).map(|_| {
        let store = world.store.clone();
        async move { ask(&store, ExpireHolds, at(300)).await.expect("no rule refuses") }
    });
    assert_eq!(together(tasks.collect::<Vec<_>>()).await.iter().sum::<usize>(), 40);
}

/// One user's whole visit, on rows that all others use too.
async fn visit<S: Store>(world: World<S>, show: Show, seed: i32, now: Instant) {
    let user_id = world.users(1).await[0];
    let fan = world.enter(show.room_id, user_id, now).await;
    world.charge(user_id, 30_000).await;
    let first = seed % 9 + 1;
    let hold = world.hold(fan, &show, &[first + 1, first]);
    if let Ok(held) = world.ask(hold, now).await {
        match seed % 4 {
            0 => drop(world.ask(release(&held), now).await),
            1 => drop(world.ask(leave(fan), now).await),
            _ => drop(world.ask(world.pay(fan, held.id), now).await),
        }
    }
    let _ = world.ask(heartbeat(fan, now), now).await;
    let _ = world.ask(world.points(user_id, CHARGE, 1), now).await;
    let _ = world.ask(Admit { room_id: show.room_id }, now).await;
    let _ = world.ask(ExpireHolds, now).await;
    let _ = world.ask(ExpireTokens, now).await;
}

/// Locks are taken in one order, so there is no deadlock: no batch fails.
pub async fn every_kind_of_command_at_once_never_deadlocks<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 11).await;
    world.set_capacity(show.room_id, 15, OPENING).await;
    let early = world.fans(show.room_id, 30).await;
    for (seat, fan) in (1..=10).zip(&early) {
        world.held(*fan, &show, &[seat], OPENING).await;
    }
    let now = at(700);
    let visits: Vec<_> =
        (0..40).map(|seed| visit(world.clone(), show.clone(), seed, now)).collect();
    together(visits).await;
    let count = world.store.room_count(show.room_id, now).await.expect("it reads");
    assert!(count.expect("the room exists").active <= 15);
    assert_sound(&world.store, now).await;
}
