//! Reading events with what they are about.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use stagedoor_domain::ports::{Events, StoreError, Subject};
use stagedoor_domain::{
    ConcertId, Event, EventId, EventKind, ReservationId, RoomId, ScheduleId, TicketId,
};
use uuid::Uuid;

use super::dialect::{Conn, Store};
use super::{load, load_tickets, load_webhooks};
use crate::failure::Failure;

#[async_trait]
impl Events for Store {
    async fn events(&self, ids: &[EventId]) -> Result<Vec<(Event, Subject)>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |conn| {
            let events = load_webhooks::events_of(conn, &ids)?;
            let subjects = subjects_of(conn, &events)?;
            let with_subject = |event: Event| {
                let subject = subjects.get(&event.id.subject_id).cloned();
                (event, subject.unwrap_or(Subject::None))
            };
            Ok(events.into_iter().map(with_subject).collect())
        })
        .await
    }
}

/// What events are about, by their ids.
fn subjects_of(conn: &mut Conn, events: &[Event]) -> Result<BTreeMap<Uuid, Subject>, Failure> {
    let mut reservations = BTreeSet::new();
    let mut tickets = BTreeSet::new();
    let mut concerts = BTreeSet::new();
    let mut schedules = BTreeSet::new();
    let mut rooms = BTreeSet::new();
    for event in events {
        let id = event.id.subject_id;
        match event.kind {
            EventKind::ReservationHeld
            | EventKind::ReservationExpired
            | EventKind::ReservationPaid
            | EventKind::ReservationCancelled => {
                reservations.insert(ReservationId(id));
            }
            EventKind::TicketTransferred
            | EventKind::TicketCancelled
            | EventKind::TicketCheckedIn
            | EventKind::CheckInUndone => {
                tickets.insert(TicketId(id));
            }
            EventKind::ConcertPublished
            | EventKind::ConcertChanged
            | EventKind::ConcertCancelled => {
                concerts.insert(ConcertId(id));
            }
            EventKind::ScheduleAdded
            | EventKind::ScheduleChanged
            | EventKind::ScheduleCancelled => {
                schedules.insert(ScheduleId(id));
            }
            EventKind::RoomPaused | EventKind::RoomResumed => {
                rooms.insert(RoomId(id));
            }
            EventKind::WebhookTest => {}
        }
    }
    let mut found = BTreeMap::new();
    let reservations = load::reservations(conn, &reservations)?.into_iter();
    found.extend(reservations.map(|it| (it.id.0, Subject::Reservation(it))));
    let tickets = load_tickets::tickets(conn, &tickets)?.into_iter();
    found.extend(tickets.map(|it| (it.id.0, Subject::Ticket(it))));
    let concerts = load::concerts(conn, &concerts)?.into_iter();
    found.extend(concerts.map(|it| (it.id.0, Subject::Concert(it))));
    let schedules = load::schedules(conn, &schedules)?.into_iter();
    found.extend(schedules.map(|it| (it.id.0, Subject::Schedule(it))));
    let rooms = load::rooms(conn, &rooms)?.into_iter();
    found.extend(rooms.map(|it| (it.id.0, Subject::Room(it))));
    Ok(found)
}
