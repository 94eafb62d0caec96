//! The documentation names only what exists, and its pages have one form.

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

#[test]
fn links_and_paths_in_the_documentation_lead_to_files_and_headings() -> Result<()> {
    let mut broken = Vec::new();
    for (path, page) in pages()? {
        let folder = path.parent().context("a folder")?;
        let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { folder.join(file) };
            let is_there = match heading {
                "" => file.exists(),
                heading => fs::read_to_string(&file).is_ok_and(|text| has_heading(&text, heading)),
            };
            if !is_there {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
        let is_path = |word: &&str| FOLDERS.iter().any(|folder| word.starts_with(folder));
        let named = quoted(&page).filter(is_path).filter(|word| !word.contains([' ', '{', '*']));
        let missing = named.filter(|word| !root().join(word).exists());
        broken.extend(missing.map(|word| format!("{}: {word}", path.display())));
    }
    ensure!(broken.is_empty(), "these lead nowhere:\n  {}", broken.join("\n  "));
    Ok(())
}

#[test]
fn tables_have_at_most_six_columns_and_decisions_have_one_form() -> Result<()> {
    let mut broken = Vec::new();
    for (path, page) in pages()? {
        let rulers = page.lines().filter(|line| line.starts_with("|--"));
        if rulers.map(|line| line.matches('|').count() - 1).any(|columns| columns > 6) {
            broken.push(format!("{} has a wide table", path.display()));
        }
        let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
        let headings: Vec<_> = headings.collect();
        let is_decision = path.parent().is_some_and(|folder| folder.ends_with("decisions"))
            && !path.ends_with("README.md");
        if is_decision && headings != ["Context", "Decision", "Consequences"] {
            broken.push(format!("{} has the headings {headings:?}", path.display()));
        }
    }
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

#[test]
fn the_index_names_every_decision_in_order() -> Result<()> {
    let folder = root().join("docs/decisions");
    let index = fs::read_to_string(folder.join("README.md"))?;
    let rows = index.lines().filter_map(|line| line.strip_prefix("| ")?.rsplit_once(" | "));
    let named: Vec<&str> = rows.skip(1).map(|(number_and_title, _)| number_and_title).collect();
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(&folder)? {
        files.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    files.remove("README.md");
    let mut expected = Vec::new();
    for file in files {
        let page = fs::read_to_string(folder.join(&file))?;
        let heading = page.lines().next().and_then(|line| line.strip_prefix("# "));
        let heading = heading.and_then(|heading| heading.split_once(". "));
        let (number, title) = heading.with_context(|| format!("{file} has no number"))?;
        ensure!(file.starts_with(&format!("{number:0>4}-")), "{file} has the number {number}");
        expected.push(format!("{number} | [{title}]({file})"));
    }
    ensure!(named == expected, "docs/decisions/README.md has {named:#?}, not {expected:#?}");
    Ok(())
}

/// Words in backquotes that begin so are paths from the root.
const FOLDERS: [&str; 9] = [
    "bench/",
    "compose/",
    "crates/",
    "deploy/",
    "docs/",
    "faults/",
    "fuzz/",
    "migrations/",
    "tests/",
];

/// Whether a page has a heading with this anchor.
fn has_heading(page: &str, anchor: &str) -> bool {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchors = headings.map(|line| {
        let text = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        text.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect::<String>()
    });
    anchors.into_iter().any(|heading| heading == anchor)
}

/// The README and all pages of `docs/`.
fn pages() -> Result<Vec<(PathBuf, String)>> {
    let folders = ["docs", "docs/benchmarks", "docs/decisions"].map(|folder| root().join(folder));
    let mut paths = vec![root().join("README.md")];
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    ensure!(paths.len() > 30, "only {} pages are found", paths.len());
    paths.into_iter().map(|path| Ok((path.clone(), fs::read_to_string(path)?))).collect()
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
