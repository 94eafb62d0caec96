//! The set-up of a simulation: a few shows on sale in a new store.

use std::collections::BTreeSet;

use fastrand::Rng;
use stagedoor_domain::operations::{
    ChangePolicy, CreateConcert, CreateUser, CreateWebhook, PolicyEdit, SchedulePlan,
};
use stagedoor_domain::ports::Execute;
use stagedoor_domain::webhook::{Reach, WebhookSecret, WebhookUrl};
use stagedoor_domain::{
    BookingWindow, Command, ConcertDetails, ConcertId, EventKind, ExpectedVersion, Instant,
    OperatorActionId, Role, RoomId, ScheduleId, ScheduleTerms, SeatId, SeatMap, Section,
    Submission, TicketLimit, Title, UserId, WebhookId,
};
use stagedoor_tests::contract::world::OPENING;
use stagedoor_tests::model::Model;
use time::Duration;

use crate::calls::at_once;
use crate::intents::{Ids, sign_up};
use crate::people::{Person, Show};

/// When a simulation begins.
pub const START: Instant = OPENING;

/// Puts shows on sale, with the room controls of small ones in a hurry.
pub fn open_shows(model: &Model, ids: &mut Ids, random: &mut Rng) -> Vec<Show> {
    let organizer_id = UserId(ids.fresh());
    let organizer = CreateUser { role: Role::Organizer, ..sign_up(organizer_id, usize::MAX) };
    done(model, organizer);
    done(model, webhook(organizer_id, ids));
    let shows: Vec<_> = (0..3).map(|_| open_show(model, organizer_id, ids, random)).collect();
    let rooms = shows.iter().map(|show| show.room_id).chain([RoomId::SITE]);
    for room_id in rooms.collect::<Vec<_>>() {
        let action_id = OperatorActionId(ids.fresh());
        let operator_id = organizer_id;
        let edit = a_policy(random);
        done(
            model,
            ChangePolicy {
                action_id,
                operator_id,
                room_id,
                edit,
                message: None,
                expected: ExpectedVersion::Any,
            },
        );
    }
    shows
}

/// A webhook that takes all there is to tell.
fn webhook(owner_id: UserId, ids: &mut Ids) -> CreateWebhook {
    CreateWebhook {
        id: WebhookId(ids.fresh()),
        owner_id,
        url: WebhookUrl::parse("https://example.com/hook", Reach::Public).unwrap(),
        kinds: BTreeSet::from(EventKind::ALL),
        secret: WebhookSecret::new("whsec_simulation".to_owned()),
        open_to_all: false,
    }
}

/// A policy under which people come and go within minutes.
pub fn a_policy(random: &mut Rng) -> PolicyEdit {
    let number = |low: usize, bound: usize, random: &mut Rng| {
        Some(i32::try_from(low + random.usize(..bound)).unwrap())
    };
    PolicyEdit {
        capacity: number(2, 60, random),
        admit_batch: number(1, 20, random),
        admit_interval_seconds: number(1, 10, random),
        active_seconds: number(60, 120, random),
        idle_seconds: number(20, 60, random),
        paused: Some(random.usize(..12) == 0),
    }
}

/// People, of whom half have signed up before.
pub fn people(model: &Model, count: usize, ids: &mut Ids) -> Vec<Person> {
    let known: Vec<_> = (0..count).step_by(2).map(|n| sign_up(UserId(ids.fresh()), n)).collect();
    let mut people: Vec<_> = (0..count).map(|_| Person::default()).collect();
    for (number, command) in (0..count).step_by(2).zip(&known) {
        people[number].user_id = Some(command.id);
    }
    let submissions: Vec<_> = known.into_iter().map(Submission::new).collect();
    let made = at_once(model.execute(&submissions, START)).unwrap();
    assert!(made.iter().all(Result::is_ok));
    people
}

fn open_show(model: &Model, organizer_id: UserId, ids: &mut Ids, random: &mut Rng) -> Show {
    let columns = i64::try_from(10 + random.usize(..20)).unwrap();
    let section = Section::parse(5, columns, 10_000, "R").unwrap();
    let seat_map = SeatMap::new(vec![section]).unwrap();
    let seats: Vec<_> = (0..seat_map.seat_count()).map(|_| SeatId(ids.fresh())).collect();
    let closes_at = START + Duration::hours(3);
    let plan = SchedulePlan {
        id: ScheduleId(ids.fresh()),
        terms: ScheduleTerms {
            starts_at: closes_at,
            ends_at: closes_at + Duration::HOUR,
            booking: BookingWindow { opens_at: START, closes_at },
            cancellation_closes_at: Some(START + Duration::hours(2)),
            ticket_limit: TicketLimit::default(),
        },
        seat_map,
        seat_ids: seats.clone(),
    };
    let command = CreateConcert {
        id: ConcertId(ids.fresh()),
        room_id: RoomId(ids.fresh()),
        organizer_id,
        details: ConcertDetails::titled(Title::parse("Winter night").unwrap()),
        schedules: vec![plan],
        is_draft: false,
        open_to_all: false,
    };
    let room_id = command.room_id;
    let created = done(model, command);
    let (concert_id, schedule_id) = (created.concert.id, created.schedules[0].id);
    Show { organizer_id, concert_id, room_id, schedule_id, seats }
}

fn done<C: Command>(model: &Model, command: C) -> C::Success {
    let verdicts = at_once(model.execute(&[Submission::new(command)], START)).unwrap();
    verdicts.into_iter().next().unwrap().expect("no rule refuses it")
}
