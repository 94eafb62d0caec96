//! The program as it is called.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a directory of its own, with nothing of ours in its environment.
fn stagedoor(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor"));
    command.current_dir(directory).args(arguments).env_clear();
    command
}

fn run(command: &mut Command) -> (i32, String, String) {
    told(command.output().unwrap())
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run_with_input(command: &mut Command, input: &str) -> (i32, String, String) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    told(child.wait_with_output().unwrap())
}

#[test]
fn it_does_not_serve_without_a_signing_key_and_says_how_to_make_one() {
    let directory = tempfile::tempdir().unwrap();
    let (code, _, error) = run(&mut stagedoor(directory.path(), &["serve"]));

    assert_eq!(code, 1);
    assert!(error.starts_with("stagedoor: there is no signing key."), "{error}");
    assert!(error.contains("head -c 48 /dev/urandom | base64 -w0"), "{error}");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_wrong_value_is_a_usage_error_wherever_it_comes_from() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let calls = [
        run(&mut stagedoor(directory, &["serve", "--hold-seconds=0"])),
        run(stagedoor(directory, &["serve"]).env("STAGEDOOR_HOLD_SECONDS", "0")),
    ];
    for (code, _, error) in calls {
        assert_eq!(code, 2, "{error}");
        let rule = "must be whole seconds from 1 to 86400, not \"0\"";
        assert!(error.contains(rule) && error.contains("hold-seconds"), "{error}");
    }
}

#[test]
fn a_database_url_that_cannot_be_used_is_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    for (url, expected) in [
        ("mysql://u:hunter2@h/d", "must start with postgres://"),
        (
            "postgres://u:hunter2@127.0.0.1:1/d",
            "no connection to PostgreSQL at 127.0.0.1:1: connection to",
        ),
        ("postgres://u:hunter2@127.0.0.1:1/d", "Connection refused"),
        ("postgres://u:hunter2@no-host.invalid/d", "could not translate host name"),
        ("postgres://u:p@hunter2@h/d", "percent-encoded"),
        ("postgres://u:p/hunter2@h/d", "percent-encoded"),
        ("postgres://u:p@h:5432/d?hunter2=1", "the URL cannot be used"),
    ] {
        let (code, out, error) = run(stagedoor(directory.path(), &["migrate", "status"])
            .env("STAGEDOOR_DATABASE_CONNECT_TIMEOUT_SECONDS", "1")
            .env("DATABASE_URL", url));

        assert_eq!(code, 1, "{error}");
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hunter2") && !out.contains("hunter2"), "{error}");
    }
}

#[test]
fn the_help_shows_examples_and_no_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let (code, out, _) = run(stagedoor(directory.path(), &["serve", "--help"])
        .env("DATABASE_URL", "postgres://u:hunter2@h/d")
        .env("STAGEDOOR_SIGNING_KEY", "hunter2"));

    assert_eq!(code, 0);
    assert!(!out.contains("hunter2"), "{out}");
    assert!(out.contains("stagedoor serve --demo"), "{out}");
    assert_eq!(run(&mut stagedoor(directory.path(), &[])).0, 2);
}

#[test]
fn the_open_api_document_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let (code, out, _) = run(&mut stagedoor(directory.path(), &["openapi"]));

    assert_eq!(code, 0);
    assert!(out.contains("\"openapi\""), "{out}");
}

#[test]
fn the_store_is_migrated_looked_at_and_audited() {
    let directory = tempfile::tempdir().unwrap();
    let call = |arguments: &[&str]| run(&mut stagedoor(directory.path(), arguments));

    std::fs::create_dir(directory.path().join("data")).unwrap();
    std::fs::write(directory.path().join("data/stagedoor.db"), "").unwrap();
    let (code, out, _) = call(&["migrate", "status"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("missing "), "{out}");
    let (code, _, error) = call(&["audit"]);
    assert_eq!(code, 1);
    assert!(error.contains("stagedoor migrate up"), "{error}");
    assert!(call(&["migrate", "up"]).1.starts_with("applied "));
    assert_eq!(call(&["migrate", "up"]).1, "nothing to apply\n");
    assert!(call(&["migrate", "status"]).1.starts_with("applied "));
    assert_eq!(call(&["audit"]), (0, "no violations\n".to_owned(), String::new()));
    assert!(call(&["migrate", "down"]).1.starts_with("took back "));
}

#[test]
fn a_store_that_is_missing_is_told_and_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let calls: [&[&str]; 4] = [
        &["audit", "--data", "missing"],
        &["migrate", "status", "--data", "missing"],
        &["migrate", "down", "--data", "missing"],
        &["backup", "--data", "missing", "copy.db"],
    ];
    for call in calls {
        let (code, out, error) = run(&mut stagedoor(directory.path(), call));

        assert_eq!((code, out.as_str()), (1, ""), "{error}");
        assert!(error.contains("there is no store in the data directory missing"), "{error}");
        assert_eq!(directory.path().read_dir().unwrap().count(), 0, "{call:?} made something");
    }
}

#[test]
fn a_misspelled_variable_is_refused_with_the_name_of_the_setting() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = stagedoor(directory.path(), &["migrate", "up"]);
    let (code, _, error) = run(command.env("STAGEDOOR_HOLD_SECOND", "5"));

    assert_eq!(code, 2);
    let told = "STAGEDOOR_HOLD_SECOND is not a setting. The nearest is STAGEDOOR_HOLD_SECONDS";
    assert!(error.contains(told), "{error}");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_user_is_made_with_the_password_from_the_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let create = |password: &str| {
        let arguments = ["user", "create", "--role=operator", "--name=Kim", "--email=kim@x.org"];
        run_with_input(&mut stagedoor(directory.path(), &arguments), password)
    };

    let (code, _, error) = create("short\n");
    assert_eq!((code, error.as_str()), (1, "stagedoor: password must be 8 to 256 characters\n"));
    let (code, _, error) = create("12345678\n");
    let common = "password must not be a common password, a repetition or a run of characters";
    assert_eq!((code, error), (1, format!("stagedoor: {common}\n")));
    let (code, id, error) = create("long enough\n");
    assert_eq!((code, id.trim_end().len()), (0, 36), "{error}");
    let (code, _, error) = create("long enough\n");
    assert_eq!(code, 1);
    assert_eq!(error, "stagedoor: kim@x.org: the e-mail address is taken\n");
}

#[test]
fn a_file_that_is_no_store_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("stagedoor.db"), [7; 9_000]).unwrap();

    let (code, _, complaint) = run(&mut stagedoor(directory.path(), &["audit", "--data", "."]));

    assert_eq!(code, 1);
    assert!(complaint.contains("file is not a database"), "{complaint}");
}
