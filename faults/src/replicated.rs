//! Three PostgreSQL nodes under Patroni, with links that can be cut.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use fastrand::Rng;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::link::Link;
use crate::program::children;

/// Starts, stops and asks the cluster; it says which port is whose.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/cluster/run");
/// The delay of replication in each direction.
const DELAY: Duration = Duration::from_millis(20);
const NODES: [usize; 3] = [1, 2, 3];
/// The number of lines of each node's log that are shown when the cluster does not recover.
const LOG_LINES_MAX: usize = 25;
const START_TRIES_MAX: usize = 10;
/// An old primary may take its time to rejoin.
const HEALTHY_TIMEOUT: Duration = Duration::from_secs(120);
const PRIMARY_TIMEOUT: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(250);
const REST_TIMEOUT: Duration = Duration::from_secs(2);

/// A cluster of `deploy/cluster/run` without processes of the service. It is deleted when this is dropped.
#[derive(Debug)]
pub struct Replicated {
    script: Child,
    folder: TempDir,
    base: u16,
    links: Vec<NodeLinks>,
    is_quorum: bool,
    databases: usize,
    http: reqwest::Client,
}

/// All that connects one node with the others.
#[derive(Debug)]
struct NodeLinks {
    /// By which the others replicate from it and ask its Patroni.
    from_others: [Link; 2],
    /// By which its Patroni reaches each member of etcd.
    to_etcd: [Link; 3],
}

impl NodeLinks {
    async fn open(base: u16, node: u16) -> Result<Self> {
        let etcd = |member: u16| {
            Link::open(base + 70 + 3 * (node - 1) + member, base + member, Duration::ZERO)
        };
        let postgres = Link::open(base + 50 + node, base + 20 + node, DELAY).await?;
        let patroni = Link::open(base + 60 + node, base + 30 + node, Duration::ZERO).await?;
        let to_etcd = [etcd(1).await?, etcd(2).await?, etcd(3).await?];
        Ok(Self { from_others: [postgres, patroni], to_etcd })
    }

    fn all(&self) -> impl Iterator<Item = &Link> {
        self.from_others.iter().chain(&self.to_etcd)
    }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Replicated {
    /// Starts one on free ports; installs Debian's packages and Patroni where they are missing.
    ///
    /// # Errors
    /// Something is missing and cannot be installed, or does not start.
    pub async fn start() -> Result<Self> {
        let mut random = Rng::new();
        let mut errors = String::new();
        for _ in 0..START_TRIES_MAX {
            // Below the ports that the system gives to outgoing connections.
            let base = random.u16(90..120) * 100;
            match Self::start_on(base).await {
                Ok(cluster) => return Ok(cluster),
                Err(error) => errors.push_str(&format!("ports from {base}: {error:#}\n")),
            }
            if !errors.contains("port ") {
                break;
            }
        }
        bail!("the cluster does not start: {errors}")
    }

    async fn start_on(base: u16) -> Result<Self> {
        let mut links = Vec::new();
        for node in 1..=3 {
            links.push(NodeLinks::open(base, node).await?);
        }
        let folder = tempfile::Builder::new().prefix("stagedoor-replicated-").tempdir()?;
        // The user postgres must be able to enter it.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut command = script(folder.path());
        command.arg("throwaway").env("BASE_PORT", base.to_string());
        command.env("REPLICAS", "0").env("LINKS", "true").env("SYNCHRONOUS_MODE", "quorum");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let script = command.spawn().context(SCRIPT)?;
        let http = reqwest::Client::builder().timeout(REST_TIMEOUT).build()?;
        let (is_quorum, databases) = (true, 0);
        let mut cluster = Self { script, folder, base, links, is_quorum, databases, http };
        let said = cluster.script.stdout.take().context("its output")?;
        // It prints the two URLs as soon as there is a primary with two standbys.
        let lines = block_in_place(|| BufReader::new(said).lines().take(2).flatten().count());
        let log = || std::fs::read_to_string(cluster.folder.path().join("log")).unwrap_or_default();
        ensure!(lines == 2, "{}", log());
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The last lines of the logs of all nodes.
    fn logs(&self) -> String {
        let mut text = String::new();
        for node in NODES {
            let log = std::fs::read_to_string(self.data().join(format!("n{node}.log")));
            let log = log.unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(LOG_LINES_MAX)..];
            text.push_str(&format!("\nnode {node}:\n{}", last.join("\n")));
        }
        text
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let done = block_in_place(|| script(self.folder.path()).args(arguments).output())?;
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        let errors = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "deploy/cluster/run {arguments:?}: {words}{errors}");
        Ok(())
    }

