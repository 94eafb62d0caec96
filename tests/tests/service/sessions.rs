//! Which sessions are valid, and what ends them.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stagedoor_domain::{Email, Submission, operations};
use stagedoor_tests::process::stagedoor;
use stagedoor_tests::service::{Events, Home, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    logging_out_everywhere_ends_every_token_and_stream_and_nothing_else,
    a_queue_token_neither_ends_sessions_nor_outlives_them,
    sessions_that_another_process_ended_are_refused_after_the_next_look,
    ended_sessions_stay_ended_when_the_service_starts_again,
    a_role_given_on_the_command_line_counts_and_ends_all_sessions,
    a_password_given_on_the_command_line_replaces_the_old_one_and_ends_all_sessions,
    a_queue_token_that_is_asked_for_again_and_again_expires_when_the_first_one_does,
);

const ME: &str = "/api/v1/users/me";
const SESSIONS: &str = "/api/v1/sessions";

async fn logging_out_everywhere_ends_every_token_and_stream_and_nothing_else(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let fan = service.new_user().await;
    let email = fan.get(ME).await.text_at("email");
    let elsewhere = service.sign_in(&email).await;
    let (holder, place) = fan.join(&sale.concert_id).await;
    let other = service.new_user().await;
    let mut stream =
        Events::of(holder.request(Method::GET, "/api/v1/queue-tokens/me/events")).await;
    stream.read_until("WAITING").await;

    let ended = fan.delete(SESSIONS).await;

    assert_eq!(ended.status, 204);
    assert!(ended.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    stream.read_to_the_end().await;
    for person in [&fan, &elsewhere, &holder] {
        assert_eq!(person.get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
        let charge = person.post("/api/v1/points/charges", json!({"amount": 1})).await;
        assert_eq!(charge.refusal(), (401, "UNAUTHENTICATED"));
    }
    assert_eq!(holder.poll().await.refusal(), (401, "UNAUTHENTICATED"));
    let renewed = format!("/api/v1/concerts/{}/queue-tokens", sale.concert_id);
    let renewed = holder.send(holder.request(Method::POST, &renewed)).await;
    assert_eq!(renewed.refusal(), (401, "UNAUTHENTICATED"));
    assert_eq!(other.get(ME).await.status, 200, "other users go on");
    let again = service.sign_in(&email).await;
    assert_eq!(again.balance().await, 0);
    assert_eq!(again.join(&sale.concert_id).await.1.text_at("id"), place.text_at("id"));
}

async fn a_queue_token_neither_ends_sessions_nor_outlives_them(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;

    assert_eq!(holder.delete(SESSIONS).await.refusal(), (403, "FORBIDDEN"));
    assert_eq!(holder.get(ME).await.status, 200);
    assert_eq!(service.anyone().delete(SESSIONS).await.refusal(), (401, "UNAUTHENTICATED"));
    let twice = join_all((0..2).map(|_| fan.delete(SESSIONS))).await;
    assert!(twice.iter().any(|answer| answer.status == 204), "{twice:?}");
    assert_eq!(holder.get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
}

/// Ends a user's sessions in the store, as another process does.
async fn end_elsewhere(service: &Service, email: &str) {
    let store = service.running.store();
    let user = store.user_by_email(&Email::parse(email).unwrap()).await.unwrap().unwrap();
    let command = operations::EndSessions { user_id: user.id, role: None, password_hash: None };
    let ended = store.execute(&[Submission::new(command)], user.created_at).await.unwrap();
    assert_eq!(ended, [Ok(user.sessions.version + 1)]);
}

async fn sessions_that_another_process_ended_are_refused_after_the_next_look(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let email = fan.get(ME).await.text_at("email");

    end_elsewhere(&service, &email).await;
    service.refresh().await;

    assert_eq!(fan.get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
    assert_eq!(service.sign_in(&email).await.get(ME).await.status, 200);
}

async fn ended_sessions_stay_ended_when_the_service_starts_again(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let token = fan.token.clone().unwrap();
    assert_eq!(fan.delete(SESSIONS).await.status, 204);

    let service = Service::start_in(service.stop().await, |_| {}).await;

    assert_eq!(service.with_token(&token).get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
}

/// Runs `stagedoor user` with a first line of input; answers what it printed.
fn user(home: &Home, arguments: &[&str], input: &str) -> String {
    let mut command = stagedoor(home, &[&["user"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

/// Changes a user while the service runs; when it has stopped, if its store is for one process.
async fn change(service: Service, arguments: &[&str], input: &str) -> Service {
    if let Home::Directory(_) = service.home {
        let home = service.stop().await;
        user(&home, arguments, input);
        return Service::start_in(home, |_| {}).await;
    }
    user(&service.home, arguments, input);
    service.refresh().await;
    service
}

async fn a_role_given_on_the_command_line_counts_and_ends_all_sessions(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let (email, token) = (fan.get(ME).await.text_at("email"), fan.token.clone().unwrap());

    let service = change(service, &["set-role", &email, "operator"], "").await;

    assert_eq!(service.with_token(&token).get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
    let operator = service.sign_in(&email).await;
    assert_eq!(operator.get("/api/v1/rooms").await.status, 200);
    let home = service.stop().await;
    let listed = user(&home, &["list"], "");
    assert!(listed.starts_with(&format!("operator\t{email}\tFan\t20")), "{listed}");
}

async fn a_password_given_on_the_command_line_replaces_the_old_one_and_ends_all_sessions(
    kind: StoreKind,
) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let (email, token) = (fan.get(ME).await.text_at("email"), fan.token.clone().unwrap());

    let service = change(service, &["set-password", &email], "another password\n").await;

    assert_eq!(service.with_token(&token).get(ME).await.refusal(), (401, "UNAUTHENTICATED"));
    let log_in = async |password: &str| {
        let body = json!({"email": email, "password": password});
        service.anyone().post(SESSIONS, body).await.status.as_u16()
    };
    assert_eq!((log_in("stagedoor").await, log_in("another password").await), (401, 200));
}

async fn a_queue_token_that_is_asked_for_again_and_again_expires_when_the_first_one_does(
    kind: StoreKind,
) {
    let service =
        Service::start_with(kind, |settings| settings.times.queue_token_seconds = 60).await;
    let sale = service.on_sale(1, json!({})).await;
    let mut holder = service.holder(&sale).await;

    for _ in 0..5 {
        service.clock.pass(Duration::from_secs(11));
        holder = holder.join(&sale.concert_id).await.0;
        assert_eq!(holder.get("/api/v1/points").await.status, 200);
    }
    service.clock.pass(Duration::from_secs(11));

    assert_eq!(holder.get("/api/v1/points").await.refusal(), (401, "UNAUTHENTICATED"));
}
