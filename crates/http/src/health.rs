//! Liveness, readiness and metrics.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentEncoding, VARY};
use actix_web::web::{self, Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Access, MetricsReader};
use crate::edge::LoadClass;
use crate::route::{Route, get, object, tagged, text};
use crate::services::Services;
use crate::wire::gzip::{gzip, prefers_gzip};

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
                "Its store answers and commits changes, its migrations and its queue positions are current, and the \
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
    /// Whether the store commits changes: one on several machines does not while too few of them are there.
    commits: bool,
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
    let commits = found.as_ref().is_ok_and(|readiness| readiness.commits);
    let clock = services.clock.is_sure();
    let ready = store && commits && migrations && lines && clock;
    let body = ReadinessBody { ready, store, commits, migrations, lines, clock };
    let mut answer =
        if body.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// They are long and read often, so clients that prefer that get them compressed.
async fn metrics(req: HttpRequest, services: Data<Services>, _: MetricsReader) -> HttpResponse {
    let text = (services.metrics)();
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/plain; version=0.0.4").insert_header((VARY, "accept-encoding"));
    if !prefers_gzip(&req) {
        return answer.body(text);
    }
    let plain = Bytes::from(text);
    let content = plain.clone();
    match web::block(move || gzip(&content)).await {
        Ok(Ok(packed)) => answer.insert_header(ContentEncoding::Gzip).body(packed),
        _ => answer.body(plain),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Arc;

    use actix_web::body::to_bytes;
    use actix_web::http::Method;
    use actix_web::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING};
    use flate2::read::GzDecoder;
    use stagedoor_domain::ports::{MockLines, MockMaintenance, Readiness};

    use super::*;
    use crate::auth::metrics_token::MetricsToken;
    use crate::settings::HttpSettings;
    use crate::testing::{Server, answer, request, services, settings};

    const TOKEN: &str = "a-token-of-a-monitoring-system-01";

    #[actix_web::test]
    async fn metrics_are_compressed_for_clients_that_prefer_that() {
        let text = "stagedoor_http_requests_total 1\n".repeat(1_000);
        let written = text.clone();
        let services = Services { metrics: Arc::new(move || written.clone()), ..services() };
        let metrics_token = Some(MetricsToken::parse(TOKEN).unwrap());
        let server = Server::new(services, HttpSettings { metrics_token, ..settings() }).await;
        let bearer = (AUTHORIZATION, format!("Bearer {TOKEN}"));
        let asked = || request(Method::GET, "/metrics").insert_header(bearer.clone());

        let plain = server.answer(asked()).await;
        let packed = server.unread(asked().insert_header((ACCEPT_ENCODING, "gzip"))).await;

        assert_eq!((plain.status.as_u16(), plain.header(CONTENT_ENCODING)), (200, ""));
        assert_eq!(plain.text, text);
        assert_eq!(packed.headers().get(CONTENT_ENCODING).unwrap(), "gzip");
        let body = to_bytes(packed.into_body()).await.unwrap();
        assert!(body.len() < text.len() / 10, "{}", body.len());
        let mut unpacked = String::new();
        GzDecoder::new(body.as_ref()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[actix_web::test]
    async fn a_service_is_ready_only_while_its_store_commits() {
        for (commits, status) in [(true, 200), (false, 503)] {
            let (mut maintenance, mut lines) = (MockMaintenance::new(), MockLines::new());
            let readiness = Readiness {
                migrations_current: true,
                commits,
                connections_busy: 1,
                connections_idle: 0,
            };
            maintenance.expect_readiness().return_const(Ok(readiness));
            lines.expect_lag().return_const(Some(time::Duration::ZERO));
            let services = Services {
                maintenance: Arc::new(maintenance),
                lines: Arc::new(lines),
                ..services()
            };

            let answer = answer(services, request(Method::GET, "/readyz")).await;

            assert_eq!(
                (answer.status.as_u16(), answer.json()["commits"].as_bool()),
                (status, Some(commits))
            );
        }
    }
}
