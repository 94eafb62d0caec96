//! Changing one's own name and password, and deleting one's account (rule 17).

use stagedoor_domain::operations::{
    ChangeNameRefused, ChangePasswordRefused, DeleteUser, DeleteUserRefused,
};
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{Email, PersonName, PointAccount, Role, Submission, User};

use crate::builders::*;
use crate::world::World;

const OLD: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$b2xk";
const NEW: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$bmV3";
const NEWER: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$bmV3ZXI";

fn with_password(n: u8, hash: &str) -> User {
    User { password_hash: hash.to_owned(), ..a_user(n, Role::Fan) }
}

#[test]
fn a_user_gets_another_name_and_stays_signed_in() {
    let mut world = World::default().with([a_user(1, Role::Operator), a_user(2, Role::Fan)]);
    let renamed =
        User { name: PersonName::parse("박하늘").unwrap(), ..a_user(1, Role::Operator) };

    let told = world.decide(change_name(1, " 박하늘 "), NOW + TICK);

    assert_eq!(told, Ok(renamed.profile()));
    assert_eq!(world.get::<User>(user(1)), &renamed);
    assert_eq!(world.get::<User>(user(2)), &a_user(2, Role::Fan), "others keep theirs");
    assert_eq!(world.refusal(change_name(9, "Any Name"), NOW), ChangeNameRefused::UserNotFound);
}

#[test]
fn the_same_name_again_is_a_success_that_writes_nothing() {
    let world = World::default().with([a_user(1, Role::Fan)]);
    let same = change_name(1, a_user(1, Role::Fan).name.as_str());

    let (verdicts, changes) = world.outcome(&[Submission::new(same)], NOW);

    assert_eq!(verdicts, [Ok(a_user(1, Role::Fan).profile())]);
    assert_eq!(changes.count(), 0);
}

#[test]
fn a_new_password_ends_all_sessions_in_the_same_step() {
    let mut world = World::default().with([with_password(1, OLD), with_password(2, OLD)]);

    assert_eq!(world.decide(change_password(1, OLD, NEW), NOW + TICK), Ok(1));

    let sessions = Sessions { version: 1, ended_at: Some(NOW + TICK) };
    assert_eq!(world.get::<User>(user(1)), &User { sessions, ..with_password(1, NEW) });
    assert_eq!(world.get::<User>(user(2)), &with_password(2, OLD), "others keep theirs");
}

#[test]
fn a_password_is_changed_from_the_one_that_was_checked_alone() {
    let guest = with_password(2, User::NO_PASSWORD);
    let world = World::default().with([with_password(1, NEW), guest]);
    let table = [
        (change_password(9, OLD, NEWER), ChangePasswordRefused::UserNotFound),
        (change_password(1, OLD, NEWER), ChangePasswordRefused::WrongPassword),
        (change_password(1, User::NO_PASSWORD, NEWER), ChangePasswordRefused::WrongPassword),
        (change_password(2, User::NO_PASSWORD, NEWER), ChangePasswordRefused::WrongPassword),
        (change_password(2, OLD, NEWER), ChangePasswordRefused::WrongPassword),
    ];
    for (command, refused) in table {
        assert_eq!(world.refusal(command.clone(), NOW), refused, "{command:?}");
    }
}

#[test]
fn of_two_changes_from_one_password_in_a_batch_the_first_is_done() {
    let mut world = World::default().with([with_password(1, OLD)]);
    let batch = [
        change_password(1, OLD, NEW),
        change_password(1, OLD, NEWER),
        change_password(1, NEW, NEWER),
    ];

    let verdicts = world.decide_batch(&batch, NOW);

    assert_eq!(verdicts, [Ok(1), Err(ChangePasswordRefused::WrongPassword), Ok(2)]);
    assert_eq!(world.get::<User>(user(1)).password_hash, NEWER);
}

fn deletion(n: u8, checked_hash: &str) -> DeleteUser {
    DeleteUser { user_id: user(n.into()), checked_hash: checked_hash.to_owned() }
}

#[test]
fn a_deleted_account_keeps_nothing_of_its_person() {
    let (account, other) = (an_account(1, 70), with_password(2, OLD));
    let mut world =
        World::default().with([with_password(1, OLD), other.clone()]).with([account.clone()]);

    assert_eq!(world.decide(deletion(1, OLD), NOW + TICK), Ok(1));

    let deleted = world.get::<User>(user(1));
    assert_eq!(deleted.name.as_str(), "(deleted)");
    assert!(deleted.email.as_str().ends_with("@deleted.invalid"));
    assert_eq!(Email::stored(deleted.email.as_str()), Ok(deleted.email.clone()));
    assert!(!deleted.has_password());
    assert_eq!(deleted.sessions, Sessions { version: 1, ended_at: Some(NOW + TICK) });
    assert_eq!(world.get::<User>(user(2)), &other, "others keep theirs");
    assert_eq!(world.get::<PointAccount>(user(1)), &account, "the ledger stays");
    let again = world.refusal(deletion(1, User::NO_PASSWORD), NOW);
    assert_eq!(again, DeleteUserRefused::WrongPassword);
    world.decide(sign_up(3, 1), NOW).expect("the address is free");
}

#[test]
fn an_account_is_deleted_by_its_checked_password_and_not_while_it_is_staffs() {
    let staff = [(3, Role::Organizer), (4, Role::Operator)];
    let staff = staff.map(|(n, role)| User { password_hash: OLD.to_owned(), ..a_user(n, role) });
    let world = World::default().with([with_password(1, NEW)]).with(staff);
    let table = [
        (deletion(9, OLD), DeleteUserRefused::UserNotFound),
        (deletion(1, OLD), DeleteUserRefused::WrongPassword),
        (deletion(3, NEW), DeleteUserRefused::WrongPassword),
        (deletion(3, OLD), DeleteUserRefused::IsStaff),
        (deletion(4, OLD), DeleteUserRefused::IsStaff),
    ];
    for (command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{expected}");
    }
}
