//! `make soak`: every fault, many times, with a table in the end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use stagedoor_faults::checker::waiting::Verdict;
use stagedoor_faults::faults::{Fault, Pace};
use stagedoor_faults::history::now;
use stagedoor_faults::outage::{
    Down, HEARTBEATS_LOST, Outages, PROCESSES_RESTARTED, TWO_PROCESSES, run_heartbeats_lost,
    run_in_turn, run_outages, run_restarts,
};
use stagedoor_faults::program::built_program;
use stagedoor_faults::replicated::Replicated;
use stagedoor_faults::report::Table;
use stagedoor_faults::rolling::{ROLLING, Size, Upgrade, run_upgrade};
use stagedoor_faults::run::{Plan, Report, run, run_on};
use stagedoor_faults::store::StoreKind;

/// The idle time in outages, which last half of it, all of it and five times as long.
const OUTAGE_IDLE: Duration = Duration::from_secs(10);
const OUTAGE_IDLE_SHORT: Duration = Duration::from_secs(6);
/// How many polls two processes answer in turn for each round that is wanted.
const POLLS_OF_ROUND: u64 = 5_000;

const OLDER_MISSING: &str =
    "name the program of an earlier version with --older: tests/older-program COMMIT builds it";

/// Faults under load, judged by a checker that shares no code with the service
#[derive(Parser)]
struct Arguments {
    /// Only this fault, by its name
    #[arg(long, default_value = "")]
    fault: String,
    /// Only on stores whose name, as in the table, contains this word
    #[arg(long, default_value = "")]
    store: String,
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
    /// An older program, from which the service is upgraded: `tests/older-program COMMIT` builds one
    #[arg(long)]
    older: Option<PathBuf>,
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
    let mut cluster = None;
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        if !arguments.fault.is_empty() && arguments.fault != fault.name() {
            continue;
        }
        let is_wanted = |store: &&StoreKind| store.name().contains(&arguments.store);
        for store in fault.stores().iter().filter(is_wanted) {
            let report = one(arguments, &program, fault, *store, seed, &mut cluster).await?;
            breaks += report.breaks.len();
            table.add(number, &report);
            write(arguments, &table, seed)?;
        }
    }
    breaks += outages(arguments, &program, &mut table, seed).await?;
    breaks += upgrades(arguments, &program, &mut table, seed).await?;
    println!("\n{}", table.markdown());
    println!("{}", arguments.report.display());
    Ok(if breaks == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn one(
    arguments: &Arguments,
    program: &Path,
    fault: Fault,
    store: StoreKind,
    seed: u64,
    cluster: &mut Option<Replicated>,
) -> Result<Report> {
    let plan = Plan {
        program: program.to_owned(),
        fault,
        store,
        rounds: fault.rounds(store, arguments.rounds),
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
    let report =
        if store.is_cluster() { run_reusing(cluster, plan).await } else { run(plan).await };
    let report = report.with_context(|| format!("{name} on {on}"))?;
    let took = Duration::from_secs(started.elapsed().as_secs());
    let (answered, unknown) = (report.answered(), report.unknown());
    let (snapshots, breaks) = (report.snapshots, report.breaks.len());
    println!(
        "  {took:?}: {answered} operations answered, {unknown} unknown outcomes, {snapshots} looks \
         at the lines, {breaks} breaks"
    );
    if let Some(told) = &report.webhook {
        println!(
            "  {} events received, {} of them of changes that no answer names, {} requests that told one again, \
             {} acknowledged changes",
            told.events, told.unacknowledged, told.duplicates, told.acknowledged
        );
    }
    if let Some(told) = &report.mail {
        println!(
            "  {} e-mails came, {} of them had to, {} came again",
            told.mails, told.due, told.duplicates
        );
    }
    for found in &report.breaks {
        println!("  {found}");
    }
    for line in &report.log {
        println!("  | {line}");
    }
    Ok(report)
}

/// Runs a plan on the cluster of the plan before, which is started for the first one.
async fn run_reusing(cluster: &mut Option<Replicated>, plan: Plan) -> Result<Report> {
    let running = match cluster.take() {
        Some(running) => running,
        None => Replicated::start().await?,
    };
    let (report, running) = run_on(running, plan).await?;
    *cluster = running;
    Ok(report)
}

/// The outages, as often as those faults that last long, and the two processes.
async fn outages(
    arguments: &Arguments,
    program: &Path,
    table: &mut Table,
    seed: u64,
) -> Result<usize> {
    let is_wanted = |name: &str| arguments.fault.is_empty() || arguments.fault == name;
    let (idle, tenths): (_, &[u32]) =
        if arguments.short { (OUTAGE_IDLE_SHORT, &[5, 15]) } else { (OUTAGE_IDLE, &[5, 10, 50]) };
    let mut breaks = 0;
    for (number, down) in Down::ALL.into_iter().enumerate().filter(|(_, it)| is_wanted(it.name())) {
        let is_wanted = |store: &&StoreKind| store.name().contains(&arguments.store);
        for store in down.stores().iter().filter(is_wanted) {
            for _ in 0..arguments.rounds.div_ceil(4) {
                println!("{} on {}, idle after {idle:?}", down.name(), store.name());
                let (program, store) = (program.to_owned(), *store);
                let report = run_outages(&Outages { program, down, store, idle, tenths }).await?;
                breaks += show(&report);
                table.add_outages(100 + number, &report);
                write(arguments, table, seed)?;
            }
        }
    }
    if is_wanted(TWO_PROCESSES) {
        let of_round = if arguments.short { 250 } else { POLLS_OF_ROUND };
        let polls = of_round * u64::try_from(arguments.rounds)?;
        println!("{TWO_PROCESSES}, {polls} polls in turn");
        let report = run_in_turn(program, polls).await?;
        breaks += show(&report);
        table.add_outages(200, &report);
        write(arguments, table, seed)?;
    }
    if is_wanted(PROCESSES_RESTARTED) {
        let rounds = if arguments.short { 1 } else { arguments.rounds.div_ceil(4) };
        println!("{PROCESSES_RESTARTED}, {rounds} times");
        let report = run_restarts(program, rounds).await?;
        breaks += show(&report);
        table.add_outages(201, &report);
        write(arguments, table, seed)?;
    }
    if is_wanted(HEARTBEATS_LOST) {
        for _ in 0..arguments.rounds.div_ceil(4) {
            println!("{HEARTBEATS_LOST}");
            let report = run_heartbeats_lost(program).await?;
            breaks += show(&report);
            table.add_outages(202, &report);
            write(arguments, table, seed)?;
        }
    }
    Ok(breaks)
}

/// Upgrades from the older program, a quarter as often as other faults: each takes half a minute.
async fn upgrades(
    arguments: &Arguments,
    newer: &Path,
    table: &mut Table,
    seed: u64,
) -> Result<usize> {
    if !arguments.fault.is_empty() && arguments.fault != ROLLING {
        return Ok(0);
    }
    let Some(older) = &arguments.older else {
        anyhow::ensure!(arguments.fault.is_empty(), OLDER_MISSING);
        println!("{ROLLING} is left out: {OLDER_MISSING}");
        return Ok(0);
    };
    let size = if arguments.short { Size::SHORT } else { Size::LONG };
    let mut breaks = 0;
    for round in 0..arguments.rounds.div_ceil(4) {
        let seed = seed.wrapping_add(u64::try_from(round)?);
        println!("{ROLLING} from {}, round {}, seed {seed}", older.display(), round + 1);
        let (older, newer) = (older.clone(), newer.to_owned());
        let report = run_upgrade(&Upgrade { older, newer, size, seed }).await?;
        println!(
            "  {} operations answered, {} looks at the lines, started in {:.2} s, longest gap {:.2} s, {} breaks",
            report.answered(),
            report.snapshots,
            report.started.as_secs_f64(),
            report.gap.as_secs_f64(),
            report.breaks.len()
        );
        report.breaks.iter().for_each(|found| println!("  {found}"));
        report.log.iter().for_each(|line| println!("  | {line}"));
        breaks += report.breaks.len();
        table.add_upgrade(&report);
        write(arguments, table, seed)?;
    }
    Ok(breaks)
}

fn show(report: &stagedoor_faults::outage::Report) -> usize {
    let Verdict { breaks, kept, abandoned, moves } = &report.verdict;
    println!(
        "  {} polls answered, {kept} places kept through outages, {abandoned} abandoned, {moves} \
         moves forward, {} breaks",
        report.polls,
        breaks.len()
    );
    for found in breaks {
        println!("  {found}");
    }
    for line in &report.log {
        println!("  | {line}");
    }
    breaks.len()
}

fn write(arguments: &Arguments, table: &Table, seed: u64) -> Result<()> {
    if let Some(folder) = arguments.report.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = format!("Seed {seed}, {} clients.\n\n{}", arguments.fans, table.markdown());
    std::fs::write(&arguments.report, text)?;
    Ok(())
}
