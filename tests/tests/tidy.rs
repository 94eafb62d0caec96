//! Rules of this repository that neither rustfmt nor clippy checks. `clippy.toml` bounds the length of functions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

const FILE_LINES_MAX: usize = 700;

/// The one `mod.rs`: both dialects of the store mount its folder with `#[path]`, and below a file that is mounted so,
/// `mod` lines find their files only when it has this name.
const MOUNTED_TWICE: &str = "crates/store/src/shared/mod.rs";

/// What each member may depend on among ours, in whichever table. A new member needs a line here.
const MAY_DEPEND_ON: [(&str, &[&str]); 11] = [
    ("stagedoor-bench", &["stagedoor", "stagedoor-domain", "stagedoor-http", "stagedoor-store"]),
    ("stagedoor-domain", &[]),
    ("stagedoor-faults", &[]),
    ("stagedoor-http", &["stagedoor-domain"]),
    ("stagedoor-images", &["stagedoor-domain"]),
    ("stagedoor-mail", &["stagedoor-domain"]),
    ("stagedoor-store", &["stagedoor-domain"]),
    (
        "stagedoor",
        &[
            "stagedoor-domain",
            "stagedoor-http",
            "stagedoor-images",
            "stagedoor-mail",
            "stagedoor-store",
            "stagedoor-tickets",
            "stagedoor-webhooks",
        ],
    ),
    (
        "stagedoor-tests",
        &[
            "stagedoor",
            "stagedoor-domain",
            "stagedoor-http",
            "stagedoor-store",
            "stagedoor-tickets",
        ],
    ),
    ("stagedoor-tickets", &["stagedoor-domain"]),
    ("stagedoor-webhooks", &["stagedoor-domain"]),
];

#[test]
fn a_source_file_stays_under_700_lines() -> Result<()> {
    let mut too_long = Vec::new();
    for file in source_files()? {
        let lines =
            fs::read_to_string(&file).with_context(|| file.display().to_string())?.lines().count();
        if lines >= FILE_LINES_MAX {
            too_long.push(format!("{} has {lines} lines", file.display()));
        }
    }
    none(&too_long, "a file that wants more is two rooms")
}

/// An account of the operating system.
const ACCOUNT: &str = concat!("\"no", "body\"");

#[test]
fn dropped_words_stay_out_of_code_and_docs() -> Result<()> {
    let list = fs::read_to_string(root().join("tests/vocabulary.txt"))?;
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let words: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    ensure!(words.len() > 10, "tests/vocabulary.txt is not read");
    let mut found = Vec::new();
    for file in files(&["*.rs", "*.md", "*.js", "*.sql", "*.py", "*.yml", "*.yaml", "Makefile"])? {
        let name = file.strip_prefix(root())?.display().to_string();
        for (number, line) in fs::read_to_string(&file)?.lines().enumerate() {
            let line = line.replace(ACCOUNT, "").replace('_', " ").to_lowercase();
            let is_used = |(word, _): &&(&str, &str)| contains_word(&line, word);
            let used = words.iter().filter(is_used);
            found.extend(
                used.map(|(word, say)| format!("{name}:{}: \"{word}\" (say: {say})", number + 1)),
            );
        }
    }
    none(&found, "use plain words")
}

fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[test]
fn the_containers_run_without_privileges_and_the_database_has_no_port_and_no_known_password()
-> Result<()> {
    let compose = fs::read_to_string(root().join("compose.yaml"))?;
    let (app, rest) = compose.split_once("\n  db:\n").context("a service db")?;
    let (database, _) = rest.split_once("\nnetworks:\n").context("networks")?;
    for service in [app, database] {
        for line in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "mem_limit: "]
        {
            ensure!(service.contains(line), "{line} is missing in {service}");
        }
    }
    ensure!(!database.contains("ports:"), "the database has a port: {database}");
    for variable in ["DB_PASSWORD", "STAGEDOOR_SIGNING_KEY"] {
        let given = compose.matches(&format!("${{{variable}")).count();
        let required = compose.matches(&format!("${{{variable}:?")).count();
        ensure!(given == required && given > 0, "{variable} has a default");
    }
    for line in compose.lines().filter(|line| line.contains("PASSWORD: ")) {
        ensure!(line.contains("${DB_PASSWORD:?"), "a public password: {line}");
    }
    ensure!(compose.contains("postgres://stagedoor:${DB_PASSWORD:?"), "another role or password");
    Ok(())
}

#[test]
fn a_module_is_a_file_beside_its_folder_and_mod_rs_only_where_a_folder_is_mounted_twice()
-> Result<()> {
    let found: Vec<_> = source_files()?
        .into_iter()
        .filter(|file| file.ends_with("mod.rs") && !file.ends_with(MOUNTED_TWICE))
        .map(|file| file.display().to_string())
        .collect();
    none(&found, "name it after its folder, beside it")
}

#[test]
fn the_domain_depends_on_none_of_ours_and_no_adapter_on_another() -> Result<()> {
    let allowed = BTreeMap::from(MAY_DEPEND_ON);
    let packages = cargo_packages()?;
    let ours: BTreeSet<_> =
        packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut broken = Vec::new();
    for package in &packages {
        let member = package["name"].as_str().context("a package has a name")?;
        let Some(may) = allowed.get(member) else {
            broken.push(format!("{member} has no line in MAY_DEPEND_ON"));
            continue;
        };
        let named = array(&package["dependencies"]).iter().filter_map(|it| it["name"].as_str());
        for dependency in named.filter(|name| ours.contains(name) && !may.contains(name)) {
            broken.push(format!("{member} depends on {dependency}"));
        }
    }
    none(&broken, "only the application, the tests and the benchmark may see more than the domain")
}

