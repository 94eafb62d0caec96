//! The program as a process, and what is done to it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;

use crate::store::Place;

const SIGNING_KEY: &str = "the signing key of faults and of nothing else";
/// How many lines of a log are kept.
const LOG_LINES_MAX: usize = 200;
/// How long a program may take to end after SIGTERM at the settings used here.
const END_TIMEOUT: Duration = Duration::from_secs(12);

/// Which program, on which store, and how.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its file.
    pub file: PathBuf,
    /// Its store, as the program reaches it.
    pub place: Place,
    /// Flags of `serve`.
    pub flags: Vec<String>,
    /// More of its environment.
    pub environment: Vec<(&'static str, PathBuf)>,
}

/// The program that was built beside the running one.
///
/// # Errors
/// It was not built.
pub fn built_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folders = own.ancestors().skip(1).take(2);
    let mut programs = folders.map(|folder| folder.join("stagedoor"));
    programs.find(|file| file.is_file()).context("the program is missing: cargo build --workspace")
}

impl Program {
    /// The one place where the program's command line is made. It starts with the settings that every
    /// run has in common: short leases, so that they run out while things go wrong.
    fn command(&self, arguments: &[&str]) -> Command {
        // A file that grows too long is an error to the program, not the end of it.
        let mut command = Command::new("env");
        command
            .arg("--ignore-signal=XFSZ")
            .arg(&self.file)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("STAGEDOOR_SIGNING_KEY", SIGNING_KEY)
            .envs(self.environment.iter().map(|(name, value)| (*name, value)));
        match &self.place {
            Place::Postgres(url) => command.env("DATABASE_URL", url),
            Place::Embedded(directory) => command.env("STAGEDOOR_DATA", directory),
        };
        command
    }

    /// The command line of a server on a free port.
    fn serve(&self) -> Command {
        let common = ["serve", "--listen", "127.0.0.1:0", "--workers", "1"];
        let times = ["--hold-seconds", "2", "--hold-extension-seconds", "1"];
        // All clients come from one address.
        let common = [&common[..], &times, &["--rate-limits", "off", "--direct-charges"]].concat();
        let flags = self.flags.iter().map(String::as_str);
        self.command(&common.into_iter().chain(flags).collect::<Vec<_>>())
    }

    /// Makes a user with a role, who signs in with the password `stagedoor`.
    ///
    /// # Errors
    /// The program says why.
    pub fn create_user(&self, role: &str, email: &str) -> Result<()> {
        let arguments = ["user", "create", "--role", role, "--name", "Some User", "--email", email];
        let mut command = self.command(&arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("the program starts")?;
        child.stdin.take().context("its input")?.write_all(b"stagedoor\n")?;
        let done = child.wait_with_output()?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    /// Has the program check its store; the store of one process must be free.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn audit(&self) -> Result<Output> {
        self.command(&["audit"]).output().context("the program starts")
    }
}

/// A server, killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens, as `http://127.0.0.1:8080`.
    pub address: String,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Server {
    /// Starts a server and waits until it listens.
    ///
    /// # Errors
    /// It ended before; its log is in the error.
    pub fn start(program: &Program) -> Result<Self> {
        let mut command = program.serve();
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("the program starts")?;
        let mut lines = BufReader::new(child.stderr.take().context("its log")?).lines();
        let mut said = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                let _ = child.wait();
                bail!("the program ended before it listened: {said}");
            };
            if let Some((_, rest)) = line.split_once("listening on ") {
                break rest.split(',').next().context("an address")?.to_owned();
            }
            said.push_str(&line);
        };
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&log);
        // The log must be read, or a full pipe would block the server.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| keep(&kept, line)));
        Ok(Self { child, address, log })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its last words.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().iter().cloned().collect()
    }

    /// Ends it at once, as `kill -9` does.
    ///
    /// # Errors
    /// It cannot be killed.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// It does not end in time; then it is killed.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        signal(self.id(), "TERM")?;
        let asked = Instant::now();
        while asked.elapsed() < END_TIMEOUT {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill()?;
        bail!("the program did not end within {END_TIMEOUT:?} after SIGTERM")
    }
}

fn keep(log: &Mutex<VecDeque<String>>, line: String) {
    let mut log = log.lock();
    if log.len() == LOG_LINES_MAX {
        log.pop_front();
    }
    log.push_back(line);
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

/// Sends a signal to a process.
///
/// # Errors
/// There is no such process.
pub fn signal(id: u32, name: &str) -> Result<()> {
    let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).output()?;
    ensure!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    Ok(())
}

/// Sets how long the files of a process may grow, as a full disk would; nothing lifts the bound.
///
/// # Errors
/// There is no such process, or no `prlimit`.
pub fn bound_files(id: u32, bytes: Option<u64>) -> Result<()> {
    let bound = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
    let set = Command::new("prlimit")
        .args([format!("--pid={id}"), format!("--fsize={bound}:unlimited")])
        .output()
        .context("a full disk takes `prlimit`, of util-linux")?;
    ensure!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    Ok(())
}

/// The children of a process.
///
/// # Errors
/// There is no such process.
pub fn children(id: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let folder = entry?.path();
        let Some(child) = process_id(&folder) else { continue };
        if parent(&folder) == Some(id) {
            children.push(child);
        }
    }
    Ok(children)
}

fn process_id(folder: &Path) -> Option<u32> {
    folder.file_name()?.to_str()?.parse().ok()
}

fn parent(folder: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // The name stands in parentheses and may hold anything; state and parent follow it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
