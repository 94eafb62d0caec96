//! Batches: one verdict for each command in order, each of which sees those before it.

use stagedoor_domain::operations::{
    Admit, ChangePoints, CreateUser, CreateUserRefused, ExpireHolds, HoldRefused, PayRefused,
    PointsRefused, PolicyEdit, ReleaseRefused, SeatChoice,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{Role, RoomId, SeatStatus, TokenState};

use super::snapshot::all_entries;
use super::store::Store;
use super::world::{
    CHARGE, OPENING, PRICE, USE, World, at, heartbeat, leave, points, release, waiting,
};

/// Nothing asked, nothing answered.
pub async fn an_empty_batch_has_no_verdicts<S: Store>(store: S) {
    let world = World::new(store);
    assert!(world.ask_all::<ChangePoints>([], OPENING).await.is_empty());
    assert!(world.ask_all::<Admit>([], OPENING).await.is_empty());
    assert!(world.ask_all::<CreateUser>([], OPENING).await.is_empty());
}

/// The refused write nothing, the others all they should, and the verdicts keep their order.
pub async fn a_mixed_batch_of_holds_writes_only_the_successes<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 6).await, world.open_show(1, 2).await);
    let fans = world.fans(show.room_id, 4).await;
    let stranger = world.fan(other.room_id).await;
    let holds = [
        world.hold(fans[0], &show, &[3, 1]),
        world.hold(fans[1], &show, &[2, 3]),
        world.hold(stranger, &show, &[2]),
        world.hold(stranger, &other, &[2]),
        world.hold(fans[2], &show, &[9]),
        world.hold(fans[3], &show, &[2, 4]),
        world.hold_choice(fans[1], &show, SeatChoice::best(2)),
    ];
    let verdicts = world.ask_all(holds.clone(), at(1)).await;
    let refusals: Vec<_> = verdicts.iter().map(|verdict| verdict.clone().err()).collect();
    let taken = Some(HoldRefused::SeatTaken);
    let elsewhere = Some(HoldRefused::OtherRoom);
    let not_found = Some(HoldRefused::SeatNotFound);
    assert_eq!(refusals, [None, taken, elsewhere, None, not_found, None, None]);
    for (hold, verdict) in holds.iter().zip(verdicts) {
        let stored = world.store.reservation(hold.reservation_id).await;
        assert_eq!(stored, Ok(verdict.ok()));
    }
    let seats = world.seats(&show).await;
    assert!(seats.iter().all(|seat| seat.status(at(1)) == SeatStatus::Held));
}

/// Charge, use, use too much, charge, use: each against the balance the one before left.
pub async fn a_batch_on_one_account_is_decided_in_order<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(2).await;
    let moves = [
        (0, CHARGE, 100, Some(100)),
        (0, USE, 60, Some(40)),
        (1, USE, 1, None),
        (0, USE, 41, None),
        (1, CHARGE, 5, Some(5)),
        (0, CHARGE, 20, Some(60)),
        (0, USE, 60, Some(0)),
    ];
    let commands = moves.map(|(who, change, amount, _)| {
        let user_id: stagedoor_domain::UserId = users[who];
        world.points(user_id, change, amount)
    });
    let verdicts = world.ask_all(commands, OPENING).await;
    for ((_, _, _, balance), verdict) in moves.into_iter().zip(verdicts) {
        let insufficient = PointsRefused::Balance(BalanceRefused::Insufficient);
        let expected = balance.map(points).ok_or(insufficient);
        assert_eq!(verdict.map(|changed| changed.entry.balance_after), expected);
    }
    let numbers: Vec<_> =
        all_entries(&world.store, users[0]).await.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

/// The second of two sign-ups with one address is refused, and so is the same one again later.
pub async fn one_address_twice_in_a_batch_signs_up_once<S: Store>(store: S) {
    let world = World::new(store);
    let first = world.sign_up(Role::Fan);
    let second = CreateUser { email: first.email.clone(), ..world.sign_up(Role::Fan) };
    let third = world.sign_up(Role::Fan);
    let verdicts = world.ask_all([first.clone(), second.clone(), third], OPENING).await;
    let refusals: Vec<_> = verdicts.into_iter().map(Result::err).collect();
    assert_eq!(refusals, [None, Some(CreateUserRefused::EmailTaken), None]);
    assert_eq!(world.store.user(second.id).await, Ok(None));
    assert_eq!(world.store.count_users(10).await, Ok(2));
}

