//! Extensions and cancellations: once, as answered, and with the points back.

use std::collections::BTreeMap;

use super::{Break, Case, Kind, text};
use crate::dump::{Entry, Reservation};
use crate::history::{Asked, Fate, Operation, instant};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let rows = case.store.reservations.iter();
    let rows: BTreeMap<&str, &Reservation> = rows.map(|row| (row.id.as_str(), row)).collect();
    let extended = Wishes::of(case, |asked| match asked {
        Asked::Extend { reservation } => Some(reservation),
        _ => None,
    });
    extended.once("extended", breaks);
    let held = Wishes::held(case);
    for (id, row) in &rows {
        deadline(row, held.get(id), &extended.wish(id), breaks);
    }
    let cancelled = Wishes::of(case, |asked| match asked {
        Asked::Cancel { reservation } => Some(reservation),
        _ => None,
    });
    cancelled.once("cancelled", breaks);
    let of_seats = Wishes::of(case, |asked| match asked {
        Asked::CancelTicket { reservation, .. } => Some(reservation),
        _ => None,
    });
    let refunds = refunds(case);
    for (id, row) in &rows {
        let refunds = refunds.get(id).map_or(&[][..], Vec::as_slice);
        refund(row, refunds, &cancelled.wish(id), &of_seats.wish(id), breaks);
    }
}

/// What was asked of one reservation.
#[derive(Clone, Default)]
struct Wish<'a> {
    /// The answers of what was done.
    done: Vec<&'a serde_json::Value>,
    /// Whether something was asked whose outcome is unknown.
    is_open: bool,
}

/// What was asked of each reservation.
struct Wishes<'a>(BTreeMap<&'a str, Wish<'a>>);

impl<'a> Wishes<'a> {
    fn of(case: &Case<'a>, reservation: fn(&Asked) -> Option<&String>) -> Self {
        let mut wishes: BTreeMap<&str, Wish<'_>> = BTreeMap::new();
        for operation in case.operations {
            let Some(reservation) = reservation(&operation.asked) else { continue };
            let wish = wishes.entry(reservation).or_default();
            match operation.fate() {
                Fate::Done(body) => wish.done.push(body),
                Fate::Unknown => wish.is_open = true,
                Fate::Refused(_) | Fate::NotDone => {}
            }
        }
        Self(wishes)
    }

    /// The answers to holds, by what they made.
    fn held(case: &Case<'a>) -> BTreeMap<&'a str, &'a serde_json::Value> {
        let holds = case.operations.iter().filter(|it| matches!(it.asked, Asked::Hold { .. }));
        let answered = holds.filter_map(|hold: &Operation| match hold.fate() {
            Fate::Done(body) => Some((text(&body["id"]), body)),
            _ => None,
        });
        answered.collect()
    }

    fn wish(&self, reservation: &str) -> Wish<'a> {
        self.0.get(reservation).cloned().unwrap_or_default()
    }

    fn once(&self, what: &str, breaks: &mut Vec<Break>) {
        for (reservation, wish) in self.0.iter().filter(|(_, wish)| wish.done.len() > 1) {
            let times = wish.done.len();
            let sentence = format!("{reservation} was {what} {times} times");
            breaks.push(Break::new(Kind::Doubled, sentence));
        }
    }
}

/// A hold ends when its extension says or, if it was surely not extended, when it was answered to end.
fn deadline(
    row: &Reservation,
    held: Option<&&serde_json::Value>,
    extended: &Wish<'_>,
    breaks: &mut Vec<Break>,
) {
    let (said, kind) = match (extended.done.first(), extended.is_open, held) {
        (Some(extended), _, _) => (extended, Kind::AnswerUntrue),
        (None, false, Some(held)) => (held, Kind::LeftSomething),
        _ => return,
    };
    let expires_at = &said["expiresAt"];
    if instant(expires_at) != row.expires_at {
        let sentence = format!("{expires_at} was answered, and stored is {row:?}");
        breaks.push(Break::new(kind, sentence));
    }
}

/// The entries that gave points back for each reservation.
fn refunds<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Vec<&'a Entry>> {
    let payments = case.store.payments.iter();
    let reservation_of: BTreeMap<&str, &str> =
        payments.map(|row| (row.id.as_str(), row.reservation_id.as_str())).collect();
    let refunds = case.store.entries.iter().filter(|entry| entry.kind == "REFUND");
    let mut of_reservations: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in refunds {
        let payment = entry.payment_id.as_deref().unwrap_or_default();
        if let Some(reservation) = reservation_of.get(payment) {
            of_reservations.entry(reservation).or_default().push(entry);
        }
    }
    of_reservations
}

/// What was answered as cancelled is, and refunded what it says; nothing else refunded points. What single seats refunded
/// is judged with their tickets.
fn refund(
    row: &Reservation,
    refunds: &[&Entry],
    cancelled: &Wish<'_>,
    of_seats: &Wish<'_>,
    breaks: &mut Vec<Break>,
) {
    let id = &row.id;
    let of_seat =
        |entry: &Entry| of_seats.done.iter().any(|body| body["entry"]["id"] == entry.id.as_str());
    let mut of_whole = refunds.iter().filter(|entry| !of_seat(entry));
    let is_open = cancelled.is_open || of_seats.is_open;
    let Some(body) = cancelled.done.first() else {
        if let (Some(entry), false) = (of_whole.next(), is_open) {
            let sentence = format!("no client cancelled {id}, and there is {entry:?}");
            breaks.push(Break::new(Kind::LeftSomething, sentence));
        }
        return;
    };
    let said = &body["entry"];
    let is_true = |entry: &Entry| {
        said["id"] == entry.id.as_str()
            && said["amount"] == entry.amount
            && body["balance"] == entry.balance_after
    };
    let of_whole: Vec<_> = of_whole.collect();
    if of_whole.is_empty() {
        let sentence = format!("{id} was cancelled, and its points did not come back");
        breaks.push(Break::new(Kind::Lost, sentence));
    } else if !of_whole.iter().any(|entry| is_true(entry)) {
        let sentence = format!("{body} was answered, and stored is {of_whole:?}");
        breaks.push(Break::new(Kind::AnswerUntrue, sentence));
    } else if of_whole.len() > 1 && !is_open {
        let sentence = format!("{id} was cancelled once, and there is {of_whole:?}");
        breaks.push(Break::new(Kind::LeftSomething, sentence));
    }
}
