//! What every request passes on its way in and out: its id, its time limit, its log line, its metrics, and
//! the one form of errors.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, ResponseError, web};
use metrics::{Counter, Histogram};
use tokio_util::sync::CancellationToken;

use crate::auth::bearer::bearer;
use crate::edge::chunked_body::{CHUNK_BYTES, in_chunks};
use crate::edge::compression::compressed;
use crate::edge::jitter::Jitter;
use crate::edge::load_shedding::InFlight;
use crate::edge::rate_limits::CountedBy;
use crate::edge::unsent_bodies::{Client, Sending, SharedBy, UnsentBodies};
use crate::edge::wake_batching::WakeBatch;
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::body::content_length;
use crate::wire::error::{ApiError, Retry};
use crate::wire::language::Language;
use crate::wire::problem::Problem;
use crate::wire::request_id::{self, CURRENT, RequestId};

/// Marks a response in another form than problem details that rejects a waiting queue token.
pub(crate) struct RefusedForWaiting;

/// The most bytes of all headers together.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// What is known of a request before it is routed, and needed after it was answered.
struct Arrival {
    id: RequestId,
    language: Language,
    method: Method,
    at: Instant,
    jitter: Option<web::Data<Jitter>>,
}

pub(crate) async fn edge(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrival = Arrival {
        id: RequestId::of(req.headers()),
        language: Language::of(req.request()),
        method: req.method().clone(),
        at: Instant::now(),
        jitter: req.app_data::<web::Data<Jitter>>().cloned(),
    };
    if arrival.method == Method::HEAD {
        // `finish` leaves the body out (RFC 9110 section 9.3.2).
        req.head_mut().method = Method::GET;
    }
    let settings = req.app_data::<web::Data<HttpSettings>>().cloned();
    let stop = req.app_data::<web::Data<CancellationToken>>().cloned();

    let body_bytes = content_length(req.headers()).unwrap_or_default();
    let has_body = !req.method().is_safe() && req.headers().contains_key(header::CONTENT_LENGTH);
    let wakes = req.app_data::<web::Data<WakeBatch>>().cloned();
    let called = async {
        if header_bytes(req.headers()) > HEADER_BYTES_MAX {
            return Err(ApiError::HeadersTooLarge { bytes_max: HEADER_BYTES_MAX }.into());
        }
        let time = settings.map(|settings| settings.request_time(body_bytes));
        let called = in_time(next.call(req), time);
        match wakes {
            Some(wakes) => wakes.into_inner().wait(called).await,
            None => called.await,
        }
    };
    let called = CURRENT.scope(arrival.id.clone(), called).await;
    if has_body && is_rejected_early(&called) {
        // The connection reads the body meanwhile: it is closed if a body is left unread.
        tokio::task::yield_now().await;
    }
    match called {
        Ok(answer) => {
            note_heartbeat(&answer).await;
            Ok(finish(answer, &arrival, stop.is_some_and(|stop| stop.is_cancelled())))
        }
        Err(error) => Err(refuse(&error, &arrival).into()),
    }
}

async fn in_time<T>(
    called: impl Future<Output = Result<T, Error>>,
    time: Option<Duration>,
) -> Result<T, Error> {
    let Some(time) = time else { return called.await };
    let answered = tokio::time::timeout(time, called).await;
    answered.unwrap_or_else(|_| Err(ApiError::OutcomeUnknown.into()))
}

/// Whether a request was rejected before it was processed at all.
fn is_rejected_early<B>(called: &Result<ServiceResponse<B>, Error>) -> bool {
    let error = match called {
        Ok(answer) => answer.response().error(),
        Err(error) => Some(error),
    };
    let error = error.and_then(|error| error.as_error::<ApiError>());
    matches!(error, Some(ApiError::Overloaded | ApiError::RateLimited { .. }))
}

/// Counts a request that was rejected because its queue token waits as a heartbeat (rule 5). If the heartbeat
/// cannot be noted, the response stays the same.
async fn note_heartbeat<B>(answer: &ServiceResponse<B>) {
    let is_refused = api_error(answer) == Some(ApiError::TokenWaiting)
        || answer.response().extensions().get::<RefusedForWaiting>().is_some();
    if !is_refused {
        return;
    }
    let req = answer.request();
    let services = req.app_data::<web::Data<Services>>();
    let pass = bearer(req).ok().and_then(|bearer| bearer.pass);
    if let (Some(services), Some(pass)) = (services, pass)
        && let Err(error) = services.waiting_room.keep_alive(&pass).await
    {
        tracing::debug!(request_id = %request_id::current(), %error, "a heartbeat was not noted");
    }
}

