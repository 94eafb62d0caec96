//! Holds, released and paid reservations: whole, once, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use super::tickets::taken_off;
use super::{Break, Case, Clock, Kind, Made, text};
use crate::dump::{Entry, Payment, Reservation, Seat, Token};
use crate::history::{Asked, Fate, Operation};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    holds(case, breaks);
    payments(case, breaks);
    let whole = Whole::new(case);
    for reservation in &case.store.reservations {
        whole.reservation(reservation, breaks);
        whole.is_ended(reservation, breaks);
    }
    whole.payments(breaks);
    whole.seats(case, breaks);
    for operation in case.operations {
        whole.answer(operation, breaks);
    }
}

fn holds(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let rows = case.store.reservations.iter();
    let mut made =
        Made::new("reservation", rows.map(|row| (row.id.as_str(), row.user_id.as_str())));
    let holds = case.operations.iter().filter(|it| matches!(it.asked, Asked::Hold { .. }));
    holds.for_each(|hold| made.count(hold));
    made.check(breaks);
}

fn payments(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let rows = case.store.payments.iter();
    let mut made = Made::new("payment", rows.map(|row| (row.id.as_str(), row.user_id.as_str())));
    let pays = case.operations.iter().filter(|it| matches!(it.asked, Asked::Pay { .. }));
    pays.for_each(|pay| made.count(pay));
    made.check(breaks);
}

/// What belongs together, by what it belongs to.
struct Whole<'a> {
    clock: Clock,
    taken_at: i64,
    reservations: BTreeMap<&'a str, &'a Reservation>,
    seats: BTreeMap<&'a str, &'a Seat>,
    seats_of: BTreeMap<&'a str, Vec<&'a str>>,
    /// The seats that were cancelled by themselves.
    taken_off: BTreeMap<&'a str, Vec<&'a str>>,
    payment_of: BTreeMap<&'a str, &'a Payment>,
    entries_of: BTreeMap<&'a str, Vec<&'a Entry>>,
    tokens: BTreeMap<&'a str, &'a Token>,
    /// The reservations that a client released, or may have, and whether that was answered.
    released: BTreeMap<&'a str, bool>,
    /// The tokens that a client released, or may have.
    left: BTreeSet<&'a str>,
}

impl<'a> Whole<'a> {
    fn new(case: &Case<'a>) -> Self {
        let store = case.store;
        let mut seats_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in &store.reserved_seats {
            seats_of.entry(&row.reservation_id).or_default().push(&row.seat_id);
        }
        let mut entries_of: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &store.entries {
            if let Some(payment) = &entry.payment_id {
                entries_of.entry(payment).or_default().push(entry);
            }
        }
        let happened = |it: &&Operation| matches!(it.fate(), Fate::Done(_) | Fate::Unknown);
        let mut released = BTreeMap::new();
        let mut left = BTreeSet::new();
        for operation in case.operations.iter().filter(happened) {
            match &operation.asked {
                Asked::GiveBack { reservation } => {
                    let answered = released.entry(reservation.as_str()).or_default();
                    *answered |= operation.fate() != Fate::Unknown;
                }
                Asked::Leave { token } => {
                    left.insert(token.as_str());
                }
                _ => {}
            }
        }
        let payments = store.payments.iter();
        Self {
            clock: case.clock,
            taken_at: store.taken_at,
            reservations: store.reservations.iter().map(|row| (row.id.as_str(), row)).collect(),
            seats: store.seats.iter().map(|row| (row.id.as_str(), row)).collect(),
            seats_of,
            taken_off: taken_off(store),
            payment_of: payments.map(|row| (row.reservation_id.as_str(), row)).collect(),
            entries_of,
            tokens: store.tokens.iter().map(|row| (row.id.as_str(), row)).collect(),
            released,
            left,
        }
    }

