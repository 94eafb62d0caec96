//! What came of the runs, as a table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::outage;
use crate::run::Report;

/// A row for each fault and store.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<(usize, &'static str), Row>);

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
        let row = self.0.entry((number, report.plan.store.name())).or_default();
        row.fault = report.plan.fault.name();
        row.rounds += report.plan.rounds;
        row.answered += report.answered();
        row.unknown += report.unknown();
        row.breaks += report.breaks.len();
        row.recoveries.extend(&report.recoveries);
    }

    /// Adds what came of outages, or of two processes: only polls are counted as answered.
    pub fn add_outages(&mut self, number: usize, report: &outage::Report) {
        let row = self.0.entry((number, report.store.name())).or_default();
        row.fault = report.name;
        row.rounds += report.recoveries.len().max(1);
        row.answered += usize::try_from(report.polls).unwrap_or(usize::MAX);
        row.breaks += report.verdict.breaks.len();
        row.recoveries.extend(&report.recoveries);
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = "| fault | store | runs | answered, unknown | breaks | \
            recovery, median and longest |\n|---|---|---:|---:|---:|---:|\n"
            .to_owned();
        for ((_, store), row) in &self.0 {
            let mut recoveries = row.recoveries.clone();
            recoveries.sort_unstable();
            let median = recoveries.get(recoveries.len() / 2);
            let _ = writeln!(
                text,
                "| {} | {store} | {} | {}, {} | {} | {}, {} |",
                row.fault,
                row.rounds,
                row.answered,
                row.unknown,
                row.breaks,
                seconds(median),
                seconds(recoveries.last()),
            );
        }
        text
    }
}

fn seconds(time: Option<&Duration>) -> String {
    time.map_or("–".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
}
