//! Blocked seats (rule 9).

use stagedoor_domain::operations::{
    BlockRefused, BlockSeats, HoldRefused, NamedSeats, PayRefused, SeatBlocking, SeatChoice,
    SeatsChanged,
};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    ConcertState, OperatorAction, OperatorDeed, Reason, Role, Rule, Schedule, Seat, SeatState,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

/// The box office with its organizer 9, another organizer 8 and the operator 7.
fn an_office() -> World {
    let staff = [(7, Role::Operator), (8, Role::Organizer), (9, Role::Organizer)];
    a_box_office().with(staff.map(|(n, role)| a_user(n, role)))
}

fn reason() -> Reason {
    Reason::parse("The mixing desk stands here.").unwrap()
}

fn blocked_by(n: u128) -> SeatState {
    SeatState::Blocked { by: action(n) }
}

/// Record `n`: user 9 takes these seats out of sale.
fn block(n: u128, numbers: &[i32]) -> BlockSeats {
    BlockSeats {
        action_id: action(n),
        schedule_id: schedule(1),
        manager_id: user(9),
        seats: NamedSeats::Numbers(numbers.to_vec()),
        change: SeatBlocking::Block { reason: reason() },
    }
}

fn unblock(n: u128, numbers: &[i32]) -> BlockSeats {
    BlockSeats { change: SeatBlocking::Unblock, ..block(n, numbers) }
}

#[test]
fn refusals_come_in_their_order() {
    let draft = || {
        let concert_state = ConcertState::Draft;
        an_office().with([Schedule { concert_state, ..a_schedule() }])
    };
    let taken = || {
        let mut world = an_office();
        world.decide(hold(1, seats(&[2, 3])), NOW).unwrap();
        world.decide(block(1, &[5]), NOW).unwrap();
        world
    };
    let by = |n, command| BlockSeats { manager_id: user(n), ..command };
    let elsewhere = BlockSeats { schedule_id: schedule(9), ..block(2, &[99]) };
    let unknown_id =
        BlockSeats { seats: NamedSeats::Ids(vec![seat(1), seat(77)]), ..block(2, &[]) };
    let table = [
        ("no such schedule", draft(), by(8, elsewhere), BlockRefused::ScheduleNotFound),
        ("another's draft", draft(), by(8, block(2, &[99])), BlockRefused::ScheduleNotFound),
        ("another organizer", taken(), by(8, block(2, &[99])), BlockRefused::NotManager),
        ("a fan", taken(), by(1, unblock(2, &[99])), BlockRefused::NotManager),
        ("no such number", taken(), block(2, &[2, 99]), BlockRefused::SeatNotFound),
        ("no such id", taken(), unknown_id, BlockRefused::SeatNotFound),
        ("seats taken", taken(), block(2, &[5, 3, 1, 2]), BlockRefused::NotFree(vec![2, 3, 5])),
        (
            "seats not blocked",
            taken(),
            unblock(2, &[5, 1, 2]),
            BlockRefused::NotBlocked(vec![1, 2]),
        ),
    ];
    for (case, world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{case}");
    }
}

#[test]
fn seats_are_blocked_and_unblocked_with_a_record() {
    let mut world = an_office();

    let by_id = BlockSeats { seats: NamedSeats::Ids(vec![seat(4), seat(2)]), ..block(1, &[]) };
    let blocked = world.decide(by_id, NOW);
    let by_operator = BlockSeats { manager_id: user(7), ..unblock(2, &[4]) };
    let unblocked = world.decide(by_operator, NOW + TICK);

    assert_eq!(blocked, Ok(SeatsChanged { numbers: vec![2, 4], at: NOW }));
    assert_eq!(unblocked, Ok(SeatsChanged { numbers: vec![4], at: NOW + TICK }));
    assert_eq!(world.get::<Seat>(seat(2)).state, blocked_by(1));
    assert_eq!(world.get::<Seat>(seat(4)).state, SeatState::Free);
    assert_eq!(world.get::<Schedule>(schedule(1)).blocked_count, 1);
    let schedule_id = schedule(1);
    let record = world.get::<OperatorAction>(action(1));
    let deed = OperatorDeed::SeatsBlocked { schedule_id, numbers: vec![2, 4], reason: reason() };
    assert_eq!((record.operator_id, record.at, &record.deed), (user(9), NOW, &deed));
    let record = world.get::<OperatorAction>(action(2));
    let deed = OperatorDeed::SeatsUnblocked { schedule_id, numbers: vec![4] };
    assert_eq!((record.operator_id, &record.deed), (user(7), &deed));
}

#[test]
fn a_blocked_seat_is_neither_held_nor_sold_nor_best() {
    let mut world = an_office();
    let held = world.decide(hold(1, seats(&[5])), NOW).unwrap();
    world.decide(block(1, &[2, 3]), NOW).unwrap();
    let taken = HoldRefused::SeatTaken;

    assert_eq!(world.refusal(hold(2, seats(&[1, 2])), NOW), taken);
    assert_eq!(world.refusal(hold(2, SeatChoice::Numbers(vec![3])), NOW), taken);
    let best = world.clone().decide(hold(2, SeatChoice::best(2)), NOW).unwrap();
    assert!(best.seats.iter().all(|seat| seat.row == 2), "{best:?}");
    world.decide(block(2, &[5]), held.expires_at).unwrap();
    let late = stagedoor_domain::operations::Pay { grace: GRACE, ..pay(1) };
    let refused = world.refusal(late, held.expires_at);
    assert_eq!(refused, PayRefused::NotHeld(NotHeld::Over));
    world.decide(stagedoor_domain::operations::ExpireHolds, held.expires_at).unwrap();
    assert_eq!(world.get::<Seat>(seat(5)).state, blocked_by(2), "the expired hold frees nothing");
}

#[test]
fn of_a_block_and_a_hold_in_one_batch_order_the_first_gets_the_seat() {
    let mut world = an_office();
    let verdicts =
        world.decide_batch(&[block(1, &[1, 2]), block(2, &[2, 3]), unblock(3, &[1])], NOW);

    assert_eq!(verdicts[1], Err(BlockRefused::NotFree(vec![2])));
    assert!(verdicts[0].is_ok() && verdicts[2].is_ok());
    assert_eq!(world.get::<Schedule>(schedule(1)).blocked_count, 1);
}

#[test]
fn a_request_names_1_to_1000_seats_none_twice() {
    let numbers = |last| NamedSeats::Numbers((1..=last).collect());
    let most = BlockSeats::SEATS_MAX;
    let items = Some(Rule::Items(1, most));
    let table = [
        (numbers(1), None),
        (numbers(1_000), None),
        (numbers(1_001), items),
        (numbers(0), items),
        (NamedSeats::Numbers(vec![1, 2, 1]), Some(Rule::Distinct)),
        (NamedSeats::Ids(vec![seat(1), seat(1)]), Some(Rule::Distinct)),
        (NamedSeats::Ids(vec![]), items),
    ];
    for (named, expected) in table {
        let rule = named.clone().check(most).err().map(|invalid| invalid.rule);
        assert_eq!(rule, expected, "{named:?}");
    }
}
