//! The judge: were the answers true?
//!
//! It reads what was asked and answered, and what is in the store, and knows of the service only what
//! its documentation promises.

mod answers;
mod booking;
mod check_ins;
mod extend_and_cancel;
pub mod line;
pub mod mails;
mod owners;
mod people;
pub mod positions;
mod tickets;
pub mod waiting;
mod wallet;
pub mod webhooks;

use std::collections::BTreeMap;
use std::fmt;

use crate::dump::Dump;
use crate::history::{Fate, Operation};

/// What kind of promise was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What was answered as done is not in the store.
    Lost,
    /// It was done more than once.
    Doubled,
    /// What was refused, or surely not done, left something.
    LeftSomething,
    /// Something is in the store that no answer and no unknown outcome accounts for.
    Unaccounted,
    /// A part of what belongs together is missing.
    HalfDone,
    /// A repetition with the same key got another answer.
    AnswersDiffer,
    /// An answer says other things than the store.
    AnswerUntrue,
    /// A seat had two owners at one instant.
    TwoOwners,
    /// A token was admitted before one that came earlier.
    OutOfLine,
    /// More people were in a room than it takes.
    OverCapacity,
    /// A client that kept polling lost its place.
    PlaceLost,
    /// A client that was silent for longer than the idle time kept its place, or was admitted.
    PlaceKept,
    /// A client was shown a higher queue position than before.
    PositionIncreased,
    /// A token ended before the `expiresAt` that its client was told.
    PromiseBroken,
    /// No token was admitted although a slot was free.
    NoAdmission,
    /// A balance is not the sum of its history.
    WrongBalance,
    /// What was answered before was not seen afterwards, or was put after what came later.
    OutOfOrder,
    /// The service said that it broke.
    Broke,
    /// An unknown outcome stayed unknown, however often it was asked for.
    NeverAnswered,
    /// The service did not come back, or did not end well.
    NotRecovered,
    /// A request failed although the service was only restarted in good order.
    Interrupted,
    /// The service's own audit found something.
    Audit,
    /// A webhook was sent without a signature by its secret, or with one of another time.
    WronglySigned,
    /// A change was acknowledged while no standby could have it.
    Unreplicated,
    /// A control, in which acknowledged changes must be lost, lost none: the run proves nothing.
    ControlLostNothing,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Which kind.
    pub kind: Kind,
    /// What was broken, for people.
    pub sentence: String,
}

impl Break {
    /// A broken promise.
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into() }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.sentence)
    }
}

/// How the service's clock went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Like the machine's.
    Steady,
    /// Forward and back in steps: instants of different times cannot be compared.
    Stepped,
}

/// Everything that is wrong.
pub fn check(operations: &[Operation], store: &Dump, clock: Clock) -> Vec<Break> {
    let case = Case { operations, store, clock };
    let mut breaks = Vec::new();
    answers::check(&case, &mut breaks);
    people::check(&case, &mut breaks);
    booking::check(&case, &mut breaks);
    extend_and_cancel::check(&case, &mut breaks);
    tickets::check(&case, &mut breaks);
    check_ins::check(&case, &mut breaks);
    wallet::check(&case, &mut breaks);
    owners::check(&case, &mut breaks);
    breaks.extend(line::check(store, clock));
    line::check_joins(&case, &mut breaks);
    breaks
}

struct Case<'a> {
    operations: &'a [Operation],
    store: &'a Dump,
    clock: Clock,
}

/// Rows that operations make, each known by its id and owner.
struct Made<'a> {
    /// What a row is called.
    noun: &'a str,
    /// The rows of the store: ids and owners.
    rows: BTreeMap<&'a str, &'a str>,
    /// The ids that were answered, and to whom.
    answered: BTreeMap<String, &'a str>,
    /// How many rows each owner may have by unknown outcomes.
    open: BTreeMap<&'a str, usize>,
}

impl<'a> Made<'a> {
    fn new(noun: &'a str, rows: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (answered, open) = (BTreeMap::new(), BTreeMap::new());
        Self { noun, rows: rows.collect(), answered, open }
    }

    /// Counts an operation that makes a row, whose id is in its answer.
    fn count(&mut self, operation: &'a Operation) {
        match operation.fate() {
            Fate::Done(body) => {
                self.answered.insert(text(&body["id"]).to_owned(), &operation.user);
            }
            Fate::Unknown => *self.open.entry(&operation.user).or_default() += 1,
            Fate::Refused(_) | Fate::NotDone => {}
        }
    }

    /// Every answered row is there, and every row is accounted for.
    fn check(mut self, breaks: &mut Vec<Break>) {
        let noun = self.noun;
        for (id, user) in &self.answered {
            match self.rows.get(id.as_str()) {
                None => breaks.push(Break::new(
                    Kind::Lost,
                    format!("the {noun} {id} was answered to {user} and is not in the store"),
                )),
                Some(owner) if owner != user => breaks.push(Break::new(
                    Kind::AnswerUntrue,
                    format!("the {noun} {id} was answered to {user} and is {owner}'s"),
                )),
                Some(_) => {}
            }
        }
        for (id, owner) in self.rows.iter().filter(|(id, _)| !self.answered.contains_key(**id)) {
            match self.open.get_mut(owner) {
                Some(open) if *open > 0 => *open -= 1,
                _ => breaks.push(Break::new(
                    Kind::Unaccounted,
                    format!("{owner} has the {noun} {id}, which was never answered to a client"),
                )),
            }
        }
    }
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}
