//! Rooms and their policy (rules 2 and 4).

use stagedoor_domain::room::Admissions;
use stagedoor_domain::{Occupancy, Room, RoomPolicy};

use crate::builders::*;

fn policy() -> RoomPolicy {
    RoomPolicy::default()
}

#[test]
fn a_new_room_has_the_default_policy_and_an_empty_line() {
    let room = Room::open(room(1), Some(concert(1)), NOW);

    let expected = RoomPolicy {
        capacity: 100,
        admit_batch: 10,
        admit_interval_seconds: 10,
        active_seconds: 600,
        idle_seconds: 600,
        paused: false,
    };
    assert_eq!(room.policy, expected);
    assert_eq!((room.last_sequence, room.version, room.admissions.count), (0, 0, 0));
}

#[test]
fn a_policy_within_its_bounds_is_sound_and_one_outside_names_the_field() {
    let table = [
        (policy(), None),
        (RoomPolicy { capacity: 0, ..policy() }, None),
        (RoomPolicy { capacity: 1_000_000, ..policy() }, None),
        (RoomPolicy { capacity: -1, ..policy() }, Some("capacity")),
        (RoomPolicy { capacity: 1_000_001, ..policy() }, Some("capacity")),
        (RoomPolicy { admit_batch: 1, ..policy() }, None),
        (RoomPolicy { admit_batch: 0, ..policy() }, Some("admitBatch")),
        (RoomPolicy { admit_batch: 1_000_001, ..policy() }, Some("admitBatch")),
        (RoomPolicy { admit_interval_seconds: 86_400, ..policy() }, None),
        (RoomPolicy { admit_interval_seconds: 0, ..policy() }, Some("admitIntervalSeconds")),
        (RoomPolicy { admit_interval_seconds: 86_401, ..policy() }, Some("admitIntervalSeconds")),
        (RoomPolicy { active_seconds: 0, ..policy() }, Some("activeSeconds")),
        (RoomPolicy { active_seconds: 86_401, ..policy() }, Some("activeSeconds")),
        (RoomPolicy { idle_seconds: 0, ..policy() }, Some("idleSeconds")),
        (RoomPolicy { idle_seconds: 86_401, ..policy() }, Some("idleSeconds")),
        (RoomPolicy { capacity: -1, idle_seconds: 0, ..policy() }, Some("capacity")),
    ];
    for (policy, field) in table {
        let refused = policy.check().err().map(|invalid| invalid.field);
        assert_eq!(refused.as_deref(), field, "{policy:?}");
    }
}

#[test]
fn a_newcomer_is_active_at_once_only_if_a_slot_is_free_and_no_token_waits_and_nothing_is_paused() {
    let of_two = RoomPolicy { capacity: 2, ..policy() };
    let table = [
        (of_two, 0, false, true),
        (of_two, 1, false, true),
        (of_two, 2, false, false),
        (of_two, 3, false, false),
        (of_two, 1, true, false),
        (RoomPolicy { paused: true, ..of_two }, 0, false, false),
        (RoomPolicy { capacity: 0, ..policy() }, 0, false, false),
    ];
    for (policy, active, anyone_waits, expected) in table {
        let room = Room { policy, ..a_room() };
        let occupancy = Occupancy { active, anyone_waits };
        assert_eq!(room.can_enter_now(occupancy), expected, "{policy:?} {occupancy:?}");
    }
}

#[test]
fn a_room_admits_what_capacity_and_the_rest_of_the_interval_allow() {
    let of = |capacity, admit_batch, paused| RoomPolicy {
        capacity,
        admit_batch,
        paused,
        ..RoomPolicy::default()
    };
    let table = [
        // policy, active now, let in since the interval began, may be let in
        (of(100, 10, false), 0, 0, 10),
        (of(100, 10, false), 95, 0, 5),
        (of(100, 10, false), 100, 0, 0),
        (of(100, 10, false), 130, 0, 0),
        (of(100, 10, false), 0, 7, 3),
        (of(100, 10, false), 0, 10, 0),
        (of(100, 5, false), 0, 10, 0),
        (of(0, 10, false), 0, 0, 0),
        (of(100, 10, true), 0, 0, 0),
    ];
    for (policy, active, count, expected) in table {
        let room = Room { policy, admissions: Admissions { since: NOW, count }, ..a_room() };
        let occupancy = Occupancy { active, anyone_waits: true };
        assert_eq!(
            room.admission_quota(occupancy, NOW),
            expected,
            "{policy:?}, {active} active, {count} in"
        );
    }
}

#[test]
fn an_interval_ends_at_its_last_instant_and_the_next_begins_with_the_next_admission() {
    let mut room = a_room();
    let occupancy = Occupancy::default();

    room.note_admitted(10, NOW + seconds(4));
    assert_eq!(room.admission_quota(occupancy, NOW + seconds(10) - TICK), 0);
    assert_eq!(room.admission_quota(occupancy, NOW + seconds(10)), 10);

    room.note_admitted(3, NOW + seconds(25));
    assert_eq!(room.admissions, Admissions { since: NOW + seconds(25), count: 3 });
    assert_eq!(room.admission_quota(occupancy, NOW + seconds(35) - TICK), 7);
    assert_eq!(room.admission_quota(occupancy, NOW + seconds(35)), 10);
}

#[test]
fn an_interval_begun_by_a_clock_that_was_set_back_delays_no_token() {
    let room =
        Room { admissions: Admissions { since: NOW, count: 10 }, policy: policy(), ..a_room() };
    let (interval, occupancy) = (room.policy.admit_interval(), Occupancy::default());
    assert_eq!(
        room.admission_quota(occupancy, NOW - seconds(1)),
        0,
        "clocks need not agree to the second"
    );
    assert_eq!(room.admission_quota(occupancy, NOW - interval), 0);

    assert_eq!(room.admission_quota(occupancy, NOW - interval - TICK), 10);
}

#[test]
fn a_room_opens_its_own_concert_and_the_site_wide_room_opens_every_concert() {
    assert!(a_room().covers(concert(1)));
    assert!(!a_room().covers(concert(2)));
    assert!(the_site_room().covers(concert(1)));
    assert!(the_site_room().covers(concert(2)));
}

#[test]
fn places_and_stamps_are_given_out_once_and_without_gaps() {
    let mut room = a_room();

    assert_eq!([room.next_sequence(), room.next_sequence(), room.next_sequence()], [1, 2, 3]);
    assert_eq!([room.stamp(), room.stamp()], [1, 2]);
    assert_eq!((room.last_sequence, room.version), (3, 2));
}

#[test]
fn a_client_polls_after_a_tenth_of_its_wait_within_bounds() {
    let short_idle = RoomPolicy { idle_seconds: 20, ..policy() };
    let no_idle = RoomPolicy { idle_seconds: 1, ..policy() };
    let slow = RoomPolicy { admit_batch: 1, admit_interval_seconds: 86_400, ..policy() };
    let long_idle = RoomPolicy { idle_seconds: 86_400, ..policy() };
    let table = [
        (policy(), 0, 1),
        (policy(), 9, 1),
        (policy(), 100, 10),
        (policy(), 299, 29),
        (policy(), 300, 30),
        (policy(), 1_000_000, 30),
        (policy(), u64::MAX, 30),
        (slow, u64::MAX, 30),
        (long_idle, 1_000_000, 30),
        (short_idle, 1_000_000, 5),
        (short_idle, 30, 3),
        (no_idle, 1_000_000, 1),
    ];
    for (policy, ahead, expected) in table {
        assert_eq!(policy.poll_after_seconds(ahead), expected, "{ahead} ahead, {policy:?}");
    }
}
