//! The program itself, as a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use stagedoor::ids::new_id;

use crate::home::{Address, Home, METRICS_TOKEN, SIGNING_KEY};

/// The program that was built beside the tests.
///
/// # Panics
/// When it was not built.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the tests");
    let target = tests.parent().and_then(|deps| deps.parent()).expect("a target directory");
    let program = target.join("stagedoor");
    assert!(program.exists(), "{} is missing: run `make test`", program.display());
    program
}

/// The program with the store of a home, and nothing else from the environment.
pub fn stagedoor(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.env_clear().env("STAGEDOOR_SIGNING_KEY", SIGNING_KEY).args(arguments);
    command.env("STAGEDOOR_METRICS_TOKEN", METRICS_TOKEN);
    // All the people of a test come from one address, and a busy machine may be slow.
    command.env("STAGEDOOR_RATE_LIMITS", "off");
    command.env("STAGEDOOR_DIRECT_CHARGES", "true");
    command.env("STAGEDOOR_QUEUE_WAIT_MILLISECONDS", "60000");
    match home.address() {
        Address::Directory(directory) => command.env("STAGEDOOR_DATA", directory),
        Address::Url(url) => command.env("DATABASE_URL", url),
    };
    command
}

/// Runs the program to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(home: &Home, arguments: &[&str]) -> Output {
    stagedoor(home, arguments).output().expect("the program starts")
}

/// A server in a process of its own, killed when this is dropped.
pub struct Server {
    child: Child,
    address: String,
    client: Client,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts `stagedoor serve` on a free port and waits until it listens.
    ///
    /// # Panics
    /// When it ends before it listens.
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        Self::start_with(home, arguments, &[])
    }

    /// As [`Self::start`], with more in its environment.
    ///
    /// # Panics
    /// When it ends before it listens.
    pub fn start_with(home: &Home, arguments: &[&str], environment: &[(&str, &Path)]) -> Self {
        let serve = [&["serve", "--listen", "127.0.0.1:0", "--workers", "1"], arguments].concat();
        let mut command = stagedoor(home, &serve);
        command.envs(environment.iter().copied());
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut log = String::new();
        let address = loop {
            let line =
                lines.next().and_then(Result::ok).unwrap_or_else(|| panic!("it ended: {log}"));
            log.push_str(&line);
            log.push('\n');
            if let Some((_, rest)) = line.split_once("listening on http://") {
                break rest.split(',').next().expect("an address").to_owned();
            }
        };
        // The log must be read, or a full pipe would block the server.
        let log = std::thread::spawn(move || {
            lines.fold(log, |log, line| log + &line.unwrap_or_default() + "\n")
        });
        Self { child, address, client: Client::new(), log: Some(log) }
    }

    /// Where it listens, as `http://127.0.0.1:8080`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The memory that the process has.
    ///
    /// # Panics
    /// When it has ended.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes * 1024
    }

    /// Sends SIGTERM.
    ///
    /// # Panics
    /// When `kill` fails.
    pub fn signal_termination(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    }

    /// Waits for the end of the process; answers how it ended and how long that took.
    ///
    /// # Panics
    /// When it goes on for longer than 10 seconds.
    pub fn wait(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let status = self.child.wait().expect("it ends");
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(10), "it took {took:?}");
        (status, took)
    }

    /// Waits for the end of the process, which was told to stop; answers how it ended and all that it
    /// logged.
    ///
    /// # Panics
    /// When it goes on for longer than 10 seconds, or its log does not end with it.
    pub fn wait_and_read_log(mut self) -> (ExitStatus, String) {
        let asked = Instant::now();
        let status = self.child.wait().expect("it ends");
        assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
        let log = self.log.take().expect("an unread log");
        (status, log.join().expect("its log ends"))
    }

    /// Ends it and answers all that it logged.
    ///
    /// # Panics
    /// When its log does not end with it.
    pub fn end_and_read_log(self) -> String {
        self.signal_termination();
        self.wait_and_read_log().1
    }

    /// Sends SIGTERM and waits for the end.
    pub fn terminate(self) -> (ExitStatus, Duration) {
        self.signal_termination();
        self.wait()
    }

    /// A request to a path, signed if there is a token.
    pub fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks, and answers the status and the body.
    ///
    /// # Panics
    /// When there is no whole answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.request(method, path, token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("a whole answer");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// The access token of a new user.
    ///
    /// # Panics
    /// When signing up or in is refused.
    pub async fn sign_up(&self) -> String {
        let email = format!("{}@example.com", new_id().simple());
        let user = json!({"name": "Fan", "email": email, "password": "stagedoor"});
        let (status, _) = self.ask(Method::POST, "/api/v1/users", None, Some(user)).await;
        assert_eq!(status, 201);
        self.log_in(&email).await
    }

    /// The access token of the user with the password `stagedoor`.
    ///
    /// # Panics
    /// When signing in is refused.
    pub async fn log_in(&self, email: &str) -> String {
        self.log_in_as(email, "stagedoor").await
    }

    /// The access token of a user with a password.
    ///
    /// # Panics
    /// When signing in is refused.
    pub async fn log_in_as(&self, email: &str, password: &str) -> String {
        let session = json!({"email": email, "password": password});
        let (status, body) = self.ask(Method::POST, "/api/v1/sessions", None, Some(session)).await;
        assert_eq!(status, 200, "{body}");
        body["accessToken"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
