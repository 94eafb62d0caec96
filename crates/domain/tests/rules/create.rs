//! Making users, concerts and schedules (rules 17 and 18).

use stagedoor_domain::operations::{
    CreateConcert, CreateConcertRefused, CreateSchedule, CreateScheduleRefused, CreateUserRefused,
    EndSessions, EndSessionsRefused, ReadUser, SchedulePlan,
};
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{
    Concert, OperatorAction, OperatorDeed, PointAccount, Points, Role, Room, RoomPolicy, Schedule,
    Seat, SeatMap, Submission, User, UserPart,
};

use crate::builders::*;
use crate::world::World;

#[test]
fn a_new_user_has_an_empty_account_and_the_answer_has_no_password() {
    let world = World::default();

    let (verdicts, changes) = world.outcome(&[Submission::new(sign_up(1, 1))], NOW);

    assert_eq!(changes.inserted::<User>(), [&a_user(1, Role::Fan)]);
    assert_eq!(changes.inserted::<PointAccount>(), [&PointAccount::open(user(1))]);
    assert_eq!(changes.inserted::<PointAccount>()[0].balance, Points::ZERO);
    assert_eq!(changes.count(), 2);
    assert!(!serde_json::to_string(verdicts[0].as_ref().unwrap()).unwrap().contains("argon2"));
}

#[test]
fn an_email_address_is_one_users() {
    let mut world = World::default().with([a_user(1, Role::Fan)]);
    assert_eq!(world.refusal(sign_up(2, 1), NOW), CreateUserRefused::EmailTaken);

    let verdicts = world.decide_batch(&[sign_up(2, 2), sign_up(3, 2), sign_up(3, 3)], NOW);

    assert!(verdicts[0].is_ok() && verdicts[2].is_ok());
    assert_eq!(verdicts[1], Err(CreateUserRefused::EmailTaken));
}

#[test]
fn only_organizers_create_concerts_and_only_operators_control_rooms() {
    let table =
        [(Role::Fan, false, false), (Role::Organizer, true, false), (Role::Operator, false, true)];
    for (role, organizes, operates) in table {
        assert_eq!((role.may_organize(), role.may_operate()), (organizes, operates), "{role:?}");
        let mut world = World::default().with([a_user(9, role)]);
        let verdict = world.decide(announce(9, vec![]), NOW);
        let refused = (!organizes).then_some(CreateConcertRefused::NotOrganizer);
        assert_eq!(verdict.err(), refused, "{role:?}");
    }
    let unknown = World::default().refusal(announce(9, vec![a_plan(1)]), NOW);
    assert_eq!(unknown, CreateConcertRefused::NotOrganizer);
}

#[test]
fn in_open_mode_anyone_creates_concerts() {
    let mut world = World::default().with([a_user(9, Role::Fan)]);
    let open = CreateConcert { open_to_all: true, ..announce(9, vec![]) };

    assert!(world.decide(open, NOW).is_ok());
}

#[test]
fn a_concert_comes_with_its_room_and_its_schedules_and_their_seats() {
    let world = World::default().with([a_user(9, Role::Organizer)]);
    let command = announce(9, vec![a_plan(1), a_plan(2)]);

    let (mut verdicts, changes) = world.outcome(&[Submission::new(command)], NOW);

    let created = verdicts.remove(0).unwrap();
    assert_eq!(created.concert, a_concert());
    assert_eq!(changes.inserted::<Concert>(), [&created.concert]);
    assert_eq!(changes.inserted::<Schedule>(), created.schedules.iter().collect::<Vec<_>>());
    assert_eq!(created.schedules.iter().map(|made| made.seat_count).sum::<i32>(), 8);
    let rooms = changes.inserted::<Room>();
    assert_eq!(rooms, [&a_room()]);
    assert_eq!(rooms[0].policy, RoomPolicy::default());
    assert_eq!(changes.inserted::<Seat>().len(), 8);
    assert_eq!(changes.count(), 14);
}

