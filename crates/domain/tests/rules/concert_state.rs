//! Drafts, publishing, cancelling and deleting concerts.

use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::operations::{
    CancelConcert, CancelConcertRefused, CreateConcert, CreateSchedule, CreateScheduleRefused,
    DeleteConcert, DeleteConcertRefused, HoldRefused, HoldSeats, JoinRefused, PayRefused,
    PublishConcert, PublishRefused,
};
use stagedoor_domain::{
    Concert, ConcertState, OperatorAction, OperatorActionId, OperatorDeed, QueueToken, Reason,
    Role, Room, RoomId, Schedule, Seat, Stored, Submission,
};
use uuid::Uuid;

use crate::builders::*;
use crate::world::{World, a_box_office, seats_one_and_two_are_held};

const STATES: [ConcertState; 3] =
    [ConcertState::Draft, ConcertState::Published, ConcertState::Cancelled];

fn publish(organizer: u128) -> PublishConcert {
    PublishConcert { concert_id: concert(1), organizer_id: user(organizer) }
}

fn cancel_concert(organizer: u128) -> CancelConcert {
    CancelConcert {
        concert_id: concert(1),
        organizer_id: user(organizer),
        reason: None,
        action_ids: Vec::new(),
    }
}

fn delete(organizer: u128) -> DeleteConcert {
    DeleteConcert { concert_id: concert(1), organizer_id: user(organizer) }
}

/// The same world with its concert in another state.
fn in_state(state: ConcertState, world: World) -> World {
    let schedules: Vec<_> = world.all::<Schedule>().cloned().collect();
    let of_state = |it: Schedule| Schedule { concert_state: state, ..it };
    world
        .with([Concert { state, ..a_concert() }])
        .with([Room { concert_state: state, ..a_room() }])
        .with(schedules.into_iter().map(of_state))
}

fn states(world: &World) -> Vec<ConcertState> {
    let schedules = world.all::<Schedule>().map(|schedule| schedule.concert_state);
    let room = world.get::<Room>(room(1)).concert_state;
    schedules.chain([room, world.get::<Concert>(concert(1)).state]).collect()
}

#[test]
fn a_new_concert_is_published_unless_it_is_a_draft_and_its_room_and_dates_know_it() {
    for (is_draft, state) in [(true, ConcertState::Draft), (false, ConcertState::Published)] {
        let mut world = World::default().with([a_user(9, Role::Organizer)]);
        let command = CreateConcert { is_draft, ..announce(9, vec![a_plan(1), a_plan(2)]) };

        let created = world.decide(command, NOW).unwrap();
        let add = CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(3) };
        world.decide(add, NOW).unwrap();

        assert_eq!(created.concert.state, state);
        assert_eq!(states(&world), [state; 5]);
    }
}

#[test]
fn a_draft_with_a_date_is_published_once_by_its_organizer() {
    let draft = || in_state(ConcertState::Draft, a_box_office());
    let without_date = in_state(ConcertState::Draft, World::default().with([a_room()]));
    let missing = PublishRefused::NotOwn(NotOwn::NotFound);
    let anothers = PublishRefused::NotOwn(NotOwn::AnotherOrganizers);

    assert_eq!(World::default().refusal(publish(9), NOW), missing);
    assert_eq!(draft().refusal(publish(8), NOW), missing, "a draft is not shown");
    assert_eq!(a_box_office().refusal(publish(8), NOW), anothers);
    assert_eq!(without_date.refusal(publish(9), NOW), PublishRefused::NoSchedule);
    let cancelled = in_state(ConcertState::Cancelled, a_box_office());
    assert_eq!(cancelled.refusal(publish(9), NOW), PublishRefused::Cancelled);

    let mut world = draft();
    let published = world.decide(publish(9), NOW).unwrap();
    assert_eq!(published, Concert { version: 1, ..a_concert() });
    assert_eq!(states(&world), [ConcertState::Published; 3]);
    assert_eq!(world.decide(publish(9), NOW), Ok(published), "a repetition changes nothing");
}

