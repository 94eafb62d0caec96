//! What is measured, against what, and what must be reached.

pub mod booking;
mod door;
mod embedded;
pub mod on_sale;
pub mod queue;
mod wallet;

use crate::bench::Bench;
use crate::figures::Figures;
use crate::requests::Request;
use crate::store::StoreKind;

/// A comparison of the service with a reference.
pub struct Scenario {
    pub name: &'static str,
    pub at: &'static str,
    pub against: &'static str,
    pub measure: Measure,
    pub goal: f64,
    pub connections: usize,
    /// The data of both sides, in SQL.
    pub seed: fn(&Bench) -> String,
    pub store: StoreKind,
    /// Other load on the service while it is measured.
    pub beside: Option<Beside>,
    pub service: Side,
    pub reference: Side,
}

/// Load at a fixed rate.
pub struct Beside {
    pub requests: fn(&Bench, u64) -> Vec<Request>,
    pub per_second: f64,
    pub expected: u16,
}

/// Who is measured.
pub enum Side {
    /// The service.
    Service {
        /// More arguments for `stagedoor serve`.
        arguments: &'static [&'static str],
        /// Data of its own.
        seed: Option<fn(&Bench) -> String>,
        /// The requests of a run; runs are numbered from 0.
        requests: fn(&Bench, u64) -> Vec<Request>,
        /// The status of a right answer.
        expected: u16,
    },
    /// A handler that answers constant bytes.
    Bare { bytes: usize },
    /// A statement for each operation.
    Pgbench { script: &'static str },
    /// A statement and a commit for each operation on the embedded store, `?` being its number.
    SqliteCommits { statement: &'static str },
}

/// What is compared.
#[derive(Clone, Copy)]
pub enum Measure {
    /// Requests a second: the ratio must not be below the goal.
    Rate,
    /// The middle latency: the ratio must not be above the goal.
    Latency,
}

impl Measure {
    pub fn ratio(self, ours: &Figures, theirs: &Figures) -> f64 {
        match self {
            Self::Rate => ours.rate / theirs.rate,
            Self::Latency => ours.p50_ms / theirs.p50_ms,
        }
    }

    pub fn is_met(self, ratio: f64, goal: f64) -> bool {
        match self {
            Self::Rate => ratio >= goal,
            Self::Latency => ratio <= goal,
        }
    }
}

/// The service as it is, with the scenario's data.
const fn service(requests: fn(&Bench, u64) -> Vec<Request>, expected: u16) -> Side {
    Side::Service { arguments: &[], seed: None, requests, expected }
}

/// All of them, in the order of the report.
pub fn all() -> Vec<Scenario> {
    let groups = [
        queue::scenarios(),
        booking::scenarios(),
        wallet::scenarios(),
        door::scenarios(),
        embedded::scenarios(),
    ];
    groups.into_iter().flatten().collect()
}
