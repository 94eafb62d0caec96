//! Steering a room (rule 4).

use stagedoor_domain::operations::{ChangePolicy, PolicyEdit, PolicyRefused};
use stagedoor_domain::{QueueToken, Room, RoomPolicy};

use crate::builders::*;
use crate::world::World;

#[test]
fn a_room_that_does_not_exist_cannot_be_steered() {
    let command = ChangePolicy { room_id: room(7), edit: PolicyEdit::default() };
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

        let changed = world.decide(ChangePolicy { room_id: room(1), edit }, NOW + seconds(5));

        let expected = Room { policy, policy_changed_at: NOW + seconds(5), ..a_room() };
        assert_eq!(changed.as_ref(), Ok(&expected));
        assert_eq!(world.get::<Room>(room(1)), &expected);
    }
}

#[test]
fn a_new_idle_time_holds_at_once_for_those_who_wait_and_a_new_shopping_time_only_for_newcomers() {
    let mut world = World::default().with([a_room()]).with_tokens([a_token(1), an_active_token(2)]);
    let edit = PolicyEdit { idle_seconds: Some(30), active_seconds: Some(1), ..Default::default() };

    let room = world.decide(ChangePolicy { room_id: room(1), edit }, NOW).unwrap();

    let soon = NOW + seconds(30);
    assert!(!world.get::<QueueToken>(token(1)).is_live(&room.policy, soon));
    assert!(world.get::<QueueToken>(token(2)).is_live(&room.policy, soon));
}
