//! A deterministic simulation of the core: the rules, the lines, the sweeps and several processes
//! on one store, with crashes, lost answers, late and repeated requests and clocks that are wrong.
//!
//! Everything follows from a seed. `SIMULATION_SEED=7 cargo test -p stagedoor-tests --test
//! simulation` repeats the run of seed 7; `SIMULATION_SEEDS=500 SIMULATION_STEPS=5000` makes a long
//! run of as many new seeds.
#![expect(clippy::unwrap_used, reason = "a simulation that cannot go on fails")]

mod calls;
mod checks;
mod clock;
mod disk;
mod history;
mod intents;
#[path = "../../../crates/domain/tests/rules/invariants.rs"]
mod invariants;
mod line_checks;
mod moves;
mod people;
mod plants;
mod polls;
mod process;
mod rest;
mod simulation;
mod town;
mod trace;
mod world;

use simulation::{Scale, Simulation};

#[test]
fn a_sale() {
    for seed in 1..12 {
        let scale = Scale { people: 250, moves: 1_000 };
        let begun = std::time::Instant::now();
        let report = Simulation::run(seed, scale, None);
        eprintln!("{report:?} in {:?}", begun.elapsed());
    }
}
