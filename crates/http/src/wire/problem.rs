//! The one form of errors: RFC 9457 problem details.

use std::fmt;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire::check_in::CheckInBody;
use crate::wire::error::ApiError;
use crate::wire::language::Language;
use crate::wire::request_id;
use crate::wire::timestamps::Timestamp;

/// An error, with what its response needs.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) error: ApiError,
    pub(crate) language: Language,
    pub(crate) request_id: Arc<str>,
    /// In how many seconds to retry, if that may help.
    pub(crate) retry_after: Option<u64>,
}

/// A problem as it is sent (`application/problem+json`, RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: `code` tells problems apart.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Conflict")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What happened, for people, in Korean or English by `Accept-Language`.
    #[schema(example = "A seat you asked for is already taken. Choose another.")]
    detail: String,
    /// What happened, for machines.
    #[schema(example = "SEAT_TAKEN")]
    code: &'static str,
    /// The request's id, also in `X-Request-Id` and in the server's logs.
    #[schema(example = "01a1fce4-fcca-75a8-a8b6-ac79f247ded2")]
    request_id: &'a str,
    /// The fields that break a rule, when `code` is `VALIDATION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
    /// The caller's own reservation, when `code` is `ALREADY_HELD` or `ALREADY_PAID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation_id: Option<Uuid>,
    /// The numbers of the seats that stand in the way of a change of several seats by staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<i32>>, example = json!([11, 12]))]
    seat_numbers: Option<&'a [i32]>,
    /// When and where the holder of the ticket came in, when `code` is `ALREADY_CHECKED_IN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    check_in: Option<CheckInBody>,
    /// When the date of the ticket starts, when `code` is `OTHER_DATE` and the concert is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
}

/// A field that breaks a rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field, such as `schedules[0].seatMap.rows`.
    #[schema(example = "amount")]
    field: String,
    /// The rule, for people.
    #[schema(example = "must be a whole number from 1 to 9007199254740991")]
    rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .insert_header((header::CONTENT_LANGUAGE, self.language.tag()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((request_id::HEADER, &*self.request_id));
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let ApiError::MethodNotAllowed(methods) = &self.error {
            answer.insert_header(header::Allow(methods.clone()));
        }
        if self.error == ApiError::NotAcceptedContentEncoding {
            answer.insert_header((header::ACCEPT_ENCODING, "identity"));
        }
        match serde_json::to_string(&self.body()) {
            Ok(body) => answer.body(body),
            Err(_) => answer.insert_header(ContentType::plaintext()).body(self.error.code()),
        }
    }
}

impl Problem {
    fn body(&self) -> ProblemBody<'_> {
        let status = self.status_code();
        let errors = match &self.error {
            ApiError::Validation(error) => Some(vec![FieldProblem {
                field: error.field.clone(),
                rule: error.rule.text(self.language),
            }]),
            _ => None,
        };
        ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.error.detail(self.language),
            code: self.error.code(),
            request_id: &self.request_id,
            errors,
            reservation_id: self.error.reservation().map(|id| id.0),
            seat_numbers: self.error.seat_numbers(),
            check_in: self.error.check_in().map(CheckInBody::from),
            starts_at: self.error.other_start().map(Timestamp::from),
        }
    }
}
