//! What others learn of a change (rule 21).

use std::collections::BTreeSet;

use stagedoor_domain::operations::{
    CancelConcert, CancelSchedule, CreateSchedule, EditConcert, EditSchedule, ExpireHolds,
    PolicyEdit, PublishConcert, TermsEdit,
};
use stagedoor_domain::{
    Concert, ConcertState, Event, EventId, EventKind, ExpectedVersion, Reason, Reservation, Role,
    Room, Schedule, Submission, TicketLimit, Title,
};
use time::Duration;
use uuid::Uuid;

use crate::builders::*;
use crate::world::{World, a_box_office, seats_one_and_two_are_held};

/// The kinds of all events about a subject, in order. A concert and its date have the same id in these tests.
fn told(world: &World, noun: &str, subject_id: Uuid) -> Vec<&'static str> {
    let about = world.all::<Event>().filter(|event| event.id.subject_id == subject_id);
    about.map(|event| event.kind.as_str()).filter(|kind| kind.starts_with(noun)).collect()
}

fn an_office() -> World {
    a_box_office().with([a_user(9, Role::Organizer)])
}

fn a_draft() -> World {
    let concert_state = ConcertState::Draft;
    an_office()
        .with([Concert { state: concert_state, ..a_concert() }])
        .with([Room { concert_state, ..a_room() }])
        .with([Schedule { concert_state, ..a_schedule() }])
}

fn retitle(title: &str) -> EditConcert {
    let title = Some(Title::parse(title).unwrap());
    let edit = stagedoor_domain::concert::DetailsEdit { title, ..Default::default() };
    let expected = ExpectedVersion::Any;
    EditConcert { concert_id: concert(1), organizer_id: user(9), edit, expected }
}

fn limit_tickets(most: u8) -> EditSchedule {
    let ticket_limit = Some(TicketLimit::parse(most.into()).unwrap());
    EditSchedule {
        action_id: action(most.into()),
        schedule_id: schedule(1),
        editor_id: user(9),
        expected: ExpectedVersion::Any,
        edit: TermsEdit { ticket_limit, ..TermsEdit::default() },
    }
}

fn pause(paused: bool) -> stagedoor_domain::operations::ChangePolicy {
    change_policy(room(1), PolicyEdit { paused: Some(paused), ..PolicyEdit::default() })
}

#[test]
fn each_state_that_a_reservation_comes_into_is_told_once_in_order() {
    let mut world = seats_one_and_two_are_held();
    world.decide(extend(1), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    world.decide(cancel(1), NOW).unwrap();
    world.decide(hold(2, seats(&[3])), NOW).unwrap();
    world.decide(ExpireHolds, NOW + Duration::HOUR).unwrap();
    world.decide(hold(3, seats(&[4])), NOW).unwrap();
    world.decide(release(3), NOW).unwrap();

    let of = |n| told(&world, "reservation", reservation(n).0);
    assert_eq!(of(1), ["reservation.held", "reservation.paid", "reservation.cancelled"]);
    assert_eq!(of(2), ["reservation.held", "reservation.expired"]);
    assert_eq!(of(3), ["reservation.held", "reservation.cancelled"]);
}

#[test]
fn an_event_is_written_with_its_change_and_names_the_concert() {
    let world = seats_one_and_two_are_held();

    let (_, changes) = world.outcome(&[Submission::new(pay(1))], NOW);

    let paid = Event {
        id: EventId::new(reservation(1).0, 3),
        kind: EventKind::ReservationPaid,
        concert_id: Some(concert(1)),
        at: NOW,
        fanned_out: false,
    };
    assert_eq!(changes.inserted::<Event>(), [&paid]);
    assert_eq!(changes.updated::<Reservation>().len(), 1);
}

#[test]
fn a_hold_that_takes_over_seats_tells_of_itself_alone() {
    let mut world = seats_one_and_two_are_held();
    let late = NOW + HOLD_TIME;

    world.decide(hold(2, seats(&[2])), late).unwrap();
    world.decide(ExpireHolds, late).unwrap();

    assert_eq!(
        told(&world, "reservation", reservation(1).0),
        ["reservation.held", "reservation.expired"]
    );
    assert_eq!(told(&world, "reservation", reservation(2).0), ["reservation.held"]);
}

#[test]
fn a_concert_is_told_from_its_publication_on() {
    let mut world = a_draft();
    world.decide(retitle("A draft"), NOW).unwrap();
    let add = CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(2) };
    world.decide(add, NOW).unwrap();
    assert_eq!(world.all::<Event>().count(), 0);

    let publish = PublishConcert { concert_id: concert(1), organizer_id: user(9) };
    world.decide_batch(&[publish.clone(), publish], NOW);
    world.decide_batch(&[retitle("Winter"), retitle("Winter"), retitle("Spring")], NOW);
    let cancel = CancelConcert {
        concert_id: concert(1),
        organizer_id: user(9),
        reason: None,
        action_ids: Vec::new(),
    };
    world.decide(cancel, NOW).unwrap();

    assert_eq!(
        told(&world, "concert", concert(1).0),
        ["concert.published", "concert.changed", "concert.changed", "concert.cancelled"]
    );
    assert_eq!(told(&world, "schedule", schedule(1).0), [""; 0], "its dates are as they were");
}

#[test]
fn a_date_of_a_public_concert_is_told_when_its_terms_change() {
    let mut world = an_office();
    let add = CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(2) };
    world.decide(add, NOW).unwrap();
    world.decide_batch(&[limit_tickets(2), limit_tickets(2), limit_tickets(3)], NOW);
    world.decide(hold(1, seats(&[1])), NOW).unwrap();
    let cancel = CancelSchedule {
        action_id: action(9),
        schedule_id: schedule(1),
        manager_id: user(9),
        reason: Reason::parse("Rain").unwrap(),
    };
    world.decide(cancel, NOW).unwrap();

    assert_eq!(told(&world, "schedule", schedule(2).0), ["schedule.added"]);
    assert_eq!(
        told(&world, "schedule", schedule(1).0),
        ["schedule.changed", "schedule.changed", "schedule.cancelled"]
    );
}

#[test]
fn a_pause_of_a_room_and_its_end_are_told_even_within_one_batch() {
    let mut world = an_office();
    let quiet = change_policy(room(1), PolicyEdit { capacity: Some(3), ..PolicyEdit::default() });

    world.decide_batch(&[quiet, pause(true), pause(true), pause(false)], NOW);

    assert_eq!(told(&world, "room", room(1).0), ["room.paused", "room.resumed"]);
}

#[test]
fn an_id_of_an_event_is_read_as_it_is_written() {
    let id = EventId::new(reservation(1).0, 3);

    assert_eq!(id.to_string().parse(), Ok(id));
    for text in [
        "",
        "evt_",
        "evt_1_2",
        "evt_00000000000000000000000000000001_03",
        "evt_00000000-0000-0000-0000-000000000001_3",
    ] {
        assert!(text.parse::<EventId>().is_err(), "{text}");
    }
}

#[test]
fn each_kind_has_a_name_of_its_own() {
    let names: BTreeSet<_> = EventKind::ALL.map(EventKind::as_str).into();

    assert_eq!(names.len(), EventKind::ALL.len());
    for kind in EventKind::ALL {
        assert_eq!(EventKind::of_name(kind.as_str()), Some(kind));
        let written = serde_json::to_string(&kind).unwrap();
        assert_eq!(written, format!("{:?}", kind.as_str()));
    }
    assert_eq!(EventKind::of_name("reservation"), None);
}
