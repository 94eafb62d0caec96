//! The contract of a store, held against every store there is.

#[path = "contract/cost.rs"]
mod cost;
#[path = "contract/only_postgres.rs"]
mod only_postgres;
#[path = "contract/only_sqlite.rs"]
mod only_sqlite;
#[path = "contract/plans.rs"]
mod plans;
#[path = "contract/silent_postgres.rs"]
mod silent_postgres;

mod model {
    stagedoor_tests::contract_of_rules!(stagedoor_tests::model::Model);
}

mod postgres {
    stagedoor_tests::contract!(stagedoor_tests::stores::Postgres);
}

mod sqlite {
    stagedoor_tests::contract!(stagedoor_tests::stores::Sqlite);
}

/// A part of the contract that is not stamped would check no store.
#[test]
fn every_part_of_the_contract_is_stamped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/contract");
    let stamps = std::fs::read_to_string(format!("{folder}/stamp.rs")).unwrap();
    let stamped: Vec<_> = stamps.split_whitespace().collect();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let parts = source.split("\npub async fn ").skip(1);
        for part in parts {
            let (name, rest) = part.split_once('<').unwrap_or_default();
            let signature = rest.split('{').next().unwrap_or_default();
            let is_part = signature.contains("store: S") || signature.contains("fixture: &F");
            assert!(!is_part || stamped.contains(&name), "{name} is not stamped");
        }
        for (name, _) in source.lines().filter_map(|line| line.trim().split_once(": |")) {
            assert!(stamped.contains(&name), "{name} is not stamped");
        }
    }
}

/// A table whose writes are never lost in a test may be forgotten by the store.
#[test]
fn the_writes_of_every_table_are_lost_once() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let losses = read("tests/src/contract/lost_writes.rs");
    let schema = read("crates/store/src/schema.rs");
    let tables: Vec<_> = schema.split("use crate::types::*;").skip(1).collect();
    assert!(tables.len() > 10, "{} tables are found", tables.len());
    for table in tables.iter().filter_map(|table| table.split_whitespace().next()) {
        assert!(losses.contains(&format!("\"{table}\"")), "lost_writes.rs does not lose {table}");
    }
}
