//! Tickets: one for each paid seat, with one holder at a time, and the points of cancelled seats back once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Break, Case, Kind, text};
use crate::dump::{Dump, Entry, Ticket};
use crate::history::{Asked, Fate, Operation};

const VALID: &str = "VALID";
const TRANSFERRED: &str = "TRANSFERRED";
const SEAT_CANCELLED: &str = "SEAT_CANCELLED";
const RESERVATION_CANCELLED: &str = "RESERVATION_CANCELLED";

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    numbers(case, breaks);
    one_valid_each(case, breaks);
    let issued = Issued::new(case.store);
    issued.chains(case, breaks);
    for operation in case.operations {
        if let (Asked::Pay { reservation }, Fate::Done(body)) = (&operation.asked, operation.fate())
            && !case.store.lacks_tickets
        {
            issued.paid(reservation, body, breaks);
        }
    }
    transfers(case, &issued, breaks);
    cancellations(case, &issued, breaks);
}

/// The seats that were taken off each paid reservation, by its tickets.
pub(super) fn taken_off(store: &Dump) -> BTreeMap<&str, Vec<&str>> {
    let mut taken: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ticket in store.tickets.iter().filter(|ticket| ticket.state == SEAT_CANCELLED) {
        taken.entry(&ticket.reservation_id).or_default().push(&ticket.seat_id);
    }
    taken
}

fn numbers(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut owners = BTreeMap::new();
    for ticket in &case.store.tickets {
        if let Some(other) = owners.insert(ticket.number, &ticket.id) {
            let (id, number) = (&ticket.id, ticket.number);
            let sentence = format!("the tickets {id} and {other} have the number {number}");
            breaks.push(Break::new(Kind::Doubled, sentence));
        }
    }
}

/// A seat has no two valid tickets. A valid ticket is of a confirmed reservation that has its seat, and each of those seats
/// has one.
fn one_valid_each(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let store = case.store;
    let mut valid: BTreeMap<&str, &Ticket> = BTreeMap::new();
    for ticket in store.tickets.iter().filter(|ticket| ticket.state == VALID) {
        if let Some(other) = valid.insert(&ticket.seat_id, ticket) {
            let (seat, id, other) = (&ticket.seat_id, &ticket.id, &other.id);
            let sentence = format!("the seat {seat} has the valid tickets {other} and {id}");
            breaks.push(Break::new(Kind::TwoOwners, sentence));
        }
    }
    if store.lacks_tickets {
        return;
    }
    let confirmed = store.reservations.iter().filter(|row| row.status == "CONFIRMED");
    let confirmed: BTreeSet<&str> = confirmed.map(|row| row.id.as_str()).collect();
    let seats = store.reserved_seats.iter();
    let paid: BTreeSet<(&str, &str)> = seats
        .filter(|row| confirmed.contains(row.reservation_id.as_str()))
        .map(|row| (row.reservation_id.as_str(), row.seat_id.as_str()))
        .collect();
    let admitted: BTreeSet<(&str, &str)> = valid
        .values()
        .map(|ticket| (ticket.reservation_id.as_str(), ticket.seat_id.as_str()))
        .collect();
    for (reservation, seat) in paid.difference(&admitted) {
        let sentence = format!("the seat {seat} of {reservation} is paid and has no valid ticket");
        breaks.push(Break::new(Kind::HalfDone, sentence));
    }
    for (reservation, seat) in admitted.difference(&paid) {
        let sentence =
            format!("a ticket of the seat {seat} is valid, which {reservation} does not have");
        breaks.push(Break::new(Kind::HalfDone, sentence));
    }
}

/// All tickets, by what they are.
struct Issued<'a> {
    by_id: BTreeMap<&'a str, &'a Ticket>,
    /// Those of each reservation and seat: a new one for each transfer.
    of_seats: BTreeMap<(&'a str, &'a str), Vec<&'a Ticket>>,
}

impl<'a> Issued<'a> {
    fn new(store: &'a Dump) -> Self {
        let mut of_seats: BTreeMap<(&str, &str), Vec<&Ticket>> = BTreeMap::new();
        for ticket in &store.tickets {
            let seat = (ticket.reservation_id.as_str(), ticket.seat_id.as_str());
            of_seats.entry(seat).or_default().push(ticket);
        }
        let by_id = store.tickets.iter().map(|ticket| (ticket.id.as_str(), ticket)).collect();
        Self { by_id, of_seats }
    }

    /// A paid seat got one ticket, and one more with each transfer.
    fn chains(&self, case: &Case<'_>, breaks: &mut Vec<Break>) {
        let paid: BTreeSet<&str> =
            case.store.payments.iter().map(|row| row.reservation_id.as_str()).collect();
        for ((reservation, seat), tickets) in &self.of_seats {
            let transferred = tickets.iter().filter(|it| it.state == TRANSFERRED).count();
            if tickets.len() != transferred + 1 || !paid.contains(reservation) {
                let sentence = format!("the seat {seat} of {reservation} has {tickets:?}");
                breaks.push(Break::new(Kind::Unaccounted, sentence));
            }
        }
    }

    /// Each seat that was answered as paid got a ticket.
    fn paid(&self, reservation: &str, body: &Value, breaks: &mut Vec<Break>) {
        let seats = body["reservation"]["seats"].as_array().map_or(&[][..], Vec::as_slice);
        for seat in seats {
            let seat = text(&seat["id"]);
            if !self.of_seats.contains_key(&(reservation, seat)) {
                let sentence =
                    format!("the seat {seat} of {reservation} was paid without a ticket");
                breaks.push(Break::new(Kind::HalfDone, sentence));
            }
        }
    }

