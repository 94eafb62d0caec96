//! What the documentation names exists.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

#[test]
fn the_table_of_the_contracts_has_no_empty_cell_and_names_tests_that_exist() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/contracts.md"))?;
    let tests = test_sources()?;
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        ensure!(cells.iter().all(|cell| !cell.is_empty()), "a cell is empty: {row}");
        let last = cells.last().context("cells")?;
        for name in quoted(last).filter(|name| is_test_name(name)) {
            ensure!(tests.contains(&format!("fn {name}(")), "there is no test {name}: {row}");
            count += 1;
        }
    }
    ensure!(count > 60, "only {count} tests are named");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The words of a cell in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_test_name(name: &str) -> bool {
    name.matches('_').count() > 3
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// All tests of the service, as one text.
fn test_sources() -> Result<String> {
    let mut text = String::new();
    let mut folders = vec![root().join("tests/tests/service")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(&path)?);
            }
        }
    }
    Ok(text)
}
