//! The OpenAPI document, made from the routes.

use actix_web::http::Method;
use utoipa::openapi::path::{HttpMethod, PathItem, PathsBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContactBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths};
use utoipa::{PartialSchema, ToSchema};

use super::operation::OperationDoc;
use super::webhook::WebhookDoc;
use crate::wire::problem::{FieldProblem, ProblemBody};

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

/// The document of these operations, each at its path and method, and of the requests that this service sends.
pub(crate) fn document(
    operations: impl IntoIterator<Item = (String, Method, OperationDoc)>,
    webhooks: impl IntoIterator<Item = WebhookDoc>,
) -> OpenApi {
    let (mut paths, mut components) = (Paths::new(), Components::new());
    for (path, method, operation) in operations {
        let (operation, schemas) = operation.build();
        paths.add_path_operation(path, vec![http_method(&method)], operation);
        components.schemas.extend(schemas);
    }
    let mut sent = PathsBuilder::new();
    for webhook in webhooks {
        let name = webhook.name;
        let (operation, schemas) = webhook.build();
        sent = sent.path(name, PathItem::new(HttpMethod::Post, operation));
        components.schemas.extend(schemas);
    }
    for (name, schema) in [
        (ProblemBody::name(), ProblemBody::schema()),
        (FieldProblem::name(), FieldProblem::schema()),
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
    let info = InfoBuilder::new()
        .title("Stagedoor")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(ContactBuilder::new().name(Some("Stagedoor")).build()));
    let document = OpenApiBuilder::new().info(info).paths(paths).webhooks(Some(sent.build()));
    document.components(Some(components)).build()
}

fn http_method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
