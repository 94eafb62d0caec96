//! A whole service to be treated badly: its processes, its store, and what stands between them.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::client::Shared;
use crate::clock::SteppedClock;
use crate::cluster::Cluster;
use crate::mail_server::MailServer;
use crate::program::{Program, Server};
use crate::proxy::Proxy;
use crate::receiver::Receiver;
use crate::replicated::Replicated;
use crate::store::{Place, StoreKind};

/// How long a server may take to start, while its store comes back.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What a fault needs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// Replicas beyond the first.
    pub more_replicas: usize,
    /// A proxy before PostgreSQL.
    pub proxy: bool,
    /// A clock that can be stepped.
    pub clock: bool,
    /// A receiver of webhooks.
    pub receiver: bool,
    /// A mail server.
    pub mail: bool,
    /// Flags of the server.
    pub flags: &'static [&'static str],
}

/// Everything that runs.
pub struct Scene {
    program: Program,
    servers: Vec<Option<Server>>,
    /// Where the store is, without a proxy in between.
    pub place: Place,
    /// PostgreSQL, if that is the store.
    pub cluster: Option<Cluster>,
    /// Three PostgreSQL nodes, if they are the store.
    pub replicated: Option<Replicated>,
    /// What stands before PostgreSQL, if anything.
    pub proxy: Option<Proxy>,
    /// The clock that the service goes by, if it is not the machine's.
    pub clock: Option<SteppedClock>,
    /// Who receives webhooks, if it takes one.
    pub receiver: Option<Receiver>,
    /// Who takes e-mail, if the service sends any.
    pub mail: Option<Arc<MailServer>>,
    /// What all clients share.
    pub shared: Arc<Shared>,
    _folder: TempDir,
}

impl Scene {
    /// Makes a store and says how the program is started on it.
    ///
    /// # Errors
    /// Something that it takes is not installed.
    pub async fn set(file: PathBuf, kind: StoreKind, needs: Needs) -> Result<Self> {
        let folder = TempDir::new()?;
        let cluster = match kind {
            StoreKind::Postgres => Some(block_in_place(Cluster::start)?),
            StoreKind::Embedded => None,
            StoreKind::Cluster | StoreKind::ClusterByHosts | StoreKind::ClusterAsynchronous => {
                return Self::on(Replicated::start().await?, file, kind, needs).await;
            }
        };
        let place = match &cluster {
            Some(cluster) => Place::Postgres(cluster.url("postgres")),
            None => Place::Embedded(folder.path().join("data")),
        };
        let proxy = match &cluster {
            Some(cluster) if needs.proxy => Some(Proxy::before(cluster.port()).await?),
            _ => None,
        };
        let clock = needs.clock.then(|| SteppedClock::build(folder.path())).transpose()?;
        let through = |proxy: &Proxy| {
            Place::Postgres(format!("postgres://stagedoor@{}/postgres", proxy.address))
        };
        let mail = needs.mail.then(MailServer::start).transpose()?.map(Arc::new);
        let environment = clock.iter().flat_map(SteppedClock::environment);
        let program = Program {
            file,
            place: proxy.as_ref().map_or_else(|| place.clone(), through),
            flags: needs.flags.iter().map(|flag| (*flag).to_owned()).collect(),
            environment: environment
                .chain(mail.iter().flat_map(|mail| mail.environment()))
                .collect(),
        };
        let servers = (0..=needs.more_replicas).map(|_| None).collect();
        let receiver = needs.receiver.then(Receiver::start).transpose()?;
        Ok(Self {
            program,
            servers,
            place,
            cluster,
            replicated: None,
            proxy,
            clock,
            receiver,
            mail,
            shared: Arc::default(),
            _folder: folder,
        })
    }

    /// Makes a database on a cluster that runs, and says how the program is started on it.
    ///
    /// # Errors
    /// The cluster does not recover from what was done to it before.
    pub async fn on(
        mut replicated: Replicated,
        file: PathBuf,
        kind: StoreKind,
        needs: Needs,
    ) -> Result<Self> {
        replicated.set_quorum(kind != StoreKind::ClusterAsynchronous).await?;
        let database = replicated.create_database().await?;
        let place = Place::Postgres(replicated.url(&database));
        let by_hosts = || Place::Postgres(replicated.url_of_hosts(&database));
        let program = Program {
            file,
            place: if kind == StoreKind::ClusterByHosts { by_hosts() } else { place.clone() },
            flags: needs.flags.iter().map(|flag| (*flag).to_owned()).collect(),
            environment: Vec::new(),
        };
        Ok(Self {
            program,
            servers: (0..=needs.more_replicas).map(|_| None).collect(),
            place,
            cluster: None,
            replicated: Some(replicated),
            proxy: None,
            clock: None,
            receiver: None,
            mail: None,
            shared: Arc::default(),
            _folder: TempDir::new()?,
        })
    }

    /// How the program is started.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Has replicas that start from now on, and the audit, run another program on the same store.
    pub fn use_program(&mut self, file: PathBuf) {
        self.program.file = file;
    }

    /// How many replicas there are.
    pub fn replicas(&self) -> usize {
        self.servers.len()
    }

    /// A replica that runs.
    ///
    /// # Errors
    /// It does not.
    pub fn server(&mut self, replica: usize) -> Result<&mut Server> {
        self.servers.get_mut(replica).and_then(Option::as_mut).context("a server that runs")
    }

    /// Starts a replica and tells all clients where it listens. A store that is still coming back may
    /// turn it away for a while.
    ///
    /// # Errors
    /// It does not start in time.
    pub fn start(&mut self, replica: usize) -> Result<()> {
        let asked = Instant::now();
        let server = block_in_place(|| {
            loop {
                match Server::start(&self.program) {
                    Err(_) if asked.elapsed() < START_TIMEOUT => {}
                    started => return started,
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        })?;
        self.take_in(replica, server)
    }

    /// As [`Self::start`], on a store that is there: it must start at the first try.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_at_once(&mut self, replica: usize) -> Result<()> {
        let server = block_in_place(|| Server::start(&self.program))?;
        self.take_in(replica, server)
    }

    fn take_in(&mut self, replica: usize, server: Server) -> Result<()> {
        self.shared.set_address(replica, &server.address);
        *self.servers.get_mut(replica).context("a replica")? = Some(server);
        Ok(())
    }

    /// Kills a replica.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self, replica: usize) -> Result<()> {
        block_in_place(|| self.server(replica)?.kill())
    }

    /// Asks a replica to end, and waits until it has.
    ///
    /// # Errors
    /// It does not run, or does not end in time.
    pub fn terminate(&mut self, replica: usize) -> Result<ExitStatus> {
        block_in_place(|| self.server(replica)?.terminate())
    }

    /// The last words of every replica.
    pub fn logs(&self) -> Vec<String> {
        self.servers.iter().flatten().flat_map(Server::log).collect()
    }
}
