//! What came of the runs, as a table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::checker::{Break, Kind};
use crate::outage;
use crate::rolling;
use crate::run::Report;

/// A row for each fault and store, and one for all rolling upgrades.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<(usize, &'static str), Row>,
    failovers: BTreeMap<(usize, &'static str), Failovers>,
    upgrades: Upgrades,
}

/// The row of rolling upgrades.
#[derive(Debug, Default)]
struct Upgrades {
    changes: Failovers,
    starts: Vec<Duration>,
}

/// A row for each fault and variant of a cluster.
#[derive(Debug, Default)]
struct Failovers {
    fault: &'static str,
    rounds: usize,
    acknowledged: usize,
    lost: usize,
    doubled: usize,
    others: usize,
    gaps: Vec<Duration>,
}

#[derive(Debug, Default)]
struct Row {
    fault: &'static str,
    rounds: usize,
    answered: usize,
    unknown: usize,
    breaks: usize,
    recoveries: Vec<Duration>,
}

impl Table {
    /// Adds what came of a run; rows stand in the order of their numbers.
    pub fn add(&mut self, number: usize, report: &Report) {
        if report.plan.store.is_cluster() {
            return self.add_failovers(number, report);
        }
        let row = self.rows.entry((number, report.plan.store.name())).or_default();
        row.fault = report.plan.fault.name();
        row.rounds += report.plan.rounds;
        row.answered += report.answered();
        row.unknown += report.unknown();
        row.breaks += report.breaks.len();
        row.recoveries.extend(&report.recoveries);
    }

    fn add_failovers(&mut self, number: usize, report: &Report) {
        let row = self.failovers.entry((number, report.plan.store.name())).or_default();
        row.fault = report.plan.fault.name();
        row.rounds += report.plan.rounds;
        row.acknowledged += report.acknowledged();
        row.lost += report.lost;
        row.doubled += report.doubled;
        row.others += others(&report.breaks);
        row.gaps.extend(&report.gaps);
    }

    /// Adds what came of a rolling upgrade.
    pub fn add_upgrade(&mut self, report: &rolling::Report) {
        let row = &mut self.upgrades.changes;
        let count = |kind| report.breaks.iter().filter(|found| found.kind == kind).count();
        row.fault = rolling::ROLLING;
        row.rounds += 1;
        row.acknowledged += report.acknowledged();
        row.lost += count(Kind::Lost);
        row.doubled += count(Kind::Doubled);
        row.others += others(&report.breaks);
        row.gaps.push(report.gap);
        self.upgrades.starts.push(report.started);
    }

    /// Adds what came of outages, or of two processes: only polls are counted as answered.
    pub fn add_outages(&mut self, number: usize, report: &outage::Report) {
        let row = self.rows.entry((number, report.store.name())).or_default();
        row.fault = report.name;
        row.rounds += report.recoveries.len().max(1);
        row.answered += usize::try_from(report.polls).unwrap_or(usize::MAX);
        row.breaks += report.verdict.breaks.len();
        row.recoveries.extend(&report.recoveries);
    }

    /// The table in Markdown, and others of the faults of a cluster and of rolling upgrades.
    pub fn markdown(&self) -> String {
        let rows = (!self.rows.is_empty()).then(|| self.of_rows());
        let failovers = (!self.failovers.is_empty()).then(|| self.of_failovers());
        let upgrades = (self.upgrades.changes.rounds > 0).then(|| self.of_upgrades());
        rows.into_iter().chain(failovers).chain(upgrades).collect::<Vec<_>>().join("\n")
    }

    fn of_upgrades(&self) -> String {
        let Upgrades { changes: row, starts } = &self.upgrades;
        let (gap, gap_max) = median_and_longest(&row.gaps);
        let (start, start_max) = median_and_longest(starts);
        format!(
            "| run | rounds | acknowledged | lost, duplicated, other breaks | unavailability, median and longest | \
            start of the newer program, median and longest |\n|---|---:|---:|---:|---:|---:|\n\
            | {} | {} | {} | {}, {}, {} | {gap}, {gap_max} | {start}, {start_max} |\n",
            row.fault, row.rounds, row.acknowledged, row.lost, row.doubled, row.others,
        )
    }

    fn of_failovers(&self) -> String {
        let mut text =
            "| fault | cluster | runs | acknowledged | lost, duplicated, other breaks | \
            unavailability, median and longest |\n|---|---|---:|---:|---:|---:|\n"
                .to_owned();
        for ((_, store), row) in &self.failovers {
            let (median, longest) = median_and_longest(&row.gaps);
            let _ = writeln!(
                text,
                "| {} | {store} | {} | {} | {}, {}, {} | {median}, {longest} |",
                row.fault, row.rounds, row.acknowledged, row.lost, row.doubled, row.others,
            );
        }
        text
    }

    fn of_rows(&self) -> String {
        let mut text = "| fault | store | runs | answered, unknown | breaks | \
            recovery, median and longest |\n|---|---|---:|---:|---:|---:|\n"
            .to_owned();
        for ((_, store), row) in &self.rows {
            let (median, longest) = median_and_longest(&row.recoveries);
            let _ = writeln!(
                text,
                "| {} | {store} | {} | {}, {} | {} | {median}, {longest} |",
                row.fault, row.rounds, row.answered, row.unknown, row.breaks,
            );
        }
        text
    }
}

/// The breaks that are neither lost nor duplicated changes.
fn others(breaks: &[Break]) -> usize {
    breaks.iter().filter(|it| !matches!(it.kind, Kind::Lost | Kind::Doubled)).count()
}

fn median_and_longest(times: &[Duration]) -> (String, String) {
    let mut times = times.to_vec();
    times.sort_unstable();
    (seconds(times.get(times.len() / 2)), seconds(times.last()))
}

fn seconds(time: Option<&Duration>) -> String {
    time.map_or("–".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
}
