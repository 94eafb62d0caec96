//! First come, first served.

use std::collections::BTreeMap;

use super::{Break, Case, Clock, Kind, text};
use crate::dump::{Dump, Token};
use crate::history::{Asked, Fate, Micros};

/// Judges one snapshot of the queues. No token in them has been silent for long enough to be passed.
pub fn check(snapshot: &Dump, clock: Clock) -> Vec<Break> {
    let mut breaks = Vec::new();
    for room in &snapshot.rooms {
        let of_room = || snapshot.tokens.iter().filter(|token| token.room_id == room.id);
        let active: Vec<&Token> = of_room().filter(|token| token.status == "ACTIVE").collect();
        let waiting: Vec<&Token> = of_room().filter(|token| token.status == "WAITING").collect();
        passed(&active, &waiting, &mut breaks);
        if clock == Clock::Steady {
            full(room.capacity, &room.id, &active, &mut breaks);
        }
    }
    breaks
}

/// No waiting token was passed by one with a later position, or by one that came later and was
/// let in at once: versions number the changes of a room in their order.
fn passed(active: &[&Token], waiting: &[&Token], breaks: &mut Vec<Break>) {
    let Some(first) = waiting.iter().min_by_key(|token| token.place) else { return };
    for ahead in active {
        let later = match ahead.place {
            Some(place) => Some(place) > first.place,
            None => ahead.version > first.version,
        };
        if later {
            let (ahead, first) = (&ahead.id, &first.id);
            let sentence = format!("the queue token {ahead} was let in while {first} still waits");
            breaks.push(Break::new(Kind::OutOfLine, sentence));
        }
    }
}

/// Counts those inside at the instant when the last one was let in.
fn full(capacity: i64, room: &str, active: &[&Token], breaks: &mut Vec<Break>) {
    let Some(last) = active.iter().filter_map(|token| token.active_since).max() else { return };
    let inside = active.iter().filter(|token| token.expires_at > Some(last)).count();
    if i64::try_from(inside).is_ok_and(|inside| inside > capacity) {
        let sentence =
            format!("the room {room} takes {capacity}, and {inside} were in it at {last}");
        breaks.push(Break::new(Kind::OverCapacity, sentence));
    }
}

/// No token was abandoned where no client is silent for as long as the idle time.
pub fn none_abandoned(store: &Dump) -> Vec<Break> {
    let abandoned = store.tokens.iter().filter(|it| it.reason.as_deref() == Some("ABANDONED"));
    let sentence = |token: &Token| format!("the queue token {} was abandoned", token.id);
    abandoned.map(|token| Break::new(Kind::PlaceLost, sentence(token))).collect()
}

/// Who had joined before another asked has the earlier place.
pub(super) fn check_joins(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let tokens: BTreeMap<&str, &Token> =
        case.store.tokens.iter().map(|token| (token.id.as_str(), token)).collect();
    let mut places: BTreeMap<&str, Vec<(Micros, Micros, i64)>> = BTreeMap::new();
    for operation in case.operations {
        let Asked::Join { .. } = operation.asked else { continue };
        let (Fate::Done(body), Some(answered)) = (operation.fate(), operation.answered()) else {
            continue;
        };
        let is_new = operation.settled().is_some_and(|(_, status, _)| status == 201);
        let Some(token) = tokens.get(text(&body["id"])).filter(|_| is_new) else { continue };
        if let Some(place) = token.place {
            let of_room = places.entry(&token.room_id).or_default();
            of_room.push((operation.begun(), answered, place));
        }
    }
    for (room, joins) in places {
        if let Some((early, late)) = first_swapped(joins) {
            let sentence = format!(
                "in the room {room} the place {early} was asked for only after {late} was given"
            );
            breaks.push(Break::new(Kind::OutOfLine, sentence));
        }
    }
}

/// Of things that began, ended and got a number: one that began after another had ended and yet has
/// the smaller number, with that other's number.
pub(super) fn first_swapped(mut things: Vec<(Micros, Micros, i64)>) -> Option<(i64, i64)> {
    let mut ended: Vec<(Micros, i64)> =
        things.iter().map(|(_, ended, number)| (*ended, *number)).collect();
    ended.sort_unstable();
    things.sort_unstable();
    let mut ended = ended.into_iter().peekable();
    let mut highest = None;
    for (begun, _, number) in things {
        while let Some((_, before)) = ended.next_if(|(at, _)| *at < begun) {
            highest = highest.max(Some(before));
        }
        if let Some(before) = highest.filter(|before| *before > number) {
            return Some((number, before));
        }
    }
    None
}
