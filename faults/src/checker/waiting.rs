//! A client that kept polling kept its place; one that went silent lost it.

use std::collections::BTreeMap;

use super::{Break, Kind};
use crate::dump::{Dump, Token};
use crate::history::Micros;
use crate::waiting::{Heartbeat, Outage, Reply, Told, Wait, available};

/// For how long after an outage, and besides, the service may take a silent client for one that waits.
const GRACE: Micros = 10_000_000;

/// How much earlier than told an instant may be: answers and stores keep different fractions of a second.
const ROUNDING: Micros = 1_000;

/// What is judged.
pub struct Case<'a> {
    /// What every client asked and was told, one token each.
    pub waits: &'a [Wait],
    /// When no heartbeat could be accepted.
    pub outages: &'a [Outage],
    /// The room's idle time.
    pub idle: Micros,
    /// What the store holds in the end.
    pub store: &'a Dump,
}

/// What was found, and how much there was to judge.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What was wrong.
    pub breaks: Vec<Break>,
    /// Tokens that waited before an outage and were asked for after it, their clients having kept polling.
    pub kept: usize,
    /// Tokens whose clients were silent for longer than the idle time.
    pub abandoned: usize,
    /// How often a position that a client was shown fell.
    pub moves: usize,
}

/// Judges what waiting clients were told.
pub fn check(case: &Case<'_>) -> Verdict {
    let tokens: BTreeMap<&str, &Token> =
        case.store.tokens.iter().map(|token| (token.id.as_str(), token)).collect();
    let mut verdict = Verdict::default();
    for wait in case.waits {
        idle(case, wait, &mut verdict);
        positions(wait, &mut verdict);
        order(wait, &mut verdict);
        promises(wait, tokens.get(wait.token.as_str()).copied(), &mut verdict);
        match tokens.get(wait.token.as_str()) {
            Some(token) => in_store(case, wait, token, &mut verdict),
            None => verdict.find(Kind::Lost, wait, "it is not in the store"),
        }
    }
    verdict
}

impl Verdict {
    fn find(&mut self, kind: Kind, wait: &Wait, sentence: &str) {
        self.breaks.push(Break::new(kind, format!("the queue token {}: {sentence}", wait.token)));
    }
}

/// The longest time that a client which keeps polling lets pass, of the time that was available.
fn kept_within(idle: Micros) -> Micros {
    idle * 9 / 10
}

/// The shortest time after which a silent client must have lost its place.
fn lost_after(case: &Case<'_>, from: Micros, to: Micros) -> Micros {
    let outages = case.outages.iter().filter(|it| it.begun < to && it.ended > from).count();
    case.idle + GRACE * (1 + Micros::try_from(outages).unwrap_or(0))
}

/// From each heartbeat that was accepted to the next answer: silent for shorter than the idle time is
/// to keep the place, for longer is to lose it.
fn idle(case: &Case<'_>, wait: &Wait, verdict: &mut Verdict) {
    let mut accepted: Option<&Heartbeat> = None;
    let mut has_kept = false;
    for heartbeat in wait.heartbeats.iter().filter(|it| !matches!(it.reply, Reply::Nothing(_))) {
        if let Some(last) = accepted {
            let silent = available(case.outages, last.begun, heartbeat.ended);
            let is_lost = is_lost(&heartbeat.reply);
            if silent <= kept_within(case.idle) {
                let outage = |it: &Outage| it.begun > last.begun && it.ended < heartbeat.ended;
                has_kept |= case.outages.iter().any(outage);
                if is_lost {
                    let sentence = format!(
                        "silent for {silent} µs of available time, it was answered {:?}",
                        heartbeat.reply
                    );
                    verdict.find(Kind::PlaceLost, wait, &sentence);
                }
            }
            let silent = available(case.outages, last.ended, heartbeat.begun);
            if silent > case.idle && is_lost {
                verdict.abandoned += 1;
            }
            if silent > lost_after(case, last.ended, heartbeat.begun) && !is_lost {
                let sentence = format!(
                    "silent for {silent} µs of available time, it was answered {:?}",
                    heartbeat.reply
                );
                verdict.find(Kind::PlaceKept, wait, &sentence);
            }
        }
        if heartbeat.is_accepted() {
            accepted = Some(heartbeat);
        }
    }
    verdict.kept += usize::from(has_kept);
}

