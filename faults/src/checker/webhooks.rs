//! Webhooks: each change is told at least once, in order, signed, and nothing else is told.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::tickets::taken_off;
use super::{Break, Kind, text};
use crate::dump::{Dump, Reservation, Ticket};
use crate::history::{Asked, Fate, Operation};
use crate::receiver::Reception;

/// How far the time of a request may be from that of its reception, in seconds.
const AGE_MAX: i64 = 300;
const HELD: &str = "reservation.held";
const EXPIRED: &str = "reservation.expired";
const PAID: &str = "reservation.paid";
const CANCELLED: &str = "reservation.cancelled";
const TICKET_TRANSFERRED: &str = "ticket.transferred";
const TICKET_CANCELLED: &str = "ticket.cancelled";
const CHECKED_IN: &str = "ticket.checked_in";
const UNDONE: &str = "ticket.check_in_undone";
/// What puts concerts on sale, shortly before the webhook is registered: it may be told or not.
const ON_SALE: [&str; 2] = ["concert.published", "schedule.added"];

/// Everything that webhooks are judged by.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was asked and answered.
    pub operations: Vec<Operation>,
    /// What is in the store after everything was delivered.
    pub store: Dump,
    /// The webhook's secret.
    pub secret: String,
    /// What was received, in this order.
    pub receptions: Vec<Reception>,
}

/// What was wrong, and how much there was to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was wrong.
    pub breaks: Vec<Break>,
    /// How many events were received.
    pub events: usize,
    /// How many requests told an event that had been received before, which is allowed.
    pub duplicates: usize,
    /// How many changes were acknowledged whose events must be received.
    pub acknowledged: usize,
    /// How many of the events tell changes that no answer names: other than by time, those of lost answers and of left rooms.
    pub unacknowledged: usize,
}

/// Everything that is wrong.
pub fn check(case: &Case) -> Verdict {
    let mut verdict = Verdict::default();
    let mut told = Told::default();
    for reception in &case.receptions {
        signed(case, reception, &mut verdict.breaks);
        told.receive(reception, &mut verdict.breaks);
    }
    verdict.events = told.kinds.len();
    verdict.duplicates = case.receptions.len() - told.kinds.len();
    let answered = answered(&case.operations);
    verdict.acknowledged = answered.len();
    let changes = told.changes();
    verdict.unacknowledged =
        changes.difference(&answered).filter(|(_, kind)| kind != EXPIRED).count();
    let mut due = stored(&case.store);
    due.extend(answered);
    for (reservation, kind) in due.difference(&told.taken()) {
        let sentence = format!("{kind} of {reservation} was never taken by the receiver");
        verdict.breaks.push(Break::new(Kind::Lost, sentence));
    }
    let truth = Truth::new(case);
    case.receptions.iter().for_each(|reception| truth.compare(reception, &mut verdict.breaks));
    verdict
}

/// The signature by Standard Webhooks 1.0 of a message with this id, time and body; nothing if the secret is none.
pub fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn signed(case: &Case, reception: &Reception, breaks: &mut Vec<Break>) {
    let Reception { at, id, timestamp, body, .. } = reception;
    let due = signature(&case.secret, id, timestamp, body);
    let is_signed = reception.signature.split(' ').any(|one| Some(one) == due.as_deref());
    let age = timestamp.parse().map_or(i64::MAX, |sent: i64| (at / 1_000_000 - sent).abs());
    if !is_signed || age > AGE_MAX {
        let signature = &reception.signature;
        let sentence = format!("{id} was received with {signature} at {timestamp}: {body}");
        breaks.push(Break::new(Kind::WronglySigned, sentence));
    }
}

/// A change of a reservation or a ticket: its id, without dashes, and the name of the change.
type Change = (String, String);

fn change(subject: &str, kind: &str) -> Change {
    (subject.replace('-', ""), kind.to_owned())
}

/// Which events were received.
#[derive(Default)]
struct Told {
    /// What each event is about.
    kinds: BTreeMap<String, String>,
    /// Those that the receiver took.
    taken: BTreeSet<String>,
    /// The highest number that was received of each subject.
    numbers: BTreeMap<String, i64>,
}

impl Told {
    fn receive(&mut self, reception: &Reception, breaks: &mut Vec<Break>) {
        let Reception { id, body, .. } = reception;
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let kind = text(&body["type"]);
        if reception.is_taken {
            self.taken.insert(id.clone());
        }
        let Some((subject, number)) = parts(id).filter(|_| text(&body["id"]) == id) else {
            let sentence = format!("{id} was received with the body {body}");
            return breaks.push(Break::new(Kind::AnswerUntrue, sentence));
        };
        if let Some(before) = self.kinds.get(id) {
            if before != kind {
                let sentence = format!("{id} was {before}, and then {kind}");
                breaks.push(Break::new(Kind::AnswersDiffer, sentence));
            }
            return;
        }
        self.kinds.insert(id.clone(), kind.to_owned());
        let last = self.numbers.entry(subject.to_owned()).or_insert(number);
        if *last > number {
            let sentence = format!("{id} was first received after the number {last}");
            breaks.push(Break::new(Kind::OutOfOrder, sentence));
        }
        *last = number.max(*last);
    }

