//! The table on the screen, and the same as JSON and as a plot.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{
    BLACK, BLUE, ChartBuilder, Color, IntoDrawingArea, IntoSegmentedCoord, RED, Rectangle,
    SVGBackend, SegmentValue, WHITE,
};

use crate::growth::Measured;
use crate::overload;
use crate::runner::Row;

const HEAD: &str = "scenario                        at               against           \
    goal  ratio (least to most)      service  reference    p50 ms   p95 ms   p99 ms  batch  µs/req server+db  at half: p50 p99 ms";

/// Writes the tables to the screen and all figures to a folder.
pub fn write(
    rows: &[Row],
    overload: &[overload::Row],
    growth: &[Measured],
    folder: &Path,
) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let figures = serde_json::json!({ "ratios": rows, "overload": overload, "growth": growth });
    std::fs::write(folder.join("figures.json"), serde_json::to_string_pretty(&figures)?)?;
    std::fs::write(folder.join("tables.md"), tables(rows, overload, growth))?;
    println!("\n{HEAD}");
    rows.iter().for_each(|row| println!("{}", row.line()));
    if let Some(ceiling) = ceiling(rows) {
        println!("\nthe load generator reached {ceiling:.0}/s against the bare handler");
    }
    println!();
    overload.iter().for_each(|row| println!("{}", row.line()));
    for Measured { name, unit, value, goal, met } in growth {
        let met = if *met { "met" } else { "MISSED" };
        println!("{name:<45} {value:>8.2} {unit:<2} (at most {goal}) {met}");
    }
    if !rows.is_empty() {
        plot(rows, &folder.join("ratios.svg"))?;
    }
    println!("\nfigures.json, tables.md and ratios.svg are in {}", folder.display());
    Ok(())
}

/// The tables of `docs/performance.md`.
fn tables(rows: &[Row], overload: &[overload::Row], growth: &[Measured]) -> String {
    let missed = |met: bool| if met { "" } else { " missed" };
    let mut text = table(["scenario, load", "compared with", "goal", "ratio", "rate", "p50 / p99"]);
    for Row { name, at, against, goal, service, ratio, met, .. } in rows {
        let bound = if *met == (ratio >= goal) { "≥" } else { "≤" };
        text += &format!(
            "| {name}, {at} | {against} | {bound} {goal} | {ratio:.2}{} | {:.0}/s | {:.1} / {:.1} ms |\n",
            missed(*met),
            service.rate,
            service.p50_ms,
            service.p99_ms,
        );
    }
    text += &table(["measured", "at most", "value"]);
    for Measured { name, unit, value, goal, met } in growth {
        text += &format!("| {name} | {goal} {unit} | {value:.2} {unit}{} |\n", missed(*met));
    }
    text += &table(["load", "offered", "served", "p50 / p99", "refused p50 / p99", "memory"]);
    for row in overload {
        let ((served, served_p99), (refused, refused_p99)) = (row.served_ms, row.refused_ms);
        text += &format!(
            "| {} | {:.0}/s | {:.0}/s, {:.0} % of peak | {served:.0} / {served_p99:.0} ms | \
             {refused:.1} / {refused_p99:.0} ms | {:.0} MB |\n",
            row.name,
            row.offered,
            row.goodput,
            row.of_peak * 100.0,
            row.resident_mb,
        );
    }
    text
}

/// The head of a table.
fn table<const COLUMNS: usize>(head: [&str; COLUMNS]) -> String {
    format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(COLUMNS))
}

/// The most requests a second that the load generator was seen to make.
fn ceiling(rows: &[Row]) -> Option<f64> {
    let bare = rows.iter().filter(|row| row.against == "bare handler");
    bare.map(|row| row.reference.rate).max_by(f64::total_cmp)
}

/// Each ratio as a bar beside its goal.
fn plot(rows: &[Row], file: &Path) -> Result<()> {
    let area = SVGBackend::new(file, (1_400, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let most = rows.iter().map(|row| row.ratio.max(row.goal)).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(&area)
        .caption("ratio to the reference (blue) and goal (red)", ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(40)
        .build_cartesian_2d((0..rows.len()).into_segmented(), 0.0..most)?;
    let name = |value: &SegmentValue<usize>| match value {
        SegmentValue::CenterOf(index) => names.get(*index).cloned().unwrap_or_default(),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(rows.len())
        .x_label_formatter(&name)
        .x_label_style(("sans-serif", 9))
        .axis_style(BLACK)
        .draw()?;
    let bar = |index: usize, height: f64| {
        Rectangle::new(
            [(SegmentValue::Exact(index), 0.0), (SegmentValue::Exact(index + 1), height)],
            BLUE.mix(0.6).filled(),
        )
    };
    chart.draw_series(rows.iter().enumerate().map(|(index, row)| bar(index, row.ratio)))?;
    let goal = |(index, row): (usize, &Row)| {
        let ends = [
            (SegmentValue::Exact(index), row.goal * 0.995),
            (SegmentValue::Exact(index + 1), row.goal),
        ];
        Rectangle::new(ends, RED.filled())
    };
    chart.draw_series(rows.iter().enumerate().map(goal))?;
    Ok(area.present()?)
}
