//! A PostgreSQL of one's own, to be stopped, killed and started again.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use fastrand::Rng;
use tempfile::TempDir;

use crate::program::{bound_files, children, signal};

const VERSION_MIN: u32 = 15;
const PORT_TRIES_MAX: usize = 20;
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Ends PostgreSQL when the input ends, which it does at the latest when the parent process ends.
const GUARD: &str =
    r#""$@" & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server"#;

/// A private PostgreSQL with its default promises: what it has committed, it keeps.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    folder: TempDir,
    owner: Option<&'static str>,
    port: u64,
    guard: Option<Child>,
}

impl Cluster {
    /// Makes one and starts it.
    ///
    /// # Errors
    /// There is no PostgreSQL, or it does not start.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("stagedoor-cluster-").tempdir()?;
        let owner = owner()?;
        let mut cluster = Self { binaries: binaries()?, folder, owner, port: 0, guard: None };
        if let Some(owner) = owner {
            run(Command::new("chown").arg(owner).arg(cluster.folder.path()))?;
        }
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(cluster.folder.path(), mode)?;
        let data = cluster.data();
        let mut initdb = cluster.as_owner(&cluster.binaries.join("initdb"));
        let options = ["-U", "stagedoor", "--auth=trust", "--encoding=UTF8", "--locale=C"];
        run(initdb.arg("-D").arg(data).args(options).arg("--no-sync"))?;
        let mut random =
            Rng::with_seed(u64::from(std::process::id()) ^ folder_number(cluster.folder.path()));
        for _ in 0..PORT_TRIES_MAX {
            // Below the ports that the system gives to outgoing connections.
            cluster.port = random.u64(12_000..20_000);
            if cluster.start_again().is_ok() {
                return Ok(cluster);
            }
            cluster.stop_guard();
        }
        bail!("PostgreSQL does not start: {}", cluster.log())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn as_owner(&self, program: &Path) -> Command {
        let mut command = match self.owner {
            Some(owner) => {
                let mut command = Command::new("runuser");
                command.args(["-u", owner, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(self.folder.path());
        command
    }

    /// Starts it on its data and waits until it answers.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop_guard();
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let mut command = self.as_owner(Path::new("sh"));
        command.args(["-c", GUARD, "guard"]).arg(self.binaries.join("postgres"));
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for option in
            ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100"]
        {
            command.args(["-c", option]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        self.guard = Some(command.spawn().context("PostgreSQL starts")?);
        let asked = Instant::now();
        while asked.elapsed() < START_TIMEOUT {
            if self.answers() {
                return Ok(());
            }
            ensure!(!self.log().contains("could not bind"), "the port is taken");
            ensure!(!self.log().contains("database system is shut down"), "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("PostgreSQL does not answer: {}", self.log())
    }

    /// Whether it answers, and not another program on its port.
    fn answers(&self) -> bool {
        self.processes().is_ok() && PgConnection::establish(&self.url("postgres")).is_ok()
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://stagedoor@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u64 {
        self.port
    }

    /// Executes a statement as its owner.
    ///
    /// # Errors
    /// It failed.
    pub fn execute(&self, sql: &str) -> Result<()> {
        let mut connection = PgConnection::establish(&self.url("postgres"))?;
        connection.batch_execute(sql)?;
        Ok(())
    }

    /// Its processes, the postmaster first.
    ///
    /// # Errors
    /// It does not run.
    pub fn processes(&self) -> Result<Vec<u32>> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let postmaster = file.lines().next().context("a process")?.trim().parse()?;
        let mut processes = vec![postmaster];
        processes.extend(children(postmaster)?);
        Ok(processes)
    }

    fn signal_all(&self, name: &str) -> Result<()> {
        for process in self.processes()? {
            // A child may have ended by itself in the meantime.
            let _ = signal(process, name);
        }
        Ok(())
    }

    /// Stops all of it, as `SIGSTOP` does.
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&self) -> Result<()> {
        self.signal_all("STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&self) -> Result<()> {
        self.signal_all("CONT")
    }

    /// Kills all of it, as `kill -9` does.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<()> {
        let processes = self.processes()?;
        self.signal_all("KILL")?;
        // Starting again is refused while one of them still holds the shared memory.
        let asked = Instant::now();
        while processes.iter().any(|id| is_running(*id)) {
            ensure!(asked.elapsed() < START_TIMEOUT, "PostgreSQL outlives kill -9");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Sets how long its files may grow; nothing lifts the bound.
    ///
    /// # Errors
    /// It does not run.
    pub fn bound_files(&self, bytes: Option<u64>) -> Result<()> {
        for process in self.processes()? {
            // A child may have ended by itself in the meantime.
            let _ = bound_files(process, bytes);
        }
        Ok(())
    }

    fn stop_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A frozen server would not hear that it is to end.
        let _ = self.thaw();
        self.stop_guard();
    }
}

fn is_running(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

fn folder_number(folder: &Path) -> u64 {
    let bytes = folder.as_os_str().as_encoded_bytes();
    bytes.iter().fold(7, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}

/// PostgreSQL refuses to run as root.
fn owner() -> Result<Option<&'static str>> {
    let id = Command::new("id").arg("-u").output()?;
    if id.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let has_postgres = Command::new("id").args(["-u", "postgres"]).output()?.status.success();
    Ok(Some(if has_postgres { "postgres" } else { "nobody" }))
}

/// The folder of the newest PostgreSQL that is installed.
fn binaries() -> Result<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let found = folders.into_iter().filter_map(|folder| Some((version(&folder)?, folder)));
    let newest = found.max().filter(|(version, _)| *version >= VERSION_MIN);
    let (_, folder) = newest.context(
        "killing PostgreSQL takes one of our own: install version 15 or newer (Debian: apt-get install postgresql)",
    )?;
    Ok(folder)
}

fn version(folder: &Path) -> Option<u32> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let number = said.split_whitespace().nth(2)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn run(command: &mut Command) -> Result<()> {
    let done = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
