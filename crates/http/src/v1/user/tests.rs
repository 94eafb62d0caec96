use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use stagedoor_domain::operations::{ChangeName, ChangeNameRefused};
use stagedoor_domain::ports::MockSubmit;
use stagedoor_domain::{Email, Profile, Role};

use crate::services::Services;
use crate::testing::{NOW, a_pass, a_user, an_account, answer, answering, request, services};

fn rename(body: Value) -> TestRequest {
    let renamed = request(Method::PATCH, "/api/v1/users/me").set_json(body);
    renamed.insert_header((AUTHORIZATION, an_account()))
}

/// Services that give the caller whatever name is asked for.
fn renaming() -> Services {
    let mut submit = MockSubmit::<ChangeName>::new();
    submit.expect_submit().returning(|submission| {
        let ChangeName { user_id, name } = submission.command;
        assert_eq!(user_id, a_user());
        let email = Email::parse("fan@example.com").unwrap();
        Ok(Ok(Profile { id: user_id, name, email, role: Role::Fan, created_at: NOW }))
    });
    Services { change_name: Arc::new(submit), ..services() }
}

#[actix_web::test]
async fn a_new_name_is_answered_with_the_user() {
    let renamed = answer(renaming(), rename(json!({"name": " 박하늘 "}))).await;

    let expected = json!({
        "id": a_user().0, "name": "박하늘", "email": "fan@example.com", "role": "FAN",
        "createdAt": "2026-11-21T10:00:00Z",
    });
    assert_eq!((renamed.status.as_u16(), renamed.json()), (200, expected));
}

#[actix_web::test]
async fn a_name_that_does_not_keep_the_rules_of_signing_up_is_refused_by_its_field() {
    let table = [
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": "\u{200b}"}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": "Fan", "role": "OPERATOR"}), "role"),
        (json!({"name": "Fan", "email": "other@example.com"}), "email"),
        (json!({}), "body"),
        (json!([]), "body"),
    ];
    for (body, field) in table {
        let refused = answer(services(), rename(body.clone())).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
}

#[actix_web::test]
async fn a_name_is_changed_by_the_users_own_access_token_alone() {
    let body = json!({"name": "Fan"});
    let unknown = Err(ChangeNameRefused::UserNotFound);
    let gone = Services { change_name: answering(unknown), ..services() };
    assert_eq!(answer(gone, rename(body.clone())).await.refusal().1, "USER_NOT_FOUND");

    let by_pass = rename(body.clone()).insert_header((AUTHORIZATION, a_pass()));
    assert_eq!(answer(services(), by_pass).await.refusal(), (403, "FORBIDDEN".to_owned()));
    let by_none = request(Method::PATCH, "/api/v1/users/me").set_json(body);
    assert_eq!(answer(services(), by_none).await.refusal(), (401, "UNAUTHENTICATED".to_owned()));
}
