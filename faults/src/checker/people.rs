//! Accounts, and coming and going.

use std::collections::{BTreeMap, BTreeSet};

use super::{Break, Case, Clock, Kind, Made};
use crate::history::{Asked, Fate};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    sign_ups(case, breaks);
    joins(case, breaks);
    leaves(case, breaks);
}

fn sign_ups(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut by_email: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for user in &case.store.users {
        by_email.entry(&user.email).or_default().push(&user.id);
    }
    for operation in case.operations {
        let Asked::SignUp { email } = &operation.asked else { continue };
        let found = by_email.get(email.as_str()).map_or(&[][..], Vec::as_slice);
        let wrong = match operation.fate() {
            Fate::Done(body) if found.is_empty() => {
                Some((Kind::Lost, format!("was answered as {} and is not there", body["id"])))
            }
            Fate::Done(body) if body["id"] != found[0] => Some((
                Kind::AnswerUntrue,
                format!("was answered as {} and is {found:?}", body["id"]),
            )),
            Fate::Refused(_) | Fate::NotDone if !found.is_empty() => {
                Some((Kind::LeftSomething, format!("was not signed up, and is there as {found:?}")))
            }
            _ if found.len() > 1 => Some((Kind::Doubled, format!("is there as {found:?}"))),
            _ => None,
        };
        breaks.extend(wrong.map(|(kind, what)| Break::new(kind, format!("{email} {what}"))));
    }
}

fn joins(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let rows = case.store.tokens.iter().map(|token| (token.id.as_str(), token.user_id.as_str()));
    let mut made = Made::new("queue token", rows);
    let joins = case.operations.iter().filter(|it| matches!(it.asked, Asked::Join { .. }));
    joins.for_each(|join| made.count(join));
    made.check(breaks);
}

/// A token that was left has ended, and no other token ended by leaving.
fn leaves(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut accounted = BTreeSet::new();
    let mut left = BTreeSet::new();
    for operation in case.operations {
        let Asked::Leave { token } = &operation.asked else { continue };
        match operation.fate() {
            Fate::Done(_) => {
                left.insert(token.as_str());
                accounted.insert(token.as_str());
            }
            Fate::Unknown => {
                accounted.insert(token.as_str());
            }
            Fate::Refused(_) | Fate::NotDone => {}
        }
    }
    for token in &case.store.tokens {
        let id = token.id.as_str();
        // One that expired by itself stays as it is until the scheduler writes it.
        let is_live = case.clock == Clock::Steady
            && (token.status == "WAITING" || token.expires_at > Some(case.store.taken_at));
        if left.contains(id) && token.status != "EXPIRED" && is_live {
            let sentence = format!("the queue token {id} was given up and is {}", token.status);
            breaks.push(Break::new(Kind::Lost, sentence));
        }
        if token.reason.as_deref() == Some("LEFT") && !accounted.contains(id) {
            let sentence = format!("the queue token {id} was left by no client");
            breaks.push(Break::new(Kind::LeftSomething, sentence));
        }
    }
}
