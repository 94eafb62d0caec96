//! Keys: a repetition gets the first answer and does nothing (rule 16).

use stagedoor_domain::operations::{ChangePoints, HoldRefused, PointsRefused};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::ports::{ConcertFilter, Kept};
use stagedoor_domain::{PageSize, Refused, Role, RoomId, Submission, UserId};

use super::snapshot::{Snapshot, all_entries};
use super::store::{Store, ask_keyed, execute, keyed, together};
use super::world::{CHARGE, OPENING, PRICE, USE, World, at, points, release};

fn insufficient() -> PointsRefused {
    PointsRefused::Balance(BalanceRefused::Insufficient)
}

/// Also when the command that comes again would make other ids.
pub async fn a_repetition_gets_the_first_answer_and_changes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let owner = fan.user_id;
    let charge = || keyed(owner, "a", "charge 10000", world.points(owner, CHARGE, PRICE));
    let charged = ask_keyed(&world.store, charge(), at(1)).await;
    let hold = || keyed(owner, "b", "hold 1", world.hold(fan, &show, &[1]));
    let held = ask_keyed(&world.store, hold(), at(2)).await;
    let reservation = held.clone().expect("the seat is free");
    let pay = || keyed(owner, "c", "pay", world.pay(fan, reservation.id));
    let paid = ask_keyed(&world.store, pay(), at(3)).await;
    assert!(charged.is_ok() && paid.is_ok());
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(900)).await;
    for now in [at(3), at(900)] {
        assert_eq!(ask_keyed(&world.store, charge(), now).await, charged);
        assert_eq!(ask_keyed(&world.store, hold(), now).await, held);
        assert_eq!(ask_keyed(&world.store, pay(), now).await, paid);
    }
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(900)).await);
}

/// Joining, announcing and signing up are kept like all others.
pub async fn every_kind_of_answer_is_kept<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let owner = fan.user_id;
    let join = || keyed(owner, "join", "1", world.join(RoomId::SITE, owner));
    let announce = || {
        let plans = vec![world.plan(2, 2)];
        keyed(owner, "announce", "1", world.announcement(show.organizer_id, plans))
    };
    let sign_up = || keyed(UserId::NONE, "sign-up", "1", world.sign_up(Role::Fan));
    let joined = ask_keyed(&world.store, join(), at(1)).await;
    let announced = ask_keyed(&world.store, announce(), at(1)).await;
    let signed_up = ask_keyed(&world.store, sign_up(), at(1)).await;
    assert!(joined.as_ref().is_ok_and(|joined| joined.is_new));
    assert!(announced.is_ok() && signed_up.is_ok());
    assert_eq!(ask_keyed(&world.store, join(), at(400)).await, joined);
    assert_eq!(ask_keyed(&world.store, announce(), at(400)).await, announced);
    assert_eq!(ask_keyed(&world.store, sign_up(), at(400)).await, signed_up);
}

/// Points that are too few, a seat that is taken, and booking that is not open.
pub async fn after_a_refusal_that_can_pass_the_same_key_tries_again<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fans = [world.fan(show.room_id).await, world.fan(show.room_id).await];
    let owner = fans[0].user_id;
    let spend = || keyed(owner, "use", "1", world.points(owner, USE, 5));
    assert_eq!(ask_keyed(&world.store, spend(), at(1)).await, Err(insufficient().into()));
    world.charge(owner, 9).await;
    let used = ask_keyed(&world.store, spend(), at(2)).await;
    assert!(used.is_ok());
    assert_eq!(ask_keyed(&world.store, spend(), at(3)).await, used);
    assert_eq!(world.account(owner).await.balance.get(), 4);

    let held = world.held(fans[1], &show, &[1], at(1)).await;
    let hold = || keyed(owner, "hold", "1", world.hold(fans[0], &show, &[1]));
    assert_eq!(ask_keyed(&world.store, hold(), at(4)).await, Err(HoldRefused::SeatTaken.into()));
    assert!(ask_keyed(&world.store, Submission::new(release(&held)), at(5)).await.is_ok());
    assert!(ask_keyed(&world.store, hold(), at(6)).await.is_ok());
}

/// A seat that does not exist never will.
pub async fn a_repetition_gets_a_final_refusal_too<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let hold = |print, seat| keyed(fan.user_id, "k", print, world.hold(fan, &show, &[seat]));
    let refused = Err(HoldRefused::SeatNotFound.into());
    assert_eq!(ask_keyed(&world.store, hold("1", 99), at(1)).await, refused);
    assert_eq!(ask_keyed(&world.store, hold("1", 99), at(2)).await, refused);
    let reused = ask_keyed(&world.store, hold("2", 1), at(3)).await;
    assert_eq!(reused, Err(Refused::KeyReused));
}

/// Among others, keyed and not.
pub async fn one_key_twice_in_a_batch_has_one_effect<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(2).await;
    let charge = |who: usize, amount| world.points(users[who], CHARGE, amount);
    let before = keyed(users[0], "early", "1", charge(0, 1));
    let early = ask_keyed(&world.store, before.clone(), at(1)).await;
    let batch = [
        keyed(users[0], "k", "1", charge(0, 10)),
        Submission::new(charge(0, 100)),
        keyed(users[0], "k", "1", charge(0, 10)),
        keyed(users[1], "k", "1", charge(1, 1_000)),
        keyed(users[0], "k", "2", charge(0, 10_000)),
        before,
        keyed(users[0], "l", "1", world.points(users[0], USE, 1_000_000)),
    ];
    let verdicts = execute(&world.store, &batch, at(2)).await;
    assert_eq!(verdicts[0], verdicts[2]);
    assert!(verdicts[1].is_ok() && verdicts[3].is_ok());
    assert_eq!(verdicts[4], Err(Refused::KeyReused));
    assert_eq!(verdicts[5], early);
    assert_eq!(verdicts[6], Err(insufficient().into()));
    assert_eq!(world.account(users[0]).await.balance.get(), 111);
    assert_eq!(world.account(users[1]).await.balance.get(), 1_000);
}

