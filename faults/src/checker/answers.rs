//! One key, one answer; and an answer in the end.

use serde_json::Value;

use super::{Break, Case, Kind};
use crate::history::{Asked, Operation, Outcome};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    for operation in case.operations {
        let asked = &operation.asked;
        if operation.request.key.is_some() {
            one_answer(operation, breaks);
        }
        for attempt in &operation.attempts {
            if let Outcome::Broken(body) = &attempt.outcome {
                let sentence = format!("{asked:?} was answered with a 500: {body}");
                breaks.push(Break::new(Kind::Broke, sentence));
            }
        }
        if operation.is_open() {
            let tries = operation.attempts.len();
            let last = operation.attempts.last().map(|attempt| &attempt.outcome);
            let sentence = format!("{asked:?} has no answer after {tries} attempts: {last:?}");
            breaks.push(Break::new(Kind::NeverAnswered, sentence));
        }
    }
}

/// From the first success on, every answer is the same.
fn one_answer(operation: &Operation, breaks: &mut Vec<Break>) {
    let mut answers = operation.answers().skip_while(|(_, status, _)| *status >= 300);
    let Some((_, status, body)) = answers.next() else { return };
    let first = (status, essence(&operation.asked, body));
    for (_, status, body) in answers {
        let again = (status, essence(&operation.asked, body));
        if again != first {
            let asked = &operation.asked;
            breaks.push(Break::new(
                Kind::AnswersDiffer,
                format!("{asked:?} was answered {first:?}, and with the same key {again:?}"),
            ));
        }
    }
}

/// What must be the same in every answer. A place in line moves on, and every request has its own id.
fn essence(asked: &Asked, body: &Value) -> Value {
    if matches!(asked, Asked::Join { .. }) {
        return body["id"].clone();
    }
    let mut essence = body.clone();
    if let Some(fields) = essence.as_object_mut() {
        fields.remove("requestId");
    }
    essence
}
