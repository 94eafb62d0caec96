//! Entity tags of resources that have a version, and edits of the version that a client has seen
//! (RFC 9110 sections 8.8.3 and 13.1.1, RFC 6585 section 3).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, ETag, EntityTag, Header};
use actix_web::{FromRequest, HttpRequest};
use stagedoor_domain::ExpectedVersion;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::wire::error::ApiError;

/// The header in its usual spelling.
const FIELD: &str = "If-Match";

/// The versions that the client has seen. An edit without them is refused.
pub(crate) struct IfMatch(pub(crate) ExpectedVersion);

/// The versions that the client has seen; any version if it does not tell.
pub(crate) struct OptionalIfMatch(pub(crate) ExpectedVersion);

/// The `ETag` header of a version of a resource.
///
/// What the service computes for each response, such as how many wait in a room, changes without a new version. So
/// `If-None-Match` must not be answered with such a tag.
pub(crate) fn entity_tag(version: i64) -> ETag {
    ETag(EntityTag::new_strong(format!("v{version}")))
}

/// Whether the client has a copy with this tag already (RFC 9110 section 13.1.2).
pub(crate) fn has_current(req: &HttpRequest, tag: &EntityTag) -> bool {
    match header::IfNoneMatch::parse(req) {
        Ok(header::IfNoneMatch::Any) => true,
        Ok(header::IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// The header, for the document.
pub(crate) fn parameter(required: Required) -> Parameter {
    let types: &[Type] = match required {
        Required::True => &[Type::String],
        Required::False => &[Type::String, Type::Null],
    };
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter(types.iter().cloned()))
        .examples(["\"v3\""]);
    ParameterBuilder::new()
        .name(FIELD)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some("The `ETag` of the version that the edit is meant for"))
        .schema(Some(text))
        .build()
}

/// The versions of the header, if there is one. Weak tags, and those that this service did not give out, are versions
/// of nothing.
fn expected(req: &HttpRequest) -> Option<ExpectedVersion> {
    if !req.headers().contains_key(header::IF_MATCH) {
        return None;
    }
    Some(match header::IfMatch::parse(req) {
        Ok(header::IfMatch::Any) => ExpectedVersion::Any,
        Ok(header::IfMatch::Items(tags)) => {
            ExpectedVersion::OneOf(tags.iter().filter_map(version).collect())
        }
        Err(_) => ExpectedVersion::OneOf(Vec::new()),
    })
}

fn version(tag: &EntityTag) -> Option<i64> {
    let version = tag.tag().strip_prefix('v')?.parse().ok()?;
    entity_tag(version).0.strong_eq(tag).then_some(version)
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(expected(req).map(Self).ok_or(ApiError::PreconditionRequired))
    }
}

impl FromRequest for OptionalIfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(expected(req).unwrap_or(ExpectedVersion::Any))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(header: &str) -> Option<ExpectedVersion> {
        expected(&TestRequest::default().insert_header((FIELD, header)).to_http_request())
    }

    #[test]
    fn the_tag_of_a_version_is_read_back_and_no_other_tag_is() {
        let one_of = |versions: &[i64]| Some(ExpectedVersion::OneOf(versions.to_vec()));
        let own = entity_tag(7).0.to_string();
        let table = [
            (own.as_str(), one_of(&[7])),
            ("*", Some(ExpectedVersion::Any)),
            ("\"v1\", \"v12\"", one_of(&[1, 12])),
            ("\"v1\",, \"other\"", one_of(&[1])),
            ("W/\"v7\"", one_of(&[])),
            ("\"v07\"", one_of(&[])),
            ("\"v+7\"", one_of(&[])),
            ("\"7\"", one_of(&[])),
            ("\"v99999999999999999999\"", one_of(&[])),
            ("v7", one_of(&[])),
            ("", one_of(&[])),
        ];
        for (header, expected) in table {
            assert_eq!(read(header), expected, "{header}");
        }
        assert_eq!(expected(&TestRequest::default().to_http_request()), None);
    }
}
