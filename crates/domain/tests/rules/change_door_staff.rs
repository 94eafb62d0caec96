//! Who works at the doors of a concert (rule 24).

use stagedoor_domain::operations::{ChangeDoorStaff, ChangeDoorStaffRefused, DeleteConcert};
use stagedoor_domain::{Concert, ConcertState, DoorStaff, Email, Role, User};

use crate::builders::*;
use crate::world::{World, a_box_office};

/// Concert 1 of user 9. Users 7 and 8 have the role for doors.
fn an_office() -> World {
    a_box_office()
        .with([a_concert()])
        .with([a_user(1, Role::Fan), a_user(9, Role::Organizer), a_user(5, Role::Organizer)])
        .with([7, 8].map(|n| a_user(n, Role::Door)))
}

/// User `manager` assigns user `n` to the doors of concert 1.
fn assign(manager: u8, n: u8) -> ChangeDoorStaff {
    ChangeDoorStaff {
        manager_id: user(manager.into()),
        concert_id: concert(1),
        user_id: Some(user(n.into())),
        is_assigned: true,
    }
}

fn dismiss(manager: u8, n: u8) -> ChangeDoorStaff {
    ChangeDoorStaff { is_assigned: false, ..assign(manager, n) }
}

fn assigned(world: &World) -> Vec<DoorStaff> {
    world.all::<DoorStaff>().copied().collect()
}

#[test]
fn an_organizer_assigns_people_and_dismisses_them() {
    let mut world = an_office();

    assert_eq!(world.decide(assign(9, 7), NOW), Ok(Some(door_staff(7))));
    world.decide(assign(9, 8), NOW).unwrap();
    assert_eq!(world.decide(dismiss(9, 7), NOW), Ok(None));

    assert_eq!(assigned(&world), [door_staff(8)]);
}

#[test]
fn the_same_again_changes_nothing() {
    let mut world = an_office();
    world.decide(assign(9, 7), NOW).unwrap();

    assert_eq!(world.decide(assign(9, 7), NOW + seconds(60)), Ok(Some(door_staff(7))));
    assert_eq!(world.decide(dismiss(9, 8), NOW), Ok(None));

    assert_eq!(assigned(&world), [door_staff(7)]);
}

#[test]
fn what_a_batch_assigns_and_dismisses_ends_as_the_last_one_says() {
    let later = NOW + seconds(60);
    let (assign, dismiss) = (assign(9, 7), dismiss(9, 7));
    let mut fresh = an_office();
    let mut staffed = an_office().with([door_staff(7)]);

    fresh.decide_batch(&[assign.clone(), dismiss.clone()], later);
    assert_eq!(assigned(&fresh), []);
    fresh.decide_batch(&[assign.clone(), dismiss.clone(), assign.clone()], later);
    staffed.decide_batch(&[dismiss.clone(), assign], later);
    let again = DoorStaff { assigned_at: later, ..door_staff(7) };
    assert_eq!((assigned(&fresh), assigned(&staffed)), (vec![again], vec![again]));
    staffed.decide_batch(&[dismiss], later);
    assert_eq!(assigned(&staffed), []);
}

#[test]
fn refusals_to_assign_come_in_their_order() {
    let draft = || an_office().with([Concert { state: ConcertState::Draft, ..a_concert() }]);
    let elsewhere = ChangeDoorStaff { concert_id: concert(7), user_id: None, ..assign(1, 7) };
    let no_user = |manager| ChangeDoorStaff { user_id: None, ..assign(manager, 7) };
    let deleted = || {
        let mut user = a_user(7, Role::Door);
        let address = format!("{}@deleted.invalid", user.id);
        user.email = Email::stored(&address).expect("a sound address");
        an_office().with([user])
    };
    let table = [
        (an_office(), elsewhere, ChangeDoorStaffRefused::ConcertNotFound),
        (draft(), no_user(5), ChangeDoorStaffRefused::ConcertNotFound),
        (an_office(), no_user(5), ChangeDoorStaffRefused::NotManager),
        (an_office(), no_user(7), ChangeDoorStaffRefused::NotManager),
        (an_office(), no_user(9), ChangeDoorStaffRefused::UserNotFound),
        (an_office(), assign(9, 99), ChangeDoorStaffRefused::UserNotFound),
        (deleted(), assign(9, 7), ChangeDoorStaffRefused::UserNotFound),
        (an_office(), assign(9, 1), ChangeDoorStaffRefused::NoDoorRole),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{expected}");
    }
}

#[test]
fn a_deleted_draft_takes_its_assignments_along() {
    let draft = Concert { state: ConcertState::Draft, ..a_concert() };
    let mut world = a_box_office()
        .with([draft])
        .with([a_user(9, Role::Organizer), a_user(7, Role::Door)])
        .with([door_staff(7)]);
    let delete = DeleteConcert { concert_id: concert(1), organizer_id: user(9) };

    world.decide(delete, NOW).unwrap();

    assert_eq!(assigned(&world), []);
    assert!(world.all::<User>().next().is_some());
}
