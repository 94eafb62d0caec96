//! Breaks that are planted in what waiting clients were told, where nothing was wrong.

use std::collections::BTreeSet;

use stagedoor_faults::checker::Kind;
use stagedoor_faults::checker::waiting::{Case, Verdict, check};
use stagedoor_faults::dump::{Dump, Token};
use stagedoor_faults::history::Micros;
use stagedoor_faults::waiting::{Heartbeat, Outage, Reply, Told, Wait};

const SECOND: Micros = 1_000_000;
const IDLE: Micros = 10 * SECOND;
/// No heartbeat was accepted from the 10th second to the 60th.
const OUTAGE: Outage = Outage { begun: 10 * SECOND, ended: 60 * SECOND };
const END: Micros = 120 * SECOND;

/// What was asked and told, and what the store holds.
struct Line {
    waits: Vec<Wait>,
    store: Dump,
}

fn at(second: Micros, reply: Reply) -> Heartbeat {
    Heartbeat { begun: second * SECOND, ended: second * SECOND + SECOND / 10, reply }
}

fn told(second: Micros, status: &str, position: i64, reason: &str) -> Heartbeat {
    let expires_at = second * SECOND + if status == "EXPIRED" { 0 } else { IDLE };
    let (status, reason) = (status.to_owned(), reason.to_owned());
    at(second, Reply::Told(Told { status, reason, position, expires_at }))
}

fn waiting(second: Micros, position: i64) -> Heartbeat {
    told(second, "WAITING", position, "")
}

fn token(id: &str, status: &str, reason: Option<&str>, ended_at: Option<Micros>) -> Token {
    Token {
        id: id.to_owned(),
        room_id: "room".to_owned(),
        user_id: id.to_owned(),
        place: Some(1),
        version: 1,
        status: status.to_owned(),
        active_since: None,
        expires_at: None,
        reason: reason.map(ToOwned::to_owned),
        ended_at,
    }
}

/// One client polls, one sends keep-alives and polls rarely, one goes silent. An outage of five times
/// the idle time falls between.
fn a_line_with_nothing_wrong() -> Line {
    let polls: Vec<_> =
        (0..10).chain(60..118).map(|second| waiting(second, 130 - second)).collect();
    let lost = at(30, Reply::Nothing("connection refused".to_owned()));
    let rare = vec![
        waiting(0, 9),
        at(4, Reply::Accepted),
        lost,
        waiting(61, 7),
        at(69, Reply::Accepted),
        waiting(77, 1),
        told(85, "ACTIVE", 0, ""),
    ];
    let silent = vec![waiting(0, 3), waiting(5, 3), told(119, "EXPIRED", 0, "ABANDONED")];
    let waits = [("polls", polls), ("rare", rare), ("silent", silent)];
    let waits = waits.map(|(id, heartbeats)| Wait { token: id.to_owned(), heartbeats });
    let tokens = vec![
        token("polls", "WAITING", None, None),
        token("rare", "EXPIRED", Some("LEFT"), Some(90 * SECOND)),
        token("silent", "EXPIRED", Some("ABANDONED"), Some(65 * SECOND)),
    ];
    let store = Dump { taken_at: END, tokens, ..Dump::default() };
    Line { waits: waits.into(), store }
}

fn verdict(line: &Line) -> Verdict {
    check(&Case { waits: &line.waits, outages: &[OUTAGE], idle: IDLE, store: &line.store })
}

/// The heartbeat of a client that was sent at a second.
fn heartbeat(line: &mut Line, client: usize, second: Micros) -> &mut Heartbeat {
    let mut all = line.waits[client].heartbeats.iter_mut();
    all.find(|it| it.begun == second * SECOND).expect("it was sent")
}

const POLLS: usize = 0;
const RARE: usize = 1;
const SILENT: usize = 2;

type Planted = (&'static str, fn(&mut Line), &'static [Kind]);

const PLANTED: [Planted; 12] = [
    (
        "the first poll after the outage says that the place is lost",
        |line| *heartbeat(line, POLLS, 60) = told(60, "EXPIRED", 0, "ABANDONED"),
        &[Kind::OutOfOrder, Kind::PlaceLost],
    ),
    (
        "a rare poll after the outage is refused",
        |line| *heartbeat(line, RARE, 61) = at(61, Reply::Refused("401 TOKEN_EXPIRED".to_owned())),
        &[Kind::PlaceLost],
    ),
    (
        "a keep-alive is refused",
        |line| *heartbeat(line, RARE, 69) = at(69, Reply::Refused("401 TOKEN_EXPIRED".to_owned())),
        &[Kind::PlaceLost],
    ),
    (
        "the store has abandoned a token whose client polled to the end",
        |line| line.store.tokens[POLLS] = token("polls", "EXPIRED", Some("ABANDONED"), Some(END)),
        &[Kind::PlaceLost, Kind::PromiseBroken],
    ),
    (
        "a position increases over the outage",
        |line| *heartbeat(line, POLLS, 60) = waiting(60, 122),
        &[Kind::PositionIncreased],
    ),
    (
        "a position increases and falls again",
        |line| *heartbeat(line, POLLS, 100) = waiting(100, 32),
        &[Kind::PositionIncreased],
    ),
    (
        "an active token waits again",
        |line| line.waits[RARE].heartbeats.push(waiting(86, 1)),
        &[Kind::OutOfOrder],
    ),
    (
        "a silent client is admitted",
        |line| *heartbeat(line, SILENT, 119) = told(119, "ACTIVE", 0, ""),
        &[Kind::PlaceKept],
    ),
    (
        "a silent client still waits",
        |line| {
            *heartbeat(line, SILENT, 119) = waiting(119, 3);
            line.store.tokens[SILENT] = token("silent", "WAITING", None, None);
        },
        &[Kind::PlaceKept],
    ),
    (
        "a silent client is abandoned before the expiry that it was told",
        |line| line.store.tokens[SILENT].ended_at = Some(14 * SECOND),
        &[Kind::PromiseBroken],
    ),
    (
        "an answer says that a token expired before the expiry that was told",
        |line| {
            line.waits[SILENT].heartbeats.insert(2, told(14, "EXPIRED", 0, "TIMED_OUT"));
        },
        &[Kind::PromiseBroken],
    ),
    ("a token is not in the store", |line| drop(line.store.tokens.pop()), &[Kind::Lost]),
];

#[test]
fn every_break_planted_in_a_line_is_found_and_nothing_else() {
    let line = a_line_with_nothing_wrong();
    let judged = verdict(&line);
    assert_eq!(judged.breaks, []);
    assert_eq!((judged.kept, judged.abandoned), (2, 1));
    assert!(judged.moves > 60, "positions moved {} times", judged.moves);

    for (what, plant, kinds) in PLANTED {
        let mut line = a_line_with_nothing_wrong();
        plant(&mut line);
        let breaks = verdict(&line).breaks;
        let found: BTreeSet<_> = breaks.iter().map(|found| found.kind).collect();
        assert_eq!(found, kinds.iter().copied().collect(), "{what}: {breaks:?}");
    }
}

#[test]
fn a_client_that_was_silent_for_too_long_proves_nothing_of_the_kept_places() {
    let mut line = a_line_with_nothing_wrong();
    let heartbeats = &mut line.waits[POLLS].heartbeats;
    heartbeats.retain(|it| it.begun < 5 * SECOND || it.begun > 65 * SECOND);

    let judged = verdict(&line);

    assert_eq!(judged.breaks, [], "between nine tenths of the idle time and its end all is right");
    assert_eq!(judged.kept, 1);
}
