use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use actix_web::test::TestRequest;
use mockall::predicate::eq;
use serde_json::json;
use stagedoor_domain::mail::{Language, TokenDigest, TokenRefused};
use stagedoor_domain::operations::{
    AskForPasswordReset, AskForVerification, PasswordWasReset, ResetPassword, VerifyEmail,
};
use stagedoor_domain::ports::{MockEndedSessions, MockPasswords, MockSubmit, MockUsers};
use stagedoor_domain::{Email, PersonName, Role, User};

use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{
    NOW, Server, a_user, an_account, answer, answering, post, request, services, settings,
};

/// The SHA-256 digest of `token`.
const DIGEST: &str = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
const NEW: &str = "another horse battery";

fn digest_of_token() -> TokenDigest {
    TokenDigest::new(DIGEST.to_owned())
}

/// The status of a service that sends e-mail.
async fn sending(services: Services, request: TestRequest) -> u16 {
    let settings = HttpSettings { sends_mail: true, ..settings() };
    Server::new(services, settings).await.answer(request).await.status.as_u16()
}

fn verify() -> TestRequest {
    post("/api/v1/email-verifications", json!({"token": "token"}))
}

fn send_again() -> TestRequest {
    request(Method::POST, "/api/v1/users/me/email-verification")
        .insert_header((AUTHORIZATION, an_account()))
        .insert_header((ACCEPT_LANGUAGE, "ko"))
}

fn ask_for_reset(email: &str) -> TestRequest {
    post("/api/v1/password-resets", json!({"email": email}))
}

fn reset(password: &str) -> TestRequest {
    request(Method::PUT, "/api/v1/password-resets/token").set_json(json!({"password": password}))
}

fn hashing() -> Services {
    let mut passwords = MockPasswords::new();
    passwords.expect_hash().returning(|password| Ok(format!("hash of {password}")));
    let mut services = services();
    services.people.passwords = Arc::new(passwords);
    services
}

/// Services that know the user of one address.
fn with_user() -> Services {
    let mut users = MockUsers::new();
    let user = User {
        id: a_user(),
        name: PersonName::parse("Fan").unwrap(),
        email: Email::parse("fan@example.com").unwrap(),
        password_hash: "hash".to_owned(),
        role: Role::Fan,
        created_at: NOW,
        sessions: Default::default(),
        contact: Default::default(),
    };
    users
        .expect_user_by_email()
        .returning(move |email| Ok(Some(user.clone()).filter(|user| user.email == *email)));
    let mut services = services();
    services.people.users = Arc::new(users);
    services
}

#[actix_web::test]
async fn an_address_is_confirmed_by_the_digest_of_the_token() {
    let mut submit = MockSubmit::<VerifyEmail>::new();
    submit
        .expect_submit()
        .withf(|submission| submission.command.digest == digest_of_token())
        .times(1)
        .returning(|_| Ok(Ok(())));
    let mut services = services();
    services.mails.verify_email = Arc::new(submit);

    assert_eq!(sending(services, verify()).await, 204);
}

#[actix_web::test]
async fn a_token_that_is_not_valid_is_gone() {
    let expired = (410, "LINK_EXPIRED".to_owned());
    let mut services = hashing();
    services.mails.verify_email = answering(Err(TokenRefused));
    services.mails.reset_password = answering(Err(TokenRefused));

    assert_eq!(answer(services.clone(), verify()).await.refusal(), expired);
    assert_eq!(answer(services, reset(NEW)).await.refusal(), expired);
}

#[actix_web::test]
async fn a_signed_in_user_has_the_e_mail_sent_again_in_the_language_of_the_request() {
    let mut submit = MockSubmit::<AskForVerification>::new();
    let expected = AskForVerification { user_id: a_user(), language: Language::Ko };
    submit
        .expect_submit()
        .withf(move |submission| submission.command == expected)
        .times(1)
        .returning(|_| Ok(Ok(())));
    let mut asked = services();
    asked.mails.ask_for_verification = Arc::new(submit);

    assert_eq!(sending(asked, send_again()).await, 202);
    let anonymous = request(Method::POST, "/api/v1/users/me/email-verification");
    assert_eq!(sending(services(), anonymous).await, 401);
}

#[actix_web::test]
async fn a_known_and_an_unknown_address_get_one_answer_for_one_command() {
    for (email, is_known) in [("fan@example.com", true), ("other@example.com", false)] {
        let mut submit = MockSubmit::<AskForPasswordReset>::new();
        submit
            .expect_submit()
            .withf(move |submission| (submission.command.user_id == a_user()) == is_known)
            .times(1)
            .returning(|_| Ok(Ok(())));
        let mut services = with_user();
        services.mails.ask_for_password_reset = Arc::new(submit);

        assert_eq!(sending(services, ask_for_reset(email)).await, 202);
    }
    assert_eq!(sending(services(), ask_for_reset("fan")).await, 400);
}

#[actix_web::test]
async fn a_service_that_sends_no_e_mail_says_so() {
    for request in [send_again(), ask_for_reset("fan@example.com")] {
        assert_eq!(answer(services(), request).await.refusal(), (409, "EMAIL_OFF".to_owned()));
    }
}

#[actix_web::test]
async fn a_new_password_ends_all_sessions_of_its_user() {
    let mut submit = MockSubmit::<ResetPassword>::new();
    submit
        .expect_submit()
        .withf(|submission| {
            let ResetPassword { digest, password_hash } = &submission.command;
            *digest == digest_of_token() && *password_hash == format!("hash of {NEW}")
        })
        .times(1)
        .returning(|_| Ok(Ok(PasswordWasReset { user_id: a_user(), version: 5 })));
    let mut sessions = MockEndedSessions::new();
    sessions.expect_note().with(eq(a_user()), eq(5)).times(1).return_const(());
    let mut services = Services { sessions: Arc::new(sessions), ..hashing() };
    services.mails.reset_password = Arc::new(submit);

    assert_eq!(sending(services, reset(NEW)).await, 204);
}

#[actix_web::test]
async fn a_weak_password_is_refused_before_it_is_hashed() {
    assert_eq!(sending(services(), reset("short")).await, 400);
}
