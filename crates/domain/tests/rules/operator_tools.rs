//! What operators do with queue tokens and roles of other users.

use stagedoor_domain::operations::{
    ChangeRole, ChangeRoleRefused, DeleteUser, RemoveToken, RemoveTokenRefused,
};
use stagedoor_domain::{
    ExpiryReason, OperatorAction, OperatorDeed, QueueToken, Reason, Reservation, ReservationState,
    Role, TokenState, User,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

fn removal(token_of: u128) -> RemoveToken {
    RemoveToken {
        action_id: action(1),
        operator_id: user(7),
        token_id: token(token_of),
        room_id: room(1),
        reason: Reason::parse("A bot.").unwrap(),
    }
}

fn role_of(n: u128, role: Role) -> ChangeRole {
    ChangeRole { action_id: action(1), operator_id: user(7), user_id: user(n), role }
}

#[test]
fn a_removed_token_ends_with_its_holds_and_the_removal_is_recorded_once() {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1])), NOW).unwrap();

    world.decide(removal(1), NOW).unwrap();

    let left = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    assert_eq!(world.get::<QueueToken>(token(1)).state, left);
    let state = world.get::<Reservation>(reservation(1)).state;
    assert_eq!(state, ReservationState::Cancelled { at: NOW });
    let reason = removal(1).reason;
    let deed = OperatorDeed::TokenRemoved { token_id: token(1), user_id: user(1), reason };
    assert_eq!(world.get::<OperatorAction>(action(1)).deed, deed);

    let again = RemoveToken { action_id: action(2), ..removal(1) };
    world.decide(again, NOW).unwrap();
    assert_eq!(world.all::<OperatorAction>().count(), 1);
}

#[test]
fn a_token_of_another_room_is_not_removed() {
    let elsewhere = RemoveToken { room_id: room(2), ..removal(1) };
    for unknown in [elsewhere, removal(9)] {
        assert_eq!(a_box_office().refusal(unknown, NOW), RemoveTokenRefused::TokenNotFound);
    }
}

#[test]
fn another_role_ends_the_sessions_and_is_recorded() {
    let mut world = World::default().with([a_user(1, Role::Fan)]);

    let profile = world.decide(role_of(1, Role::Organizer), NOW).unwrap();

    assert_eq!(profile.role, Role::Organizer);
    let user_now = world.get::<User>(user(1));
    assert_eq!((user_now.role, user_now.sessions.version), (Role::Organizer, 1));
    assert_eq!(user_now.sessions.ended_at, Some(NOW));
    let deed =
        OperatorDeed::RoleChanged { user_id: user(1), before: Role::Fan, after: Role::Organizer };
    assert_eq!(world.get::<OperatorAction>(action(1)).deed, deed);
}

#[test]
fn the_same_role_again_changes_nothing() {
    let mut world = World::default().with([a_user(1, Role::Fan)]);

    world.decide(role_of(1, Role::Fan), NOW).unwrap();

    assert_eq!(world.get::<User>(user(1)).sessions.version, 0);
    assert_eq!(world.all::<OperatorAction>().count(), 0);
}

#[test]
fn operators_keep_their_own_role_and_unknown_users_have_none() {
    let world = World::default().with([a_user(7, Role::Operator)]);

    assert_eq!(world.refusal(role_of(7, Role::Fan), NOW), ChangeRoleRefused::OwnRole);
    assert_eq!(world.refusal(role_of(1, Role::Fan), NOW), ChangeRoleRefused::UserNotFound);
}

#[test]
fn a_deleted_account_gets_no_role() {
    let fan = a_user(1, Role::Fan);
    let deletion = DeleteUser { user_id: fan.id, checked_hash: fan.password_hash.clone() };
    let mut world = World::default().with([fan]);
    world.decide(deletion, NOW).unwrap();

    for role in [Role::Fan, Role::Operator] {
        let refused = world.refusal(role_of(1, role), NOW);
        assert_eq!(refused, ChangeRoleRefused::UserNotFound);
    }
}
