//! Sequence numbers that are given out before their tokens are written (rules 2 to 4).

use stagedoor_domain::number_range::FILL_MAX;
use stagedoor_domain::operations::{
    Admit, ExpireTokens, FillRange, FillRefused, JoinRefused, JoinRoom, ReserveNumber, VoidRange,
};
use stagedoor_domain::{
    Instant, NumberRange, QueueToken, Room, RoomPolicy, Submission, TokenState,
};

use crate::builders::*;
use crate::world::World;

const ADMIT: Admit = Admit { room_id: stagedoor_domain::RoomId(uuid::Uuid::from_u128(1)) };

fn a_closed_room() -> World {
    let policy = RoomPolicy { capacity: 0, ..RoomPolicy::default() };
    World::default().with([a_schedule()]).with([Room { policy, ..a_room() }])
}

fn open(world: &mut World) {
    let room = Room { policy: RoomPolicy::default(), ..world.get::<Room>(room(1)).clone() };
    *world = std::mem::take(world).with([room]);
}

/// People reserve their numbers in one batch; answers their tokens.
fn reserve(world: &mut World, people: &[u8], now: Instant) -> Vec<QueueToken> {
    let commands: Vec<_> = people.iter().map(|n| ReserveNumber(join(*n, *n))).collect();
    let reserved = world.decide_batch(&commands, now).into_iter().map(Result::unwrap);
    reserved.filter(|it| it.is_open).map(|it| it.joined.token).collect()
}

fn ranges(world: &World) -> Vec<(i64, i64)> {
    world.all::<NumberRange>().map(|range| (range.first, range.last)).collect()
}

