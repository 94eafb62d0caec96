//! Trying passwords, one after another or many at once.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stagedoor::settings::Switch;
use stagedoor_tests::service::{Answer, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_guesser_of_passwords_is_slowed_down_and_the_owner_is_not_locked_out,
    a_guesser_learns_nothing_from_being_slowed_down,
    many_guesses_at_once_are_no_way_around_the_wait,
    another_spelling_of_an_address_is_no_way_around_the_wait,
    a_guesser_at_the_owners_address_does_not_lock_the_owner_out,
    a_guesser_does_not_lock_out_neighbours_at_the_same_address,
    a_stolen_session_is_no_way_around_the_wait,
);

const GUESSER: &str = "203.0.113.66";
const OWNER: &str = "198.51.100.7";
const EMAIL: &str = "owner@example.com";

async fn a_service_with_an_owner(store: StoreKind) -> Service {
    let service = Service::start_with(store, |settings| {
        settings.limits.rate_limits = Switch::On;
        settings.limits.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let body = json!({"name": "Owner", "email": EMAIL, "password": "stagedoor"});
    assert_eq!(service.anyone().post("/api/v1/users", body).await.status, 201);
    service
}

async fn log_in(service: &Service, from: &'static str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    let request = service.anyone().request(Method::POST, "/api/v1/sessions");
    service.anyone().send(request.header("X-Forwarded-For", from).json(&body)).await
}

async fn a_guesser_of_passwords_is_slowed_down_and_the_owner_is_not_locked_out(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(log_in(&service, GUESSER, EMAIL, "guessed").await);
    }

    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses[..5], [401; 5]);
    let slowed = answers.iter().find(|answer| answer.status == 429).expect("it is slowed down");
    assert_eq!(slowed.code(), "RATE_LIMITED");
    assert!(slowed.headers.contains_key("retry-after"));
    let right = log_in(&service, GUESSER, EMAIL, "stagedoor").await;
    assert_eq!(right.status, 429, "even the right password waits there");
    assert_eq!(log_in(&service, OWNER, EMAIL, "stagedoor").await.status, 200);
}

async fn a_guesser_learns_nothing_from_being_slowed_down(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    let mut of_owner = Vec::new();
    let mut of_unknown = Vec::new();
    for _ in 0..5 {
        of_owner.push(log_in(&service, GUESSER, EMAIL, "guessed").await.status);
        of_unknown.push(log_in(&service, GUESSER, "unknown@example.com", "guessed").await.status);
    }

    assert_eq!(of_owner, of_unknown);
}

async fn many_guesses_at_once_are_no_way_around_the_wait(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;

    let guesses = (0..40).map(|_| log_in(&service, GUESSER, EMAIL, "guessed"));
    let answers = join_all(guesses).await;

    let tried = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((5..=8).contains(&tried), "{tried} of 40 passwords were tried");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));
}

async fn another_spelling_of_an_address_is_no_way_around_the_wait(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    let hidden = [
        '\u{200b}',
        '\u{ad}',
        '\u{200d}',
        '\u{61c}',
        '\u{34f}',
        '\u{2062}',
        '\u{fe0f}',
        '\u{e0061}',
    ];
    let mut tried = 0;
    for (n, c) in (1..=5).flat_map(|n| hidden.map(|c| (n, c))) {
        let spelling = format!("{}{c}{}", &EMAIL[..n], EMAIL[n..].to_uppercase());
        let answer = log_in(&service, GUESSER, &spelling, "guessed").await;
        assert!([401, 429].contains(&answer.status.as_u16()), "{answer:?}");
        tried += usize::from(answer.status == 401);
    }
    let fullwidth = log_in(&service, GUESSER, "\u{ff4f}wner@example.com.", "stagedoor").await;

    assert!((5..=8).contains(&tried), "{tried} of 40 passwords were tried");
    assert_eq!(fullwidth.status, 429);
    assert_eq!(log_in(&service, OWNER, "\u{ff4f}wner@example.com.", "stagedoor").await.status, 200);
}

async fn a_guesser_at_the_owners_address_does_not_lock_the_owner_out(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    assert_eq!(log_in(&service, OWNER, EMAIL, "stagedoor").await.status, 200);

    for _ in 0..5 {
        join_all((0..20).map(|_| log_in(&service, OWNER, EMAIL, "guessed"))).await;
        assert_eq!(log_in(&service, OWNER, EMAIL, "stagedoor").await.status, 200);
    }
}

async fn a_guesser_does_not_lock_out_neighbours_at_the_same_address(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    for round in 0..20 {
        let emails: Vec<_> = (0..18).map(|n| format!("{round}-{n}@example.com")).collect();
        let guesses = emails.iter().map(|email| log_in(&service, GUESSER, email, "guessed"));
        join_all(guesses).await;
    }

    assert_eq!(log_in(&service, GUESSER, EMAIL, "stagedoor").await.status, 200);
}

async fn a_stolen_session_is_no_way_around_the_wait(kind: StoreKind) {
    let service = a_service_with_an_owner(kind).await;
    let token = log_in(&service, OWNER, EMAIL, "stagedoor").await.text_at("accessToken");
    let thief = service.with_token(&token);
    let guess = async |current: &str| {
        let body = json!({"currentPassword": current, "newPassword": "the password of a thief"});
        let request = thief.request(Method::PUT, "/api/v1/users/me/password");
        thief.send(request.header("X-Forwarded-For", GUESSER).json(&body)).await
    };

    let answers = join_all((0..40).map(|_| guess("guessed"))).await;
    let right = guess("stagedoor").await;
    let elsewhere = log_in(&service, GUESSER, EMAIL, "stagedoor").await;

    let tried = answers.iter().filter(|answer| answer.status == 403).count();
    assert!((5..=8).contains(&tried), "{tried} of 40 passwords were tried");
    assert!(answers.iter().all(|answer| [403, 429].contains(&answer.status.as_u16())));
    assert_eq!(right.refusal(), (429, "RATE_LIMITED"));
    assert_eq!(elsewhere.refusal(), (429, "RATE_LIMITED"), "log-ins from there wait too");
    assert_eq!(log_in(&service, OWNER, EMAIL, "stagedoor").await.status, 200);
}
