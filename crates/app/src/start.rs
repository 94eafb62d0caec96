//! Starting a server and stopping it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::ExposeSecret;
use stagedoor_domain::operations::SetUpSite;
use stagedoor_domain::ports::Clock;
use stagedoor_http::{HttpSettings, MetricsToken, Services, SigningKeys};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::batcher::BatchWorker;
use crate::clock::{StoreClock, SystemClock};
use crate::demo;
use crate::dispatcher::Dispatcher;
use crate::lines::MemoryLines;
use crate::mailer::Mailer;
use crate::passwords::{Argon2Passwords, PasswordCosts};
use crate::scheduler::Scheduler;
use crate::settings::{Settings, Switch};
use crate::signing_key;
use crate::store::{self, Store, StoreKind};
use crate::telemetry;
use crate::wiring::{Parts, dispatcher, mailer, wire};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 2_048;

/// How long a client may leave an answer unread, or say nothing when it is asked whether it is there.
const UNREAD_MAX: Duration = Duration::from_secs(30);
/// How much of the answers of one connection the kernel keeps; it doubles this.
const SEND_BUFFER_BYTES: u32 = 128 * 1024;

/// What a test puts in the place of the real thing.
#[derive(Default)]
pub struct Overrides {
    /// Another clock.
    pub clock: Option<Arc<dyn Clock>>,
    /// Other costs of hashing a password.
    pub password_costs: Option<PasswordCosts>,
}

/// A server that runs. Dropping it does not stop it.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    store: Arc<dyn Store>,
    scheduler: Arc<Scheduler>,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// The store it works on.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// What it does again and again, to be done at once.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Tells it to stop; [`Self::wait`] waits until it has.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// What stops it when cancelled.
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Waits until it has stopped: every in-flight request answered, every batch done, every heartbeat
    /// written, and the store free for another process.
    ///
    /// # Errors
    /// It could not serve, or not end well.
    pub async fn wait(self) -> anyhow::Result<()> {
        let ended = self.task.await.context("the server broke off")?;
        self.store.close().await.context("the store could not be closed")?;
        ended
    }
}

/// Starts a server: opens the store, migrates it, reads the lines, and listens.
///
/// # Errors
/// Says what is missing or in the way.
pub async fn start(settings: Settings, overrides: Overrides) -> anyhow::Result<Running> {
    let (keys, ticket_keys) = signing_key::keys(&settings)?;
    let http = http_settings(&settings)?;
    telemetry::record_metrics()?;
    let patience = Duration::from_secs(settings.work.database_start_seconds);
    let (store, kind) = store::open_for_server(&settings.store, patience).await?;
    store.up().await.context("cannot migrate the store")?;
    let store_clock = match &overrides.clock {
        Some(_) => None,
        None => StoreClock::following(&*store).await.context("cannot read the store's clock")?,
    };
    let store_clock = store_clock.map(Arc::new);
    let own_clock =
        || store_clock.clone().map_or_else(machine_clock, |clock| clock as Arc<dyn Clock>);
    let parts = Parts {
        store,
        clock: overrides.clock.unwrap_or_else(own_clock),
        lines: Arc::new(MemoryLines::new(settings.work.heartbeats_max)),
        sessions: Arc::default(),
        passwords: Arc::new(Argon2Passwords::new(overrides.password_costs)?),
        show_tickets: Arc::new(ticket_keys),
    };
    let Parts { store, clock, passwords, .. } = &parts;
    if settings.demo {
        demo::seed(store, clock, passwords).await?;
    } else {
        demo::refuse(store, clock, passwords).await?;
    }
    set_up_site(&parts, settings.is_open()).await?;
    let Parts { store, lines, sessions, clock, .. } = &parts;
    let scheduler = Scheduler::new(store, lines, sessions, clock, &settings);
    let scheduler = match store_clock {
        Some(clock) => scheduler.following(store, clock),
        None => scheduler,
    };
    let scheduler =
        if settings.mail.is_on() { scheduler.telling_moves(store, clock) } else { scheduler };
    let scheduler = Arc::new(scheduler);
    scheduler.pulse().await.context("cannot write to the store")?;
    scheduler.refresh().await.context("cannot read the waiting lines and the ended sessions")?;

    let listener = listen(settings.listen)?;
    let address = listener.local_addr().context("cannot tell the address")?;
    let (services, workers) = wire(&parts, &scheduler, &settings.work);
    let stop = CancellationToken::new();
    let dispatcher = dispatcher(&parts, &settings)?;
    let mailer = mailer(&parts, &settings)?;
    let scheduler_of_server = Arc::clone(&scheduler);
    let server = Server {
        listener,
        services,
        keys,
        workers,
        scheduler: scheduler_of_server,
        dispatcher,
        mailer,
    };
    let task = tokio::spawn(server.run(http, stop.clone()));
    announce(address, kind, &settings);
    Ok(Running { address, store: parts.store, scheduler, stop, task })
}

/// The clock of a store that belongs to one process.
fn machine_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Opens or closes the site-wide room, which lets people in to every concert.
async fn set_up_site(parts: &Parts, open_mode: bool) -> anyhow::Result<()> {
    let executed = parts.store.execute_one(SetUpSite { open_mode }, parts.clock.now()).await;
    let Ok(capacity) = executed.context("cannot set up the site-wide room")?;
    tracing::debug!(capacity, "the site-wide room is set up");
    Ok(())
}

