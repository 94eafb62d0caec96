use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, ORIGIN};
use actix_web::test::TestRequest;
use mockall::predicate::eq;
use serde_json::{Value, json};
use stagedoor_domain::operations::{ChangePassword, ChangePasswordRefused};
use stagedoor_domain::ports::{
    MockEndedSessions, MockPasswords, MockSubmit, MockUsers, SubmitError,
};
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{Email, PersonName, Role, User, Verdict};

use crate::edge::rates::Rates;
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{
    NOW, Server, a_pass, a_user, all_limits, an_account, answer, answering, keys, post, request,
    services, settings,
};

const PATH: &str = "/api/v1/users/me/password";
const NEW: &str = "another horse battery";

fn change_of(current: &str, new: &str) -> TestRequest {
    request(Method::PUT, PATH).set_json(json!({"currentPassword": current, "newPassword": new}))
}

fn change(current: &str, new: &str) -> TestRequest {
    change_of(current, new).insert_header((AUTHORIZATION, an_account()))
}

fn owner() -> User {
    User {
        id: a_user(),
        name: PersonName::parse("Fan").unwrap(),
        email: Email::parse("fan@example.com").unwrap(),
        password_hash: "hash".to_owned(),
        role: Role::Fan,
        created_at: NOW,
        sessions: Sessions::default(),
        contact: Default::default(),
    }
}

/// Services of a user whose password is `right`.
fn with_owner() -> Services {
    let mut users = MockUsers::new();
    users.expect_user().with(eq(a_user())).returning(|_| Ok(Some(owner())));
    users.expect_user_by_email().returning(|_| Ok(Some(owner())));
    let mut passwords = MockPasswords::new();
    passwords
        .expect_verify()
        .returning(|password, hash, _| Ok(password == "right" && hash.as_deref() == Some("hash")));
    passwords.expect_hash().returning(|password| Ok(format!("hash of {password}")));
    let mut services = services();
    services.people.users = Arc::new(users);
    services.people.passwords = Arc::new(passwords);
    services
}

/// The same, where a change that is handed in has this verdict.
fn with_verdict(verdict: Verdict<ChangePassword>) -> Services {
    let mut services = with_owner();
    services.people.change_password = answering(verdict);
    services
}

/// The session's version of a token.
fn version_of(token: &str) -> Option<i64> {
    keys().verify(token, NOW).map(|bearer| bearer.session_version)
}

#[actix_web::test]
async fn a_new_password_ends_all_sessions_and_begins_one() {
    let mut submit = MockSubmit::<ChangePassword>::new();
    submit
        .expect_submit()
        .withf(|submission| {
            let ChangePassword { user_id, checked_hash, new_hash } = &submission.command;
            *user_id == a_user() && checked_hash == "hash" && *new_hash == format!("hash of {NEW}")
        })
        .times(1)
        .returning(|_| Ok(Ok(5)));
    let mut sessions = MockEndedSessions::new();
    sessions.expect_have_ended().return_const(false);
    sessions.expect_note().with(eq(a_user()), eq(5)).times(1).return_const(());
    let mut services = Services { sessions: Arc::new(sessions), ..with_owner() };
    services.people.change_password = Arc::new(submit);

    let changed = answer(services, change("right", NEW)).await;

    assert_eq!(changed.status, 200, "{}", changed.text);
    let body = changed.json();
    assert_eq!((&body["tokenType"], &body["expiresIn"]), (&json!("Bearer"), &json!(3_600)));
    assert_eq!(version_of(body["accessToken"].as_str().unwrap()), Some(5));
    assert_eq!(changed.header("set-cookie"), "");
    assert!(!changed.text.contains("hash"), "{}", changed.text);
}

#[actix_web::test]
async fn a_page_that_came_by_cookie_gets_another_cookie_and_no_token() {
    let token = an_account().trim_start_matches("Bearer ").to_owned();
    let by_cookie = |origin: &'static str| {
        let request = change_of("right", NEW).insert_header(("host", "a.example"));
        let request = request.insert_header((ORIGIN, origin));
        request.insert_header(("cookie", format!("stagedoor_session={token}")))
    };

    let changed = answer(with_verdict(Ok(5)), by_cookie("https://a.example")).await;
    let foreign = answer(with_owner(), by_cookie("https://b.example")).await;

    assert_eq!(changed.json(), json!({"tokenType": "Cookie", "expiresIn": 3_600}));
    let cookie = changed.header("set-cookie").to_owned();
    let kept = cookie.strip_prefix("stagedoor_session=").and_then(|rest| rest.split(';').next());
    assert_eq!(version_of(kept.unwrap()), Some(5));
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(foreign.refusal(), (403, "FORBIDDEN".to_owned()));
}