#[test]
fn a_concert_without_sales_is_cancelled_once_by_its_organizer() {
    let of = |state| in_state(state, a_box_office());
    let missing = CancelConcertRefused::NotOwn(NotOwn::NotFound);
    let anothers = CancelConcertRefused::NotOwn(NotOwn::AnotherOrganizers);
    let sold = || a_box_office().with([Schedule { sold_count: 1, ..a_schedule() }]);

    assert_eq!(World::default().refusal(cancel_concert(9), NOW), missing);
    assert_eq!(of(ConcertState::Draft).refusal(cancel_concert(8), NOW), missing);
    assert_eq!(of(ConcertState::Published).refusal(cancel_concert(8), NOW), anothers);
    let draft = of(ConcertState::Draft);
    assert_eq!(draft.refusal(cancel_concert(9), NOW), CancelConcertRefused::NotPublished);
    assert_eq!(sold().refusal(cancel_concert(9), NOW), CancelConcertRefused::HasSales);

    let mut world = seats_one_and_two_are_held();
    let cancelled = world.decide(cancel_concert(9), NOW).unwrap();
    assert_eq!((cancelled.state, cancelled.version), (ConcertState::Cancelled, 1));
    assert_eq!(states(&world), [ConcertState::Cancelled; 3]);
    assert_eq!(world.decide(cancel_concert(9), NOW), Ok(cancelled));
}

/// The organizer cancels the concert, with a reason, and with ids for this number of dates.
fn cancel_with_reason(dates: u128) -> CancelConcert {
    let action_ids = (1..=dates).map(|n| OperatorActionId(Uuid::from_u128(n))).collect();
    CancelConcert {
        reason: Some(Reason::parse("Illness").unwrap()),
        action_ids,
        ..cancel_concert(9)
    }
}

#[test]
fn with_a_reason_each_date_that_has_not_ended_is_cancelled_with_the_concert() {
    let sold = Schedule { sold_count: 1, ..a_schedule() };
    let ended = Schedule { id: schedule(2), ends_at: NOW, ..sold.clone() };
    let mut gone = Schedule { id: schedule(3), ..sold.clone() };
    gone.cancel(Reason::parse("Rain").unwrap(), NOW).unwrap();
    let mut world = a_box_office().with([sold, ended, gone]);

    assert_eq!(
        world.clone().refusal(cancel_with_reason(0), NOW),
        CancelConcertRefused::TooManyDates
    );
    assert!(world.clone().decide(cancel_with_reason(1), NOW).is_ok(), "one id for one date");
    let cancelled = world.decide(cancel_with_reason(3), NOW).unwrap();

    let reasons = [1, 2, 3].map(|n| {
        let date: &Schedule = world.get(schedule(n));
        assert_eq!(date.concert_state, ConcertState::Cancelled);
        date.cancelled.as_ref().map(|it| it.reason.as_str().to_owned())
    });
    assert_eq!(reasons, [Some("Illness".to_owned()), None, Some("Rain".to_owned())]);
    let deeds: Vec<_> = world.all::<OperatorAction>().map(|it| it.deed.clone()).collect();
    let (schedule_id, reason) = (schedule(1), Reason::parse("Illness").unwrap());
    assert_eq!(deeds, [OperatorDeed::ScheduleCancelled { schedule_id, reason }]);
    assert_eq!(world.decide(cancel_with_reason(3), NOW), Ok(cancelled), "it stays as it is");
    assert_eq!(world.all::<OperatorAction>().count(), 1);
}

#[test]
fn tickets_of_dates_that_have_ended_do_not_keep_a_concert_from_being_cancelled() {
    let ended = Schedule { ends_at: NOW, sold_count: 1, ..a_schedule() };
    let mut world = a_box_office().with([ended]);

    let cancelled = world.decide(cancel_concert(9), NOW).unwrap();

    assert_eq!(cancelled.state, ConcertState::Cancelled);
    assert_eq!(world.get::<Schedule>(schedule(1)).cancelled, None);
}

#[test]
fn nothing_is_sold_of_a_draft_or_a_cancelled_concert() {
    let site_token = |n| {
        let state = active_until(NOW + seconds(540));
        QueueToken { room_id: RoomId::SITE, state, ..an_active_token(n) }
    };
    for state in STATES {
        let mut world = in_state(state, seats_one_and_two_are_held()).with([site_token(2)]);
        let from_the_site = HoldSeats { room_id: RoomId::SITE, ..hold(2, seats(&[3])) };

        let joined = world.decide(join(4, 9), NOW).err();
        let held = world.decide(from_the_site, NOW).err();
        let paid = world.decide(pay(1), NOW).err();

        let expected = match state {
            ConcertState::Draft => (
                Some(JoinRefused::ConcertNotFound),
                Some(HoldRefused::ScheduleNotFound),
                Some(PayRefused::ConcertCancelled),
            ),
            ConcertState::Published => (None, None, None),
            ConcertState::Cancelled => (
                Some(JoinRefused::ConcertCancelled),
                Some(HoldRefused::ConcertCancelled),
                Some(PayRefused::ConcertCancelled),
            ),
        };
        assert_eq!((joined, held, paid), expected, "{state:?}");
    }
}

