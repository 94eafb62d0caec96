//! The load generator for closed loops: wrk, from Debian's package.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::figures::Figures;

/// How much load, for how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub connections: usize,
    pub time: Duration,
}

/// What the script prints at the end.
#[derive(Deserialize)]
struct Summary {
    requests: u64,
    microseconds: f64,
    failed: u64,
    p50: f64,
    p95: f64,
    p99: f64,
}

const SCRIPT: &str = include_str!("wrk.lua");
/// More threads would take the processors from what is measured.
const THREADS_MAX: usize = 1;

/// Sends the requests of a file, one after another and again from the start, on keep-alive
/// connections. Answers of another status than `expected` count as failed.
pub async fn run(address: &str, requests: &Path, load: Load, expected: u16) -> Result<Figures> {
    let script = tempfile::Builder::new().suffix(".lua").tempfile()?;
    std::fs::write(script.path(), SCRIPT)?;
    let output = Command::new("wrk")
        .arg(format!("-t{}", THREADS_MAX.min(load.connections)))
        .arg(format!("-c{}", load.connections))
        .arg(format!("-d{}s", load.time.as_secs()))
        .args(["--timeout", "10s", "-s"])
        .arg(script.path())
        .arg(format!("http://{address}"))
        .arg("--")
        .arg(requests)
        .arg(expected.to_string())
        .output()
        .await
        .context("wrk is missing: apt-get install wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk: {text}{}", String::from_utf8_lossy(&output.stderr));
    let line = text.lines().find_map(|line| line.strip_prefix("summary "));
    let summary: Summary = serde_json::from_str(line.context("wrk printed no summary")?)?;
    Ok(Figures {
        rate: summary.requests as f64 * 1e6 / summary.microseconds,
        p50_ms: summary.p50 / 1e3,
        p95_ms: summary.p95 / 1e3,
        p99_ms: summary.p99 / 1e3,
        failed: summary.failed,
        ..Figures::default()
    })
}
