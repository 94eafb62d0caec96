//! A seat has one owner at a time.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Break, Case, Clock, Kind, text};
use crate::dump::Reservation;
use crate::history::{Asked, Fate, Micros};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    as_stored(case, breaks);
    as_answered(case, breaks);
}

/// When a reservation owned its seats, by what is stored: while it was held, and from when it was paid.
struct Owned<'a> {
    reservation: &'a Reservation,
    paid_at: Option<Micros>,
}

impl Owned<'_> {
    /// Half-open intervals. A hold that was over by a clock that was ahead may seem to go on by one
    /// that is not, so only what was paid counts then.
    fn intervals(&self, clock: Clock) -> Vec<(Micros, Micros)> {
        let row = self.reservation;
        let cancelled = row.ended_at.filter(|_| row.status == "CANCELLED");
        let until = cancelled.unwrap_or(Micros::MAX);
        match self.paid_at {
            Some(paid) if clock == Clock::Stepped => vec![(paid, until)],
            None if clock == Clock::Stepped => Vec::new(),
            Some(paid) => vec![(row.created_at, row.expires_at.min(paid)), (paid, until)],
            None => vec![(row.created_at, row.expires_at.min(until))],
        }
    }

    fn was_given_back(&self) -> bool {
        self.reservation.status == "CANCELLED"
    }

    fn overlaps(&self, other: &Self, clock: Clock) -> bool {
        let meet = |(a, b): (Micros, Micros), (c, d): (Micros, Micros)| a.max(c) < b.min(d);
        let (mine, others) = (self.intervals(clock), other.intervals(clock));
        mine.iter().any(|mine| others.iter().any(|other| meet(*mine, *other)))
    }
}

/// By what is stored. An instant is taken before the store's locks are had, so what was given back may
/// seem to meet who had the seat next; [`as_answered`] judges those.
fn as_stored(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let store = case.store;
    let reservations: BTreeMap<&str, &Reservation> =
        store.reservations.iter().map(|row| (row.id.as_str(), row)).collect();
    let paid: BTreeMap<&str, Micros> =
        store.payments.iter().map(|row| (row.reservation_id.as_str(), row.created_at)).collect();
    let mut owners: BTreeMap<&str, Vec<Owned<'_>>> = BTreeMap::new();
    for row in &store.reserved_seats {
        let Some(reservation) = reservations.get(row.reservation_id.as_str()) else { continue };
        let paid_at = paid.get(reservation.id.as_str()).copied();
        owners.entry(&row.seat_id).or_default().push(Owned { reservation, paid_at });
    }
    for (seat, mut owners) in owners {
        owners.sort_by_key(|owned| owned.reservation.created_at);
        for (i, first) in owners.iter().enumerate() {
            let meets = |second: &&Owned<'_>| {
                first.overlaps(second, case.clock) && !is_excused(first, second, &owners)
            };
            if let Some(second) = owners.iter().skip(i + 1).find(meets) {
                let (first, second) = (first.reservation, second.reservation);
                let sentence = format!("the seat {seat} belongs to {first:?} and to {second:?}");
                breaks.push(Break::new(Kind::TwoOwners, sentence));
            }
        }
    }
}

/// Whether one of two was given back, or somebody had the seat after one of them and gave it back:
/// then whoever came next may have come with an instant from before.
fn is_excused(first: &Owned<'_>, second: &Owned<'_>, owners: &[Owned<'_>]) -> bool {
    if first.was_given_back() || second.was_given_back() {
        return true;
    }
    if first.reservation.status == "CONFIRMED" && second.reservation.status == "CONFIRMED" {
        return false;
    }
    owners.iter().any(|between| {
        let after =
            |owned: &Owned<'_>| between.reservation.created_at >= owned.reservation.expires_at;
        between.was_given_back() && (after(first) || after(second))
    })
}

/// By what was answered: from the answer to a hold until it ran out or was first asked to end, and
/// from the answer to its payment, it was its holder's for certain.
fn as_answered(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let ends = ends(case);
    let mut certain: BTreeMap<String, Vec<(Micros, Micros, String)>> = BTreeMap::new();
    let mut own = |seats: &serde_json::Value, id: &str, from: Micros, until: Micros| {
        for seat in seats.as_array().into_iter().flatten().filter(|_| from < until) {
            let of_seat = certain.entry(text(&seat["id"]).to_owned()).or_default();
            of_seat.push((from, until, id.to_owned()));
        }
    };
    for operation in case.operations {
        let (Fate::Done(body), Some(answered)) = (operation.fate(), operation.answered()) else {
            continue;
        };
        match &operation.asked {
            Asked::Hold { .. } if case.clock == Clock::Steady => {
                let id = text(&body["id"]);
                let ends = ends.get(id).copied().unwrap_or(Micros::MAX);
                own(&body["seats"], id, answered, micros(&body["expiresAt"]).min(ends));
            }
            Asked::Pay { reservation } => {
                own(&body["reservation"]["seats"], reservation, answered, Micros::MAX);
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

/// When each reservation was first asked to end, by giving it or its queue token back.
fn ends<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Micros> {
    let mut of_token: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &case.store.reservations {
        of_token.entry(&row.queue_token_id).or_default().push(&row.id);
    }
    let mut ends: BTreeMap<&str, Micros> = BTreeMap::new();
    for operation in case.operations {
        let ended: Vec<&str> = match &operation.asked {
            Asked::GiveBack { reservation } => vec![reservation],
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

fn micros(instant: &serde_json::Value) -> Micros {
    let parsed = OffsetDateTime::parse(text(instant), &Rfc3339);
    parsed.map_or(0, |at| i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(0))
}
