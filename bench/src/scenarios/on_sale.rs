//! People who come to an on-sale: each joins, is let in, holds a seat and pays for it.

use anyhow::{Context, Result};

use super::booking::{SCHEDULES, hold_by, pay_by};
use super::queue;
use crate::bench::Bench;
use crate::flood::{Person, Text};
use crate::seed;

/// More than come.
const PEOPLE: u64 = 400_000;

pub fn opened(bench: &Bench) -> String {
    let people = bench.size(PEOPLE);
    let seats = people / SCHEDULES + 1;
    [
        seed::users(people),
        seed::CHARGED.to_owned(),
        seed::room(1, people),
        seed::schedules(1, SCHEDULES, seats),
    ]
    .concat()
}

/// One person after another asks to be let in.
pub fn come(bench: &Bench) -> Text {
    queue::flood_of(bench, bench.size(PEOPLE))
}

/// Who is let in holds a seat of their own, and who holds it pays for it.
pub fn go_on(person: &mut Person, answer: &str) -> Result<Option<Vec<u8>>> {
    let request = match person.served {
        0 => {
            person.token = member(answer, "token")?.to_owned();
            let (schedule, seat) = (person.number % SCHEDULES + 1, person.number / SCHEDULES + 1);
            hold_by(&person.token, schedule, seat)
        }
        1 => pay_by(&person.token, member(answer, "id")?),
        _ => return Ok(None),
    };
    Ok(Some(request.text().into_bytes()))
}

/// The first text of this name in an answer.
fn member<'a>(answer: &'a str, name: &str) -> Result<&'a str> {
    let found = answer.split_once(&format!("\"{name}\":\""));
    let found = found.and_then(|(_, rest)| rest.split_once('"'));
    found.map(|(text, _)| text).with_context(|| format!("no {name} in an answer"))
}