fn let_in(world: &World) -> Vec<i64> {
    let active = |token: &&QueueToken| matches!(token.state, TokenState::Active { .. });
    let mut numbers: Vec<_> =
        world.all::<QueueToken>().filter(active).filter_map(|token| token.sequence).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn people_who_come_together_get_one_range_and_no_token_until_it_is_filled() {
    let mut world = a_closed_room();
    let tokens = reserve(&mut world, &[3, 1, 2], NOW);

    assert_eq!(ranges(&world), [(1, 3)]);
    assert_eq!(world.all::<QueueToken>().count(), 0);
    let numbers: Vec<_> = tokens.iter().map(|it| (it.user_id, it.sequence)).collect();
    assert_eq!(numbers, [(user(3), Some(1)), (user(1), Some(2)), (user(2), Some(3))]);

    world.decide(FillRange { tokens: tokens.clone() }, NOW).unwrap();

    assert_eq!(ranges(&world), []);
    assert!(tokens.iter().all(|token| world.get::<QueueToken>(token.id) == token));
    assert_eq!(world.get::<Room>(room(1)).last_sequence, 3);
}

#[test]
fn each_batch_has_a_range_of_its_own() {
    let mut world = a_closed_room();
    reserve(&mut world, &[1, 2], NOW);
    reserve(&mut world, &[3], NOW);

    assert_eq!(ranges(&world), [(1, 2), (3, 3)]);
}

#[test]
fn a_newcomer_who_may_enter_at_once_has_a_token_and_no_number() {
    let mut world = World::default().with([a_schedule()]).with([a_room()]);

    let open = reserve(&mut world, &[1], NOW);

    assert_eq!((open.len(), ranges(&world).len()), (0, 0));
    assert!(matches!(world.get::<QueueToken>(token(1)).state, TokenState::Active { .. }));
}

#[test]
fn a_user_who_has_a_token_gets_it_and_reserves_nothing() {
    let mut world = a_closed_room();
    let first = world.decide(join(1, 1), NOW).unwrap().token;

    let again = world.decide(ReserveNumber(join(1, 2)), NOW).unwrap();

    assert_eq!((again.joined.token, again.is_open), (first, false));
    assert_eq!(ranges(&world), []);
}

#[test]
fn a_number_is_refused_as_a_token_is() {
    let command = ReserveNumber(JoinRoom { room_id: room(7), ..join(1, 1) });
    assert_eq!(a_closed_room().refusal(command, NOW), JoinRefused::RoomNotFound);
}

#[test]
fn those_with_open_numbers_wait_so_a_newcomer_waits_behind_them() {
    let mut world = a_closed_room();
    reserve(&mut world, &[1], NOW);
    open(&mut world);

    assert_eq!(world.decide(join(2, 2), NOW).unwrap().token.sequence, Some(2));
}

#[test]
fn admission_stops_before_the_first_open_number_and_goes_on_once_it_is_filled() {
    let mut world = a_closed_room();
    world.decide(join(1, 1), NOW).unwrap();
    let tokens = reserve(&mut world, &[2, 3], NOW);
    world.decide(join(4, 4), NOW).unwrap();
    open(&mut world);

    world.decide(ADMIT, NOW).unwrap();
    assert_eq!(let_in(&world), [1]);

    world.decide(FillRange { tokens }, NOW).unwrap();
    world.decide(ADMIT, NOW).unwrap();
    assert_eq!(let_in(&world), [1, 2, 3, 4]);
}

#[test]
fn admission_stops_before_the_first_of_several_open_ranges() {
    let mut world = a_closed_room();
    let first = reserve(&mut world, &[1], NOW);
    world.decide(join(2, 2), NOW).unwrap();
    reserve(&mut world, &[3], NOW);
    open(&mut world);

    world.decide(ADMIT, NOW).unwrap();
    assert_eq!(let_in(&world), Vec::<i64>::new());

    world.decide(FillRange { tokens: first }, NOW).unwrap();
    world.decide(ADMIT, NOW).unwrap();
    assert_eq!(let_in(&world), [1, 2]);
}

#[test]
fn a_range_that_was_taken_back_is_not_filled() {
    let mut world = a_closed_room();
    let tokens = reserve(&mut world, &[1, 2], NOW);
    let void = VoidRange { room_id: room(1), first: 1 };

    assert_eq!(world.decide(void.clone(), NOW), Ok(true));
    assert_eq!(world.refusal(FillRange { tokens }, NOW), FillRefused::RangeVoid);
    assert_eq!(world.decide(void, NOW), Ok(false), "only once");
}

#[test]
fn the_janitor_takes_back_what_is_not_filled_in_time_and_admission_goes_on() {
    let mut world = a_closed_room();
    reserve(&mut world, &[1, 2], NOW);
    world.decide(join(3, 3), NOW).unwrap();
    open(&mut world);

    let just_before = NOW + FILL_MAX - seconds(1);
    assert_eq!(world.decide(ExpireTokens, just_before), Ok(0));
    world.decide(ADMIT, just_before).unwrap();
    assert_eq!(let_in(&world), Vec::<i64>::new());

    assert_eq!(world.decide(ExpireTokens, NOW + FILL_MAX), Ok(1));
    world.decide(ADMIT, NOW + FILL_MAX).unwrap();
    assert_eq!((let_in(&world), ranges(&world)), (vec![3], vec![]));
}

#[test]
fn the_janitor_takes_back_a_range_whose_room_is_gone() {
    let mut world = a_closed_room();
    reserve(&mut world, &[1], NOW);
    let lost = *world.all::<NumberRange>().next().unwrap();
    let mut world = World::default().with([NumberRange { room_id: room(7), ..lost }]);

    assert_eq!(world.decide(ExpireTokens, NOW + FILL_MAX), Ok(1));
    assert_eq!(ranges(&world), []);
}

#[test]
fn those_who_follow_a_line_see_numbers_join_when_they_are_reserved_and_go_when_taken_back() {
    let mut world = a_closed_room();
    let batch = [1, 2].map(|n| Submission::new(ReserveNumber(join(n, n))));
    let (verdicts, changes) = world.outcome(&batch, NOW);
    let reserved = changes.line_deltas().remove(0);
    world.submit(&batch, NOW);
    let tokens: Vec<_> = verdicts.into_iter().map(|it| it.unwrap().joined.token).collect();

    let fill = [Submission::new(FillRange { tokens })];
    let filled = world.outcome(&fill, NOW).1.line_deltas();
    let void = [Submission::new(VoidRange { room_id: room(1), first: 1 })];
    let void = world.outcome(&void, NOW).1.line_deltas().remove(0);

    assert_eq!((reserved.since, reserved.version), (0, 2));
    assert_eq!(reserved.joined, [1, 2].into_iter().collect());
    assert_eq!(reserved.waiting_until, Some(NOW + seconds(600)));
    assert_eq!(filled, [], "they know already");
    assert_eq!((void.since, void.version), (2, 3));
    assert_eq!((void.joined.len(), void.gone), (0, [1, 2].into_iter().collect()));
}

#[test]
fn other_tokens_than_those_of_the_range_are_a_bug() {
    let mut world = a_closed_room();
    let mut tokens = reserve(&mut world, &[1, 2, 3], NOW);
    tokens.remove(1);

    let submissions = [Submission::new(FillRange { tokens })];
    let mut set = stagedoor_domain::WorkingSet::limited();
    world.load(&mut set, stagedoor_domain::Needs::of(&submissions), NOW);

    assert!(stagedoor_domain::decide_all(set, &submissions, NOW).is_err());
}
