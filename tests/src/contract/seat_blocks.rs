//! Seats that are not for sale.

use stagedoor_domain::operations::{
    BlockRefused, BlockSeats, HoldRefused, JoinRefused, NamedSeats, SeatBlocking, SeatChoice,
};
use stagedoor_domain::ports::SeatBlock;
use stagedoor_domain::{
    OperatorActionId, OperatorDeed, PageSize, Reason, Role, SeatState, SeatStatus,
};

use super::snapshot::all_pages;
use super::store::{Store, ask, assert_sound, together};
use super::world::{HOLD_SECONDS, Show, World, at};

fn reason() -> Reason {
    Reason::parse("음향 장비 자리 ★").expect("a reason")
}

/// The organizer takes seats out of sale.
pub fn block<S: Store>(world: &World<S>, show: &Show, numbers: &[i32]) -> BlockSeats {
    BlockSeats {
        action_id: world.id(),
        schedule_id: show.schedule_id,
        manager_id: show.organizer_id,
        seats: NamedSeats::Numbers(numbers.to_vec()),
        change: SeatBlocking::Block { reason: reason() },
    }
}

/// The organizer puts seats back on sale.
pub fn unblock<S: Store>(world: &World<S>, show: &Show, numbers: &[i32]) -> BlockSeats {
    BlockSeats { change: SeatBlocking::Unblock, ..block(world, show, numbers) }
}

async fn blocks<S: Store>(world: &World<S>, show: &Show) -> Vec<(OperatorActionId, Vec<i32>)> {
    let found = world.store.seat_blocks(show.schedule_id, None, PageSize::LARGEST).await;
    let found = found.expect("the store reads").items;
    found.into_iter().map(|block| (block.id, block.numbers)).collect()
}

/// Their states, counts and list, with the record of it, one seat alone and several.
pub async fn blocked_seats_read_back<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(2, 4).await, world.open_show(1, 2).await);
    let operator = world.user(Role::Operator).await;
    let three = BlockSeats { manager_id: operator, ..block(&world, &show, &[8, 2, 3]) };
    let one = block(&world, &show, &[5]);

    world.done(three.clone(), at(1)).await;
    world.done(one.clone(), at(2)).await;
    world.done(block(&world, &other, &[1]), at(2)).await;
    world.done(unblock(&world, &show, &[3]), at(3)).await;

    let by = |number: usize| match number {
        2 | 8 => SeatState::Blocked { by: three.action_id },
        5 => SeatState::Blocked { by: one.action_id },
        _ => SeatState::Free,
    };
    let expected: Vec<_> = (1..=8).map(by).collect();
    assert_eq!(world.store.seat_states(show.schedule_id).await, Ok(expected.clone()));
    let seats = world.seats(&show).await;
    assert_eq!(seats.iter().map(|seat| seat.state).collect::<Vec<_>>(), expected);
    let found = world.store.seat_blocks(show.schedule_id, None, PageSize::DEFAULT).await;
    let of = |command: &BlockSeats, at, numbers: &[i32]| SeatBlock {
        id: command.action_id,
        blocked_by: command.manager_id,
        at,
        reason: reason(),
        numbers: numbers.to_vec(),
    };
    let expected = [of(&one, at(2), &[5]), of(&three, at(1), &[2, 8])];
    assert_eq!(found.expect("the store reads").items, expected);
    let listing = world.store.schedule_listing(show.schedule_id, at(3)).await;
    let listing = listing.expect("the store reads").expect("there is such a schedule");
    assert_eq!((listing.seats_available, listing.schedule.blocked_count), (5, 3));
    let sales = world.store.sales(show.concert_id, at(3)).await.expect("the store reads");
    assert_eq!((sales[0].free, sales[0].held, sales[0].blocked), (5, 0, 3));
    let actions = world.store.operator_actions(None, PageSize::DEFAULT).await;
    let deeds: Vec<_> = actions.expect("it reads").items.into_iter().map(|it| it.deed).collect();
    let (schedule_id, numbers) = (show.schedule_id, vec![2, 3, 8]);
    assert_eq!(deeds[0], OperatorDeed::SeatsUnblocked { schedule_id, numbers: vec![3] });
    assert!(deeds.contains(&OperatorDeed::SeatsBlocked { schedule_id, numbers, reason: reason() }));
}

