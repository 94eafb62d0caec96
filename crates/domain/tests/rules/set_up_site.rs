//! Opening and closing the site-wide room by the mode of a start.

use stagedoor_domain::operations::{PolicyEdit, SetUpSite};
use stagedoor_domain::{Room, RoomId, RoomPolicy};

use crate::builders::*;
use crate::world::World;

fn with_capacity(capacity: i32) -> World {
    let policy = RoomPolicy { capacity, ..RoomPolicy::default() };
    World::default().with([Room { policy, ..the_site_room() }])
}

#[test]
fn the_site_wide_room_is_open_in_open_mode_and_closed_otherwise() {
    let table = [(100, false, 0), (0, true, 100), (100, true, 100), (0, false, 0)];
    for (before, open_mode, after) in table {
        let mut world = with_capacity(before);

        assert_eq!(world.decide(SetUpSite { open_mode }, NOW + TICK), Ok(after));

        let room = world.get::<Room>(RoomId::SITE);
        assert_eq!(room.policy, RoomPolicy { capacity: after, ..RoomPolicy::default() });
        let changed = if before == after { NOW } else { NOW + TICK };
        assert_eq!(room.policy_changed_at, changed, "who is in stays in");
    }
}

#[test]
fn what_an_operator_chose_stays() {
    for capacity in [0, 7, 100] {
        let mut world = with_capacity(1);
        let edit = PolicyEdit { capacity: Some(capacity), ..PolicyEdit::default() };
        world.decide(change_policy(RoomId::SITE, edit), NOW).unwrap();
        for open_mode in [true, false] {
            assert_eq!(world.decide(SetUpSite { open_mode }, NOW), Ok(capacity));
        }
    }
    assert_eq!(with_capacity(7).decide(SetUpSite { open_mode: false }, NOW), Ok(7));
}

#[test]
fn a_concerts_room_is_left_alone() {
    let mut world = with_capacity(100).with([a_room()]);

    world.decide(SetUpSite { open_mode: false }, NOW).unwrap();

    assert_eq!(world.get::<Room>(room(1)), &a_room());
}
