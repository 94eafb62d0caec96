//! `make bench`: how fast the service is, as ratios against references measured in the same run.

mod bare;
mod bench;
mod crowd;
mod figures;
mod flood;
mod growth;
mod ids;
mod open_loop;
mod overload;
mod pgbench;
mod report;
mod requests;
mod runner;
mod scenarios;
mod seed;
mod service;
mod side;
mod sqlite_commits;
mod store;
mod wrk;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Measure the service against references, side by side
#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    /// Run the scenarios whose names hold this word
    #[arg(long, value_name = "WORD", default_value = "")]
    only: String,
    /// Run each scenario for a moment with a tenth of the data, to see that it runs
    #[arg(long)]
    short: bool,
    /// The program to measure
    #[arg(long, value_name = "FILE", default_value = "target/release/stagedoor")]
    program: PathBuf,
    /// Where the report goes
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    report: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a constant answer, as a reference
    Bare {
        /// How long the answer is
        #[arg(long, value_name = "BYTES")]
        bytes: usize,
    },
    /// Send a crowd through one queue, at the store
    Crowd(crowd::Crowd),
    /// Be one process of a crowd
    #[command(hide = true)]
    CrowdWorker(crowd::Worker),
}

#[tokio::main]
async fn main() -> Result<()> {
    let line = CommandLine::parse();
    match &line.command {
        Some(Command::Bare { bytes }) => return bare::serve(*bytes).await,
        Some(Command::CrowdWorker(worker)) => return crowd::work(worker).await,
        Some(Command::Crowd(_)) | None => {}
    }
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is missing: run `make bench`")?;
    if let Some(Command::Crowd(crowd)) = &line.command {
        return crowd::run(crowd, url, &line.program).await;
    }
    let bench = bench::Bench::new(url, line.program, line.report, line.short)?;
    let chosen = scenarios::all().into_iter().filter(|scenario| scenario.name.contains(&line.only));
    let rows = runner::run(&bench, chosen.collect()).await?;
    let mut growth = growth::measure(&bench, &line.only).await?;
    let (overload, more) = overload::measure(&bench, &line.only).await?;
    growth.extend(more);
    report::write(&rows, &overload, &growth, &bench.report)
}
