//! The checker finds what is planted, and nothing where nothing was planted.

mod planted_in_the_history;
mod planted_in_the_line;
mod planted_in_the_mails;
mod planted_in_the_positions;
mod planted_in_the_run;
mod planted_in_the_store;
mod planted_in_the_webhooks;

use std::collections::BTreeSet;

use stagedoor_faults::checker::{Clock, Kind, check};
use stagedoor_faults::dump::Dump;
use stagedoor_faults::faults::{Fault, Pace};
use stagedoor_faults::history::{Operation, now};
use stagedoor_faults::program::built_program;
use stagedoor_faults::run::{Over, Plan, run_and_leave};
use stagedoor_faults::store::StoreKind;

/// A sale without any fault, over, with nothing wrong with it.
async fn a_clean_sale(store: StoreKind) -> Over {
    let program = built_program().expect("the program is built with the tests");
    let (fault, pace, seed) = (Fault::Quiet, Pace::Short, now().unsigned_abs());
    let (rounds, fans) = (8, 16);
    let plan = Plan { program, fault, store, rounds, pace, fans, seed, progress: |_, _| {} };
    let over = run_and_leave(plan).await.expect("a sale");
    let breaks: Vec<_> = over.report.breaks.iter().map(ToString::to_string).collect();
    assert!(breaks.is_empty(), "seed {seed}: {}", breaks.join("\n"));
    over
}

/// The kinds of what the checker finds, and its sentences.
fn found(operations: &[Operation], store: &Dump) -> (BTreeSet<Kind>, String) {
    let breaks = check(operations, store, Clock::Steady);
    let sentences: Vec<_> = breaks.iter().map(ToString::to_string).collect();
    (breaks.iter().map(|found| found.kind).collect(), sentences.join("\n"))
}
