//! Letting people in from the line (rules 3 and 4).

use stagedoor_domain::operations::{Admit, Admitted};
use stagedoor_domain::{
    ExpiryReason, QueueToken, Room, RoomId, RoomPolicy, Submission, TokenState,
};

use crate::builders::*;
use crate::world::{World, ids_of};

const ADMIT: Admit = Admit { room_id: RoomId(uuid::Uuid::from_u128(1)) };

fn a_line(policy: RoomPolicy, length: u8) -> World {
    let stamp = i64::from(length);
    World::default()
        .with([Room { policy, last_sequence: stamp, version: stamp, ..a_room() }])
        .with((1..=length).map(a_token))
}

fn admit(world: &mut World, at_second: i64) -> i32 {
    world.decide(ADMIT, NOW + seconds(at_second)).unwrap().count
}

fn places_let_in(world: &World) -> Vec<i64> {
    let active = |token: &&QueueToken| matches!(token.state, TokenState::Active { .. });
    let mut sequences: Vec<_> =
        world.all::<QueueToken>().filter(active).filter_map(|token| token.sequence).collect();
    sequences.sort_unstable();
    sequences
}

#[test]
fn those_at_the_head_of_the_line_are_let_in_first_whatever_their_ids() {
    let policy = RoomPolicy { admit_batch: 2, ..RoomPolicy::default() };
    let sequences = [(1, 40), (2, 20), (3, 30), (4, 10)];
    let tokens =
        sequences.map(|(n, sequence)| QueueToken { sequence: Some(sequence), ..a_token(n) });
    let world = World::default()
        .with([Room { policy, last_sequence: 40, version: 9, ..a_room() }])
        .with(tokens);

    let (verdicts, changes) = world.outcome(&[Submission::new(ADMIT)], NOW);

    assert_eq!(verdicts, [Ok(Admitted { count: 2 })]);
    let let_in = changes.updated::<QueueToken>();
    assert_eq!(ids_of(&let_in), [token(2), token(4)]);
    let expected = TokenState::Active { since: NOW, expires_at: NOW + seconds(600) };
    assert!(let_in.iter().all(|token| token.state == expected));
    assert_eq!([let_in[0].version, let_in[1].version], [11, 10], "stamped in their order");
    assert_eq!(changes.updated::<Room>()[0].version, 11);
}

#[test]
fn no_more_are_let_in_than_there_is_room_for() {
    let policy = RoomPolicy { capacity: 3, ..RoomPolicy::default() };
    let mut world = a_line(policy, 5).with([an_active_token(8), an_active_token(9)]);

    assert_eq!(admit(&mut world, 0), 1);
    assert_eq!(places_let_in(&world), [1]);
    assert_eq!(admit(&mut world, 60), 0);
}

#[test]
fn an_overdue_active_token_makes_room() {
    let policy = RoomPolicy { capacity: 1, ..RoomPolicy::default() };
    let overdue = QueueToken { state: active_until(NOW + seconds(1)), ..an_active_token(9) };
    let mut world = a_line(policy, 2).with([overdue]);

    assert_eq!(admit(&mut world, 0), 0);
    assert_eq!(admit(&mut world, 1), 1);
}

#[test]
fn at_most_one_batch_is_let_in_in_each_interval() {
    let policy = RoomPolicy { admit_batch: 2, ..RoomPolicy::default() };
    let mut world = a_line(policy, 9);

    let table = [(0, 2), (0, 0), (9, 0), (10, 2), (19, 0), (25, 2), (34, 0), (35, 2), (45, 1)];
    for (at_second, expected) in table {
        assert_eq!(admit(&mut world, at_second), expected, "after {at_second} s");
    }
}

