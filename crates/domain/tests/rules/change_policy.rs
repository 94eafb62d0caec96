//! Updating the controls of a room (rule 4).

use stagedoor_domain::operations::{ChangePolicy, PolicyEdit, PolicyRefused};
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::{
    ExpectedVersion, OperatorAction, OperatorDeed, QueueToken, Room, RoomPolicy,
};

use crate::builders::*;
use crate::world::World;

#[test]
fn a_room_that_does_not_exist_cannot_be_controlled() {
    let command = change_policy(room(7), PolicyEdit::default());
    assert_eq!(World::default().refusal(command, NOW), PolicyRefused::RoomNotFound);
}

#[test]
fn an_edit_changes_the_fields_it_names_and_no_other() {
    let base = RoomPolicy::default();
    let none = PolicyEdit::default();
    let table = [
        (none, base),
        (PolicyEdit { capacity: Some(0), ..none }, RoomPolicy { capacity: 0, ..base }),
        (PolicyEdit { admit_batch: Some(7), ..none }, RoomPolicy { admit_batch: 7, ..base }),
        (
            PolicyEdit { admit_interval_seconds: Some(7), ..none },
            RoomPolicy { admit_interval_seconds: 7, ..base },
        ),
        (PolicyEdit { active_seconds: Some(7), ..none }, RoomPolicy { active_seconds: 7, ..base }),
        (PolicyEdit { idle_seconds: Some(7), ..none }, RoomPolicy { idle_seconds: 7, ..base }),
        (PolicyEdit { paused: Some(true), ..none }, RoomPolicy { paused: true, ..base }),
    ];
    for (edit, policy) in table {
        let mut world = World::default().with([a_room()]);

        let changed = world.decide(change_policy(room(1), edit), NOW + seconds(5));

        let policy_version = i64::from(policy != base);
        let policy_changed_at = NOW + seconds(5);
        let expected = Room { policy, policy_version, policy_changed_at, ..a_room() };
        assert_eq!(changed.as_ref(), Ok(&expected));
        assert_eq!(world.get::<Room>(room(1)), &expected);
    }
}

#[test]
fn a_new_idle_time_leaves_the_deadlines_of_those_who_wait_and_a_new_shopping_time_of_those_inside()
{
    let mut world = World::default().with([a_room()]).with([a_token(1), an_active_token(2)]);
    let edit = PolicyEdit { idle_seconds: Some(30), active_seconds: Some(1), ..Default::default() };

    world.decide(change_policy(room(1), edit), NOW).unwrap();

    let soon = NOW + seconds(30);
    assert!(world.get::<QueueToken>(token(1)).is_live(soon));
    assert!(world.get::<QueueToken>(token(2)).is_live(soon));
}

#[test]
fn a_change_is_recorded_with_who_made_it_and_how_it_was_before() {
    let mut world = World::default().with([a_room()]);
    let message = RoomMessage::parse(" Doors open at seven. ").unwrap();
    let edit = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };
    let command = ChangePolicy { message: Some(message.clone()), ..change_policy(room(1), edit) };

    let updated = world.decide(command.clone(), NOW).unwrap();

    assert_eq!(updated.message.as_str(), "Doors open at seven.");
    let expected = OperatorAction {
        id: command.action_id,
        operator_id: command.operator_id,
        deed: OperatorDeed::RoomChanged {
            room_id: room(1),
            before: a_room().controls(),
            after: updated.controls(),
        },
        at: NOW,
    };
    assert_eq!(world.all::<OperatorAction>().collect::<Vec<_>>(), [&expected]);
    assert_eq!(updated.controls().message, message);
}

#[test]
fn an_edit_that_changes_nothing_is_not_recorded_and_keeps_the_message() {
    let mut world = World::default().with([a_room()]);
    let message = Some(RoomMessage::parse("Hello").unwrap());
    let none = PolicyEdit::default();
    world.decide(ChangePolicy { message, ..change_policy(room(1), none) }, NOW).unwrap();

    let room = world.decide(change_policy(room(1), none), NOW + seconds(1)).unwrap();

    assert_eq!(room.message.as_str(), "Hello");
    assert_eq!(world.all::<OperatorAction>().count(), 1);
}

#[test]
fn an_edit_of_another_version_than_the_operator_has_seen_is_refused() {
    let room_seen = || ExpectedVersion::OneOf(vec![3, 5]);
    let edit = PolicyEdit { capacity: Some(7), ..PolicyEdit::default() };
    let command = |expected| ChangePolicy { expected, ..change_policy(room(1), edit) };
    let table = [(3, room_seen(), true), (5, room_seen(), true), (4, room_seen(), false)];
    for (policy_version, expected, is_accepted) in table {
        let mut world = World::default().with([Room { policy_version, ..a_room() }]);
        let verdict = world.decide(command(expected), NOW);
        let version = verdict.map(|room| room.policy_version);
        let refused = Err(PolicyRefused::OtherVersion);
        assert_eq!(version, if is_accepted { Ok(policy_version + 1) } else { refused });
    }
    let mut world = World::default().with([a_room()]);
    let none = ExpectedVersion::OneOf(vec![]);
    assert_eq!(world.decide(command(none), NOW).err(), Some(PolicyRefused::OtherVersion));
    assert!(world.decide(command(ExpectedVersion::Any), NOW).is_ok());
}
