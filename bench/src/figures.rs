//! What a run measured.

use serde::Serialize;

/// The figures of one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Requests or transactions a second.
    pub rate: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    /// Requests that were not answered as the scenario expects.
    pub failed: u64,
    /// Processor time of the server and of PostgreSQL for each request, in microseconds.
    pub server_us: f64,
    pub database_us: f64,
    /// The mean size of the batches that were committed; 0 without any.
    pub batch_size: f64,
}

/// The middle of some numbers.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The figures of several runs, each the median of its own.
pub fn medians(runs: &[Figures]) -> Figures {
    let of = |figure: fn(&Figures) -> f64| median(runs.iter().map(figure));
    Figures {
        rate: of(|run| run.rate),
        p50_ms: of(|run| run.p50_ms),
        p95_ms: of(|run| run.p95_ms),
        p99_ms: of(|run| run.p99_ms),
        failed: runs.iter().map(|run| run.failed).sum(),
        server_us: of(|run| run.server_us),
        database_us: of(|run| run.database_us),
        batch_size: of(|run| run.batch_size),
    }
}
