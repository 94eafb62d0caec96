//! Points: each charge and use once, and balances that equal their histories.

use std::collections::{BTreeMap, BTreeSet};

use super::line::first_swapped;
use super::{Break, Case, Kind, text};
use crate::dump::{Account, Entry};
use crate::history::{Asked, Fate, Operation};

pub(super) fn check(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut accounts: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &case.store.entries {
        accounts.entry(&entry.user_id).or_default().push(entry);
    }
    accounts.values_mut().for_each(|entries| entries.sort_by_key(|entry| entry.number));
    for account in &case.store.accounts {
        let entries = accounts.get(account.user_id.as_str()).map_or(&[][..], Vec::as_slice);
        adds_up(account, entries, breaks);
    }
    changes(case, breaks);
    order(case, breaks);
    reads(case, &accounts, breaks);
}

fn adds_up(account: &Account, entries: &[&Entry], breaks: &mut Vec<Break>) {
    let user = &account.user_id;
    let mut sum = 0;
    for (number, entry) in (1_i64..).zip(entries) {
        sum += if entry.kind == "USE" { -entry.amount } else { entry.amount };
        if entry.number != number || entry.balance_after != sum {
            let (at, after) = (entry.number, entry.balance_after);
            breaks.push(Break::new(
                Kind::WrongBalance,
                format!("{user}'s entry {at} says {after} where entry {number} should say {sum}"),
            ));
            return;
        }
    }
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if account.balance != sum || account.entries != count {
        let (balance, counted) = (account.balance, account.entries);
        breaks.push(Break::new(
            Kind::WrongBalance,
            format!(
                "{user} has {balance} by {counted} entries; they are {count} and come to {sum}"
            ),
        ));
    }
}

/// The kind and amount of a change of points; no two operations ask for the same.
fn change(asked: &Asked) -> Option<(&'static str, i64)> {
    match asked {
        Asked::Charge { amount } => Some(("CHARGE", *amount)),
        Asked::Use { amount } => Some(("USE", *amount)),
        _ => None,
    }
}

fn changes(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let mut made: BTreeMap<(&str, &str, i64), Vec<&Entry>> = BTreeMap::new();
    for entry in case.store.entries.iter().filter(|entry| entry.payment_id.is_none()) {
        made.entry((&entry.user_id, &entry.kind, entry.amount)).or_default().push(entry);
    }
    for operation in case.operations {
        let Some((kind, amount)) = change(&operation.asked) else { continue };
        let found = made.remove(&(operation.user.as_str(), kind, amount)).unwrap_or_default();
        if let Some((broken, what)) = judge(operation, &found) {
            let user = &operation.user;
            breaks.push(Break::new(broken, format!("{user}'s {kind} of {amount} {what}")));
        }
    }
    for ((user, kind, amount), _) in made {
        let sentence = format!("{user} has a {kind} of {amount} that no client requested");
        breaks.push(Break::new(Kind::Unaccounted, sentence));
    }
}

fn judge(operation: &Operation, found: &[&Entry]) -> Option<(Kind, String)> {
    match (operation.fate(), found) {
        (Fate::Done(_), []) => Some((Kind::Lost, "was answered and is not there".to_owned())),
        (_, [_, _, ..]) => Some((Kind::Doubled, format!("is there {} times", found.len()))),
        (Fate::Done(body), [entry]) => {
            let said = &body["entry"];
            let is_true = said["id"] == entry.id.as_str()
                && said["amount"] == entry.amount
                && body["balance"] == entry.balance_after;
            let what = || format!("was answered as {body} and is {entry:?}");
            (!is_true).then(|| (Kind::AnswerUntrue, what()))
        }
        (Fate::Refused(code), [_]) => {
            Some((Kind::LeftSomething, format!("was refused ({code}) and is there")))
        }
        (Fate::NotDone, [_]) => {
            Some((Kind::LeftSomething, "was said not to be done and is there".to_owned()))
        }
        (Fate::Refused(_) | Fate::NotDone, []) | (Fate::Unknown, [] | [_]) => None,
    }
}

/// The entry that an operation made, by its answer.
fn entry_of<'a>(numbers: &Numbers<'a>, operation: &Operation) -> Option<&'a Entry> {
    let Fate::Done(body) = operation.fate() else { return None };
    let id = match operation.asked {
        Asked::Charge { .. }
        | Asked::Use { .. }
        | Asked::Cancel { .. }
        | Asked::CancelTicket { .. } => text(&body["entry"]["id"]),
        Asked::Pay { .. } => return numbers.of_payments.get(text(&body["id"])).copied(),
        _ => return None,
    };
    numbers.by_id.get(id).copied()
}

struct Numbers<'a> {
    by_id: BTreeMap<&'a str, &'a Entry>,
    of_payments: BTreeMap<&'a str, &'a Entry>,
}

impl<'a> Numbers<'a> {
    fn new(case: &Case<'a>) -> Self {
        let entries = &case.store.entries;
        let uses = entries.iter().filter(|entry| entry.kind == "USE");
        Self {
            by_id: entries.iter().map(|entry| (entry.id.as_str(), entry)).collect(),
            of_payments: uses
                .filter_map(|entry| Some((entry.payment_id.as_deref()?, entry)))
                .collect(),
        }
    }
}

/// What was answered before another was asked for stands before it in the history.
fn order(case: &Case<'_>, breaks: &mut Vec<Break>) {
    let numbers = Numbers::new(case);
    let mut by_user: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for operation in case.operations {
        let entry = entry_of(&numbers, operation);
        if let (Some(entry), Some(answered)) = (entry, operation.answered()) {
            let of_user = by_user.entry(&operation.user).or_default();
            of_user.push((operation.begun(), answered, entry.number));
        }
    }
    for (user, changes) in by_user {
        if let Some((early, late)) = first_swapped(changes) {
            let sentence =
                format!("{user}'s entry {early} was asked for only after {late} was answered");
            breaks.push(Break::new(Kind::OutOfOrder, sentence));
        }
    }
}

/// A balance that was read is one that the account had, and none from before what was answered.
fn reads(case: &Case<'_>, accounts: &BTreeMap<&str, Vec<&Entry>>, breaks: &mut Vec<Break>) {
    let numbers = Numbers::new(case);
    let mut known: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for operation in case.operations {
        let entry = entry_of(&numbers, operation);
        if let (Some(entry), Some(answered)) = (entry, operation.answered()) {
            known.entry(&operation.user).or_default().push((answered, entry.number));
        }
    }
    for operation in case.operations.iter().filter(|it| it.asked == Asked::ReadBalance) {
        let Some((attempt, 200, body)) = operation.answers().next() else { continue };
        let user = operation.user.as_str();
        let before = known.get(user).map_or(&[][..], Vec::as_slice).iter();
        let least = before.filter(|(at, _)| *at < attempt.begun).map(|(_, number)| *number).max();
        let least = least.unwrap_or(0);
        let entries = accounts.get(user).map_or(&[][..], Vec::as_slice).iter();
        let mut possible: BTreeSet<i64> = entries
            .filter(|entry| entry.number >= least)
            .map(|entry| entry.balance_after)
            .collect();
        if least == 0 {
            possible.insert(0);
        }
        if !body["balance"].as_i64().is_some_and(|balance| possible.contains(&balance)) {
            let balance = &body["balance"];
            let (replica, at) = (attempt.replica, attempt.begun);
            let sentence = format!(
                "{user} read a balance of {balance} after entry {least}, from replica {replica} at {at}"
            );
            breaks.push(Break::new(Kind::OutOfOrder, sentence));
        }
    }
}
