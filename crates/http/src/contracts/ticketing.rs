//! The `ticketing` contract: seven operations, Korean texts, errors as `{"error": "…"}`.

pub(crate) mod concert;
pub(crate) mod payment;
pub(crate) mod queue;
#[cfg(test)]
mod tests;

use std::future::Future;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{Error, HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::edge::middleware::RefusedForWaiting;
use crate::openapi::refusals::{self, Responses};
use crate::wire::body::Whole;
use crate::wire::error::{ApiError, Noun};
use crate::wire::language::Language;

/// Mounts every operation.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(queue::enter)
        .service(concert::dates)
        .service(concert::seats)
        .service(concert::hold)
        .service(payment::charge)
        .service(payment::account)
        .service(payment::pay);
}

const CANNOT_ENTER: &str = "대기열에 진입할 수 없습니다.";
const NO_SERVICE: &str = "해당 서비스를 이용하실 수 없습니다.";
const NO_CONCERT: &str = "해당 콘서트 정보를 찾을 수 없습니다.";
const SEAT_TAKEN: &str = "이미 선점된 좌석입니다.";
const NO_USER: &str = "해당 유저 정보를 찾을 수 없습니다.";
const NO_SUCH_AMOUNT: &str = "충전할 수 없는 금액입니다.";
const NO_CHARGES: &str = "이 서비스에서는 포인트를 직접 충전할 수 없습니다.";
const NO_BALANCE: &str = "조회할 수 없는 잔액입니다.";
const NO_TICKET: &str = "해당 티켓 정보를 찾을 수 없습니다.";
const HOLD_OVER: &str = "임시 점유 시간이 만료되었습니다.";

/// An error.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketingError {
    /// What happened, in Korean.
    #[schema(example = "해당 서비스를 이용하실 수 없습니다.")]
    error: String,
}

/// The operations, as far as they refuse differently.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Enter,
    Book,
    Charge,
    ReadAccount,
    Pay,
}

impl Operation {
    /// The status and the text that the contract has for an error; none where it is silent.
    fn refusal(self, error: &ApiError) -> Option<(StatusCode, &'static str)> {
        use ApiError::{
            BalanceTooLarge, Forbidden, HoldExpired, NotFound, SeatTaken, TokenExpired,
            TokenWaiting, Unauthenticated, Validation,
        };
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
        let not_let_in =
            matches!(error, Unauthenticated | TokenWaiting | TokenExpired | Forbidden(_));
        match (self, error) {
            (Self::Enter, ApiError::RateLimited { .. }) => None,
            (Self::Enter, error) => {
                let refused = error.status_code().is_client_error();
                refused.then_some((StatusCode::BAD_REQUEST, CANNOT_ENTER))
            }
            (Self::Book, _) if not_let_in => Some((UNAUTHORIZED, NO_SERVICE)),
            (Self::Book, NotFound(_)) => Some((NOT_FOUND, NO_CONCERT)),
            (Self::Book, SeatTaken | ApiError::AlreadyHeld(_)) => {
                Some((StatusCode::CONFLICT, SEAT_TAKEN))
            }
            (Self::Charge, NotFound(_)) => Some((UNAUTHORIZED, NO_USER)),
            (Self::Charge | Self::ReadAccount, _) if not_let_in => Some((UNAUTHORIZED, NO_USER)),
            (Self::Charge, BalanceTooLarge) => Some((NOT_FOUND, NO_SUCH_AMOUNT)),
            (Self::Charge, Validation(invalid)) if invalid.field == "amount" => {
                Some((NOT_FOUND, NO_SUCH_AMOUNT))
            }
            (Self::ReadAccount, NotFound(_)) => Some((NOT_FOUND, NO_BALANCE)),
            (
                Self::Pay,
                NotFound(Noun::Reservation)
                | ApiError::AlreadyPaid(_)
                | ApiError::ReservationCancelled,
            ) => Some((UNAUTHORIZED, NO_TICKET)),
            (Self::Pay, _) if not_let_in => Some((UNAUTHORIZED, NO_TICKET)),
            (Self::Pay, HoldExpired) => Some((NOT_FOUND, HOLD_OVER)),
            (Self::Pay, ApiError::InsufficientPoints) => {
                let text = "잔액이 부족합니다. 충전 후 다시 시도해 주세요.";
                Some((StatusCode::BAD_REQUEST, text))
            }
            _ => None,
        }
    }

    /// Does the work and answers in the form of the contract.
    async fn answer<T: Serialize>(
        self,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> HttpResponse {
        self.respond(async { Ok(HttpResponse::Ok().json(work.await?)) }).await
    }

    /// Does the work and refuses in the form of the contract.
    async fn respond(
        self,
        work: impl Future<Output = Result<HttpResponse, ApiError>>,
    ) -> HttpResponse {
        work.await.unwrap_or_else(|error| self.refuse(&error))
    }

    fn refuse(self, error: &ApiError) -> HttpResponse {
        let told = || (error.status_code(), error.detail(Language::Korean));
        let (status, text) =
            self.refusal(error).map_or_else(told, |(status, text)| (status, text.to_owned()));
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(retry) = error.retry() {
            answer.extensions_mut().insert(retry);
        }
        if *error == ApiError::TokenWaiting {
            answer.extensions_mut().insert(RefusedForWaiting);
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        answer.json(TicketingError { error: text })
    }
}

/// What a client calls a hold, which it writes as text or as a whole number.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum TicketId {
    Text(String),
    Number(Whole),
}

impl TicketId {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(Whole(number)) => number.to_string(),
        }
    }
}

impl PartialSchema for TicketId {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(100))
            .pattern(Some(
                r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb][^\u0000-\u001f\u007f-\u009f]*$",
            ))
            .examples(["ticketId1"]);
        OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Integer)).into()
    }
}

impl ToSchema for TicketId {}

/// What an extractor gave, or why it gave nothing.
fn given<T>(extracted: Result<T, Error>) -> Result<T, ApiError> {
    extracted.map_err(|error| match error.as_error::<ApiError>() {
        Some(error) => error.clone(),
        None => ApiError::Http(error.as_response_error().status_code()),
    })
}

/// Refusals by their status, and what any operation may be refused with.
fn error_responses(refusals: &[(&str, &str)]) -> Responses {
    let mut responses = refusals::any_in("application/json", "TicketingError");
    let ours = refusals::of(
        "application/json",
        "TicketingError",
        &[
            ("400", "The body does not read"),
            (
                "503",
                "The service is overloaded, or its store cannot be reached; with `Retry-After`",
            ),
        ],
    );
    responses.extend(ours);
    responses.extend(refusals::of("application/json", "TicketingError", refusals));
    responses
}

/// Types that stand for refusals in the documentation of operations.
macro_rules! errors {
    ($name:ident { $($status:literal: $text:expr),+ $(,)? }) => {
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> crate::openapi::refusals::Responses {
                super::error_responses(&[$(($status, $text)),+])
            }
        }
    };
}

use errors;