#[test]
fn a_dependency_takes_its_version_from_the_workspace() -> Result<()> {
    let mut broken = Vec::new();
    for (member, manifest) in members()? {
        for (dependency, how) in dependencies(&manifest.table) {
            if how.get("workspace").and_then(Value::as_bool) != Some(true) {
                broken.push(format!("{member}: {dependency}"));
            }
        }
    }
    none(&broken, "put the version into [workspace.dependencies] and say `workspace = true`")
}

#[test]
fn every_dependency_is_used_by_the_member_that_names_it() -> Result<()> {
    let mut broken = Vec::new();
    let mut named = BTreeSet::new();
    for (member, manifest) in members()? {
        let mut words = BTreeSet::new();
        for file in source_files()?.iter().filter(|file| file.starts_with(&manifest.folder)) {
            let text = fs::read_to_string(file)?;
            let found = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.extend(found.map(str::to_owned));
        }
        let machete = manifest.table.get("package").and_then(|it| it.get("metadata"));
        let ignored = machete.and_then(|it| it.get("cargo-machete")?.get("ignored")?.as_array());
        let ignored: Vec<_> = ignored.into_iter().flatten().filter_map(Value::as_str).collect();
        for (dependency, _) in dependencies(&manifest.table) {
            named.insert(dependency.to_owned());
            if !ignored.contains(&dependency) && !words.contains(&dependency.replace('-', "_")) {
                broken.push(format!("{member} does not use {dependency}"));
            }
        }
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml"))?.parse::<Table>()?;
    let versions = workspace["workspace"]["dependencies"].as_table().context("versions")?;
    let unused = versions.keys().filter(|name| !named.contains(*name));
    broken.extend(unused.map(|name| format!("no member uses {name}")));
    none(&broken, "remove it")
}

#[test]
fn a_member_takes_its_lints_from_the_workspace() -> Result<()> {
    let mut broken = Vec::new();
    for (member, manifest) in members()? {
        let lints = manifest.table.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            broken.push(member);
        }
    }
    none(&broken, "its Cargo.toml needs `[lints] workspace = true`")
}

#[test]
fn both_stores_have_the_same_migrations_forward_and_back() -> Result<()> {
    let [postgres, sqlite] = [migrations("postgres")?, migrations("sqlite")?];
    ensure!(!postgres.is_empty(), "there are no migrations");
    ensure!(postgres == sqlite, "postgres has {postgres:?}, sqlite has {sqlite:?}");
    Ok(())
}

#[test]
fn the_rules_are_asked_of_the_whole_workspace() -> Result<()> {
    let files = source_files()?;
    ensure!(
        files.contains(&root().join("tests/tests/tidy.rs")),
        "this file itself is missing from the source files"
    );
    for (member, manifest) in members()? {
        ensure!(
            files.iter().any(|file| file.starts_with(&manifest.folder)),
            "{member} has no source files"
        );
    }
    Ok(())
}

struct Manifest {
    folder: PathBuf,
    table: Table,
}

fn none(found: &[String], advice: &str) -> Result<()> {
    ensure!(found.is_empty(), "{} found; {advice}:\n  {}", found.len(), found.join("\n  "));
    Ok(())
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

fn source_files() -> Result<Vec<PathBuf>> {
    files(&["*.rs"])
}

/// The files of these patterns that git knows or would add.
fn files(patterns: &[&str]) -> Result<Vec<PathBuf>> {
    let root = root();
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"])
        .args(patterns)
        .current_dir(&root)
        .output()?;
    ensure!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    let names = String::from_utf8(git.stdout)?;
    let files = names.split_terminator('\0').map(|name| root.join(name));
    Ok(files.filter(|file| file.exists()).collect())
}

fn cargo_packages() -> Result<Vec<serde_json::Value>> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut metadata: serde_json::Value = serde_json::from_slice(&answer.stdout)?;
    Ok(array(&metadata["packages"].take()).to_vec())
}

fn array(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members() -> Result<BTreeMap<String, Manifest>> {
    let mut members = BTreeMap::new();
    for package in cargo_packages()? {
        let name = package["name"].as_str().context("a package has a name")?;
        let file =
            Path::new(package["manifest_path"].as_str().context("a package has a manifest")?);
        let folder = file.parent().context("a manifest lies in a folder")?.to_path_buf();
        let table = fs::read_to_string(file)?
            .parse::<Table>()
            .with_context(|| file.display().to_string())?;
        members.insert(name.to_owned(), Manifest { folder, table });
    }
    Ok(members)
}

/// Every dependency a manifest names, also those for tests, for builds and for one target only.
fn dependencies(manifest: &Table) -> Vec<(&str, &Value)> {
    let mut found = Vec::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        match key.as_str() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                found.extend(table.iter().map(|(name, how)| (name.as_str(), how)));
            }
            "target" => {
                found.extend(table.values().filter_map(Value::as_table).flat_map(dependencies))
            }
            _ => {}
        }
    }
    found
}

fn migrations(store: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join("migrations").join(store))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        for file in ["up.sql", "down.sql"] {
            ensure!(entry.path().join(file).is_file(), "migrations/{store}/{name} has no {file}");
        }
        names.insert(name);
    }
    Ok(names)
}