    /// Whether the one to whom a ticket was transferred got a new one at that instant.
    fn has_heir(&self, old: &Ticket, recipient: &str) -> bool {
        let seat = (old.reservation_id.as_str(), old.seat_id.as_str());
        let mut of_seat = self.of_seats.get(&seat).map_or(&[][..], Vec::as_slice).iter();
        of_seat.any(|new| {
            new.id != old.id && new.holder_id == recipient && Some(new.issued_at) == old.void_at
        })
    }
}

/// What was asked of one ticket in one way.
#[derive(Default)]
struct Wish<'a> {
    done: Vec<(&'a Operation, &'a Value)>,
    is_open: bool,
}

/// The tickets of which something was asked, by what `ticket` finds in it.
fn wishes<'a>(
    case: &Case<'a>,
    ticket: fn(&'a Asked) -> Option<&'a String>,
) -> BTreeMap<&'a str, Wish<'a>> {
    let mut wishes: BTreeMap<&str, Wish<'_>> = BTreeMap::new();
    for operation in case.operations {
        let Some(ticket) = ticket(&operation.asked) else { continue };
        let wish = wishes.entry(ticket).or_default();
        match operation.fate() {
            Fate::Done(body) => wish.done.push((operation, body)),
            Fate::Unknown => wish.is_open = true,
            Fate::Refused(_) | Fate::NotDone => {}
        }
    }
    wishes
}

/// What ended by itself was asked for, and done once.
fn asked_once(
    issued: &Issued<'_>,
    wishes: &BTreeMap<&str, Wish<'_>>,
    state: &str,
    breaks: &mut Vec<Break>,
) {
    for (id, _) in issued.by_id.iter().filter(|(_, ticket)| ticket.state == state) {
        if !wishes.get(id).is_some_and(|wish| wish.is_open || !wish.done.is_empty()) {
            let sentence = format!("the ticket {id} is {state} by no client");
            breaks.push(Break::new(Kind::LeftSomething, sentence));
        }
    }
    for (id, wish) in wishes.iter().filter(|(_, wish)| wish.done.len() > 1) {
        let sentence = format!("the ticket {id} became {state} {} times", wish.done.len());
        breaks.push(Break::new(Kind::Doubled, sentence));
    }
}

/// A ticket that was answered as transferred is void, and its recipient has or had a new one of its seat.
fn transfers(case: &Case<'_>, issued: &Issued<'_>, breaks: &mut Vec<Break>) {
    let wishes = wishes(case, |asked| match asked {
        Asked::Transfer { ticket, .. } => Some(ticket),
        _ => None,
    });
    asked_once(issued, &wishes, TRANSFERRED, breaks);
    for (id, wish) in &wishes {
        for (operation, body) in &wish.done {
            let Asked::Transfer { recipient, .. } = &operation.asked else { continue };
            let ticket = issued.by_id.get(id).copied();
            let Some(ticket) = ticket.filter(|ticket| ticket.state == TRANSFERRED) else {
                let sentence = format!("{id} was answered as transferred and is {ticket:?}");
                breaks.push(Break::new(Kind::Lost, sentence));
                continue;
            };
            if !issued.has_heir(ticket, recipient) {
                let sentence = format!("{recipient} was to get a ticket for {ticket:?}");
                breaks.push(Break::new(Kind::HalfDone, sentence));
            }
            let is_true = body["id"] == *id && body["status"] == "VOID";
            if !is_true || ticket.holder_id != operation.user {
                let sentence = format!("{body} was answered, and stored is {ticket:?}");
                breaks.push(Break::new(Kind::AnswerUntrue, sentence));
            }
        }
    }
}

/// A seat that was answered as cancelled has no valid ticket of that reservation, and its points came back as was said.
fn cancellations(case: &Case<'_>, issued: &Issued<'_>, breaks: &mut Vec<Break>) {
    let wishes = wishes(case, |asked| match asked {
        Asked::CancelTicket { ticket, .. } => Some(ticket),
        _ => None,
    });
    asked_once(issued, &wishes, SEAT_CANCELLED, breaks);
    let entries: BTreeMap<&str, &Entry> =
        case.store.entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    for (id, wish) in &wishes {
        for (operation, body) in &wish.done {
            let is_last = body["reservation"]["status"] == "CANCELLED";
            let state = if is_last { RESERVATION_CANCELLED } else { SEAT_CANCELLED };
            let ticket = issued.by_id.get(id);
            if ticket.is_none_or(|ticket| ticket.state != state) {
                let sentence = format!("{id} was answered as cancelled and is {ticket:?}");
                breaks.push(Break::new(Kind::Lost, sentence));
            }
            let said = &body["entry"];
            let entry = entries.get(text(&said["id"])).copied();
            breaks.extend(refunded(operation, body, entry));
        }
    }
}

/// What is wrong with the refund that was answered.
fn refunded(operation: &Operation, body: &Value, entry: Option<&Entry>) -> Option<Break> {
    let Some(entry) = entry else {
        let sentence = format!("{body} was answered, and its points did not come back");
        return Some(Break::new(Kind::Lost, sentence));
    };
    let is_true = entry.kind == "REFUND"
        && entry.user_id == operation.user
        && body["entry"]["amount"] == entry.amount
        && body["balance"] == entry.balance_after;
    let what = || format!("{body} was answered, and stored is {entry:?}");
    (!is_true).then(|| Break::new(Kind::AnswerUntrue, what()))
}
