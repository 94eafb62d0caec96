//! What every request passes on its way in and out: its id, its time limit, its log line, its
//! metrics, and the one form of errors.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::error::ApiError;
use crate::ids;
use crate::language::Language;
use crate::problem::Problem;
use crate::services::HttpSettings;

/// The most bytes of all headers together.
const HEADER_BYTES_MAX: usize = 16 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;

/// The id that a request's log lines and errors carry.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// What is known of a request before it is routed, and still needed after it was answered.
struct Arrival {
    id: RequestId,
    language: Language,
    method: Method,
    at: Instant,
}

pub(crate) async fn edge(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrival = Arrival {
        id: request_id(req.headers()),
        language: Language::of(req.request()),
        method: req.method().clone(),
        at: Instant::now(),
    };
    req.extensions_mut().insert(arrival.id.clone());
    let settings = req.app_data::<web::Data<HttpSettings>>().cloned();
    let stop = req.app_data::<web::Data<CancellationToken>>().cloned();
    let span = tracing::info_span!("request", request_id = arrival.id.0, method = %arrival.method);

    let called = async {
        if header_bytes(req.headers()) > HEADER_BYTES_MAX {
            return Err(ApiError::HeadersTooLarge { bytes_max: HEADER_BYTES_MAX }.into());
        }
        match settings.map(|settings| settings.request_timeout) {
            Some(limit) => match tokio::time::timeout(limit, next.call(req)).await {
                Ok(answer) => answer,
                Err(_) => Err(ApiError::OutcomeUnknown.into()),
            },
            None => next.call(req).await,
        }
    };
    let answered = called.instrument(span.clone()).await;
    let _entered = span.enter();
    match answered {
        Ok(answer) => Ok(finish(answer, &arrival, stop.is_some_and(|stop| stop.is_cancelled()))),
        Err(error) => Err(refuse(&error, &arrival).into()),
    }
}

fn finish<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    arrival: &Arrival,
    draining: bool,
) -> ServiceResponse<BoxBody> {
    let error = api_error(&answer);
    let route = answer.request().match_pattern();
    let mut answer = match error {
        Some(error) => {
            let problem = problem(error, arrival).error_response();
            answer.into_response(problem)
        }
        None => answer.map_into_boxed_body(),
    };
    if let Ok(id) = HeaderValue::from_str(&arrival.id.0) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    if draining {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        answer
            .response_mut()
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    record(arrival, route.as_deref().unwrap_or("none"), answer.status().as_u16());
    answer
}

/// Answers a request that was given up before there was an answer.
fn refuse(error: &Error, arrival: &Arrival) -> Problem {
    let error = error.as_error::<ApiError>().cloned();
    let problem = problem(error.unwrap_or(ApiError::Internal), arrival);
    record(arrival, "none", problem.error.status_code().as_u16());
    problem
}

fn problem(error: ApiError, arrival: &Arrival) -> Problem {
    Problem { error, language: arrival.language, request_id: arrival.id.0.clone() }
}

/// The error behind an answer, whether ours or the HTTP library's own.
fn api_error<B>(answer: &ServiceResponse<B>) -> Option<ApiError> {
    let error = answer.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<ApiError>()) {
        return Some(error.clone());
    }
    let status = answer.status();
    (error.is_some() && (status.is_client_error() || status.is_server_error()))
        .then_some(ApiError::Http(status))
}

fn record(arrival: &Arrival, route: &str, status: u16) {
    let seconds = arrival.at.elapsed().as_secs_f64();
    let method = method_label(&arrival.method);
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!("stagedoor_http_requests_total", &labels).increment(1);
    metrics::histogram!("stagedoor_http_request_seconds", "method" => method.to_owned(), "route" => route.to_owned())
        .record(seconds);
    if status >= 500 {
        tracing::warn!(route, status, seconds, "answered");
    } else {
        tracing::debug!(route, status, seconds, "answered");
    }
}

/// The method, or one word for all that are not of HTTP: a label must not take what callers make up.
fn method_label(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) { method.as_str() } else { "other" }
}

/// The caller's own id if it is short and plain, so that it may be logged; else a new one.
fn request_id(headers: &HeaderMap) -> RequestId {
    let plain = |id: &&str| {
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let own = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain);
    RequestId(own.map_or_else(|| ids::new_uuid().to_string(), str::to_owned))
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
