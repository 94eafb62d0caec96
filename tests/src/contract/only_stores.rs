//! What is asked of stores that write to tables, beyond what the model shows.

use stagedoor_domain::operations::{CreateUser, ExpireHolds, ExpireTokens, PolicyEdit};
use stagedoor_domain::ports::{Execute, Maintenance, StoreError, Users};
use stagedoor_domain::{
    Command, Pulse, Request, ReservationState, Role, RoomId, SeatStatus, TokenState, UserId,
};

use super::fixture::Migrated;
use super::snapshot::Snapshot;
use super::store::Store;
use super::world::{CHARGE, HOLD_SECONDS, OPENING, World, at, before};

async fn assert_corrupt<S, C>(world: &World<S>, commands: Vec<C>)
where
    S: Store + Execute<C>,
    C: Command,
{
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(1)).await;
    let requests: Vec<_> = commands.into_iter().map(Request::new).collect();
    let answer = world.store.execute(&requests, at(1)).await;
    assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(1)).await);
}

/// Ids are made by the caller; one that comes twice without a key is a bug, not a verdict, and
/// nothing of its batch is written.
pub async fn an_id_used_twice_is_corrupt_and_writes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let first = world.sign_up(Role::Fan);
    world.done(first.clone(), OPENING).await;
    let sound = world.sign_up(Role::Fan);
    let again = CreateUser { id: first.id, ..world.sign_up(Role::Fan) };
    assert_corrupt(&world, vec![sound, again]).await;
    let charge = world.points(fan.user_id, CHARGE, 1);
    world.done(charge.clone(), OPENING).await;
    assert_corrupt(&world, vec![world.points(fan.user_id, CHARGE, 5), charge]).await;
    let hold = world.hold(fan, &show, &[1], OPENING);
    world.done(hold.clone(), OPENING).await;
    let mut again = world.hold(fan, &show, &[2], OPENING);
    again.reservation_id = hold.reservation_id;
    assert_corrupt(&world, vec![again]).await;
}

/// A token for somebody who does not exist cannot be written.
pub async fn a_token_for_nobody_is_corrupt_and_writes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let nobody: UserId = world.id();
    let joins = [user_id, nobody].map(|user_id| world.join(RoomId::SITE, user_id));
    assert_corrupt(&world, joins.to_vec()).await;
}

/// At most 1,000 in one transaction, the rest in the next.
pub async fn tidying_holds_is_bounded_and_comes_to_an_end<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(20, 55).await;
    let fan = world.fan(show.room_id).await;
    let holds: Vec<_> = (1..=1_050).map(|seat| world.hold(fan, &show, &[seat], OPENING)).collect();
    assert!(world.ask_all(holds, OPENING).await.iter().all(Result::is_ok));
    let later = world.held(fan, &show, &[1_051], at(1)).await;
    assert_eq!(world.done(ExpireHolds, before(at(HOLD_SECONDS))).await, 0);
    for expected in [ExpireHolds::RESERVATIONS_MAX, 50, 0] {
        assert_eq!(world.done(ExpireHolds, at(HOLD_SECONDS)).await, expected);
    }
    assert_eq!(world.reservation(later.id).await.state, ReservationState::Held);
    let seats = world.store.seats(show.schedule_id).await.expect("the store reads");
    let held = seats.iter().filter(|seat| seat.status(OPENING) == SeatStatus::Held);
    assert_eq!(held.count(), 1);
}

/// At most 2,000 in one transaction, the rest in the next.
pub async fn tidying_tokens_is_bounded_and_comes_to_an_end<S: Store>(store: S) {
    let world = World::new(store);
    let (open, line) = (world.open_show(1, 1).await.room_id, world.closed_show().await.room_id);
    world.fans(open, 1_500).await;
    world.fans(line, 550).await;
    for expected in [ExpireTokens::TOKENS_MAX, 50, 0] {
        assert_eq!(world.done(ExpireTokens, at(600)).await, expected);
    }
    for room_id in [open, line] {
        let count = world.store.room_count(room_id, OPENING).await.expect("it reads");
        assert!(count.is_some_and(|count| count.waiting == 0 && count.active == 0));
    }
}

/// Up twice is up once; down takes one back; up again makes an empty store that works.
pub async fn migrations_go_up_and_down_and_up_again<F: Migrated>(fixture: &F) {
    let (store, world) = (fixture.store(), World::new(fixture.store()));
    assert_eq!(fixture.migrate_up().await, Ok(Vec::new()));
    let status = fixture.migration_status().await.expect("the status reads");
    assert!(!status.is_empty() && status.iter().all(|(_, applied)| *applied));
    world.show(2, 2).await;
    let mut taken_back = Vec::new();
    while let Some(name) = fixture.migrate_down().await.expect("it goes down") {
        taken_back.push(name);
        let status = fixture.migration_status().await.expect("the status reads");
        let pending = status.iter().filter(|(_, applied)| !applied).map(|(name, _)| name);
        let mut pending: Vec<_> = pending.cloned().collect();
        pending.reverse();
        assert_eq!(pending, taken_back);
        assert!(!store.readiness().await.expect("it answers").migrations_current);
    }
    taken_back.reverse();
    assert_eq!(taken_back.len(), status.len());
    assert_eq!(fixture.migrate_up().await, Ok(taken_back));
    assert!(store.readiness().await.expect("it answers").migrations_current);
    assert_eq!(store.count_users(9).await, Ok(0));
    world.steer(RoomId::SITE, PolicyEdit::default(), OPENING).await;
    world.fan(RoomId::SITE).await;
}

/// Two processes that start at once on a store without tables.
pub async fn migrating_from_two_sides_at_once_succeeds<F: Migrated>(fixture: &F) {
    while fixture.migrate_down().await.expect("it goes down").is_some() {}
    let all = fixture.migration_status().await.expect("the status reads").len();
    for _ in 0..3 {
        let (one, two) = tokio::join!(fixture.migrate_up(), fixture.migrate_up());
        let applied = one.expect("it goes up").len() + two.expect("it goes up").len();
        assert_eq!(applied, all, "each is applied once");
        while fixture.migrate_down().await.expect("it goes down").is_some() {}
    }
}

/// Time without the store is no idle time: whoever waited when an outage began gets it back, and
/// whoever had been abandoned before stays so.
pub async fn an_outage_is_no_idle_time<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(2).await;
    let gone = world.enter(room_id, users[0], OPENING).await;
    let kept = world.enter(room_id, users[1], at(100)).await;
    let seen_at = async |token_id| world.token(token_id).await.state;
    let pulse = async |pulse, now| world.store.pulse(pulse, now).await.expect("a pulse");
    pulse(Pulse::Start, at(121)).await;
    for (of, now, expected) in [
        (Pulse::Start, at(122), at(100)),
        (Pulse::Recovered, at(125), at(100)),
        (Pulse::Steady, at(150), at(100)),
        (Pulse::Recovered, at(1_150), at(1_105)),
        (Pulse::Start, at(1_152), at(1_112)),
        (Pulse::Start, at(2_152), at(2_117)),
    ] {
        pulse(of, now).await;
        let state = TokenState::Waiting { seen_at: expected };
        assert_eq!(seen_at(kept.token_id).await, state, "{of:?} at {now}");
    }
    assert_eq!(seen_at(gone.token_id).await, TokenState::Waiting { seen_at: OPENING });
}