fn is_lost(reply: &Reply) -> bool {
    match reply {
        Reply::Told(told) => told.status == "EXPIRED" && told.reason == "ABANDONED",
        Reply::Refused(_) => true,
        Reply::Accepted | Reply::Nothing(_) => false,
    }
}

fn told(wait: &Wait) -> impl Iterator<Item = (&Heartbeat, &Told)> {
    wait.heartbeats.iter().filter_map(|it| match &it.reply {
        Reply::Told(told) => Some((it, told)),
        _ => None,
    })
}

/// A position that a client was shown never increases. A client asks one request after the other.
fn positions(wait: &Wait, verdict: &mut Verdict) {
    let mut lowest: Option<i64> = None;
    for (_, told) in told(wait).filter(|(_, told)| told.status == "WAITING") {
        match lowest {
            Some(before) if told.position > before => {
                let sentence = format!("its position was {before} and then {}", told.position);
                verdict.find(Kind::PositionIncreased, wait, &sentence);
            }
            Some(before) => verdict.moves += usize::from(told.position < before),
            None => {}
        }
        lowest = Some(lowest.map_or(told.position, |before| before.min(told.position)));
    }
}

/// A token goes from waiting to active to expired, and never back.
fn order(wait: &Wait, verdict: &mut Verdict) {
    const ORDER: [&str; 3] = ["WAITING", "ACTIVE", "EXPIRED"];
    let mut statuses: Vec<&str> = told(wait).map(|(_, told)| told.status.as_str()).collect();
    statuses.dedup();
    let rank = |status: &&str| ORDER.iter().position(|it| it == status);
    if !statuses.is_sorted_by_key(rank) {
        verdict.find(Kind::OutOfOrder, wait, &format!("it was in turn {statuses:?}"));
    }
}

/// No token ends before an `expiresAt` that its client was told, except that its client left or paid.
fn promises(wait: &Wait, token: Option<&Token>, verdict: &mut Verdict) {
    let mut promised = Micros::MIN;
    for (heartbeat, told) in told(wait) {
        let ends =
            told.status == "EXPIRED" && !matches!(told.reason.as_str(), "LEFT" | "COMPLETED");
        if ends && heartbeat.ended.min(told.expires_at) < promised {
            let sentence =
                format!("{told:?} was answered at {}, before {promised}", heartbeat.ended);
            verdict.find(Kind::PromiseBroken, wait, &sentence);
        }
        if told.status == "WAITING" {
            promised = promised.max(told.expires_at - ROUNDING);
        }
    }
    let ended = token.filter(|it| it.reason.as_deref() == Some("ABANDONED"));
    if let Some(ended) = ended.and_then(|it| it.ended_at).filter(|at| *at < promised) {
        let sentence = format!("abandoned in the store as of {ended}, before {promised}");
        verdict.find(Kind::PromiseBroken, wait, &sentence);
    }
}

/// What the store says in the end of a token whose client kept polling to the end.
fn in_store(case: &Case<'_>, wait: &Wait, token: &Token, verdict: &mut Verdict) {
    let last = wait.heartbeats.iter().rfind(|it| it.is_accepted());
    let Some(last) = last else { return };
    let is_last_word = wait.heartbeats.last().is_some_and(|it| !is_lost(&it.reply));
    let silent = available(case.outages, last.begun, case.store.taken_at);
    let is_abandoned = token.reason.as_deref() == Some("ABANDONED");
    if is_abandoned && is_last_word && silent <= kept_within(case.idle) {
        let sentence = format!("abandoned in the store {silent} µs after a heartbeat");
        verdict.find(Kind::PlaceLost, wait, &sentence);
    }
}
