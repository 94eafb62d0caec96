//! `make soak`: every fault, many times, with a table in the end.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use stagedoor_faults::faults::{Fault, Pace};
use stagedoor_faults::history::now;
use stagedoor_faults::program::built_program;
use stagedoor_faults::report::Table;
use stagedoor_faults::run::{Plan, Report, run};
use stagedoor_faults::store::StoreKind;

/// Faults under load, judged by a checker that shares no code with the service
#[derive(Parser)]
struct Arguments {
    /// Only this fault, by its name
    #[arg(long, default_value = "")]
    fault: String,
    /// How often each fault happens on each store; a quarter as often if it lasts long
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Chance; the time of day unless told
    #[arg(long)]
    seed: Option<u64>,
    /// How many clients there are
    #[arg(long, default_value_t = 14)]
    fans: usize,
    /// Let each fault last as short as still shows something
    #[arg(long)]
    short: bool,
    /// The service
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where the table goes
    #[arg(long, default_value = "target/soak/report.md")]
    report: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    tokio::select! {
        done = soak(&arguments) => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("stopped"),
    }
}

async fn soak(arguments: &Arguments) -> Result<ExitCode> {
    let seed = arguments.seed.unwrap_or_else(|| now().unsigned_abs());
    let program = arguments.program.clone().map_or_else(built_program, Ok)?;
    let mut table = Table::default();
    let mut breaks = 0;
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        if !arguments.fault.is_empty() && arguments.fault != fault.name() {
            continue;
        }
        for store in fault.stores() {
            let report = one(arguments, &program, fault, *store, seed).await?;
            breaks += report.breaks.len();
            table.add(number, &report);
            write(arguments, &table, seed)?;
        }
    }
    println!("\n{}", table.markdown());
    println!("{}", arguments.report.display());
    Ok(if breaks == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn one(
    arguments: &Arguments,
    program: &std::path::Path,
    fault: Fault,
    store: StoreKind,
    seed: u64,
) -> Result<Report> {
    let plan = Plan {
        program: program.to_owned(),
        fault,
        store,
        rounds: fault.rounds(arguments.rounds),
        pace: if arguments.short { Pace::Short } else { Pace::Long },
        fans: arguments.fans,
        seed,
        progress: |round, recovery| {
            print!("  {round}: itself again after {:.2} s\r", recovery.as_secs_f64());
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stdout().flush();
        },
    };
    let (name, on) = (fault.name(), store.name());
    println!("{name} on {on}, {} times, seed {seed}", plan.rounds);
    let started = Instant::now();
    let report = run(plan).await.with_context(|| format!("{name} on {on}"))?;
    let took = Duration::from_secs(started.elapsed().as_secs());
    let (answered, unknown) = (report.answered(), report.unknown());
    let (snapshots, breaks) = (report.snapshots, report.breaks.len());
    println!(
        "  {took:?}: {answered} operations answered, {unknown} unknown outcomes, {snapshots} looks \
         at the lines, {breaks} breaks"
    );
    for found in &report.breaks {
        println!("  {found}");
    }
    for line in &report.log {
        println!("  | {line}");
    }
    Ok(report)
}

fn write(arguments: &Arguments, table: &Table, seed: u64) -> Result<()> {
    if let Some(folder) = arguments.report.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = format!("Seed {seed}, {} clients.\n\n{}", arguments.fans, table.markdown());
    std::fs::write(&arguments.report, text)?;
    Ok(())
}
