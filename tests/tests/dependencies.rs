//! What is built with us: its licences, where it comes from, and that it is needed, once.
//!
//! The lists are those of `deny.toml`, which `cargo deny` reads where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use toml::Table;

#[test]
fn every_dependency_has_a_licence_that_is_allowed() -> Result<()> {
    let deny = deny()?;
    let allowed = deny["licenses"]["allow"].as_array().context("a list of licences")?;
    let allowed: BTreeSet<_> = allowed.iter().filter_map(toml::Value::as_str).collect();
    let mut broken = Vec::new();
    for package in metadata(&["--filter-platform", &host()?])? {
        let licence = package["license"].as_str().unwrap_or("none");
        if !Licence::parse(licence).is_met_by(&allowed) {
            broken.push(format!("{} has {licence}", named(&package)));
        }
    }
    none(&broken, "only licences of deny.toml are allowed")
}

#[test]
fn every_dependency_comes_from_the_registry_that_is_allowed() -> Result<()> {
    let deny = deny()?;
    let registries = deny["sources"]["allow-registry"].as_array().context("a list")?;
    let known: Vec<_> = registries.iter().filter_map(toml::Value::as_str).collect();
    let mut broken = Vec::new();
    for package in locked()? {
        let source = package.get("source").and_then(toml::Value::as_str);
        let source = source.map(|source| source.trim_start_matches("registry+"));
        if source.is_some_and(|source| !known.contains(&source)) {
            broken.push(package["name"].to_string());
        }
    }
    none(&broken, "only registries of deny.toml are allowed")
}

#[test]
fn a_dependency_is_there_once_unless_there_is_a_reason() -> Result<()> {
    let deny = deny()?;
    let mut reasons = BTreeSet::new();
    for skipped in deny["bans"]["skip"].as_array().context("a list")? {
        let name = skipped["crate"].as_str().context("a name")?;
        ensure!(
            skipped["reason"].as_str().is_some_and(|why| why.len() > 5),
            "{name} has no reason"
        );
        reasons.insert(name.to_owned());
    }
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in locked()? {
        let (name, version) = (package["name"].as_str(), package["version"].as_str());
        let version = version.context("a version")?.splitn(3, '.').take(2).collect::<Vec<_>>();
        let several = versions.entry(name.context("a name")?.to_owned()).or_default();
        several.push(version.join("."));
    }
    let mut broken = Vec::new();
    for (name, versions) in &versions {
        let unexplained: Vec<_> = versions
            .iter()
            .map(|version| format!("{name}@{version}"))
            .filter(|which| !reasons.remove(which))
            .collect();
        if unexplained.len() > 1 || (versions.len() > 1 && unexplained.is_empty()) {
            broken.push(format!("{name} is there as {}", versions.join(" and ")));
        }
    }
    broken.extend(reasons.into_iter().map(|name| format!("{name} is not there any more")));
    none(&broken, "take one version, or give a reason in deny.toml")
}

#[test]
fn every_dependency_is_used_by_the_member_that_asks_for_it() -> Result<()> {
    let mut broken = Vec::new();
    let mut asked_for = BTreeSet::new();
    for package in &metadata(&["--no-deps"])? {
        let manifest = Path::new(package["manifest_path"].as_str().context("a manifest")?);
        let words = words_in(manifest.parent().context("a folder")?)?;
        let linked_only = package["metadata"]["cargo-machete"]["ignored"].as_array();
        for dependency in package["dependencies"].as_array().context("dependencies")? {
            let name = dependency["name"].as_str().context("a name")?;
            asked_for.insert(name.to_owned());
            let is_linked_only =
                linked_only.is_some_and(|names| names.contains(&dependency["name"]));
            if !is_linked_only && !words.contains(&name.replace('-', "_")) {
                broken.push(format!("{} does not use {name}", named(package)));
            }
        }
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml"))?.parse::<Table>()?;
    let versions = workspace["workspace"]["dependencies"].as_table().context("versions")?;
    let nobodys = versions.keys().filter(|name| !asked_for.contains(*name));
    broken.extend(nobodys.map(|name| format!("no member uses {name}")));
    none(&broken, "leave it out")
}

#[test]
fn licences_are_read_as_they_are_meant() {
    let allowed = BTreeSet::from(["MIT", "Zlib"]);
    let table = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND Zlib", true),
        ("(GPL-3.0 OR MIT) AND Zlib", true),
        ("GPL-3.0 OR MIT AND Apache-2.0", false),
        ("GPL-3.0 WITH Classpath-exception-2.0 OR Zlib", true),
        ("MIT AND (GPL-3.0 OR AGPL-3.0)", false),
        ("", false),
        ("none", false),
    ];
    for (text, is_met) in table {
        assert_eq!(Licence::parse(text).is_met_by(&allowed), is_met, "{text}");
    }
}