fn finish<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    arrival: &Arrival,
    draining: bool,
) -> ServiceResponse<BoxBody> {
    let answer = compressed(answer.map_into_boxed_body());
    let mut error = api_error(&answer);
    let sending = match &error {
        None if arrival.method != Method::HEAD => begin_sending(&answer),
        _ => Ok(None),
    };
    let sending = sending.unwrap_or_else(|refused| {
        error = Some(refused);
        None
    });
    let is_shed = error == Some(ApiError::Overloaded);
    let route = answer.request().match_pattern();
    let mut answer = match error {
        Some(error) => {
            let problem = problem(error, arrival).error_response();
            answer.into_response(problem)
        }
        None => {
            let answer = answer.map_body(|_, body| in_chunks(body.boxed(), sending));
            with_retry(with_id(answer, &arrival.id), arrival)
        }
    };
    let in_flight = answer.request().extensions_mut().remove::<InFlight>();
    drop(in_flight);
    add_rate_limit_headers(&mut answer);
    if arrival.method == Method::HEAD {
        answer = answer.map_body(|_, body| BoxBody::new(LeftOut(body.size())));
    }
    if draining {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        answer
            .response_mut()
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    record(arrival, route.as_deref().unwrap_or("none"), answer.status().as_u16(), is_shed);
    answer
}

/// Counts a long body for as long as it is being sent.
fn begin_sending<B: MessageBody>(answer: &ServiceResponse<B>) -> Result<Option<Sending>, ApiError> {
    let bytes = match answer.response().body().size() {
        BodySize::Sized(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
        BodySize::None | BodySize::Stream => 0,
    };
    let unsent = answer.request().app_data::<web::Data<UnsentBodies>>();
    let Some(unsent) = unsent.filter(|_| bytes > CHUNK_BYTES) else { return Ok(None) };
    let shared = answer.response().extensions().get::<SharedBy>().copied();
    match Client::of(answer.request()) {
        Some(client) => unsent.begin(client, bytes, shared),
        None => Ok(None),
    }
}

/// The body of a response to `HEAD`: it has a size, and no content.
struct LeftOut(BodySize);

impl MessageBody for LeftOut {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}

/// Adds the headers that say what is left of the limits.
fn add_rate_limit_headers(answer: &mut ServiceResponse) {
    let counted_by = answer.request().extensions_mut().remove::<CountedBy>();
    if let Some((policy, left)) = counted_by.and_then(|counted_by| counted_by.fields()) {
        answer.headers_mut().insert(HeaderName::from_static("ratelimit-policy"), policy);
        answer.headers_mut().insert(HeaderName::from_static("ratelimit"), left);
    }
}

/// Adds `Retry-After` to a refusal in another form than problem details.
fn with_retry(mut answer: ServiceResponse, arrival: &Arrival) -> ServiceResponse {
    let retry = answer.response_mut().extensions_mut().remove::<Retry>();
    if let Some(seconds) = retry.and_then(|retry| retry_after(retry, arrival)) {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

fn retry_after(retry: Retry, arrival: &Arrival) -> Option<u64> {
    let jitter = arrival.jitter.as_ref()?;
    Some(jitter.seconds_after(retry.wait, retry.spread_seconds))
}

fn with_id(mut answer: ServiceResponse, id: &RequestId) -> ServiceResponse {
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(request_id::HEADER, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_json && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// Answers a request that has no response of its own.
fn refuse(error: &Error, arrival: &Arrival) -> Problem {
    let error = error.as_error::<ApiError>().cloned();
    let problem = problem(error.unwrap_or(ApiError::Internal), arrival);
    let is_shed = problem.error == ApiError::Overloaded;
    record(arrival, "none", problem.error.status_code().as_u16(), is_shed);
    problem
}

fn problem(error: ApiError, arrival: &Arrival) -> Problem {
    let retry_after = error.retry().and_then(|retry| retry_after(retry, arrival));
    let request_id = Arc::clone(&arrival.id.0);
    Problem { error, language: arrival.language, request_id, retry_after }
}

/// The error behind a response: ours, or the HTTP library's.
fn api_error<B>(answer: &ServiceResponse<B>) -> Option<ApiError> {
    let error = answer.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<ApiError>()) {
        return Some(error.clone());
    }
    let status = answer.status();
    (error.is_some() && (status.is_client_error() || status.is_server_error()))
        .then_some(ApiError::Http(status))
}

/// The metrics of one route, method and status.
#[derive(Clone)]
struct Meters {
    requests: Counter,
    seconds: Histogram,
}

type OfRoutes = HashMap<String, Meters>;

thread_local! {
    /// Looking up a metric by its labels costs more than a position.
    static METERS: RefCell<HashMap<(&'static str, u16), OfRoutes>> = RefCell::default();
}

fn meters(method: &'static str, route: &str, status: u16) -> Meters {
    METERS.with_borrow_mut(|meters| {
        let known = meters.entry((method, status)).or_default();
        if let Some(found) = known.get(route) {
            return found.clone();
        }
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.to_string()),
        ];
        let made = Meters {
            requests: metrics::counter!("stagedoor_http_requests_total", &labels),
            seconds: metrics::histogram!("stagedoor_http_request_seconds", &labels[..2]),
        };
        known.insert(route.to_owned(), made.clone());
        made
    })
}

/// Counts and logs a response. A request that load shedding rejected is only counted: a log line would be
/// more work than the rejection.
fn record(arrival: &Arrival, route: &str, status: u16, is_shed: bool) {
    let seconds = arrival.at.elapsed().as_secs_f64();
    let method = method_label(&arrival.method);
    let meters = meters(method, route, status);
    meters.requests.increment(1);
    meters.seconds.record(seconds);
    let request_id = &arrival.id.0;
    if status >= 500 && !is_shed {
        tracing::warn!(%request_id, method, route, status, seconds, "answered");
    } else {
        tracing::debug!(%request_id, method, route, status, seconds, "answered");
    }
}

/// The method, or one word for all others: a label must not have values that clients choose.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
