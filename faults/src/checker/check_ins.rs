//! Check-ins: one at a time for each ticket, each told by an event, and each refusal names the one before it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Break, Case, Kind, text};
use crate::dump::{Ticket, TicketEvent};
use crate::history::{Asked, Fate, Operation, Outcome, instant};

const CHECKED_IN: &str = "ticket.checked_in";
const UNDONE: &str = "ticket.check_in_undone";

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut events: BTreeMap<&str, Vec<&TicketEvent>> = BTreeMap::new();
    for event in &case.store.ticket_events {
        events.entry(&event.subject_id).or_default().push(event);
    }
    let asked = Scans::new(case);
    for ticket in &case.store.tickets {
        let mut of_ticket = events.remove(ticket.id.as_str()).unwrap_or_default();
        of_ticket.retain(|event| [CHECKED_IN, UNDONE].contains(&event.kind.as_str()));
        of_ticket.sort_by_key(|event| event.number);
        told(ticket, &of_ticket, breaks);
        asked.counted(ticket, &of_ticket, breaks);
        asked.true_to(ticket, breaks);
    }
    let known: BTreeSet<&str> = case.store.tickets.iter().map(|row| row.id.as_str()).collect();
    for operation in case.operations {
        let Asked::CheckIn { ticket } = &operation.asked else { continue };
        asked.refusals(ticket, operation, breaks);
        if matches!(operation.fate(), Fate::Done(_)) && !known.contains(ticket.as_str()) {
            let sentence = format!("{ticket} was checked in, and is gone");
            breaks.push(Break::new(Kind::Lost, sentence));
        }
    }
}

/// The events of a ticket: its holder comes in, and that is taken back, by turns. Their numbers are the versions of the
/// ticket, and the last one says whether the holder is in.
fn told(ticket: &Ticket, events: &[&TicketEvent], breaks: &mut Vec<Break>) {
    let by_turns = events.iter().zip(1..).all(|(event, number)| {
        let kind = if number % 2 == 1 { CHECKED_IN } else { UNDONE };
        event.number == number && event.kind == kind
    });
    let is_in = events.len() % 2 == 1;
    let is_valid = ticket.state == "VALID";
    let changes = i64::try_from(events.len()).unwrap_or(i64::MAX) + i64::from(!is_valid);
    if !by_turns || ticket.version != changes {
        let sentence = format!("the events of {ticket:?} are {events:?}");
        breaks.push(Break::new(Kind::HalfDone, sentence));
    }
    if is_valid && ticket.checked_in_at.is_some() != is_in {
        let sentence = format!("{ticket:?} is not as its last event says: {events:?}");
        breaks.push(Break::new(Kind::HalfDone, sentence));
    }
    // Staff cancel nothing here, and holders cannot cancel or transfer what was used.
    if !is_valid && is_in {
        let sentence = format!("the holder of {ticket:?} was in when it ended");
        breaks.push(Break::new(Kind::TwoOwners, sentence));
    }
}

/// What was asked at doors, by its ticket.
struct Scans<'a> {
    check_ins: BTreeMap<&'a str, Vec<&'a Operation>>,
    undone: BTreeMap<&'a str, Vec<&'a Operation>>,
}

impl<'a> Scans<'a> {
    fn new(case: &Case<'a>) -> Self {
        let mut scans = Self { check_ins: BTreeMap::new(), undone: BTreeMap::new() };
        for operation in case.operations {
            match &operation.asked {
                Asked::CheckIn { ticket } => {
                    scans.check_ins.entry(ticket).or_default().push(operation);
                }
                Asked::UndoCheckIn { ticket } => {
                    scans.undone.entry(ticket).or_default().push(operation);
                }
                _ => {}
            }
        }
        scans
    }

    /// Each check-in that was answered has one event, and each event was asked for.
    fn counted(&self, ticket: &Ticket, events: &[&TicketEvent], breaks: &mut Vec<Break>) {
        for (of, kind) in [(&self.check_ins, CHECKED_IN), (&self.undone, UNDONE)] {
            let asked = of.get(ticket.id.as_str()).map_or(&[][..], Vec::as_slice);
            let fates = || asked.iter().map(|operation| operation.fate());
            let done = fates().filter(|fate| matches!(fate, Fate::Done(_))).count();
            let open = fates().filter(|fate| *fate == Fate::Unknown).count();
            let told = events.iter().filter(|event| event.kind == kind).count();
            if told < done {
                let sentence = format!(
                    "{kind} of {} was answered {done} times, and told {told} times",
                    ticket.id
                );
                breaks.push(Break::new(Kind::Lost, sentence));
            }
            if told > done + open {
                let sentence = format!(
                    "{kind} of {} was told {told} times, and answered {done} times",
                    ticket.id
                );
                breaks.push(Break::new(Kind::Unaccounted, sentence));
            }
        }
    }

    /// What is stored of a check-in was asked for so, and not refused.
    fn true_to(&self, ticket: &Ticket, breaks: &mut Vec<Break>) {
        let (Some(at), Some(door)) = (ticket.checked_in_at, &ticket.door) else { return };
        let asked = self.check_ins.get(ticket.id.as_str()).into_iter().flatten();
        let mut may_be = asked.filter(|it| matches!(it.fate(), Fate::Done(_) | Fate::Unknown));
        if !may_be.any(|operation| is_scan(operation, door, at)) {
            let sentence = format!("{ticket:?} was checked in by no client");
            breaks.push(Break::new(Kind::Unaccounted, sentence));
        }
    }

    /// A scan that is refused as the second one names another one that was made, or one of its own attempts whose answer
    /// was lost.
    fn refusals(&self, ticket: &str, operation: &Operation, breaks: &mut Vec<Break>) {
        let others = self.check_ins.get(ticket).map_or(&[][..], Vec::as_slice);
        for (_, status, body) in operation.answers() {
            let said = &body["checkIn"];
            let (door, at) = (text(&said["door"]), instant(&said["scannedAt"]));
            let is_true = match (status, text(&body["code"])) {
                (201, _) => is_scan(operation, door, at),
                (409, "ALREADY_CHECKED_IN") => others.iter().any(|other| {
                    let may_be = match other.fate() {
                        Fate::Done(_) | Fate::Unknown => true,
                        Fate::Refused(_) | Fate::NotDone => false,
                    };
                    (may_be || has_lost_one(other)) && is_scan(other, door, at)
                }),
                _ => true,
            };
            if !is_true {
                let sentence = format!("{body} was answered to {:?}", operation.request.body);
                breaks.push(Break::new(Kind::AnswerUntrue, sentence));
            }
        }
    }
}

/// Whether a scan was made at this door at this instant.
fn is_scan(operation: &Operation, door: &str, at: i64) -> bool {
    let body = operation.request.body.as_ref();
    body.is_some_and(|body| body["door"] == door && instant(&body["scannedAt"]) == at)
}

fn has_lost_one(operation: &Operation) -> bool {
    let lost = |outcome: &Outcome| matches!(outcome, Outcome::Unknown(_) | Outcome::Broken(_));
    operation.attempts.iter().any(|attempt| lost(&attempt.outcome))
}
