//! The OpenAPI document, made from the code.

use actix_web::App;
use actix_web::http::StatusCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContactBuilder, InfoBuilder, OpenApi, OpenApiBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use crate::contracts::TicketingError;
use crate::edge::rate_limits::OPERATIONS;
use crate::openapi::refusals;
use crate::wire::problem::{FieldProblem, ProblemBody};
use crate::{contracts, health, v1};

const DESCRIPTION: &str = "\
A concert reservation service: a virtual waiting room, temporary seat holds, a points wallet and \
payment.

The main flow: `POST /api/v1/sessions` → `POST /api/v1/concerts/{concertId}/queue-tokens` → \
`GET /api/v1/queue-tokens/me` until `ACTIVE` → `GET /api/v1/concerts/{concertId}/schedules` → \
`GET /api/v1/schedules/{scheduleId}/seats` → `POST /api/v1/reservations` → \
`POST /api/v1/points/charges` → `POST /api/v1/payments`.

A page in a browser may keep the access token in the cookie `stagedoor_session`, which \
`POST /api/v1/sessions` gives out when asked to; by cookie, changes are taken from pages of this \
server only.

Ids are UUIDs, times are RFC 3339 in UTC, points are whole KRW.";

/// The document of every operation.
pub(crate) fn document() -> OpenApi {
    let (_, mut document) =
        App::new().into_utoipa_app().openapi(frame()).configure(mount).split_for_parts();
    describe_responses(&mut document);
    describe_limits(&mut document);
    let components = document.components.get_or_insert_with(Components::new);
    for (name, schema) in [
        (ProblemBody::name(), ProblemBody::schema()),
        (FieldProblem::name(), FieldProblem::schema()),
        (TicketingError::name(), TicketingError::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    let bearer = || HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let jwt = |text: &str| {
        SecurityScheme::Http(bearer().bearer_format("JWT").description(Some(text)).build())
    };
    components.add_security_scheme("accessToken", jwt("The `accessToken` of a session"));
    components.add_security_scheme("queueToken", jwt("The `token` of a queue token"));
    let metrics_token = bearer().description(Some("The setting `metrics-token`")).build();
    components.add_security_scheme("metricsToken", SecurityScheme::Http(metrics_token));
    document
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    let items = document.paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
    });
    items.flatten()
}

/// Documents the refusal of what is limited, its headers, and `Retry-After`.
fn describe_limits(document: &mut OpenApi) {
    for operation in operations(document) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let is_limited = OPERATIONS.iter().any(|(limited, _)| *limited == id);
        let responses = &mut operation.responses.responses;
        if is_limited {
            responses.insert("429".to_owned(), refusals::rate_limited().into());
        }
        for (status, response) in responses {
            let RefOr::T(response) = response else { continue };
            let mut tell = |name: &str, description| {
                response.headers.insert(name.to_owned(), refusals::header(description).into());
            };
            if is_limited && (status.starts_with('2') || status == "429") {
                tell("RateLimit-Policy", LIMITS_TOLD);
                tell("RateLimit", LEFT_TOLD);
            }
            if status == "429" || status == "503" {
                tell("Retry-After", "In how many seconds to ask again");
            }
        }
    }
}

const LIMITS_TOLD: &str = "The limits that count this request: `q` requests in `w` seconds each";
const LEFT_TOLD: &str = "What is left of them: `r` requests, all again in `t` seconds";

/// Says what a response is where its operation does not: OpenAPI wants a description of each.
fn describe_responses(document: &mut OpenApi) {
    for (status, response) in operations(document).flat_map(|of| &mut of.responses.responses) {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            let status = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
            let reason = status.and_then(|status| status.canonical_reason());
            reason.unwrap_or("A refusal").clone_into(&mut response.description);
        }
    }
}

/// Mounts every documented operation.
pub(crate) fn mount(config: &mut ServiceConfig<'_>) {
    config
        .service(health::live)
        .service(health::ready)
        .service(health::metrics)
        .service(scope::scope(v1::PREFIX).configure(v1::configure))
        .configure(contracts::configure);
}

/// The document as JSON.
pub fn openapi_json() -> String {
    document().to_pretty_json().unwrap_or_default()
}

fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Stagedoor")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(ContactBuilder::new().name(Some("Stagedoor")).build()));
    OpenApiBuilder::new().info(info).build()
}