    fn changes(&self) -> BTreeSet<Change> {
        self.changes_of(|_| true)
    }

    fn taken(&self) -> BTreeSet<Change> {
        self.changes_of(|id| self.taken.contains(id))
    }

    fn changes_of(&self, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<Change> {
        let is_judged =
            |kind: &str| ["reservation.", "ticket."].iter().any(|it| kind.starts_with(it));
        let judged = self.kinds.iter().filter(|(_, kind)| is_judged(kind));
        let wanted = judged.filter(|(id, _)| is_wanted(id));
        let changes = wanted.filter_map(|(id, kind)| Some(change(parts(id)?.0, kind)));
        changes.collect()
    }
}

/// The subject and the number of an event.
fn parts(id: &str) -> Option<(&str, i64)> {
    let (subject, number) = id.strip_prefix("evt_")?.rsplit_once('_')?;
    Some((subject, number.parse().ok()?))
}

/// The changes that clients were told of.
fn answered(operations: &[Operation]) -> BTreeSet<Change> {
    let done = operations.iter().filter_map(|operation| match operation.fate() {
        Fate::Done(body) => Some((&operation.asked, body)),
        Fate::Refused(_) | Fate::NotDone | Fate::Unknown => None,
    });
    let changes = done.filter_map(|(asked, body)| match asked {
        Asked::Hold { .. } => Some(change(text(&body["id"]), HELD)),
        Asked::Pay { reservation } => Some(change(reservation, PAID)),
        Asked::Cancel { reservation } | Asked::GiveBack { reservation } => {
            Some(change(reservation, CANCELLED))
        }
        Asked::Transfer { ticket, .. } => Some(change(ticket, TICKET_TRANSFERRED)),
        // The last seat cancels its reservation.
        Asked::CancelTicket { reservation, .. } if body["reservation"]["status"] == "CANCELLED" => {
            Some(change(reservation, CANCELLED))
        }
        Asked::CancelTicket { ticket, .. } => Some(change(ticket, TICKET_CANCELLED)),
        Asked::CheckIn { ticket } => Some(change(ticket, CHECKED_IN)),
        Asked::UndoCheckIn { ticket } => Some(change(ticket, UNDONE)),
        _ => None,
    });
    changes.collect()
}

/// The changes that reservations, payments and tickets show in the end.
fn stored(store: &Dump) -> BTreeSet<Change> {
    let held = store.reservations.iter().map(|row| change(&row.id, HELD));
    let paid = store.payments.iter().map(|row| change(&row.reservation_id, PAID));
    let ended = store.reservations.iter().filter_map(|row| match row.status.as_str() {
        "CANCELLED" => Some(change(&row.id, CANCELLED)),
        "EXPIRED" => Some(change(&row.id, EXPIRED)),
        _ => None,
    });
    let tickets = store.tickets.iter();
    let void = tickets.filter_map(|row| Some(change(&row.id, event_of(row)?)));
    held.chain(paid).chain(ended).chain(void).chain(scanned(store)).collect()
}

/// The check-ins of tickets, and what took them back.
fn scanned(store: &Dump) -> impl Iterator<Item = Change> {
    let is_of_door = |kind: &str| [CHECKED_IN, UNDONE].contains(&kind);
    let events = store.ticket_events.iter().filter(move |it| is_of_door(&it.kind));
    events.map(|event| change(&event.subject_id, &event.kind))
}

/// The event of a ticket that ended by itself.
fn event_of(ticket: &Ticket) -> Option<&'static str> {
    match ticket.state.as_str() {
        "TRANSFERRED" => Some(TICKET_TRANSFERRED),
        "SEAT_CANCELLED" => Some(TICKET_CANCELLED),
        _ => None,
    }
}

/// What reservations and tickets are in the end.
struct Truth<'a> {
    reservations: BTreeMap<String, &'a Reservation>,
    tickets: BTreeMap<String, &'a Ticket>,
    seats: BTreeMap<String, BTreeSet<&'a str>>,
    /// The seats that were cancelled by themselves.
    taken_off: BTreeMap<String, BTreeSet<&'a str>>,
    prices: BTreeMap<&'a str, i64>,
    paid: BTreeSet<String>,
    /// Paid in time, as a client was told: such a hold did not expire.
    in_time: BTreeSet<String>,
    /// The check-ins of tickets, and what took them back.
    scanned: BTreeSet<Change>,
}

