//! What the documentation names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

#[test]
fn the_table_of_the_contracts_has_no_empty_cell_and_names_tests_that_exist() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/contracts.md"))?;
    let tests = sources_in(&["tests/tests/service"])?;
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

#[test]
fn the_page_on_security_names_every_test_of_abuse_and_none_that_does_not_exist() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/security.md"))?;
    let named: BTreeSet<&str> = quoted(&page).filter(|name| is_test_name(name)).collect();
    let tests = sources_in(&["tests/tests", "crates"])?;
    for name in &named {
        ensure!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
    }
    let of_abuse = sources_in(&["tests/tests/service/abuse"])?;
    let of_abuse = of_abuse.split("\nasync fn ").filter_map(|function| {
        let (name, rest) = function.split_once('(')?;
        let takes_a_store = rest.trim_start().starts_with("kind: StoreKind");
        takes_a_store.then_some(name)
    });
    let of_abuse: Vec<_> = of_abuse.collect();
    ensure!(of_abuse.len() > 50, "only {} tests of abuse are found", of_abuse.len());
    for name in of_abuse {
        ensure!(named.contains(name), "docs/security.md does not name {name}");
    }
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

/// All sources below these folders, as one text.
fn sources_in(folders: &[&str]) -> Result<String> {
    let mut text = String::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(&path)?);
            }
        }
    }
    Ok(text)
}