/// Another fingerprint, and another command; the first answer stays.
pub async fn a_key_used_for_something_else_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let owner = fan.user_id;
    let charge = |print| keyed(owner, "k", print, world.points(owner, CHARGE, 5));
    let first = ask_keyed(&world.store, charge("1"), at(1)).await;
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(2)).await;
    let reused = ask_keyed(&world.store, charge("2"), at(2)).await;
    assert_eq!(reused, Err(Refused::KeyReused));
    let hold = keyed(owner, "k", "1", world.hold(fan, &show, &[1]));
    assert_eq!(ask_keyed(&world.store, hold, at(2)).await, Err(Refused::KeyReused));
    let join = keyed(owner, "k", "1", world.join(RoomId::SITE, owner));
    assert_eq!(ask_keyed(&world.store, join, at(2)).await, Err(Refused::KeyReused));
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(2)).await);
    assert_eq!(ask_keyed(&world.store, charge("1"), at(3)).await, first);
}

/// The same text under another owner; and any text up to the longest is a key of its own.
pub async fn keys_of_others_and_of_any_text_are_told_apart<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(2).await;
    let long = "열쇠".repeat(42) + "abc";
    let keys = ["k", "K", " k", "k ", "'; DROP TABLE answers; --", "한글", "%", "_", &long];
    for user_id in &users {
        for round in 0..2 {
            for key in keys {
                let charge = world.points(*user_id, CHARGE, 1);
                let submission = keyed(*user_id, key, "한 번", charge);
                assert!(ask_keyed(&world.store, submission, at(round)).await.is_ok());
            }
        }
    }
    for user_id in users {
        assert_eq!(world.account(user_id).await.balance.get(), 9);
    }
}

/// One effect, and the same answer for all.
pub async fn twenty_at_once_under_one_key_have_one_effect<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let tasks = (0..20).map(|_| {
        let store = world.store.clone();
        let submission = keyed(user_id, "k", "1", world.points(user_id, CHARGE, 7));
        async move { ask_keyed(&store, submission, at(1)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert!(verdicts[0].is_ok() && verdicts.iter().all(|verdict| *verdict == verdicts[0]));
    assert_eq!(world.account(user_id).await.balance.get(), 7);
    assert_eq!(all_entries(&world.store, user_id).await.len(), 1);
}

/// No user is signed in, so there is no user row to lock for the key.
pub async fn twenty_sign_ups_at_once_under_one_key_make_one_user<S: Store>(store: S) {
    let world = World::new(store);
    let tasks = (0..20).map(|_| {
        let (store, sign_up) = (world.store.clone(), world.sign_up(Role::Fan));
        let submission = keyed(UserId::NONE, "k", "1", sign_up);
        async move { ask_keyed(&store, submission, at(1)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert!(verdicts[0].is_ok() && verdicts.iter().all(|verdict| *verdict == verdicts[0]));
    assert_eq!(world.store.count_users(10).await, Ok(1));
    let other = keyed(UserId::NONE, "k", "2", world.sign_up(Role::Fan));
    let reused = ask_keyed(&world.store, other, at(2)).await;
    assert_eq!(reused, Err(Refused::KeyReused));
}

/// An announcement locks nothing else that could make them take turns.
pub async fn twenty_announcements_at_once_under_one_key_make_one_concert<S: Store>(store: S) {
    let world = World::new(store);
    let organizer = world.user(Role::Organizer).await;
    let tasks = (0..20).map(|_| {
        let announcement = world.announcement(organizer, vec![world.plan(1, 1)]);
        let (store, submission) = (world.store.clone(), keyed(organizer, "k", "1", announcement));
        async move { ask_keyed(&store, submission, at(1)).await }
    });
    let verdicts = together(tasks.collect::<Vec<_>>()).await;
    assert!(verdicts[0].is_ok() && verdicts.iter().all(|verdict| *verdict == verdicts[0]));
    let page =
        world.store.concerts(&ConcertFilter::default(), None, PageSize::DEFAULT, at(1)).await;
    assert_eq!(page.expect("the store reads").items.len(), 1);
}

/// Those older than an instant, no more than asked for; then their keys are new again.
pub async fn forgetting_answers_takes_only_the_old<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let charge = |key: &str| -> Submission<ChangePoints> {
        keyed(user_id, key, "1", world.points(user_id, CHARGE, 1))
    };
    for (key, seconds) in [("a", 0), ("b", 10), ("c", 20), ("d", 30)] {
        assert!(ask_keyed(&world.store, charge(key), at(seconds)).await.is_ok());
    }
    assert_eq!(world.store.delete_old(Kept::IdempotencyRecords, OPENING, 10).await, Ok(0));
    assert_eq!(world.store.delete_old(Kept::IdempotencyRecords, at(20), 0).await, Ok(0));
    assert_eq!(world.store.delete_old(Kept::IdempotencyRecords, at(20), 1).await, Ok(1));
    assert_eq!(world.store.delete_old(Kept::IdempotencyRecords, at(20), 10).await, Ok(1));
    assert_eq!(world.store.delete_old(Kept::IdempotencyRecords, at(20), 10).await, Ok(0));
    assert_eq!(world.account(user_id).await.balance, points(4));
    for (key, after) in [("a", 5), ("b", 6), ("c", 6), ("d", 6)] {
        assert!(ask_keyed(&world.store, charge(key), at(40)).await.is_ok());
        assert_eq!(world.account(user_id).await.balance.get(), after, "after {key}");
    }
}
