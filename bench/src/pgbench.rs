//! The reference of what PostgreSQL reaches with one transaction for each operation.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::figures::Figures;

const CLIENTS: &str = "32";

/// Runs a script of one statement with 32 clients and prepared statements.
pub async fn run(url: &str, script: &str, time: Duration) -> Result<Figures> {
    let file = tempfile::Builder::new().suffix(".sql").tempfile()?;
    std::fs::write(file.path(), script)?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "1", "-T"])
        .arg(time.as_secs().max(1).to_string())
        .arg("-f")
        .arg(file.path())
        .arg(url)
        .output()
        .await
        .context("pgbench is missing: apt-get install postgresql-contrib")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let number = |prefix: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(prefix))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Ok(Figures {
        rate: number("tps = ").context("pgbench printed no tps")?,
        p50_ms: number("latency average = ").unwrap_or_default(),
        failed: number("number of failed transactions: ").unwrap_or_default() as u64,
        ..Figures::default()
    })
}