/// Two requests of one user return one token, whatever the order of rooms and users in the batch.
pub async fn one_person_twice_in_a_batch_gets_one_token<S: Store>(store: S) {
    let world = World::new(store);
    let rooms = [world.show(1, 1).await.room_id, RoomId::SITE, world.closed_show().await.room_id];
    let users = world.users(3).await;
    let mut joins = Vec::new();
    for user in users.iter().rev() {
        joins.extend(rooms.iter().chain(rooms.iter().rev()).map(|room| world.join(*room, *user)));
    }
    let joined = world.ask_all(joins.clone(), OPENING).await;
    let joined: Vec<_> = joined.into_iter().map(|j| j.expect("the room exists")).collect();
    for (index, (join, joined)) in joins.iter().zip(&joined).enumerate() {
        assert_eq!((joined.token.room_id, joined.token.user_id), (join.room_id, join.user_id));
        assert_eq!(joined.is_new, index % 6 < 3);
        assert_eq!(world.token(joined.token.id).await, joined.token);
    }
    for ((user, offset), room) in users.iter().rev().zip([0, 6, 12]).zip([2, 1, 0]) {
        assert_eq!(joined[offset + 2].token.user_id, *user);
        assert_eq!(joined[offset + 2].token.sequence, Some(3 - room));
    }
    assert_eq!(world.room(rooms[2]).await.last_sequence, 3);
}

/// The free slots go to the first; all later users wait.
pub async fn a_batch_of_joins_fills_a_room_and_then_its_line<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    world.set_capacity(room_id, 3, OPENING).await;
    world.fans(room_id, 1).await;
    let fans = world.fans(room_id, 5).await;
    let mut sequences = Vec::new();
    for fan in fans {
        sequences.push(world.token(fan.token_id).await.sequence);
    }
    assert_eq!(sequences, [None, None, Some(1), Some(2), Some(3)]);
}

/// Hold, release and hold again, with and without another user in between.
pub async fn a_released_seat_can_be_held_again_at_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fans = world.fans(show.room_id, 2).await;
    for round in 0..3 {
        for fan in &fans {
            let held = world.held(*fan, &show, &[1], at(round)).await;
            let twice = world.ask_all([release(&held), release(&held)], at(round)).await;
            assert_eq!(twice, [Ok(()), Ok(())]);
        }
    }
}

/// Two payments of one reservation: the first ends the token, so the second is not let in.
pub async fn one_reservation_twice_in_a_batch_is_paid_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fans = world.fans(show.room_id, 3).await;
    for fan in &fans {
        world.charge(fan.user_id, 2 * PRICE).await;
    }
    let dear = world.held(fans[0], &show, &[1, 2, 3], OPENING).await;
    let held = world.held(fans[1], &show, &[4], OPENING).await;
    let site_wide = world.enter(RoomId::SITE, fans[1].user_id, OPENING).await;
    let pays = [
        world.pay(fans[0], dear.id),
        world.pay(fans[1], held.id),
        world.pay(fans[1], held.id),
        world.pay(site_wide, held.id),
        world.pay(fans[2], held.id),
    ];
    let verdicts = world.ask_all(pays.clone(), at(1)).await;
    let refusals: Vec<_> = verdicts.into_iter().map(Result::err).collect();
    let insufficient = Some(PayRefused::Balance(BalanceRefused::Insufficient));
    let paid = Some(PayRefused::NotHeld(NotHeld::Paid));
    let not_found = Some(PayRefused::ReservationNotFound);
    assert_eq!(refusals, [insufficient, None, paid, paid, not_found]);
    assert!(world.store.payment(pays[2].payment_id).await.expect("it reads").is_none());
    let site_token = world.token(site_wide.token_id).await;
    assert!(matches!(site_token.state, TokenState::Active { .. }));
}

