//! Breaks that are planted in what a mail server took.

use stagedoor_faults::checker::Kind;
use stagedoor_faults::checker::mails::{Case, check};
use stagedoor_faults::dump::{Dump, Payment, Reservation, Ticket, User};
use stagedoor_faults::mail_server::Letter;

/// Paid; of its tickets one was transferred, and the seat of another one was cancelled.
const PAID: &str = "019a0000-0000-7000-8000-00000000000a";
/// Paid, one ticket transferred, and then cancelled.
const CANCELLED: &str = "019a0000-0000-7000-8000-00000000000b";
/// Held, never paid.
const EXPIRED: &str = "019a0000-0000-7000-8000-00000000000c";
const PAYER: &str = "019a0000-0000-7000-8000-000000000001";
const FRIEND: &str = "019a0000-0000-7000-8000-000000000002";

/// What is planted, and which kinds are to be found.
type Planted = (&'static str, fn(&mut Case), &'static [Kind]);

const PLANTED: [Planted; 10] = [
    ("the tickets were never told", |all| lose(all, PAID, 3), &[Kind::Lost]),
    ("a cancellation was never told", |all| lose(all, CANCELLED, 4), &[Kind::Lost]),
    ("a transfer was never told", |all| lose(all, &ticket(1), 1), &[Kind::Lost]),
    ("a cancelled seat was never told", |all| lose(all, &ticket(4), 1), &[Kind::Lost]),
    ("a ticket that ended was not told", |all| lose(all, &ticket(7), 1_000_000), &[Kind::Lost]),
    (
        "an e-mail was refused and never sent again",
        |all| all.letters[1].is_taken = false,
        &[Kind::Lost],
    ),
    ("an e-mail tells of a hold", |all| come(all, EXPIRED, 3, PAYER), &[Kind::Unaccounted]),
    (
        "an e-mail tells of a ticket that is valid",
        |all| come(all, &ticket(3), 1, PAYER),
        &[Kind::Unaccounted],
    ),
    (
        "an e-mail went to another user",
        |all| all.letters[1].to = address(FRIEND),
        &[Kind::AnswerUntrue],
    ),
    (
        "a link went to another user",
        |all| all.letters[0].to = address(FRIEND),
        &[Kind::AnswerUntrue],
    ),
];

#[test]
fn every_break_planted_in_the_e_mails_is_found_and_nothing_else() {
    for (what, plant, expected) in PLANTED {
        let mut case = clean();
        plant(&mut case);

        let found: Vec<_> = check(&case).breaks.iter().map(|found| found.kind).collect();

        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn what_may_come_again_or_not_at_all_is_no_break() {
    let mut case = clean();
    lose(&mut case, CANCELLED, 3);
    case.letters.push(case.letters[1].clone());

    let verdict = check(&case);

    assert_eq!(verdict.breaks, []);
    assert_eq!((verdict.mails, verdict.duplicates, verdict.due), (7, 1, 5));
}

fn ticket(n: u8) -> String {
    format!("019a0000-0000-7000-8000-0000000001{n:02}")
}

fn address(user: &str) -> String {
    format!("{user}@example.com")
}

fn come(case: &mut Case, subject: &str, number: i64, user: &str) {
    let id = format!("mail-{}-{number}", subject.replace('-', ""));
    case.letters.push(Letter { id, to: address(user), text: String::new(), is_taken: true });
}

fn lose(case: &mut Case, subject: &str, number: i64) {
    let id = format!("mail-{}-{number}", subject.replace('-', ""));
    let before = case.letters.len();
    case.letters.retain(|letter| letter.id != id);
    assert_eq!(case.letters.len() + 1, before, "{id}");
}

fn a_ticket(n: u8, of: &str, seat: u8, holder: &str, state: &str) -> Ticket {
    Ticket {
        version: i64::from(state != "VALID"),
        checked_in_at: None,
        door: None,
        id: ticket(n),
        number: n.into(),
        reservation_id: of.to_owned(),
        seat_id: format!("seat {seat} of {of}"),
        holder_id: holder.to_owned(),
        issued_at: 10 * i64::from(n),
        state: state.to_owned(),
        void_at: (state != "VALID").then_some(10 * i64::from(n) + 10),
    }
}

fn a_reservation(id: &str, status: &str) -> Reservation {
    Reservation {
        id: id.to_owned(),
        user_id: PAYER.to_owned(),
        schedule_id: "the schedule".to_owned(),
        queue_token_id: "the token".to_owned(),
        total_price: 7,
        created_at: 0,
        expires_at: 5,
        status: status.to_owned(),
        ended_at: Some(8),
    }
}

/// The verdict on it has no break.
fn clean() -> Case {
    let payment = |of: &str| Payment {
        id: format!("the payment of {of}"),
        user_id: PAYER.to_owned(),
        reservation_id: of.to_owned(),
        amount: 7,
        created_at: 8,
    };
    let user = |id: &str| User { id: id.to_owned(), email: address(id) };
    let store = Dump {
        users: vec![user(PAYER), user(FRIEND)],
        reservations: vec![
            a_reservation(PAID, "CONFIRMED"),
            a_reservation(CANCELLED, "CANCELLED"),
            a_reservation(EXPIRED, "EXPIRED"),
        ],
        payments: vec![payment(PAID), payment(CANCELLED)],
        tickets: vec![
            a_ticket(1, PAID, 1, PAYER, "TRANSFERRED"),
            a_ticket(2, PAID, 1, FRIEND, "VALID"),
            a_ticket(3, PAID, 2, PAYER, "VALID"),
            a_ticket(4, PAID, 3, PAYER, "SEAT_CANCELLED"),
            a_ticket(6, CANCELLED, 1, PAYER, "TRANSFERRED"),
            a_ticket(7, CANCELLED, 1, FRIEND, "RESERVATION_CANCELLED"),
        ],
        ..Dump::default()
    };
    let mut case = Case { store, letters: Vec::new() };
    come(&mut case, PAYER, 123, PAYER);
    come(&mut case, PAID, 3, PAYER);
    come(&mut case, CANCELLED, 3, PAYER);
    come(&mut case, CANCELLED, 4, PAYER);
    come(&mut case, &ticket(1), 1, FRIEND);
    come(&mut case, &ticket(4), 1, PAYER);
    come(&mut case, &ticket(6), 1, FRIEND);
    come(&mut case, &ticket(7), 1_000_000, FRIEND);
    case
}