impl<'a> Truth<'a> {
    fn new(case: &'a Case) -> Self {
        let plain = |id: &str| id.replace('-', "");
        let store = &case.store;
        let mut seats: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for row in &store.reserved_seats {
            seats.entry(plain(&row.reservation_id)).or_default().insert(&row.seat_id);
        }
        let in_time = case.operations.iter().filter_map(|it| match (&it.asked, it.fate()) {
            (Asked::Pay { reservation }, Fate::Done(body)) if body["late"] != true => {
                Some(plain(reservation))
            }
            _ => None,
        });
        Self {
            reservations: store.reservations.iter().map(|row| (plain(&row.id), row)).collect(),
            tickets: store.tickets.iter().map(|row| (plain(&row.id), row)).collect(),
            seats,
            taken_off: taken_off(store)
                .into_iter()
                .map(|(id, seats)| (plain(id), seats.into_iter().collect()))
                .collect(),
            prices: store.seats.iter().map(|row| (row.id.as_str(), row.price)).collect(),
            paid: store.payments.iter().map(|row| plain(&row.reservation_id)).collect(),
            in_time: in_time.collect(),
            scanned: scanned(store).collect(),
        }
    }

    fn compare(&self, reception: &Reception, breaks: &mut Vec<Break>) {
        let body: Value = serde_json::from_str(&reception.body).unwrap_or_default();
        let Some((subject, _)) = parts(&reception.id) else { return };
        let (kind, said) = (text(&body["type"]), &body["data"]["reservation"]);
        if ON_SALE.contains(&kind) {
            return;
        }
        if kind.starts_with("ticket.") {
            return self.compare_ticket(kind, subject, &body["data"]["ticket"], breaks);
        }
        let row = self.reservations.get(subject).copied();
        let Some(row) = row.filter(|row| self.happened(kind, subject, row)) else {
            let status = row.map(|row| row.status.as_str());
            let sentence = format!("{kind} of {subject} was received, and it is {status:?}");
            return breaks.push(Break::new(Kind::Unaccounted, sentence));
        };
        let seats = said["seats"].as_array().map_or(&[][..], Vec::as_slice);
        let seats: BTreeSet<&str> = seats.iter().map(|seat| text(&seat["id"])).collect();
        let stored = self.seats.get(subject).cloned().unwrap_or_default();
        let taken_off = self.taken_off.get(subject).cloned().unwrap_or_default();
        // An event tells the seats at the time when it is sent, before or after some were cancelled.
        let are_its_own = seats.is_superset(&stored)
            && seats.iter().all(|id| stored.contains(id) || taken_off.contains(id));
        let price: i64 = seats.iter().filter_map(|id| self.prices.get(id)).sum();
        let same = said["id"] == row.id
            && said["userId"] == row.user_id
            && said["scheduleId"] == row.schedule_id
            && said["totalPrice"] == price
            && said["status"] == status(kind);
        if !same || !are_its_own {
            let sentence = format!("{body} was received, and stored is {row:?} of {stored:?}");
            breaks.push(Break::new(Kind::AnswerUntrue, sentence));
        }
    }

    fn compare_ticket(&self, kind: &str, subject: &str, said: &Value, breaks: &mut Vec<Break>) {
        let row = self.tickets.get(subject).copied();
        let Some(row) = row.filter(|row| self.is_told(row, kind)) else {
            let sentence = format!("{kind} of {subject} was received, and it is {row:?}");
            return breaks.push(Break::new(Kind::Unaccounted, sentence));
        };
        let same = said["id"] == row.id
            && said["reservationId"] == row.reservation_id
            && said["seatId"] == row.seat_id
            && said["userId"] == row.holder_id;
        if !same {
            let sentence = format!("{said} was received, and stored is {row:?}");
            breaks.push(Break::new(Kind::AnswerUntrue, sentence));
        }
    }

    /// Whether a ticket ended so, or was checked in or not any more.
    fn is_told(&self, row: &Ticket, kind: &str) -> bool {
        event_of(row) == Some(kind) || self.scanned.contains(&change(&row.id, kind))
    }

    /// Whether a reservation that is so in the end can have changed so. A hold that expired may be paid a moment late.
    fn happened(&self, kind: &str, subject: &str, row: &Reservation) -> bool {
        let is_paid = self.paid.contains(subject);
        match kind {
            HELD => true,
            EXPIRED => row.status == "EXPIRED" || (is_paid && !self.in_time.contains(subject)),
            PAID => is_paid,
            CANCELLED => row.status == "CANCELLED",
            _ => false,
        }
    }
}

/// What a reservation becomes by an event.
fn status(kind: &str) -> &'static str {
    match kind {
        HELD => "HELD",
        EXPIRED => "EXPIRED",
        PAID => "CONFIRMED",
        _ => "CANCELLED",
    }
}