#[test]
fn a_schedule_is_added_by_the_concerts_own_organizer_alone() {
    let command =
        |concert_id, organizer_id| CreateSchedule { concert_id, organizer_id, plan: a_plan(1) };
    let mut world = World::default().with([a_concert()]);

    let unknown = world.refusal(command(concert(2), user(8)), NOW);
    assert_eq!(unknown, CreateScheduleRefused::ConcertNotFound);
    let stranger = world.refusal(command(concert(1), user(8)), NOW);
    assert_eq!(stranger, CreateScheduleRefused::NotOrganizer);

    let made = world.decide(command(concert(1), user(9)), NOW).unwrap();
    assert_eq!(made, Schedule { seat_count: 4, created_at: NOW, ..a_schedule() });
    assert_eq!(world.all::<Seat>().count(), 4);
}

#[test]
fn a_concert_has_at_most_a_million_seats_on_all_its_dates() {
    let (most, plan) = (CreateSchedule::SEATS_OF_CONCERT_MAX, a_plan(3));
    let add = |n| CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(n) };
    let seats = plan.seat_map.seat_count();
    let with = |seats: i64| {
        let seat_count = i32::try_from(seats).unwrap();
        World::default().with([a_concert()]).with([Schedule { seat_count, ..a_schedule() }])
    };

    let full = with(most - i64::from(seats) + 1).refusal(add(3), NOW);
    let verdicts = with(most - i64::from(seats)).decide_batch(&[add(3), add(4)], NOW);

    assert_eq!(full, CreateScheduleRefused::TooManySeats);
    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(CreateScheduleRefused::TooManySeats));
}

#[test]
fn one_command_makes_at_most_100_000_seats() {
    let hall = |seats| SchedulePlan {
        seat_map: SeatMap::new(vec![a_section(seats, 1)]).unwrap(),
        ..a_plan(1)
    };
    let (two, a_little) = (vec![hall(50_000), hall(50_000)], vec![hall(1)]);

    assert_eq!(SchedulePlan::check_seats(&two), Ok(()));
    let refused = SchedulePlan::check_seats(&[two, a_little].concat()).unwrap_err();
    assert_eq!(refused.to_string(), "schedules must have 0 to 100000 seats");
}

#[test]
fn ending_sessions_raises_their_version_and_changes_only_what_is_asked() {
    let hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$bmV3".to_owned();
    let (role, password_hash) = (Some(Role::Operator), Some(hash.clone()));
    let mut world = World::default().with([a_user(1, Role::Fan), a_user(2, Role::Fan)]);

    assert_eq!(world.decide(end_sessions(1), NOW), Ok(1));
    let sessions = Sessions { version: 1, ended_at: Some(NOW) };
    assert_eq!(world.get::<User>(user(1)), &User { sessions, ..a_user(1, Role::Fan) });
    let changed = EndSessions { role, password_hash, ..end_sessions(1) };
    assert_eq!(world.decide(changed, NOW + TICK), Ok(2));
    let expected = User {
        role: Role::Operator,
        password_hash: hash,
        sessions: Sessions { version: 2, ended_at: Some(NOW + TICK) },
        ..a_user(1, Role::Fan)
    };
    assert_eq!(world.get::<User>(user(1)), &expected);
    assert_eq!(world.get::<User>(user(2)), &a_user(2, Role::Fan), "others go on");
    assert_eq!(world.refusal(end_sessions(9), NOW), EndSessionsRefused::UserNotFound);
}

#[test]
fn an_operators_read_of_another_user_is_recorded() {
    let mut world = World::default();
    let part = UserPart::Reservations;

    let read = ReadUser { action_id: action(1), operator_id: user(9), user_id: user(1), part };
    world.decide(read, NOW).unwrap();

    let deed = OperatorDeed::UserRead { user_id: user(1), part };
    let expected = OperatorAction { id: action(1), operator_id: user(9), deed, at: NOW };
    assert_eq!(world.all::<OperatorAction>().collect::<Vec<_>>(), [&expected]);
}
