//! The id in a request's log lines and errors.

use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName};
use uuid::Uuid;

use crate::wire::ids;

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const BYTES_MAX: usize = 64;

/// The id of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

tokio::task_local! {
    /// The id of the request that a task works on. A span would cost a tenth of a poll.
    pub(crate) static CURRENT: RequestId;
}

impl RequestId {
    /// The caller's own id if it is short and plain enough for a log; else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let plain = |id: &&str| {
            (1..=BYTES_MAX).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let own = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(plain);
        let new = || ids::new_uuid().hyphenated().encode_lower(&mut Uuid::encode_buffer()).into();
        Self(own.map_or_else(new, Arc::from))
    }
}

/// The id of the current request, for log lines; empty outside of a request.
pub(crate) fn current() -> Arc<str> {
    CURRENT.try_with(|id| Arc::clone(&id.0)).unwrap_or_else(|_| "".into())
}
