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

use crate::edge::middleware::RefusedForWaiting;
use crate::route::Route;
use crate::wire::{ApiError, Language, Resource, Whole};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    [queue::routes(), concert::routes(), payment::routes()].into_iter().flatten().collect()
}

/// A refusal in the contract's form: its status and text.
type Refusal = (u16, &'static str);

const UNREADABLE: Refusal = (400, "The body does not read");
const UNAVAILABLE: Refusal =
    (503, "The service is overloaded, or its store cannot be reached; with `Retry-After`");
const CANNOT_ENTER: Refusal = (400, "대기열에 진입할 수 없습니다.");
const TOO_FEW_POINTS: Refusal = (400, "잔액이 부족합니다. 충전 후 다시 시도해 주세요.");
const NO_SERVICE: Refusal = (401, "해당 서비스를 이용하실 수 없습니다.");
const NO_USER: Refusal = (401, "해당 유저 정보를 찾을 수 없습니다.");
const NO_TICKET: Refusal = (401, "해당 티켓 정보를 찾을 수 없습니다.");
const NO_CHARGES: Refusal = (403, "이 서비스에서는 포인트를 직접 충전할 수 없습니다.");
const NO_CONCERT: Refusal = (404, "해당 콘서트 정보를 찾을 수 없습니다.");
const NO_SUCH_AMOUNT: Refusal = (404, "충전할 수 없는 금액입니다.");
const NO_BALANCE: Refusal = (404, "조회할 수 없는 잔액입니다.");
const HOLD_EXPIRED: Refusal = (404, "임시 점유 시간이 만료되었습니다.");
const SEAT_TAKEN: Refusal = (409, "이미 선점된 좌석입니다.");
const KEY_REUSED: Refusal = (422, "다른 요청에 이미 사용된 Idempotency-Key입니다.");

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
    /// The refusal that the contract has for an error; none where it is silent.
    fn refusal(self, error: &ApiError) -> Option<Refusal> {
        use ApiError::{
            AlreadyHeld, AlreadyPaid, BalanceTooLarge, ConcertCancelled, Forbidden, HoldExpired,
            InsufficientPoints, NotFound, RateLimited, ReservationCancelled, ScheduleCancelled,
            SeatTaken, TokenExpired, TokenWaiting, Unauthenticated, Validation,
        };
        let not_let_in =
            matches!(error, Unauthenticated | TokenWaiting | TokenExpired | Forbidden(_));
        match (self, error) {
            (Self::Enter, RateLimited { .. }) => None,
            (Self::Enter, error) => error.status_code().is_client_error().then_some(CANNOT_ENTER),
            (Self::Book, _) if not_let_in => Some(NO_SERVICE),
            (Self::Book, NotFound(_)) => Some(NO_CONCERT),
            (Self::Book, SeatTaken | AlreadyHeld(_)) => Some(SEAT_TAKEN),
            (Self::Charge, NotFound(_)) => Some(NO_USER),
            (Self::Charge | Self::ReadAccount, _) if not_let_in => Some(NO_USER),
            (Self::Charge, BalanceTooLarge) => Some(NO_SUCH_AMOUNT),
            (Self::Charge, Validation(invalid)) if invalid.field == "amount" => {
                Some(NO_SUCH_AMOUNT)
            }
            (Self::ReadAccount, NotFound(_)) => Some(NO_BALANCE),
            (
                Self::Pay,
                NotFound(Resource::Reservation)
                | AlreadyPaid(_)
                | ReservationCancelled
                | ScheduleCancelled
                | ConcertCancelled,
            ) => Some(NO_TICKET),
            (Self::Pay, _) if not_let_in => Some(NO_TICKET),
            (Self::Pay, HoldExpired) => Some(HOLD_EXPIRED),
            (Self::Pay, InsufficientPoints) => Some(TOO_FEW_POINTS),
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
        let (status, text) = match self.refusal(error) {
            Some((status, text)) => (status, text.to_owned()),
            None => (error.status_code().as_u16(), error.detail(Language::Korean)),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
