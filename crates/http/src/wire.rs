//! What is read from requests and written in responses: bodies, ids, times, pages of lists, errors.

pub(crate) mod body;
pub(crate) mod error;
mod failures;
pub(crate) mod idempotency_key;
pub(crate) mod ids;
pub(crate) mod language;
pub(crate) mod local_time;
pub(crate) mod paging;
pub(crate) mod problem;
pub(crate) mod request_id;
pub(crate) mod timestamps;