#[test]
fn within_an_interval_newcomers_are_let_in_up_to_the_batch() {
    let policy = RoomPolicy { admit_batch: 3, ..RoomPolicy::default() };
    let mut world = a_line(policy, 1);

    assert_eq!(admit(&mut world, 0), 1);
    world = world.with([2, 3, 4].map(a_token));
    assert_eq!(admit(&mut world, 5), 2);
    assert_eq!(admit(&mut world, 9), 0);
    assert_eq!(admit(&mut world, 10), 1);
}

#[test]
fn an_admission_of_no_user_starts_no_interval() {
    let policy = RoomPolicy { admit_batch: 1, ..RoomPolicy::default() };
    let mut world = a_line(policy, 0);

    assert_eq!(admit(&mut world, 20), 0, "no token waits");
    world = world.with([1, 2].map(a_token));

    let table = [(25, 1), (30, 0), (34, 0), (35, 1)];
    for (at_second, expected) in table {
        assert_eq!(admit(&mut world, at_second), expected, "after {at_second} s");
    }
}

#[test]
fn the_abandoned_are_passed_over_and_do_not_count() {
    let policy = RoomPolicy { admit_batch: 2, ..RoomPolicy::default() };
    let mut world = a_line(policy, 4);
    let abandoned = waiting(NOW - seconds(600));
    world = world.with([QueueToken { state: abandoned, ..a_token(1) }]);

    assert_eq!(admit(&mut world, 0), 2);

    assert_eq!(places_let_in(&world), [2, 3]);
    assert_eq!(world.get::<QueueToken>(token(1)).state, abandoned);
    assert_eq!(world.get::<Room>(room(1)).admissions.count, 2);
}

#[test]
fn a_paused_room_admits_no_token_until_it_resumes() {
    let policy = RoomPolicy { paused: true, ..RoomPolicy::default() };
    let mut world = a_line(policy, 2);

    assert_eq!(admit(&mut world, 0), 0);
    let mut world = world.with([a_room()]);
    assert_eq!(admit(&mut world, 0), 2);
}

#[test]
fn nothing_changes_without_a_token_to_admit() {
    let over = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    let table = [
        ("an empty line", World::default().with([a_room()])),
        ("no token waits", World::default().with([a_room()]).with([an_active_token(1)])),
        ("the only one left", {
            let left = QueueToken { state: over, ..a_token(1) };
            World::default().with([a_room()]).with([left])
        }),
        ("another room's line", {
            let elsewhere = QueueToken { room_id: room(2), ..a_token(1) };
            let other = Room { id: room(2), ..a_room() };
            World::default().with([a_room(), other]).with([elsewhere])
        }),
        ("no such room", World::default()),
    ];
    for (case, world) in table {
        let (verdicts, changes) = world.outcome(&[Submission::new(ADMIT)], NOW);
        assert_eq!(verdicts, [Ok(Admitted { count: 0 })], "{case}");
        assert_eq!(changes.count(), 0, "{case}");
    }
}

#[test]
fn two_admissions_in_one_batch_let_in_no_more_than_one_would() {
    let policy = RoomPolicy { capacity: 3, admit_batch: 5, ..RoomPolicy::default() };
    let mut world = a_line(policy, 9);

    let verdicts = world.decide_batch(&[ADMIT, ADMIT], NOW);

    assert_eq!(verdicts, [Ok(Admitted { count: 3 }), Ok(Admitted { count: 0 })]);
}

#[test]
fn one_transaction_lets_in_no_more_than_its_bound() {
    let policy = RoomPolicy { capacity: 1_000_000, admit_batch: 1_000_000, ..Default::default() };
    let most = i64::try_from(Admit::TOKENS_MAX).unwrap();
    let many = (1..=most + 5).map(|n| QueueToken {
        id: token(u128::from(n.unsigned_abs())),
        sequence: Some(n),
        ..a_token(1)
    });
    let mut world = World::default().with([Room { policy, ..a_room() }]).with(many);

    assert_eq!(i64::from(admit(&mut world, 0)), most);
    assert_eq!(admit(&mut world, 0), 5, "the rest follows in the next transaction");
}
