//! The OpenAPI document tells of all that is mounted, and its committed copy is current.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A method and a path.
type Route = (String, String);

#[test]
fn the_committed_document_is_the_current_one() -> Result<()> {
    let committed = fs::read_to_string(root().join("docs/openapi.json"))?;

    ensure!(
        committed.trim_end() == stagedoor_http::openapi_json().trim_end(),
        "docs/openapi.json is stale: run `make openapi`"
    );
    Ok(())
}

#[test]
fn every_declared_route_is_documented_and_every_documented_one_declared() -> Result<()> {
    let mut declared = Vec::new();
    for file in rust_files(&root().join("crates/http/src"))? {
        declared.extend(routes_in(&file)?);
    }
    let mut documented = documented_routes()?;
    declared.sort();
    documented.sort();

    ensure!(declared.len() > 60, "the routes are not found: {declared:?}");
    ensure!(declared == documented, "{declared:?}\nis not\n{documented:?}");
    Ok(())
}

#[test]
fn every_operation_says_what_it_is_for_and_who_may_ask() -> Result<()> {
    let document = document()?;
    let paths = document["paths"].as_object().context("paths")?;
    let mut ids = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().context("an item")? {
            let what = format!("{method} {path}");
            for field in ["summary", "operationId", "tags", "responses"] {
                ensure!(!operation[field].is_null(), "{what} has no {field}");
            }
            ids.push(operation["operationId"].as_str().context("an id")?.to_owned());
        }
    }
    ids.sort();
    let count = ids.len();
    ids.dedup();
    ensure!(ids.len() == count, "two operations have one id");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> Result<Value> {
    Ok(serde_json::from_str(&stagedoor_http::openapi_json())?)
}

fn documented_routes() -> Result<Vec<Route>> {
    let document = document()?;
    let paths = document["paths"].as_object().context("paths")?;
    let routes = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flat_map(|item| item.keys());
        methods.map(move |method| (method.clone(), path.clone()))
    });
    Ok(routes.collect())
}

/// The routes that handlers of a file are declared with, as `#[get("/points")]`.
fn routes_in(file: &Path) -> Result<Vec<Route>> {
    let is_v1 = file.components().any(|part| part.as_os_str() == "v1");
    let prefix = if is_v1 { "/api/v1" } else { "" };
    let text = fs::read_to_string(file)?;
    let attributes = text.lines().filter_map(|line| {
        let (method, path) = line.strip_prefix("#[")?.strip_suffix("\")]")?.split_once("(\"")?;
        METHODS.contains(&method).then(|| (method.to_owned(), format!("{prefix}{path}")))
    });
    Ok(attributes.collect())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
