//! Many at once for places in rooms, and every command at once.

use std::collections::BTreeSet;

use stagedoor_domain::operations::{Admit, ExpireHolds, ExpireTokens, PolicyEdit};
use stagedoor_domain::{Instant, RoomId, TokenState};
use time::Duration;

use super::store::{Store, ask, ask_all, assert_sound, together};
use super::world::{CHARGE, OPENING, Show, World, at, give_back, leave, sign};

/// Forty batches of five: places 1 to 200 without a gap, stamps 1 to 200 without a gap.
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
    let (mut places, mut stamps) = (BTreeSet::new(), BTreeSet::new());
    for token in tokens {
        places.insert(token.place.expect("everybody waits"));
        stamps.insert(token.version);
    }
    assert_eq!(places, (1..=200).collect());
    assert_eq!(stamps, (1..=200).collect());
    let room = world.room(room_id).await;
    assert_eq!((room.last_place, room.version), (200, 200));
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
    world.steer(room_id, edit, OPENING).await;
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

/// A sign of life that comes while its token is let in does not put it back in line.
pub async fn signs_of_life_and_admissions_at_once_undo_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 40).await;
    let edit = PolicyEdit {
        capacity: Some(40),
        admit_batch: Some(1),
        admit_interval_seconds: Some(1),
        ..PolicyEdit::default()
    };
    world.steer(room_id, edit, OPENING).await;
    for (seconds, fan) in (1..).zip(&fans) {
        let (first, second, fan) = (world.store.clone(), world.store.clone(), *fan);
        let now = at(seconds);
        let signing = tokio::spawn(async move { ask(&first, sign(fan, now), now).await });
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
    world.steer(room_id, edit, OPENING).await;
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
pub async fn tidying_tokens_at_once_writes_each_once<S: Store>(store: S) {
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
pub async fn tidying_holds_at_once_writes_each_once<S: Store>(store: S) {
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

/// One person's whole visit, on rows that everybody else uses too.
async fn visit<S: Store>(world: World<S>, show: Show, seed: i32, now: Instant) {
    let user_id = world.users(1).await[0];
    let fan = world.enter(show.room_id, user_id, now).await;
    world.charge(user_id, 30_000).await;
    let first = seed % 9 + 1;
    let hold = world.hold(fan, &show, &[first + 1, first]);
    if let Ok(held) = world.ask(hold, now).await {
        match seed % 4 {
            0 => drop(world.ask(give_back(&held), now).await),
            1 => drop(world.ask(leave(fan), now).await),
            _ => drop(world.ask(world.pay(fan, held.id), now).await),
        }
    }
    let _ = world.ask(sign(fan, now), now).await;
    let _ = world.ask(world.points(user_id, CHARGE, 1), now).await;
    let _ = world.ask(Admit { room_id: show.room_id }, now).await;
    let _ = world.ask(ExpireHolds, now).await;
    let _ = world.ask(ExpireTokens, now).await;
}

/// Locks are taken in one order, so that nobody waits in a circle: no batch fails.
pub async fn every_kind_of_command_at_once_never_deadlocks<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 11).await;
    let edit = PolicyEdit { capacity: Some(15), ..PolicyEdit::default() };
    world.steer(show.room_id, edit, OPENING).await;
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