    fn seats_of(&self, reservation: &str) -> impl Iterator<Item = &'a Seat> {
        self.named(&self.seats_of, reservation)
    }

    /// The seats that were taken off a paid reservation.
    fn taken_off(&self, reservation: &str) -> impl Iterator<Item = &'a Seat> {
        self.named(&self.taken_off, reservation)
    }

    fn named(
        &self,
        seats: &BTreeMap<&str, Vec<&str>>,
        reservation: &str,
    ) -> impl Iterator<Item = &'a Seat> + use<'a> {
        let ids = seats.get(reservation).map_or(&[][..], Vec::as_slice);
        let named: Vec<_> = ids.iter().filter_map(|id| self.seats.get(id).copied()).collect();
        named.into_iter()
    }

    /// A reservation has its seats, which cost what it costs and are its own while it has them, and
    /// it is paid if it is confirmed.
    fn reservation(&self, row: &Reservation, breaks: &mut Vec<Break>) {
        let id = row.id.as_str();
        let mut half = |what: String| {
            breaks.push(Break::new(Kind::HalfDone, format!("the reservation {id} {what}")));
        };
        let price: i64 = self.seats_of(id).map(|seat| seat.price).sum();
        if price != row.total_price {
            half(format!("costs {}, and its seats come to {price}", row.total_price));
        }
        let is_paid = self.payment_of.contains_key(id);
        let is_live = row.expires_at > self.taken_at && self.clock == Clock::Steady;
        let status = match row.status.as_str() {
            "CONFIRMED" if !is_paid => return half("is confirmed without a payment".to_owned()),
            "HELD" | "EXPIRED" if is_paid => {
                return half(format!("is paid and {}", row.status));
            }
            "CONFIRMED" => "SOLD",
            "HELD" if is_live => "HELD",
            _ => return,
        };
        for seat in self.seats_of(id) {
            if seat.status != status || seat.reservation_id.as_deref() != Some(id) {
                let (number, status, owner) = (seat.number, &seat.status, &seat.reservation_id);
                half(format!("is {}, and its seat {number} is {status} by {owner:?}", row.status));
            }
        }
    }

    /// Whether a client released a token before it ended otherwise.
    fn was_left(&self, token: &str) -> bool {
        let row = self.tokens.get(token);
        self.left.contains(token) && row.is_some_and(|row| row.reason.as_deref() == Some("LEFT"))
    }

    /// Nothing is released without a request, and what was answered as released is.
    fn is_ended(&self, row: &Reservation, breaks: &mut Vec<Break>) {
        let id = row.id.as_str();
        let is_cancelled = row.status == "CANCELLED";
        let released = self.released.get(id);
        // A ticket ends otherwise: its points come back.
        let may_be = released.is_some()
            || self.was_left(&row.queue_token_id)
            || self.payment_of.contains_key(id);
        if is_cancelled && !may_be {
            let sentence = format!("the reservation {id} was released by no client");
            breaks.push(Break::new(Kind::LeftSomething, sentence));
        }
        if !is_cancelled && released == Some(&true) {
            let sentence = format!("the reservation {id} was released and is {}", row.status);
            breaks.push(Break::new(Kind::Lost, sentence));
        }
    }

    /// A payment took its points off once and has its reservation. Each seat that was cancelled by itself gave its price
    /// back once, and a reservation that was cancelled the rest.
    fn payments(&self, breaks: &mut Vec<Break>) {
        for (reservation, payment) in &self.payment_of {
            let entries = self.entries_of.get(payment.id.as_str()).map_or(&[][..], Vec::as_slice);
            let of_kind = |kind: &str| {
                let same = |it: &&&Entry| it.kind == kind && it.user_id == payment.user_id;
                let amounts = entries.iter().filter(same).map(|entry| entry.amount);
                let mut amounts: Vec<i64> = amounts.collect();
                amounts.sort_unstable();
                amounts
            };
            let row = self.reservations.get(reservation);
            let mut refunds: Vec<i64> =
                self.taken_off(reservation).map(|seat| seat.price).collect();
            let price = row.map(|row| row.total_price + refunds.iter().sum::<i64>());
            let costs_the_same = price == Some(payment.amount);
            refunds.extend(row.filter(|row| row.status == "CANCELLED").map(|row| row.total_price));
            refunds.sort_unstable();
            if of_kind("USE") != [payment.amount] || of_kind("REFUND") != refunds || !costs_the_same
            {
                let id = &payment.id;
                let sentence = format!(
                    "the payment {id} of {} for {row:?} has the entries {entries:?}",
                    payment.amount
                );
                breaks.push(Break::new(Kind::HalfDone, sentence));
            }
        }
    }

    /// A sold seat is sold to a confirmed reservation that has it.
    fn seats(&self, case: &Case<'_>, breaks: &mut Vec<Break>) {
        for seat in case.store.seats.iter().filter(|seat| seat.status == "SOLD") {
            let owner = seat.reservation_id.as_deref().unwrap_or_default();
            let row = self.reservations.get(owner);
            let has_it = self.seats_of(owner).any(|own| own.id == seat.id);
            if !has_it || row.is_none_or(|row| row.status != "CONFIRMED") {
                let sentence = format!("the seat {} is sold to {owner}, which is {row:?}", seat.id);
                breaks.push(Break::new(Kind::HalfDone, sentence));
            }
        }
    }

    /// An answer says what the store says, and a reservation that was answered is seen.
    fn answer(&self, operation: &Operation, breaks: &mut Vec<Break>) {
        match (&operation.asked, operation.fate()) {
            (Asked::Hold { schedule }, Fate::Done(body)) => {
                let said = body["seats"].as_array().map_or(&[][..], Vec::as_slice);
                let said: BTreeSet<&str> = said.iter().map(|seat| text(&seat["id"])).collect();
                let id = text(&body["id"]);
                let stored = self.seats_of(id).chain(self.taken_off(id));
                let stored: BTreeSet<&str> = stored.map(|seat| seat.id.as_str()).collect();
                let row = self.reservations.get(id);
                let refunded: i64 = self.taken_off(id).map(|seat| seat.price).sum();
                let same = row.is_none_or(|row| {
                    row.schedule_id == *schedule && body["totalPrice"] == row.total_price + refunded
                });
                if row.is_some() && (said != stored || !same) {
                    let sentence =
                        format!("{body} was answered, and stored is {row:?} of {stored:?}");
                    breaks.push(Break::new(Kind::AnswerUntrue, sentence));
                }
            }
            (Asked::Pay { reservation }, Fate::Done(body)) => {
                let payment = self.payment_of.get(reservation.as_str());
                if payment.is_some_and(|row| body["id"] != row.id || body["amount"] != row.amount) {
                    let sentence = format!("{body} was answered, and stored is {payment:?}");
                    breaks.push(Break::new(Kind::AnswerUntrue, sentence));
                }
                let token = self.tokens.get(text(&body["queueToken"]["id"]));
                let said = &body["queueToken"];
                // A clock that steps back pays in time what it had ended before.
                let is_late = body["late"] == true || self.clock == Clock::Stepped;
                let may_say =
                    said["reason"] == "COMPLETED" || (said["reason"] == "TIMED_OUT" && is_late);
                let same =
                    token.is_some_and(|token| token.reason.as_deref() == said["reason"].as_str());
                if !may_say || !same {
                    let sentence =
                        format!("{reservation} is paid, and its queue token is {token:?}");
                    breaks.push(Break::new(Kind::HalfDone, sentence));
                }
            }
            (Asked::ReadReservation { reservation }, Fate::Refused(code)) => {
                let sentence = format!("{reservation} was answered, and then not found: {code}");
                breaks.push(Break::new(Kind::OutOfOrder, sentence));
            }
            _ => {}
        }
    }
}
