//! Streams of server-sent events (WHATWG HTML, section 9.2): their form, and bounds on how many are open, in
//! all and by user.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderValue, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use serde::Serialize;
use stagedoor_domain::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::chunked_body::chunks;
use crate::settings::HttpSettings;
use crate::wire::ApiError;
use crate::wire::gzip::prefers_gzip;
use crate::wire::gzip_stream::GzipStream;

/// A comment that keeps the connection open and reveals a dead one.
pub(super) const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// One event.
pub(super) fn event(name: &str, data: &impl Serialize) -> Option<Bytes> {
    let data = serde_json::to_string(data).ok()?;
    Some(Bytes::from(format!("event: {name}\ndata: {data}\n\n")))
}

/// A response that streams events.
pub(super) fn respond(events: impl Stream<Item = Bytes> + 'static) -> HttpResponse {
    let chunks = events.flat_map(|event| stream::iter(chunks(event).map(Ok::<_, Infallible>)));
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(chunks)
}

/// The same, compressed if the client prefers that: for events of which some are long.
pub(super) fn respond_packed(
    req: &HttpRequest,
    events: impl Stream<Item = Bytes> + 'static,
) -> HttpResponse {
    let mut answer = if prefers_gzip(req) {
        let mut packer = GzipStream::default();
        let parts = events.map(Some).chain(stream::once(async { None }));
        let packed = parts.map(move |event| match event {
            Some(event) => packer.part(&event),
            None => packer.end(),
        });
        let mut answer = respond(packed);
        answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        answer
    } else {
        respond(events)
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer
}

/// When a user with too many open streams may try again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The streams that are open.
pub(crate) struct EventStreams {
    free: Arc<Semaphore>,
    of_users: Arc<OfUsers>,
    per_user_max: usize,
}

#[derive(Default)]
struct OfUsers(Mutex<HashMap<UserId, usize>>);

/// A stream that is open until this is dropped.
pub(crate) struct StreamSlot {
    user_id: UserId,
    of_users: Arc<OfUsers>,
    _one: OwnedSemaphorePermit,
}

impl EventStreams {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            free: Arc::new(Semaphore::new(settings.event_streams_max)),
            of_users: Arc::default(),
            per_user_max: settings.event_streams_per_user_max,
        }
    }

    /// Opens one more stream of a user.
    pub(super) fn open(&self, user_id: UserId) -> Result<StreamSlot, ApiError> {
        let one = Arc::clone(&self.free).try_acquire_owned();
        let one = one.map_err(|_| ApiError::Overloaded)?;
        let mut of_users = self.of_users.0.lock();
        let open = of_users.entry(user_id).or_default();
        if *open >= self.per_user_max {
            return Err(ApiError::RateLimited { wait: TRY_AGAIN_AFTER });
        }
        *open += 1;
        drop(of_users);
        Ok(StreamSlot { user_id, of_users: Arc::clone(&self.of_users), _one: one })
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut of_users = self.of_users.0.lock();
        let Some(open) = of_users.get_mut(&self.user_id) else { return };
        *open = open.saturating_sub(1);
        if *open == 0 {
            of_users.remove(&self.user_id);
        }
    }
}