    /// The address of a database through HAProxy.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://stagedoor@127.0.0.1:{}/{database}", self.base)
    }

    /// The address of a database that names all nodes.
    pub fn url_of_hosts(&self, database: &str) -> String {
        let hosts = NODES.map(|node| format!("127.0.0.1:{}", usize::from(self.base) + 20 + node));
        let hosts = hosts.join(",");
        format!("postgres://stagedoor@{hosts}/{database}?target_session_attrs=read-write")
    }

    fn connect(&self) -> Result<PgConnection> {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.base);
        Ok(PgConnection::establish(&url)?)
    }

    /// Makes a database; answers its name, once all nodes have it. A client of several hosts tries no further host when one
    /// does not know the database.
    ///
    /// # Errors
    /// There is no primary, or a standby does not follow in time.
    pub async fn create_database(&mut self) -> Result<String> {
        self.databases += 1;
        let name = format!("sale_{}", self.databases);
        let sql = format!("CREATE DATABASE {name} OWNER stagedoor");
        block_in_place(|| self.connect()?.batch_execute(&sql).context(sql))?;
        let has_it = |node: usize| {
            let port = usize::from(self.base) + 20 + node;
            let url = format!("postgres://stagedoor@127.0.0.1:{port}/{name}");
            block_in_place(|| PgConnection::establish(&url)).is_ok()
        };
        let asked = Instant::now();
        while asked.elapsed() < HEALTHY_TIMEOUT {
            if NODES.into_iter().all(has_it) {
                return Ok(name);
            }
            sleep(LOOK).await;
        }
        bail!("a node has no database {name} within {HEALTHY_TIMEOUT:?}: {}", self.logs())
    }

    /// Sets synchronous replication by quorum, or asynchronous replication.
    ///
    /// # Errors
    /// Patroni does not take it.
    pub async fn set_quorum(&mut self, is_quorum: bool) -> Result<()> {
        if self.is_quorum != is_quorum {
            self.make_healthy().await?;
            let mode = if is_quorum { "quorum" } else { "off" };
            let mode = format!("synchronous_mode={mode}");
            let strict = format!("synchronous_mode_strict={is_quorum}");
            self.run(&["ctl", "edit-config", "--force", "--quiet", "-s", &mode, "-s", &strict])?;
            self.is_quorum = is_quorum;
        }
        self.make_healthy().await
    }

    fn rest(&self, node: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", usize::from(self.base) + 30 + node)
    }

    /// The node that is primary and holds the leader key; `None` if there is none. One that is cut off may
    /// believe that it still does, so a node can be left out.
    async fn primary_now(&self, not: Option<usize>) -> Option<usize> {
        for node in NODES.into_iter().filter(|node| Some(*node) != not) {
            let answer = self.http.get(self.rest(node, "/primary")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Some(node);
            }
        }
        None
    }

    /// Waits for a primary that is not this node.
    ///
    /// # Errors
    /// There is none in time.
    pub async fn await_primary(&self, not: Option<usize>) -> Result<usize> {
        let asked = Instant::now();
        while asked.elapsed() < PRIMARY_TIMEOUT {
            match self.primary_now(not).await {
                Some(node) => return Ok(node),
                None => sleep(LOOK).await,
            }
        }
        bail!("no primary within {PRIMARY_TIMEOUT:?}: {}", self.logs())
    }

    /// Mends all links, starts all nodes that are down, and waits for a primary with two standbys.
    ///
    /// # Errors
    /// There is none in time.
    pub async fn make_healthy(&self) -> Result<()> {
        self.links.iter().flat_map(NodeLinks::all).for_each(Link::mend);
        for node in NODES.into_iter().filter(|node| !self.is_running(*node)) {
            self.up(node)?;
        }
        let asked = Instant::now();
        while asked.elapsed() < HEALTHY_TIMEOUT {
            if self.is_healthy().await.unwrap_or(false) {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        bail!("no primary with two standbys within {HEALTHY_TIMEOUT:?}: {}", self.logs())
    }

    async fn is_healthy(&self) -> Result<bool> {
        let primary = self.primary_now(None).await.context("a primary")?;
        let answer = self.http.get(self.rest(primary, "/cluster")).send().await?.bytes().await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let role = if self.is_quorum { "quorum_standby" } else { "replica" };
        let is_standby = |it: &&Value| it["role"] == role && it["state"] == "streaming";
        let members = answer["members"].as_array().context("members")?;
        if members.iter().filter(is_standby).count() != 2 {
            return Ok(false);
        }
        let setting = sql_query("SELECT current_setting('synchronous_standby_names') AS value");
        let names = block_in_place(|| -> Result<Setting> {
            Ok(setting.get_result(&mut self.connect()?)?)
        })?;
        Ok(names.value.matches('n').count() == if self.is_quorum { 2 } else { 0 })
    }

    /// Whether the Patroni of a node runs, which starts its PostgreSQL.
    fn is_running(&self, node: usize) -> bool {
        let id = std::fs::read_to_string(self.data().join(format!("n{node}.pid")));
        let id = id.unwrap_or_default();
        let command = std::fs::read_to_string(format!("/proc/{}/cmdline", id.trim()));
        // Another program may have the id of one that has ended.
        let configuration = self.data().join(format!("n{node}.yml"));
        command.is_ok_and(|it| it.contains(&*configuration.to_string_lossy()))
    }

    /// The processes of Patroni and PostgreSQL of a node.
    ///
    /// # Errors
    /// It does not run.
    pub fn processes(&self, node: usize) -> Result<Vec<u32>> {
        let mut processes = Vec::new();
        for file in [format!("n{node}.pid"), format!("n{node}/postmaster.pid")] {
            let file = std::fs::read_to_string(self.data().join(file))?;
            let process = file.lines().next().context("a process")?.trim().parse()?;
            processes.push(process);
            processes.extend(children(process)?);
        }
        Ok(processes)
    }

    /// Sends a signal to all processes of nodes, by one command.
    ///
    /// # Errors
    /// One of them does not run.
    pub fn signal(&self, name: &str, nodes: &[usize]) -> Result<()> {
        let mut command = Command::new("kill");
        command.arg(format!("-{name}"));
        for node in nodes {
            command.args(self.processes(*node)?.iter().map(ToString::to_string));
        }
        // A child may have ended by itself in the meantime.
        block_in_place(|| command.output())?;
        Ok(())
    }

    /// Kills a node and cuts its links: what they carry is lost.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill_with_links(&self, node: usize) -> Result<()> {
        let mut command = Command::new("kill");
        command.arg("-KILL").args(self.processes(node)?.iter().map(ToString::to_string));
        self.cut_off(node);
        block_in_place(|| command.output())?;
        Ok(())
    }

    /// Cuts a node off from the other nodes and from etcd. Its clients still reach it.
    pub fn cut_off(&self, node: usize) {
        self.links[node - 1].all().for_each(Link::cut);
    }

    /// Mends the links of a node.
    pub fn mend(&self, node: usize) {
        self.links[node - 1].all().for_each(Link::mend);
    }

    /// Starts the PostgreSQL and the Patroni of a node.
    ///
    /// # Errors
    /// They do not start.
    pub fn up(&self, node: usize) -> Result<()> {
        self.run(&["up", &node.to_string()])
    }

    /// Deletes the leader key, as if its time to live had passed.
    ///
    /// # Errors
    /// etcd does not answer.
    pub fn expire(&self) -> Result<()> {
        self.run(&["expire"])
    }

    /// Makes another node the primary, in good order.
    ///
    /// # Errors
    /// Patroni refuses.
    pub fn switch_over(&self, from: usize, to: usize) -> Result<()> {
        let (from, to) = (format!("n{from}"), format!("n{to}"));
        self.run(&["ctl", "switchover", "--leader", &from, "--candidate", &to, "--force"])
    }

    /// The nodes that are not this one.
    pub fn others(node: usize) -> [usize; 2] {
        [node % 3 + 1, (node + 1) % 3 + 1]
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // It deletes everything; nothing is left to be done if it fails.
        let _ = self.script.wait();
    }
}

fn script(folder: &Path) -> Command {
    let mut command = Command::new(SCRIPT);
    command.env("CLUSTER_DIR", folder.join("data"));
    command
}