/// An SPDX expression (SPDX specification, annex D): alternatives, of each of which all parts hold.
struct Licence(Vec<BTreeSet<String>>);

impl Licence {
    fn parse(text: &str) -> Self {
        let spaced = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
        Self::alternatives(&mut words)
    }

    fn alternatives(words: &mut Vec<&str>) -> Self {
        let mut any = Self::parts(words).0;
        while words.last() == Some(&"OR") {
            words.pop();
            any.extend(Self::parts(words).0);
        }
        Self(any)
    }

    fn parts(words: &mut Vec<&str>) -> Self {
        let mut all = Self::one(words).0;
        while words.last() == Some(&"AND") {
            words.pop();
            let more = Self::one(words).0;
            let both =
                |left: &BTreeSet<String>| more.iter().map(|right| left | right).collect::<Vec<_>>();
            all = all.iter().flat_map(both).collect();
        }
        Self(all)
    }

    fn one(words: &mut Vec<&str>) -> Self {
        match words.pop() {
            Some("(") => {
                let inner = Self::alternatives(words);
                words.pop();
                inner
            }
            Some(name) if words.last() == Some(&"WITH") => {
                words.pop();
                let exception = words.pop().unwrap_or_default();
                Self(vec![BTreeSet::from([format!("{name} WITH {exception}")])])
            }
            name => Self(vec![BTreeSet::from([name.unwrap_or("none").to_owned()])]),
        }
    }

    fn is_met_by(&self, allowed: &BTreeSet<&str>) -> bool {
        self.0.iter().any(|all| all.iter().all(|name| allowed.contains(name.as_str())))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn deny() -> Result<Table> {
    Ok(fs::read_to_string(root().join("deny.toml"))?.parse()?)
}

/// The packages that Cargo tells of. Those of other platforms need not have been downloaded.
fn metadata(arguments: &[&str]) -> Result<Vec<Value>> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let metadata: Value = serde_json::from_slice(&answer.stdout)?;
    let packages = metadata["packages"].as_array().context("packages")?;
    ensure!(!packages.is_empty(), "no packages are found");
    Ok(packages.clone())
}

/// The packages of every platform and feature.
fn locked() -> Result<Vec<toml::Value>> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?.parse::<Table>()?;
    let packages = lock["package"].as_array().context("packages")?;
    ensure!(packages.len() > 100, "only {} packages are found", packages.len());
    Ok(packages.clone())
}

fn host() -> Result<String> {
    let told = Command::new("rustc").arg("-vV").output()?.stdout;
    let told = String::from_utf8(told)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names its host")?.to_owned())
}

fn named(package: &Value) -> String {
    format!("{} {}", package["name"].as_str().unwrap_or("?"), package["version"])
}

/// The words of a member's sources.
fn words_in(folder: &Path) -> Result<BTreeSet<String>> {
    let mut words = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            words.append(&mut words_in(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let found = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.extend(found.map(str::to_owned));
        }
    }
    Ok(words)
}

fn none(found: &[String], advice: &str) -> Result<()> {
    ensure!(found.is_empty(), "{} found; {advice}:\n  {}", found.len(), found.join("\n  "));
    Ok(())
}