/// By id, by number and as the best; a concert of which nothing else is left is sold out, until they are unblocked.
pub async fn blocked_seats_are_not_for_sale<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    world.done(block(&world, &show, &[1, 2]), at(1)).await;
    let first = world.seats(&show).await[0].id;
    let newcomer = world.user(Role::Fan).await;

    for choice in
        [SeatChoice::Ids(vec![first]), SeatChoice::Numbers(vec![2, 3]), SeatChoice::best(2)]
    {
        let refused = world.ask(world.hold_choice(fan, &show, choice), at(2)).await;
        assert_eq!(refused, Err(HoldRefused::SeatTaken));
    }
    world.sold(fan, &show, &[3], at(2)).await;
    let join = world.join(show.room_id, newcomer);
    assert_eq!(world.ask(join.clone(), at(3)).await, Err(JoinRefused::SoldOut));
    let available = world.store.schedules(show.concert_id, true, None, PageSize::LARGEST, at(3));
    assert_eq!(available.await.expect("the store reads").items, []);

    world.done(unblock(&world, &show, &[1, 2]), at(4)).await;
    let joined = world.enter(show.room_id, newcomer, at(4)).await;
    world.held(joined, &show, &[1, 2], at(4)).await;
    assert_eq!(blocks(&world, &show).await, []);
    assert_sound(&world.store, at(5)).await;
}

/// The conflict names them, and nothing changes; an expired hold is no obstacle.
pub async fn only_free_seats_are_blocked<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 6).await;
    let fans = world.fans(show.room_id, 2).await;
    world.sold(fans[0], &show, &[1], at(1)).await;
    let held = world.held(fans[1], &show, &[2, 3], at(1)).await;
    world.done(block(&world, &show, &[4]), at(1)).await;
    let before = world.seats(&show).await;

    let refused = world.ask(block(&world, &show, &[5, 4, 3, 2, 1]), at(2)).await;
    assert_eq!(refused, Err(BlockRefused::NotFree(vec![1, 2, 3, 4])));
    let refused = world.ask(unblock(&world, &show, &[4, 5]), at(2)).await;
    assert_eq!(refused, Err(BlockRefused::NotBlocked(vec![5])));
    let refused = world.ask(block(&world, &show, &[7]), at(2)).await;
    assert_eq!(refused, Err(BlockRefused::SeatNotFound));
    let stranger = world.user(Role::Organizer).await;
    let by_stranger = BlockSeats { manager_id: stranger, ..block(&world, &show, &[5]) };
    assert_eq!(world.ask(by_stranger, at(2)).await, Err(BlockRefused::NotManager));
    assert_eq!(world.seats(&show).await, before);

    world.done(block(&world, &show, &[2, 3, 5, 6]), at(1 + HOLD_SECONDS)).await;
    let status = world.seats(&show).await[1].status(at(1 + HOLD_SECONDS));
    assert_eq!((status, held.seats.len()), (SeatStatus::Blocked, 2));
}

/// Ten fans hold one seat while ten tasks of staff block it: one alone gets it.
pub async fn of_holds_and_blocks_of_one_seat_at_once_one_is_done<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 10).await;
    for number in 1..=10 {
        let fans = world.fans(show.room_id, 10).await;
        let tasks = fans.into_iter().enumerate().map(|(nth, fan)| {
            let hold = world.hold(fan, &show, &[number]);
            let block = block(&world, &show, &[number]);
            let store = world.store.clone();
            async move {
                if nth % 2 == 0 {
                    let held = ask(&store, hold, at(1)).await.is_ok();
                    (held, ask(&store, block, at(1)).await.is_ok())
                } else {
                    let blocked = ask(&store, block, at(1)).await.is_ok();
                    (ask(&store, hold, at(1)).await.is_ok(), blocked)
                }
            }
        });
        let done = together(tasks.collect::<Vec<_>>()).await;

        let holds = done.iter().filter(|(held, _)| *held).count();
        let blocks = done.iter().filter(|(_, blocked)| *blocked).count();
        assert_eq!(holds + blocks, 1, "of seat {number}");
        let seat = &world.seats(&show).await[usize::try_from(number - 1).expect("a number")];
        let expected = if holds == 1 { SeatStatus::Held } else { SeatStatus::Blocked };
        assert_eq!(seat.status(at(1)), expected);
    }
}

/// A block whose seats are all unblocked is left out.
pub async fn seat_blocks_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 10).await;
    let mut expected = Vec::new();
    for number in 1..=7 {
        let command = block(&world, &show, &[number]);
        expected.push((command.action_id, vec![number]));
        world.done(command, at(1)).await;
    }
    world.done(unblock(&world, &show, &[3, 7]), at(2)).await;
    expected.retain(|(_, numbers)| ![vec![3], vec![7]].contains(numbers));
    expected.reverse();

    for size in [1, 2, 5, 100] {
        let read = |after, size| world.store.seat_blocks(show.schedule_id, after, size);
        let found: Vec<_> = all_pages(size, read).await;
        let found: Vec<_> = found.into_iter().map(|block| (block.id, block.numbers)).collect();
        assert_eq!(found, expected, "{size} a page");
    }
    let unknown = world.store.seat_blocks(world.id(), None, PageSize::DEFAULT).await;
    assert_eq!(unknown.expect("the store reads").items, []);
}
