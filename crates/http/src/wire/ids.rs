//! New ids, and ids in paths.

use std::str::FromStr;

use uuid::Uuid;

use crate::wire::error::{ApiError, FieldRule};

/// A new UUIDv7 (RFC 9562 section 5.7).
#[expect(clippy::disallowed_methods, reason = "this is the edge where ids are made")]
pub(crate) fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Reads an id out of a path or a query.
pub(crate) fn parse_id<T: FromStr>(text: &str, field: &'static str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::field(field, FieldRule::Id))
}
