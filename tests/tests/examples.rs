//! The example clients of `docs/examples`, run against a demonstration.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use stagedoor_tests::process::Server;
use stagedoor_tests::service::{Home, StoreKind};

const EXAMPLES: [&str; 3] = ["book.sh", "book.py", "book.mjs"];

fn run(example: &str, address: &str, password: &str) -> Result<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples").join(example);
    let mut command = Command::new(script);
    command.arg(address).env("STAGEDOOR_PASSWORD", password);
    command.output().with_context(|| format!("{example} needs curl and jq, python3, or node"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn each_example_books_two_seats_of_its_own() -> Result<()> {
    let server = Server::start(&Home::new(StoreKind::Embedded), &["--demo"]);
    let mut sold = Vec::new();
    for example in EXAMPLES.repeat(2) {
        let output = run(example, &server.address(), "stagedoor")?;
        ensure!(output.status.success(), "{example}: {}", text(&output.stderr));
        let ticket: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(ticket["status"] == "CONFIRMED", "{example}: {ticket}");
        sold.extend(ticket["seats"].as_array().context("seats")?.clone());
    }
    let count = sold.len();
    sold.sort_by_key(Value::as_i64);
    sold.dedup();
    ensure!(count == 2 * 2 * EXAMPLES.len() && sold.len() == count, "{sold:?}");
    Ok(())
}

#[test]
fn each_example_says_why_it_was_refused() -> Result<()> {
    let server = Server::start(&Home::new(StoreKind::Embedded), &["--demo"]);
    for example in EXAMPLES {
        let output = run(example, &server.address(), "wrong")?;
        let complaint = text(&output.stderr);
        ensure!(output.status.code() == Some(1), "{example}: {output:?}");
        ensure!(complaint.contains("do not match"), "{example}: {complaint}");
    }
    Ok(())
}
