//! How operations document what they refuse.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder,
};

const PROBLEM: &str = "application/problem+json";

/// Responses by their status.
pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

/// Refusals as problem details, by status and codes, and what any operation may be refused with.
pub(crate) fn problems(refusals: &[(&str, &str)]) -> Responses {
    let mut responses = any_in(PROBLEM, "ProblemBody");
    responses.extend(of(PROBLEM, "ProblemBody", refusals));
    responses
}

/// What any operation may be refused with: as a problem before its handler, by it in its own form.
pub(crate) fn any_in(media_type: &str, schema: &str) -> Responses {
    let any = [
        ("408", "`BODY_TOO_SLOW`"),
        ("413", "`BODY_TOO_LARGE`"),
        ("415", "`UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_CONTENT_ENCODING`"),
        ("431", "`HEADERS_TOO_LARGE`"),
        ("500", "`INTERNAL`"),
        ("503", "`OVERLOADED`, `UNAVAILABLE` or `OUTCOME_UNKNOWN`, with `Retry-After`"),
    ];
    any.map(|(status, codes)| {
        let response = ResponseBuilder::new()
            .description(codes)
            .content(PROBLEM, content("ProblemBody"))
            .content(media_type, content(schema));
        (status.to_owned(), response.build().into())
    })
    .into()
}

/// Refusals in one form, by status and description.
pub(crate) fn of(media_type: &str, schema: &str, refusals: &[(&str, &str)]) -> Responses {
    let response = |description: &str| {
        ResponseBuilder::new().description(description).content(media_type, content(schema)).build()
    };
    refusals
        .iter()
        .map(|(status, description)| ((*status).to_owned(), response(description).into()))
        .collect()
}

/// What an operation that is limited may be refused with.
pub(crate) fn rate_limited() -> Response {
    let description = "`RATE_LIMITED`, with `Retry-After`";
    let refused = ResponseBuilder::new().description(description);
    refused.content(PROBLEM, content("ProblemBody")).build()
}

/// A header of a response, with a text in it.
pub(crate) fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

fn content(schema: &str) -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build()
}

/// Types that stand for refusals in the documentation of operations.
macro_rules! refusals {
    ($($name:ident { $($status:literal: $codes:literal),* $(,)? })+) => {$(
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> $crate::openapi::refusals::Responses {
                $crate::openapi::refusals::problems(&[$(($status, $codes)),*])
            }
        }
    )+};
}

pub(crate) use refusals;
