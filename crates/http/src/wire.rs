//! What is read from requests and written in responses: bodies, ids, times, pages of lists, errors.

pub(crate) mod body;
pub(crate) mod check_in;
pub(crate) mod entity_tags;
pub(crate) mod error;
mod failures;
pub(crate) mod gzip;
pub(crate) mod gzip_stream;
pub(crate) mod idempotency_key;
pub(crate) mod ids;
pub(crate) mod language;
pub(crate) mod local_time;
pub(crate) mod paging;
pub(crate) mod problem;
pub(crate) mod request_id;
pub(crate) mod timestamps;

pub(crate) use body::{Body, BodyUpTo, Object, Picture, Raw, Whole, given};
pub(crate) use check_in::CheckInBody;
pub(crate) use entity_tags::{IfMatch, OptionalIfMatch, entity_tag, has_current};
pub(crate) use error::{ApiError, DoorRefused, FieldRule, RequiredAccess, Resource};
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use language::Language;
pub(crate) use local_time::LocalTime;
pub(crate) use paging::{PageBody, PageQuery};
pub(crate) use timestamps::Timestamp;
