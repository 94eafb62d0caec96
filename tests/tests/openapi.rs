//! The OpenAPI document tells of all that is mounted, and its committed copy is current.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

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
