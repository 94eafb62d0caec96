//! What every address has in common.

pub(crate) mod authorization;
mod contracts;

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CONTENT_TYPE};
use mockall::predicate::always;
use serde_json::json;
use std::sync::Arc;

use stagedoor_domain::operations::ChangePoints;
use stagedoor_domain::ports::{MockSubmit, StoreError, SubmitError};
use uuid::Uuid;

use crate::settings::HttpSettings;
use crate::testing::{Server, a_pass, an_account, answer, post, request, services, settings};

const CHARGES: &str = "/api/v1/points/charges";

#[actix_web::test]
async fn every_kind_of_bad_request_gets_a_problem_that_says_what_is_wrong() {
    let big = "x".repeat(2_000);
    let table = [
        (request(Method::GET, "/nowhere"), (404, "ROUTE_NOT_FOUND")),
        (request(Method::GET, "/api/v1/nowhere"), (404, "ROUTE_NOT_FOUND")),
        (request(Method::PUT, "/api/v1/concerts"), (405, "METHOD_NOT_ALLOWED")),
        (request(Method::DELETE, "/healthz"), (405, "METHOD_NOT_ALLOWED")),
        (request(Method::GET, "/api/v1/concerts/17"), (400, "VALIDATION")),
        (request(Method::GET, "/api/v1/concerts?limit=0"), (400, "VALIDATION")),
        (request(Method::GET, "/api/v1/concerts?page=2"), (400, "VALIDATION")),
        (request(Method::GET, "/api/v1/concerts?cursor=x"), (400, "VALIDATION")),
        (post(CHARGES, json!({"amount": 1})), (401, "UNAUTHENTICATED")),
        (charge(json!({"amount": "1"})), (400, "VALIDATION")),
        (charge(json!({"amount": 0})), (400, "VALIDATION")),
        (charge(json!({"amount": 1, "more": 1})), (400, "VALIDATION")),
        (charge(json!({"amount": 1, "note": big})), (413, "BODY_TOO_LARGE")),
        (charge(json!([])), (400, "VALIDATION")),
        (charge(json!({"amount": 1})).insert_header(("idempotency-key", "")), (400, "VALIDATION")),
        (
            request(Method::POST, CHARGES).insert_header((AUTHORIZATION, an_account())),
            (415, "UNSUPPORTED_MEDIA_TYPE"),
        ),
        (
            charge(json!({"amount": 1})).insert_header(("x-long", "x".repeat(17_000))),
            (431, "HEADERS_TOO_LARGE"),
        ),
    ];
    for (request, (status, code)) in table {
        let answer = answer(services(), request).await;

        assert_eq!(answer.refusal(), (status, code.to_owned()), "{}", answer.text);
        assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
        assert_eq!(answer.header("x-request-id"), answer.json()["requestId"].as_str().unwrap());
    }
}

fn charge(body: serde_json::Value) -> actix_web::test::TestRequest {
    post(CHARGES, body).insert_header((AUTHORIZATION, an_account()))
}

#[actix_web::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let answer = answer(services(), request(Method::PUT, "/api/v1/reservations")).await;

    assert_eq!(answer.header(ALLOW), "GET, HEAD, POST");
}

#[actix_web::test]
async fn a_broken_field_is_named_in_the_callers_language() {
    let korean = charge(json!({"amount": 0})).insert_header((ACCEPT_LANGUAGE, "ko-KR"));

    let problem = answer(services(), korean).await.json();

    assert_eq!(problem["errors"][0]["field"], "amount");
    assert_eq!(problem["errors"][0]["rule"], "1에서 9007199254740991 사이의 정수여야 합니다");
}

#[actix_web::test]
async fn a_callers_request_id_is_kept_if_it_is_fit_for_a_log_line() {
    for (sent, kept) in [("on-sale_7.a", true), ("two words", false), (&"x".repeat(65), false)] {
        let request = request(Method::GET, "/healthz").insert_header(("x-request-id", sent));

        let answer = answer(services(), request).await;

        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
    }
}

#[actix_web::test]
async fn failures_of_the_store_are_told_apart_and_their_causes_are_not_sent() {
    let cause = || "secret cause".to_owned();
    let table = [
        (SubmitError::Overloaded, (503, "OVERLOADED"), true),
        (SubmitError::Store(StoreError::Unavailable(cause())), (503, "UNAVAILABLE"), true),
        (SubmitError::Store(StoreError::Overtaken(cause())), (503, "UNAVAILABLE"), true),
        (SubmitError::Store(StoreError::OutcomeUnknown(cause())), (503, "OUTCOME_UNKNOWN"), true),
        (SubmitError::Store(StoreError::Corrupt(cause())), (500, "INTERNAL"), false),
    ];
    for (error, (status, code), again) in table {
        let mut submit = MockSubmit::<ChangePoints>::new();
        submit.expect_submit().with(always()).return_once(move |_| Err(error));
        let mut services = services();
        services.change_points = Arc::new(submit);

        let answer = answer(services, charge(json!({"amount": 1}))).await;

        assert_eq!(answer.refusal(), (status, code.to_owned()));
        assert_eq!(answer.headers.contains_key("retry-after"), again, "{code}");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
}

#[actix_web::test]
async fn operations_that_need_a_queue_token_or_an_access_token_refuse_the_other() {
    let hold = json!({"scheduleId": Uuid::nil(), "bestAvailable": 1});
    let table = [
        (request(Method::GET, "/api/v1/queue-tokens/me"), an_account()),
        (post("/api/v1/reservations", hold), an_account()),
        (request(Method::GET, "/api/v1/rooms"), a_pass()),
        (post("/api/v1/concerts", json!({"title": "t"})), a_pass()),
    ];
    for (request, authorization) in table {
        let answer =
            answer(services(), request.insert_header((AUTHORIZATION, authorization))).await;

        assert_eq!(answer.refusal(), (403, "FORBIDDEN".to_owned()));
    }
}

#[actix_web::test]
async fn the_document_and_its_pages_come_from_inside_the_binary() {
    let document = answer(services(), request(Method::GET, "/openapi.json")).await;
    let page = answer(services(), request(Method::GET, "/docs/")).await;

    assert_eq!(document.json()["info"]["title"], "Stagedoor");
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    assert!(!page.text.contains("://"), "the page asks another host: {}", page.text);
}

#[actix_web::test]
async fn no_other_site_frames_the_documentation_and_it_runs_nothing_but_its_own_files() {
    let server = Server::new(services(), settings()).await;
    for path in ["/docs/", "/docs/index.html", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        let answer = server.answer(request(Method::GET, path)).await;

        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
    }
}

#[actix_web::test]
async fn the_documentation_can_be_switched_off() {
    let settings = HttpSettings { docs: false, ..settings() };
    let server = Server::new(services(), settings).await;

    for path in ["/docs", "/docs/", "/docs/index.html", "/docs/swagger-ui-bundle.js"] {
        let answer = server.answer(request(Method::GET, path)).await;
        assert_eq!(answer.refusal(), (404, "ROUTE_NOT_FOUND".to_owned()), "{path}");
    }
    let document = server.answer(request(Method::GET, "/openapi.json")).await;
    assert_eq!(document.status, 200, "programs still read the document");
}