struct Server {
    listener: TcpListener,
    services: Services,
    keys: SigningKeys,
    workers: Vec<BatchWorker>,
    scheduler: Arc<Scheduler>,
    dispatcher: Dispatcher,
    /// Nothing if no e-mail is sent.
    mailer: Option<Mailer>,
}

impl Server {
    async fn run(self, http: HttpSettings, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { listener, services, keys, workers, scheduler, dispatcher, mailer } = self;
        let end_of_loops = CancellationToken::new();
        let loops = scheduler.start(&end_of_loops);
        // Its attempts under way end while requests are drained, so that the program ends in time.
        let end_of_deliveries = stop.child_token();
        let deliveries = dispatcher.start(end_of_deliveries.clone());
        let mails = mailer.map(|mailer| mailer.start(end_of_deliveries.clone()));

        let served = stagedoor_http::serve(listener, services, keys, http, stop).await;

        end_of_loops.cancel();
        end_of_deliveries.cancel();
        for ended in loops {
            if let Err(error) = ended.await {
                tracing::error!(%error, "a loop did not end well");
            }
        }
        for worker in workers {
            worker.drain().await;
        }
        let left = scheduler.leave().await.context("the last heartbeats could not be written");
        if let Err(error) = deliveries.await {
            tracing::error!(%error, "the deliveries to webhooks did not end well");
        }
        if let Some(Err(error)) = futures_util::future::OptionFuture::from(mails).await {
            tracing::error!(%error, "the sending of e-mails did not end well");
        }
        left?;
        served.context("cannot serve")
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listen = || -> std::io::Result<TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        give_up_on_the_dead(&socket)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    listen().with_context(|| format!("cannot listen on {address}"))
}

/// What connections inherit: one whose client reads nothing, or is not there any more, is closed, and
/// what was not yet read of its answer takes no more memory of the kernel than this.
fn give_up_on_the_dead(socket: &TcpSocket) -> std::io::Result<()> {
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    let socket = socket2::SockRef::from(socket);
    socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(UNREAD_MAX))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNREAD_MAX))?;
    Ok(())
}

fn http_settings(settings: &Settings) -> anyhow::Result<HttpSettings> {
    let server = &settings.server;
    let metrics_token = server.metrics_token()?;
    let metrics_token =
        metrics_token.map(|token| MetricsToken::parse(token.expose_secret())).transpose();
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    Ok(HttpSettings {
        open_mode: settings.is_open(),
        direct_charges: settings.has_direct_charges(),
        docs: server.docs == Switch::On,
        local_time: settings.time_zone.clone(),
        sends_mail: settings.mail.is_on(),
        webhook_reach: settings.webhook_reach(),
        booking: settings.booking_policy(),
        access_token_time: Duration::from_secs(settings.times.access_token_seconds),
        queue_token_time: Duration::from_secs(settings.times.queue_token_seconds),
        workers: server.workers.unwrap_or_else(processors),
        connections_max: server.connections_max,
        body_bytes_max: server.body_bytes_max,
        request_timeout: Duration::from_secs(server.request_timeout_seconds),
        header_timeout: Duration::from_secs(server.header_timeout_seconds),
        keep_alive: Duration::from_secs(server.keep_alive_seconds),
        drain_timeout: Duration::from_secs(server.drain_timeout_seconds),
        event_streams_max: server.event_streams_max,
        event_streams_per_user_max: settings.limits.event_streams_per_user_max,
        body_timeout: Duration::from_secs(settings.limits.body_timeout_seconds),
        requests_max: settings.limits.requests_max,
        unsent_bytes_max: settings.limits.unsent_bytes_max,
        trusted_proxies: settings.limits.trusted_proxies(),
        rate_limits: settings.limits.rates(),
        jitter_seed: getrandom::u64().unwrap_or_default(),
        allowed_origins: server.allowed_origins.clone().unwrap_or_default(),
        metrics_token: metrics_token.map_err(anyhow::Error::msg)?,
    })
}

fn announce(address: SocketAddr, kind: StoreKind, settings: &Settings) {
    let mode = match (settings.demo, settings.is_open()) {
        (true, _) => "demonstration (open)",
        (false, true) => "open",
        (false, false) => "closed",
    };
    let store = kind.name();
    let charges = if settings.has_direct_charges() { "on" } else { "off" };
    tracing::info!(
        "listening on http://{address}, on {store}, in {mode} mode, direct charges {charges}"
    );
    if settings.is_open() && !address.ip().is_loopback() {
        tracing::warn!(
            "OPEN MODE ON A NETWORK: anyone who can reach {address} gets a token for any user, and may \
             create concerts. Set AUTH_MODE=closed, or listen on 127.0.0.1"
        );
    }
    if settings.webhooks_anywhere {
        tracing::warn!(
            "WEBHOOKS ANYWHERE: users who may register webhooks can have the service call addresses that \
             only the service reaches, also by http"
        );
    }
    if settings.demo {
        tracing::warn!(
            "THIS IS A DEMONSTRATION: its passwords are public, and anyone gets a token for \
             anyone. Sign in as fan@example.com, organizer@example.com or operator@example.com \
             with the password \"{}\".",
            demo::PASSWORD
        );
    }
}
