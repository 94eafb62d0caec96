//! Liveness, readiness and metrics.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Access, MetricsReader};
use crate::edge::LoadClass;
use crate::route::{Route, get, object, tagged, text};
use crate::services::Services;

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        get("/healthz", live)
            .operation("live", "Whether the process lives.")
            .class(LoadClass::Exempt)
            .response(200, object::<HealthBody>()),
        get("/readyz", ready)
            .operation("ready", "Whether the service can serve.")
            .description(
                "Its store answers, its migrations and its queue positions are current, and the \
                 store's time is known.",
            )
            .class(LoadClass::Exempt)
            .response(200, object::<ReadinessBody>())
            .response(503, object::<ReadinessBody>()),
        get("/metrics", metrics)
            .operation("metrics", "All metrics, in the Prometheus text format.")
            .access(Access::MetricsToken)
            .class(LoadClass::Exempt)
            .response(200, text("text/plain; version=0.0.4")),
    ];
    tagged("operation", routes)
}

/// The highest age of the queue positions in memory.
const LAG_MAX: Duration = Duration::from_secs(5);

/// The answer of a live process.
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
    /// Whether the queue positions in memory are current.
    lines: bool,
    /// Whether the process knows the store's time.
    clock: bool,
}

async fn live() -> Json<HealthBody> {
    Json(HealthBody { status: "ok" })
}

async fn ready(services: Data<Services>) -> HttpResponse {
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

async fn metrics(services: Data<Services>, _: MetricsReader) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((services.metrics)())
}
