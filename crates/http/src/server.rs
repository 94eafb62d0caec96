//! The server: it mounts every route, and stops without dropping a response.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, PayloadConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;

use crate::auth::signing_keys::SigningKeys;
use crate::contracts::ost::token::HealthChecks;
use crate::edge::graceful_shutdown::{self, OpenConnections};
use crate::edge::jitter::Jitter;
use crate::edge::load_shedding::RequestsInFlight;
use crate::edge::middleware;
use crate::edge::rate_limits::RateLimits;
use crate::edge::unsent_bodies::UnsentBodies;
use crate::edge::wake_batching::WakeBatch;
use crate::openapi::document;
use crate::pages;
use crate::pages::docs;
use crate::route::{self, Route};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::line_bodies::LineBodies;
use crate::shared::seat_maps::SeatMaps;
use crate::v1::concert::LowestPrices;
use crate::v1::event;
use crate::v1::event_streams::EventStreams;
use crate::v1::seat_events::SeatWatches;
use crate::wire::error::{ApiError, FieldRule};
use crate::{contracts, health, ticket_keys, v1};

/// Serves until `stop` is cancelled and every request in flight has been answered, or the drain time has
/// passed.
///
/// # Errors
/// The listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    keys: SigningKeys,
    settings: HttpSettings,
    stop: CancellationToken,
) -> io::Result<()> {
    let closing = CancellationToken::new();
    let unsent = UnsentBodies::new(settings.unsent_bytes_max);
    let mount = Mount::new(services, keys, settings.clone(), closing.clone(), unsent);
    let (accepting, connections) = (listener.try_clone()?, OpenConnections::default());
    let origins = settings.allowed_origins.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::from(WakeBatch::start()))
            .configure(|config| mount.onto(config))
            .wrap(from_fn(middleware::edge))
            .wrap(origins.cors())
    })
    .on_connect(connections.count())
    .workers(settings.workers)
    .max_connections(settings.connections_max)
    .client_request_timeout(settings.header_timeout)
    .client_disconnect_timeout(Duration::from_secs(1))
    .keep_alive(settings.keep_alive)
    // Client disconnects are detected immediately.
    .h1_allow_half_closed(false)
    .shutdown_timeout(settings.drain_timeout.as_secs())
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let stopper = tokio::spawn(async move {
        stop.cancelled().await;
        // The listener first: clients whose connection is closed would connect again.
        graceful_shutdown::refuse_new_connections(&accepting);
        closing.cancel();
        connections.closed(settings.drain_timeout).await;
        handle.stop(true).await;
    });
    let served = server.await;
    stopper.abort();
    served
}

/// The routes and the data of their handlers, which all workers share.
#[derive(Clone)]
pub(crate) struct Mount {
    data: Vec<Shared>,
    body_bytes_max: usize,
    docs: bool,
}

/// Gives one value to a worker.
type Shared = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

fn shared<T: Send + Sync + 'static>(value: T) -> Shared {
    let data = Data::new(value);
    Arc::new(move |config| {
        config.app_data(data.clone());
    })
}

impl Mount {
    pub(crate) fn new(
        services: Services,
        keys: SigningKeys,
        settings: HttpSettings,
        stop: CancellationToken,
        unsent: UnsentBodies,
    ) -> Self {
        let (body_bytes_max, docs) = (settings.body_bytes_max, settings.docs);
        let data = vec![
            shared(services),
            shared(keys),
            shared(stop),
            shared(EventStreams::new(&settings)),
            shared(RateLimits::new(settings.rate_limits.as_ref())),
            shared(RequestsInFlight::new(settings.requests_max)),
            shared(Jitter::new(settings.jitter_seed)),
            shared(SeatMaps::new(unsent.clone())),
            shared(LineBodies::new(unsent.clone())),
            shared(unsent),
            shared(SeatWatches::default()),
            shared(HealthChecks::default()),
            shared(LowestPrices::default()),
            shared(docs::Document::new(|| document().to_json().unwrap_or_default())),
            shared(pages::Index::new(settings.local_time.name())),
            shared(settings),
        ];
        Self { data, body_bytes_max, docs }
    }

    pub(crate) fn onto(&self, config: &mut ServiceConfig) {
        self.data.iter().for_each(|share| share(config));
        config.app_data(PayloadConfig::new(self.body_bytes_max)).app_data(query_config());
        route::mount(config, health::routes());
        route::mount(config, ticket_keys::routes());
        config
            .service(web::scope(v1::PREFIX).configure(|config| route::mount(config, v1::routes())));
        route::mount(config, contracts::routes());
        if self.docs {
            route::mount(config, docs::routes());
        }
        route::mount(config, vec![docs::document_route()]);
        route::mount(config, pages::routes());
        config.default_service(web::to(not_found));
    }
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::RouteNotFound)
}

/// The OpenAPI document.
fn document() -> OpenApi {
    let groups = [
        ("", health::routes()),
        ("", ticket_keys::routes()),
        (v1::PREFIX, v1::routes()),
        ("", contracts::routes()),
    ];
    let operations = groups.into_iter().flat_map(|(prefix, routes)| {
        let documented = routes.into_iter().filter_map(Route::into_document);
        documented.map(move |(path, method, doc)| (format!("{prefix}{path}"), method, doc))
    });
    document::document(operations, event::webhooks())
}

/// The OpenAPI document as JSON, for people to read.
pub fn openapi_json() -> String {
    document().to_pretty_json().unwrap_or_default()
}

fn query_config() -> QueryConfig {
    QueryConfig::default().error_handler(|error, _| {
        ApiError::field("query", FieldRule::Form(error.to_string())).into()
    })
}