#[test]
fn a_token_of_before_is_given_again_after_the_concert_was_cancelled() {
    let mut world = in_state(ConcertState::Cancelled, a_box_office());

    let joined = world.decide(join(1, 9), NOW).unwrap();

    assert_eq!((joined.token.id, joined.is_new), (token(1), false));
}

#[test]
fn no_date_is_added_to_a_cancelled_concert_or_to_anothers_draft() {
    let add = |organizer| CreateSchedule {
        concert_id: concert(1),
        organizer_id: user(organizer),
        plan: a_plan(3),
    };
    let cancelled = in_state(ConcertState::Cancelled, a_box_office());
    assert_eq!(cancelled.refusal(add(9), NOW), CreateScheduleRefused::Cancelled);
    let draft = in_state(ConcertState::Draft, a_box_office());
    assert_eq!(draft.refusal(add(8), NOW), CreateScheduleRefused::ConcertNotFound);
}

#[test]
fn a_concert_is_deleted_with_all_that_belongs_to_it_and_nothing_else() {
    let others = |world: World| {
        let second = Room { id: room(2), concert_id: Some(concert(2)), ..a_room() };
        let token = QueueToken { id: token(7), room_id: room(2), ..a_token(7) };
        let schedule = Schedule { id: schedule(2), concert_id: concert(2), ..a_schedule() };
        let seat = Seat { id: seat(99), schedule_id: schedule.id, ..a_seat() };
        let concert = Concert { id: concert(2), ..a_concert() };
        world.with([concert]).with([second]).with([token]).with([schedule]).with([seat])
    };
    for state in STATES {
        let mut world = others(in_state(state, a_box_office())).with([a_token(4)]);
        let (_, changes) = world.outcome(&[Submission::new(delete(9))], NOW);
        assert_eq!(changes.deleted_concerts(), [concert(1)], "{state:?}");

        assert_eq!(world.decide(delete(9), NOW), Ok(()));

        assert_eq!(ids::<Concert>(&world), [concert(2)]);
        assert_eq!(ids::<Schedule>(&world), [schedule(2)]);
        assert_eq!(ids::<Seat>(&world), [seat(99)]);
        assert_eq!(ids::<Room>(&world), [room(2), RoomId::SITE]);
        assert_eq!(ids::<QueueToken>(&world), [token(7)]);
        let again = world.decide_batch(&[delete(9)], NOW).remove(0);
        assert_eq!(again, Err(DeleteConcertRefused::NotOwn(NotOwn::NotFound)));
    }
}

fn ids<T: Stored>(world: &World) -> Vec<T::Id> {
    world.all::<T>().map(Stored::id).collect()
}

#[test]
fn a_concert_of_which_a_reservation_was_ever_made_is_not_deleted() {
    let mut world = seats_one_and_two_are_held();
    assert_eq!(world.refusal(delete(9), NOW), DeleteConcertRefused::HasSales);

    world.decide(release(1), NOW).unwrap();

    assert_eq!(world.refusal(delete(9), NOW), DeleteConcertRefused::HasSales);
    let anothers = DeleteConcertRefused::NotOwn(NotOwn::AnotherOrganizers);
    assert_eq!(world.refusal(delete(8), NOW), anothers);
    let draft = in_state(ConcertState::Draft, a_box_office());
    let missing = DeleteConcertRefused::NotOwn(NotOwn::NotFound);
    assert_eq!(draft.refusal(delete(8), NOW), missing);
}

#[test]
fn of_two_deletions_in_one_batch_the_second_finds_nothing() {
    let verdicts = a_box_office().decide_batch(&[delete(9), delete(9)], NOW);

    assert_eq!(verdicts, [Ok(()), Err(DeleteConcertRefused::NotOwn(NotOwn::NotFound))]);
}