/// Leaving gives the holds back, so that giving them back again finds them over or cancelled.
pub async fn leaving_releases_the_holds_of_the_token<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 6).await;
    let fans = world.fans(show.room_id, 3).await;
    let first = world.held(fans[0], &show, &[1, 2], OPENING).await;
    let second = world.held(fans[0], &show, &[3], OPENING).await;
    let others = world.held(fans[1], &show, &[4], OPENING).await;
    let sold = world.sold(fans[2], &show, &[5], OPENING).await.reservation;
    let verdicts = world.ask_all([leave(fans[0]), leave(fans[2]), leave(fans[0])], at(1)).await;
    assert_eq!(verdicts, [Ok(()), Ok(()), Ok(())]);
    let seats = world.seats(&show).await;
    let free = seats.iter().filter(|seat| seat.status(at(1)) == SeatStatus::Free);
    assert_eq!(free.map(|seat| seat.number).collect::<Vec<_>>(), [1, 2, 3, 6]);
    let gives = [&first, &second, &others, &sold].map(release);
    let verdicts = world.ask_all(gives, at(2)).await;
    let paid = Err(ReleaseRefused::NotHeld(NotHeld::Paid));
    assert_eq!(verdicts, [Ok(()), Ok(()), Ok(()), paid]);
}

/// The same room twice lets in no more than once; every room counts for itself.
pub async fn one_room_twice_in_a_batch_admits_once<S: Store>(store: S) {
    let world = World::new(store);
    let (one, two) = (world.closed_show().await.room_id, world.closed_show().await.room_id);
    world.fans(one, 9).await;
    world.fans(two, 2).await;
    for (room, capacity, admit_batch) in [(one, 100, 4), (two, 1, 10)] {
        let (capacity, admit_batch) = (Some(capacity), Some(admit_batch));
        let edit = PolicyEdit { capacity, admit_batch, ..PolicyEdit::default() };
        world.update_controls(room, edit, OPENING).await;
    }
    let rooms = [two, one, RoomId::SITE, one, world.id(), two];
    let admits = rooms.map(|room_id| Admit { room_id });
    let admitted = world.ask_all(admits, at(1)).await;
    let counts: Vec<_> = admitted.into_iter().map(|a| a.expect("no rule refuses").count).collect();
    assert_eq!(counts, [1, 4, 0, 0, 0, 0]);
}

/// A later edit builds on an earlier one.
pub async fn edits_of_one_policy_in_a_batch_add_up<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let edits = [
        PolicyEdit { capacity: Some(5), ..PolicyEdit::default() },
        PolicyEdit { idle_seconds: Some(9), capacity: Some(6), ..PolicyEdit::default() },
        PolicyEdit { paused: Some(true), ..PolicyEdit::default() },
    ];
    let verdicts = world.ask_all(edits.map(|edit| world.change_policy(room_id, edit)), at(1)).await;
    let last = verdicts.last().expect("three verdicts").clone().expect("the room exists");
    let policy = last.policy;
    assert_eq!((policy.capacity, policy.idle_seconds, policy.paused), (6, 9, true));
    assert_eq!(world.room(room_id).await, last);
}

/// Heartbeats may come late and out of order; the last one counts.
pub async fn the_newest_heartbeat_in_a_batch_counts<S: Store>(store: S) {
    let world = World::new(store);
    let fans = world.fans(world.closed_show().await.room_id, 2).await;
    let signs = [
        heartbeat(fans[0], at(20)),
        heartbeat(fans[1], at(3)),
        heartbeat(fans[0], at(30)),
        heartbeat(fans[0], at(10)),
    ];
    let verdicts = world.ask_all(signs, at(40)).await;
    assert_eq!(verdicts, [Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!(world.token(fans[0].token_id).await.state, waiting(at(30)));
    assert_eq!(world.token(fans[1].token_id).await.state, waiting(at(3)));
}

/// Expiring twice in one batch expires once.
pub async fn expiring_twice_in_a_batch_expires_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    world.held(fan, &show, &[1], OPENING).await;
    world.held(fan, &show, &[2], OPENING).await;
    let verdicts = world.ask_all([ExpireHolds, ExpireHolds], at(300)).await;
    assert_eq!(verdicts, [Ok(2), Ok(0)]);
}
