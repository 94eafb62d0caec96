//! Positions that clients were told, one request after the other or several at once, by any process.

use std::collections::BTreeMap;

use super::{Break, Kind, text};
use crate::history::{Asked, Attempt, Fate, Micros, Operation, Outcome};

/// One answer that tells the state of a token.
#[derive(Clone, Copy)]
struct Told<'a> {
    begun: Micros,
    ended: Micros,
    /// Which process answered, and to what.
    replica: usize,
    is_poll: bool,
    status: &'a str,
    /// 0 once the token does not wait.
    position: i64,
}

/// No answer tells a higher position than one that had been answered before the request was sent. A token that does not wait any more
/// has position 0. A join that finds such a token is left out: it reads the store, which positions in memory follow within a second.
pub fn check(operations: &[Operation]) -> Vec<Break> {
    let mut tokens: BTreeMap<&str, Vec<Told<'_>>> = BTreeMap::new();
    for operation in operations {
        for (attempt, body) in fresh(operation) {
            let status = text(&body["status"]);
            let is_poll = operation.asked == Asked::Poll;
            if !is_poll && status != "WAITING" {
                continue;
            }
            let position = match status {
                "WAITING" => body["position"].as_i64().unwrap_or_default(),
                _ => 0,
            };
            let (begun, ended, replica) = (attempt.begun, attempt.ended, attempt.replica);
            let told = Told { begun, ended, replica, is_poll, status, position };
            tokens.entry(text(&body["id"])).or_default().push(told);
        }
    }
    let raised = tokens.into_iter().filter_map(|(token, mut told)| {
        let (before, after) = first_raised(&mut told)?;
        let words = |it: &Told<'_>| {
            let asked = if it.is_poll { "poll" } else { "join" };
            format!("{} at {} by process {} to a {asked}", it.status, it.position, it.replica)
        };
        let sentence = format!(
            "the queue token {token} was {}, and in a request {} µs later {}",
            words(&before),
            after.begun - before.ended,
            words(&after)
        );
        Some(Break::new(Kind::PositionIncreased, sentence))
    });
    raised.collect()
}

/// The answers that are as new as their request: those to polls, and that to a join which no earlier attempt can have decided.
fn fresh(operation: &Operation) -> Vec<(&Attempt, &serde_json::Value)> {
    let answers = operation.answers().filter(|(_, status, _)| *status < 300);
    let answers = answers.map(|(attempt, _, body)| (attempt, body));
    match operation.asked {
        Asked::Poll => answers.collect(),
        Asked::Join { .. } if matches!(operation.fate(), Fate::Done(_)) => {
            let not_done = |it: &&Attempt| matches!(it.outcome, Outcome::NotDone(_));
            let tries = operation.attempts.iter().take_while(not_done).count();
            let first = operation.attempts.get(tries);
            answers
                .take(1)
                .filter(|(it, _)| first.is_some_and(|first| it.begun == first.begun))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The first answer that tells more than one before its request, after that one.
fn first_raised<'a>(told: &mut [Told<'a>]) -> Option<(Told<'a>, Told<'a>)> {
    told.sort_unstable_by_key(|it| it.begun);
    told.iter().find_map(|after| {
        let before = told.iter().filter(|it| it.ended < after.begun);
        let lowest = before.min_by_key(|it| it.position)?;
        (lowest.position < after.position).then_some((*lowest, *after))
    })
}
