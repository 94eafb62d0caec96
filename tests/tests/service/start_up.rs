//! What the program refuses to start on, as a process.

use std::io::Write;
use std::process::{Output, Stdio};

use reqwest::Method;
use serde_json::json;
use stagedoor_tests::process::{Server, run, stagedoor};
use stagedoor_tests::service::{Home, StoreKind};

use crate::on_both_stores;

on_both_stores! {
    a_store_that_a_demonstration_filled_is_refused_outside_a_demonstration,
    a_demonstration_refuses_a_store_that_has_users,
    an_older_demonstration_is_known_by_its_operator,
    an_account_with_the_e_mail_of_the_demonstrations_operator_stops_no_start,
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Runs a command that must be refused; answers what it says.
fn refused(home: &Home, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn create_user(home: &Home, role: &str, email: &str, password: &str) -> Output {
    let arguments = ["user", "create", "--role", role, "--name", "Kim", "--email", email];
    let mut command = stagedoor(home, &arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

async fn a_store_that_a_demonstration_filled_is_refused_outside_a_demonstration(kind: StoreKind) {
    let home = Home::new(kind);
    assert!(Server::start(&home, &["--demo"]).terminate().0.success());

    for mode in ["closed", "open"] {
        let told = refused(&home, &[&SERVE[..], &["--auth-mode", mode]].concat());
        assert!(told.contains("a demonstration filled this store"), "{told}");
        assert!(told.contains("--data") && told.contains("DATABASE_URL"), "{told}");
    }

    let server = Server::start(&home, &["--demo"]);
    server.log_in("operator@example.com").await;
}

async fn a_demonstration_refuses_a_store_that_has_users(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Server::start(&home, &[]);
    server.sign_up().await;
    assert!(server.terminate().0.success());

    let told = refused(&home, &[&SERVE[..], &["--demo"]].concat());
    assert!(told.contains("users that no demonstration made"), "{told}");
    let output = stagedoor(&home, &SERVE).env("STAGEDOOR_DEMO", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");

    let server = Server::start(&home, &[]);
    let session = json!({"email": "operator@example.com", "password": "stagedoor"});
    let (status, _) = server.ask(Method::POST, "/api/v1/sessions", None, Some(session)).await;
    assert_eq!(status, 401, "no account was added");
}

async fn an_older_demonstration_is_known_by_its_operator(kind: StoreKind) {
    let home = Home::new(kind);
    create_user(&home, "operator", "operator@example.com", "stagedoor");

    let told = refused(&home, &SERVE);

    assert!(told.contains("a demonstration filled this store"), "{told}");
}

async fn an_account_with_the_e_mail_of_the_demonstrations_operator_stops_no_start(kind: StoreKind) {
    let home = Home::new(kind);
    create_user(&home, "fan", "operator@example.com", "stagedoor");
    create_user(&home, "organizer", "organizer@example.com", "another password");

    let server = Server::start(&home, &[]);

    server.log_in("operator@example.com").await;
}
