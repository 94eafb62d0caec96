//! The modules of a crate import each other in one direction: no cycle, and no import from a lower layer of a
//! higher one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// A crate whose imports are checked. A new one needs a line in [`CRATES`].
struct Checked {
    source: &'static str,
    /// Folders that group modules. Each module in them is checked by itself; any other folder belongs to the
    /// module beside it. The file beside a group may export names for the highest layer.
    groups: &'static [&'static str],
    /// Modules of the highest layer: only they may import each other.
    top: &'static [&'static str],
    /// Modules for tests alone.
    ignored: &'static [&'static str],
}

const CRATES: [Checked; 3] = [
    Checked {
        source: "bench/src",
        groups: &[],
        top: &["growth", "overload", "report", "runner"],
        ignored: &["main"],
    },
    Checked {
        source: "crates/app/src",
        groups: &[],
        top: &["commands"],
        ignored: &["lib", "main", "tests"],
    },
    Checked {
        source: "crates/http/src",
        groups: &["auth", "contracts", "edge", "openapi", "shared", "v1", "wire"],
        top: &["contracts", "health", "pages", "server", "ticket_keys", "v1"],
        ignored: &["fuzzing", "lib", "testing", "tests"],
    },
];

/// The modules that each module imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_module_imports_itself_through_others() -> Result<()> {
    for checked in &CRATES {
        let imports = imports(checked)?;
        ensure!(imports.len() > 5, "{}: the modules are not found", checked.source);
        for module in imports.keys() {
            let cycle = path_back(&imports, module);
            ensure!(
                cycle.is_none(),
                "{}: {}",
                checked.source,
                cycle.unwrap_or_default().join(" -> ")
            );
        }
    }
    Ok(())
}

#[test]
fn a_lower_layer_imports_single_modules_and_none_of_the_highest_one() -> Result<()> {
    for checked in &CRATES {
        let is_top =
            |module: &String| checked.top.iter().any(|top| module.split("::").next() == Some(top));
        for (module, imported) in imports(checked)?.iter().filter(|(module, _)| !is_top(module)) {
            let is_group = |imported: &String| checked.groups.contains(&imported.as_str());
            let wrong = |imported: &&String| is_top(imported) || is_group(imported);
            let wrong: Vec<_> = imported.iter().filter(wrong).collect();
            ensure!(wrong.is_empty(), "{}: {module} imports {wrong:?}", checked.source);
        }
    }
    Ok(())
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::a::{b, c::{D, e}};\nlet f = crate::g::h();\nuse super::i;";
    let found = paths(text, &["x".to_owned(), "y".to_owned()]);
    let found: Vec<_> = found.iter().map(|path| path.join("::")).collect();

    assert_eq!(found, ["a::b", "a::c::D", "a::c::e", "g::h", "x::i"]);
}

/// A way from a module over its imports back to itself.
fn path_back(imports: &Imports, start: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.to_owned()]];
    while let Some(way) = ways.pop() {
        for next in imports.get(way.last()?).into_iter().flatten() {
            let longer = way.iter().chain([next]).cloned().collect();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next) {
                ways.push(longer);
            }
        }
    }
    None
}

fn imports(checked: &Checked) -> Result<Imports> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(checked.source);
    let mut files = Vec::new();
    rust_files(&source, &mut files)?;
    let mut texts: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(&source)?.with_extension("");
        let module: Vec<_> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let is_ignored = |part: &String| checked.ignored.contains(&part.as_str());
        if !module.iter().any(is_ignored) {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            texts.insert(module, code.to_owned());
        }
    }
    let known: BTreeSet<_> = texts.keys().cloned().collect();
    let mut imports = Imports::new();
    for (module, text) in &texts {
        let own = unit(checked, module);
        let found = paths(text, module).into_iter().filter_map(|path| {
            let named = (1..=path.len()).rev().map(|length| path[..length].to_vec());
            named.into_iter().find(|named| known.contains(named))
        });
        let found = found.map(|found| unit(checked, &found)).filter(|found| *found != own);
        // A file that only declares the modules of its group imports none of them.
        let found = found.filter(|found| !found.starts_with(&format!("{own}::")));
        imports.entry(own.clone()).or_default().extend(found);
    }
    Ok(imports)
}

/// The module that is checked as a whole: a file with its folder.
fn unit(checked: &Checked, module: &[String]) -> String {
    let is_grouped = module.first().is_some_and(|first| checked.groups.contains(&first.as_str()));
    let length = if is_grouped { 2 } else { 1 };
    module.iter().take(length).cloned().collect::<Vec<_>>().join("::")
}

/// Every path in the crate that a module names.
fn paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, start) in text.match_indices("crate::") {
        if !text[..at].ends_with("$") {
            expand(&text[at + start.len()..], &[], &mut found);
        }
    }
    for (at, start) in text.match_indices("super::") {
        let parent = module.split_last().map(|(_, parent)| parent).unwrap_or_default();
        expand(&text[at + start.len()..], parent, &mut found);
    }
    found
}

/// Adds the paths that begin at the start of `text`, and returns what follows them.
fn expand<'t>(text: &'t str, before: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut list) = text.strip_prefix('{') {
        loop {
            list = expand(list, before, found).trim_start();
            if let Some(more) = list.strip_prefix(',') {
                list = more.trim_start();
            }
            if list.is_empty() || list.starts_with('}') {
                return list.strip_prefix('}').unwrap_or(list);
            }
        }
    }
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    let path: Vec<_> = before.iter().cloned().chain([name.to_owned()]).collect();
    match rest.strip_prefix("::") {
        Some(more) if !name.is_empty() && !more.starts_with('<') => expand(more, &path, found),
        _ => {
            found.push(path);
            let end = rest.find([',', '}', ';', '\n']).unwrap_or(rest.len());
            &rest[end..]
        }
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
