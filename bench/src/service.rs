//! Servers as processes of their own, and what they cost.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::store::Store;

/// The key that tokens are signed with, by the service and by what makes requests.
pub const SIGNING_KEY: &str = "the signing key of benchmarks and of nothing else";
/// What lets a benchmark read the metrics.
const METRICS_TOKEN: &str = "the-metrics-token-of-benchmarks-alone";

/// The limits are on as in production, and looked at for each request; only, one load generator is a
/// crowd behind one address, so the rates are too high to refuse a request.
const LIMITS: [&str; 12] = [
    "--wallet-rate-address=1000000000/1000000000",
    "--wallet-rate-account=1000000000/1000000000",
    "--create-rate-address=1000000000/1000000000",
    "--create-rate-account=1000000000/1000000000",
    "--join-rate-address=1000000000/1000000000",
    "--join-rate-account=1000000000/1000000000",
    "--hold-rate-address=1000000000/1000000000",
    "--hold-rate-account=1000000000/1000000000",
    "--log-in-rate-address=1000000000/1000000000",
    "--log-in-rate-account=1000000000/1000000000",
    "--sign-up-rate-address=1000000000/1000000000",
    "--sign-up-rate-account=1000000000/1000000000",
];

/// A server that is killed when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    /// From its start until it was ready.
    pub start_time: Duration,
}

impl Server {
    /// Starts the service on a store and waits until it is ready.
    pub async fn start(program: &Path, store: &Store, arguments: &[&str]) -> Result<Self> {
        let started = Instant::now();
        let mut command = Command::new(program);
        let (name, value) = store.environment()?;
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2"])
            // Two thousand buyers hold all seats of a large schedule: counted, never refused.
            .args(["--holds-max", "1000", "--direct-charges"])
            .args(LIMITS)
            .args(arguments)
            .env_clear()
            .env(name, value)
            .env("STAGEDOOR_SIGNING_KEY", SIGNING_KEY)
            .env("STAGEDOOR_METRICS_TOKEN", METRICS_TOKEN)
            .env("STAGEDOOR_LOG_FILTER", "info");
        let (child, address) = listening(command, true).await?;
        let server = Self { child, address, start_time: started.elapsed() };
        let ready = reqwest::get(format!("http://{}/readyz", server.address)).await?;
        ensure!(ready.status().is_success(), "the service is not ready");
        Ok(Self { start_time: started.elapsed(), ..server })
    }

    /// Starts the bare handler.
    pub async fn start_bare(bytes: usize) -> Result<Self> {
        let started = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", "--bytes", &bytes.to_string()]);
        let (child, address) = listening(command, false).await?;
        Ok(Self { child, address, start_time: started.elapsed() })
    }

    /// Processor time so far.
    pub fn cpu_time(&self) -> Duration {
        self.child.id().and_then(cpu_time_of).unwrap_or_default()
    }

    /// Resident memory, in megabytes.
    pub fn resident_mb(&self) -> Result<f64> {
        let id = self.child.id().context("it runs")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: f64 = line.context("VmRSS")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// How many batches were committed so far, and how many commands they held.
    pub async fn batches(&self) -> Result<(f64, f64)> {
        let of = ["stagedoor_batch_size_count", "stagedoor_batch_size_sum"];
        let [count, sum] = self.metrics(of).await?;
        Ok((count, sum))
    }

    /// Metrics whose lines start like this, each summed over its labels.
    pub async fn metrics<const N: usize>(&self, starts: [&str; N]) -> Result<[f64; N]> {
        let request = reqwest::Client::new().get(format!("http://{}/metrics", self.address));
        let answer = request.bearer_auth(METRICS_TOKEN).send().await?.error_for_status()?;
        let text = answer.text().await?;
        Ok(starts.map(|start| {
            let lines = text.lines().filter(|line| line.starts_with(start));
            lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
        }))
    }

    /// Ends it as an operator would.
    pub async fn stop(mut self) -> Result<()> {
        let id = self.child.id().context("it runs")?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        self.child.wait().await?;
        Ok(())
    }
}

/// Starts a command and reads where it listens: behind `http://` in a log line on standard error, or
/// the first line of standard output.
async fn listening(mut command: Command, in_log: bool) -> Result<(Child, String)> {
    command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
    let (out, log) =
        (child.stdout.take().context("output")?, child.stderr.take().context("a log")?);
    if !in_log {
        let mut lines = BufReader::new(out).lines();
        let address = lines.next_line().await?.context("it ended before it listened")?;
        return Ok((child, address));
    }
    let mut lines = BufReader::new(log).lines();
    loop {
        let line = lines.next_line().await?.context("it ended before it listened")?;
        if let Some((_, rest)) = line.split_once("listening on http://") {
            let address = rest.split(',').next().context("an address")?.to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((child, address));
        }
    }
}

/// Processor time of all processes of PostgreSQL, those that have ended included.
pub fn postgres_cpu_time() -> Duration {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Duration::ZERO };
    let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_postgres = |id: &u32| {
        let name = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        name.trim() == "postgres"
    };
    ids.filter(is_postgres).filter_map(cpu_time_of).sum()
}

/// The clock ticks of `/proc/PID/stat` are hundredths of a second on Linux.
fn cpu_time_of(id: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<u64> =
        stat.rsplit_once(") ")?.1.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
    let (user, system) = (fields.get(11)?, fields.get(12)?);
    let of_ended: u64 =
        if stat.contains("(postgres)") { fields.get(13)? + fields.get(14)? } else { 0 };
    Some(Duration::from_millis((user + system + of_ended) * 10))
}
