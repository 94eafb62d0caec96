//! The reference of what SQLite reaches with one transaction for each operation.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use diesel::connection::SimpleConnection;

use crate::figures::Figures;
use crate::store::sqlite;

/// More commits a second than these cannot be measured.
pub const PER_SECOND_MAX: u64 = 40_000;

/// Commits statements one by one on one connection, for a time. `?` stands for the number of the next
/// operation, which goes on from `first`.
pub fn run(folder: &Path, statement: &str, first: u64, time: Duration) -> Result<Figures> {
    let mut conn = sqlite(folder)?;
    let mut latencies = Vec::new();
    let started = Instant::now();
    for n in first.. {
        let began = Instant::now();
        conn.batch_execute(&statement.replace('?', &n.to_string()))?;
        latencies.push(began.elapsed().as_secs_f64() * 1e3);
        if started.elapsed() >= time {
            break;
        }
    }
    latencies.sort_by(f64::total_cmp);
    let at = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
    Ok(Figures {
        rate: latencies.len() as f64 / started.elapsed().as_secs_f64(),
        p50_ms: at(50),
        p95_ms: at(95),
        p99_ms: at(99),
        ..Figures::default()
    })
}
