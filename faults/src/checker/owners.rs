//! A seat has one owner at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Break, Case, Clock, Kind, text};
use crate::history::{Asked, Fate, Micros, instant};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    as_stored(case, breaks);
    as_answered(case, breaks);
}

/// By what is stored: no seat is sold twice. Holds are not judged by it. A command is decided by an
/// instant from before it had the store's locks; when it had to wait for them, a hold that came after
/// another had run out may bear an instant from before.
fn as_stored(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let confirmed = case.store.reservations.iter().filter(|row| row.status == "CONFIRMED");
    let confirmed: BTreeSet<&str> = confirmed.map(|row| row.id.as_str()).collect();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for row in &case.store.reserved_seats {
        let (seat, owner) = (row.seat_id.as_str(), row.reservation_id.as_str());
        if !confirmed.contains(owner) {
            continue;
        }
        if let Some(other) = owners.insert(seat, owner) {
            let sentence = format!("the seat {seat} is sold to {owner} and to {other}");
            breaks.push(Break::new(Kind::TwoOwners, sentence));
        }
    }
}

/// By what was answered: from the answer to a hold, or to its extension, until it expired or was first
/// asked to end, and from the answer to its payment until it, or its ticket, was first asked to be
/// cancelled, it was its holder's for certain.
fn as_answered(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let (ends, cancelled) = (ends(case), cancelled(case));
    let cancelled_seats = cancelled_seats(case);
    let mut certain: BTreeMap<String, Vec<(Micros, Micros, String)>> = BTreeMap::new();
    let mut own = |seats: &serde_json::Value, id: &str, from: Micros, until: Micros| {
        for seat in seats.as_array().into_iter().flatten() {
            let seat = text(&seat["id"]);
            let until = until.min(*cancelled_seats.get(&(id, seat)).unwrap_or(&Micros::MAX));
            if from < until {
                let of_seat = certain.entry(seat.to_owned()).or_default();
                of_seat.push((from, until, id.to_owned()));
            }
        }
    };
    for operation in case.operations {
        let (Fate::Done(body), Some(answered)) = (operation.fate(), operation.answered()) else {
            continue;
        };
        match &operation.asked {
            Asked::Hold { .. } | Asked::Extend { .. } if case.clock == Clock::Steady => {
                let id = text(&body["id"]);
                let ends = ends.get(id).copied().unwrap_or(Micros::MAX);
                own(&body["seats"], id, answered, instant(&body["expiresAt"]).min(ends));
            }
            Asked::Pay { reservation } => {
                let until = cancelled.get(reservation.as_str()).copied().unwrap_or(Micros::MAX);
                own(&body["reservation"]["seats"], reservation, answered, until);
            }
            _ => {}
        }
    }
    for (seat, mut owned) in certain {
        owned.sort();
        let mut last: Option<&(Micros, Micros, String)> = None;
        for next in &owned {
            if let Some(before) = last.filter(|before| next.0 < before.1 && next.2 != before.2) {
                let (first, second) = (&before.2, &next.2);
                breaks.push(Break::new(
                    Kind::TwoOwners,
                    format!("the seat {seat} was answered to {second} while it was {first}'s"),
                ));
            }
            last = Some(last.filter(|before| before.1 >= next.1).unwrap_or(next));
        }
    }
}

/// When each reservation was first asked to end, by giving it or its queue token back, or as a ticket.
fn ends<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Micros> {
    let mut of_token: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &case.store.reservations {
        of_token.entry(&row.queue_token_id).or_default().push(&row.id);
    }
    let mut ends: BTreeMap<&str, Micros> = BTreeMap::new();
    for operation in case.operations {
        let ended: Vec<&str> = match &operation.asked {
            Asked::GiveBack { reservation } | Asked::Cancel { reservation } => vec![reservation],
            Asked::Leave { token } => of_token.get(token.as_str()).cloned().unwrap_or_default(),
            _ => continue,
        };
        for id in ended {
            let end = ends.entry(id).or_insert(Micros::MAX);
            *end = (*end).min(operation.begun());
        }
    }
    ends
}

/// When each reservation was first asked to be cancelled.
fn cancelled<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Micros> {
    let mut cancelled: BTreeMap<&str, Micros> = BTreeMap::new();
    for operation in case.operations {
        if let Asked::Cancel { reservation } = &operation.asked {
            let first = cancelled.entry(reservation).or_insert(Micros::MAX);
            *first = (*first).min(operation.begun());
        }
    }
    cancelled
}

/// When each seat of a reservation was first asked to be cancelled by itself.
fn cancelled_seats<'a>(case: &Case<'a>) -> BTreeMap<(&'a str, &'a str), Micros> {
    let mut cancelled: BTreeMap<(&str, &str), Micros> = BTreeMap::new();
    for operation in case.operations {
        if let Asked::CancelTicket { reservation, seat, .. } = &operation.asked {
            let first = cancelled.entry((reservation, seat)).or_insert(Micros::MAX);
            *first = (*first).min(operation.begun());
        }
    }
    cancelled
}
