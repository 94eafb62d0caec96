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

#[test]
fn every_field_and_parameter_is_in_camel_case() -> Result<()> {
    let mut names = Vec::new();
    collect_names(&document()?, &mut names);

    let snake: Vec<_> = names.iter().filter(|name| name.contains('_')).collect();
    ensure!(snake.is_empty(), "not in camel case: {snake:?}");
    ensure!(names.len() > 100, "only {} names were found", names.len());
    Ok(())
}

/// Adds the names of all properties and parameters below a value.
fn collect_names(value: &Value, names: &mut Vec<String>) {
    if let Some(properties) = value["properties"].as_object() {
        names.extend(properties.keys().cloned());
    }
    if let (Some(name), Some(_)) = (value["name"].as_str(), value["in"].as_str()) {
        names.push(name.to_owned());
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| collect_names(field, names)),
        _ => {}
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> Result<Value> {
    Ok(serde_json::from_str(&stagedoor_http::openapi_json())?)
}
