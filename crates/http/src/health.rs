//! Whether the process lives, whether it can serve, and its metrics.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::metrics_token::MetricsReader;
use crate::openapi::refusals::refusals;
use crate::services::Services;

/// How old the places in memory may be.
const LAG_MAX: Duration = Duration::from_secs(5);

/// That the process lives.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthBody {
    #[schema(example = "ok")]
    status: &'static str,
}

/// What the service needs to serve.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadinessBody {
    ready: bool,
    /// Whether the store answers.
    store: bool,
    /// Whether the store has every migration this program knows.
    migrations: bool,
    /// Whether the places in line are fresh.
    lines: bool,
    /// Whether the process knows the store's time.
    clock: bool,
}

/// Whether the process lives.
#[utoipa::path(tag = "operation", responses((status = 200, body = HealthBody)))]
#[get("/healthz")]
pub(crate) async fn live() -> Json<HealthBody> {
    Json(HealthBody { status: "ok" })
}

/// Whether the service can serve: its store answers, migrations are current, places are fresh,
/// the time is known.
#[utoipa::path(
    tag = "operation",
    responses((status = 200, body = ReadinessBody), (status = 503, body = ReadinessBody))
)]
#[get("/readyz")]
pub(crate) async fn ready(services: Data<Services>) -> HttpResponse {
    let found = services.maintenance.readiness().await;
    let migrations = found.as_ref().is_ok_and(|readiness| readiness.migrations_current);
    let lag = services.lines.lag();
    let lines = lag.is_some_and(|lag| lag <= LAG_MAX);
    let store = found.is_ok();
    let clock = services.clock.is_sure();
    let ready = store && migrations && lines && clock;
    let body = ReadinessBody { ready, store, migrations, lines, clock };
    let mut answer =
        if body.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(body)
}

refusals! {
    MetricsErrors {
        "401": "`UNAUTHENTICATED`",
        "403": "`FORBIDDEN`: no operator",
    }
}

/// All metrics, in the Prometheus text format.
#[utoipa::path(
    tag = "operation",
    security(("accessToken" = []), ("metricsToken" = [])),
    responses(
        (status = 200, body = String, content_type = "text/plain; version=0.0.4"),
        MetricsErrors,
    )
)]
#[get("/metrics")]
pub(crate) async fn metrics(services: Data<Services>, _: MetricsReader) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((services.metrics)())
}
