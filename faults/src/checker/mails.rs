//! E-mail: who bought, received or lost tickets is told of it at least once, and of nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Break, Kind};
use crate::dump::{Dump, Ticket};
use crate::mail_server::Letter;

/// The numbers of e-mails, by what they tell.
const PAID: i64 = 3;
const CANCELLED: i64 = 4;
const ENDED_TICKET: i64 = 1_000_000;

/// Everything that e-mails are judged by.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is in the store after everything was sent.
    pub store: Dump,
    /// What came to the mail server, in this order.
    pub letters: Vec<Letter>,
}

/// What was wrong, and how much there was to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was wrong.
    pub breaks: Vec<Break>,
    /// How many e-mails came.
    pub mails: usize,
    /// How many of them came again, which is allowed.
    pub duplicates: usize,
    /// How many had to come.
    pub due: usize,
}

/// What may be told: to whom, and whether it must be.
type Tellable<'a> = BTreeMap<String, (&'a str, bool)>;

/// Everything that is wrong.
pub fn check(case: &Case) -> Verdict {
    let tellable = tellable(&case.store);
    let mut verdict = Verdict::default();
    let mut known = BTreeSet::new();
    for letter in &case.letters {
        known.insert(&letter.id);
        verdict.breaks.extend(wrong(&case.store, &tellable, letter));
    }
    let taken: BTreeSet<&str> =
        case.letters.iter().filter(|it| it.is_taken).map(|it| it.id.as_str()).collect();
    let due = tellable.iter().filter(|(_, (_, must))| *must);
    for (id, (to, _)) in due.clone().filter(|(id, _)| !taken.contains(id.as_str())) {
        let sentence = format!("{id} to user {to} was never taken by the mail server");
        verdict.breaks.push(Break::new(Kind::Lost, sentence));
    }
    verdict.mails = known.len();
    verdict.duplicates = case.letters.len() - known.len();
    verdict.due = due.count();
    verdict
}

/// An e-mail that nothing accounts for, or that went to another user.
fn wrong(store: &Dump, tellable: &Tellable<'_>, letter: &Letter) -> Option<Break> {
    let of_user = |id: &str| store.users.iter().find(|user| user.id == id);
    let about = letter.id.strip_prefix("mail-").and_then(|it| it.rsplit_once('-'));
    let of_account = about.and_then(|(id, _)| store.users.iter().find(|it| plain(&it.id) == id));
    let to = match tellable.get(&letter.id) {
        Some((user_id, _)) => of_user(user_id),
        None => of_account,
    };
    match to {
        None => {
            let sentence = format!("{} came, and nothing happened that it could tell", letter.id);
            Some(Break::new(Kind::Unaccounted, sentence))
        }
        Some(user) if user.email != letter.to => {
            let sentence = format!("{} of {} came to {}", letter.id, user.email, letter.to);
            Some(Break::new(Kind::AnswerUntrue, sentence))
        }
        Some(_) => None,
    }
}

/// What happened that users are told of. Tickets that are void when they would be sent are not sent.
fn tellable(store: &Dump) -> Tellable<'_> {
    let mut tellable = Tellable::new();
    let payers: BTreeMap<&str, &str> =
        store.reservations.iter().map(|row| (row.id.as_str(), row.user_id.as_str())).collect();
    for paid in &store.payments {
        let (reservation, payer) = (&paid.reservation_id, paid.user_id.as_str());
        let has_ticket = store.tickets.iter().any(|ticket| {
            ticket.reservation_id == *reservation && ticket.holder_id == payer && is_valid(ticket)
        });
        tellable.insert(id(reservation, PAID), (payer, has_ticket));
        let row = store.reservations.iter().find(|row| row.id == *reservation);
        if row.is_some_and(|row| row.status == "CANCELLED") {
            tellable.insert(id(reservation, CANCELLED), (payer, true));
        }
    }
    for ticket in &store.tickets {
        let holder = ticket.holder_id.as_str();
        match ticket.state.as_str() {
            "SEAT_CANCELLED" => {
                tellable.insert(id(&ticket.id, ticket.version), (holder, true));
            }
            "TRANSFERRED" => {
                let new = store.tickets.iter().find(|new| {
                    new.seat_id == ticket.seat_id && Some(new.issued_at) == ticket.void_at
                });
                tellable.extend(new.map(|new| {
                    (id(&ticket.id, ticket.version), (new.holder_id.as_str(), is_valid(new)))
                }));
            }
            "RESERVATION_CANCELLED"
                if payers.get(ticket.reservation_id.as_str()) != Some(&holder) =>
            {
                tellable.insert(id(&ticket.id, ENDED_TICKET), (holder, true));
            }
            _ => {}
        }
    }
    tellable
}

fn is_valid(ticket: &Ticket) -> bool {
    ticket.state == "VALID"
}

fn plain(id: &str) -> String {
    id.replace('-', "")
}

fn id(subject: &str, number: i64) -> String {
    format!("mail-{}-{number}", plain(subject))
}