#[actix_web::test]
async fn a_wrong_current_password_is_refused_and_so_is_one_that_was_changed_meanwhile() {
    let wrong = (403, "WRONG_CURRENT_PASSWORD".to_owned());
    let changed_meanwhile = with_verdict(Err(ChangePasswordRefused::WrongPassword));

    assert_eq!(answer(with_owner(), change("wrong", NEW)).await.refusal(), wrong);
    assert_eq!(answer(changed_meanwhile, change("right", NEW)).await.refusal(), wrong);
}

#[actix_web::test]
async fn a_user_who_is_gone_is_not_found() {
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Ok(None));
    let mut gone = services();
    gone.people.users = Arc::new(users);
    let gone_meanwhile = with_verdict(Err(ChangePasswordRefused::UserNotFound));

    for services in [gone, gone_meanwhile] {
        let refused = answer(services, change("right", NEW)).await;
        assert_eq!(refused.refusal(), (404, "USER_NOT_FOUND".to_owned()));
    }
}

#[actix_web::test]
async fn a_body_that_does_not_fit_names_its_field_before_any_password_is_checked() {
    let both = |new: Value| json!({"currentPassword": "right", "newPassword": new});
    let table = [
        (both(json!("short")), "newPassword"),
        (both(json!("x".repeat(257))), "newPassword"),
        (both(json!("password")), "newPassword"),
        (both(json!(null)), "newPassword"),
        (json!({"currentPassword": 1, "newPassword": NEW}), "currentPassword"),
        (json!({"newPassword": NEW}), "body"),
        (json!({"currentPassword": "right", "newPassword": NEW, "userId": 1}), "userId"),
        (json!({}), "body"),
    ];
    for (body, field) in table {
        let change = request(Method::PUT, PATH).set_json(&body);
        let change = change.insert_header((AUTHORIZATION, an_account()));

        let refused = answer(services(), change).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
}

#[actix_web::test]
async fn a_password_is_changed_by_the_users_own_access_token_alone() {
    let by_pass = change_of("right", NEW).insert_header((AUTHORIZATION, a_pass()));

    let refused = answer(services(), by_pass).await;
    let unknown = answer(services(), change_of("right", NEW)).await;

    assert_eq!(refused.refusal(), (403, "FORBIDDEN".to_owned()));
    assert_eq!(unknown.refusal(), (401, "UNAUTHENTICATED".to_owned()));
}

fn limited() -> HttpSettings {
    let generous = || "6000/1000".parse().unwrap();
    let rates = Rates { address: generous(), account: generous() };
    let rate_limits = all_limits(rates);
    HttpSettings { rate_limits: Some(rate_limits), ..settings() }
}

#[actix_web::test]
async fn wrong_passwords_are_counted_together_with_failed_log_ins() {
    let server = Server::new(with_owner(), limited()).await;
    let log_in =
        || post("/api/v1/sessions", json!({"email": "FAN@example.com", "password": "wrong"}));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(server.answer(change("wrong", NEW)).await.status.as_u16());
        statuses.push(server.answer(log_in()).await.status.as_u16());
    }

    assert_eq!(statuses, [403, 401, 403, 401, 403, 401]);
    for request in [change("right", NEW), log_in()] {
        assert_eq!(server.answer(request).await.refusal().1, "RATE_LIMITED");
    }
}

#[actix_web::test]
async fn a_password_that_could_not_be_checked_is_no_failure() {
    let mut services = with_owner();
    let mut passwords = MockPasswords::new();
    passwords.expect_verify().returning(|_, _, _| Err(SubmitError::Overloaded));
    services.people.passwords = Arc::new(passwords);
    let server = Server::new(services, limited()).await;

    for _ in 0..20 {
        let refused = server.answer(change("right", NEW)).await;
        assert_eq!(refused.refusal(), (503, "OVERLOADED".to_owned()));
    }
}
