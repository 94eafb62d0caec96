//! Two processes behind Varnish with the configuration of `deploy/edge`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use reqwest::Client;
use serde_json::{Value, json};
use stagedoor::Overrides;
use stagedoor::settings::Switch;
use stagedoor_tests::service::{Service, StoreKind};
use tempfile::TempDir;

/// The number of users who read the queue.
const READS: usize = 1_000;

/// A Varnish in a process of its own, ended when this is dropped.
struct Varnish {
    directory: TempDir,
    address: String,
}

impl Varnish {
    /// Starts it in front of these processes.
    fn start(origins: &[String]) -> Self {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("origins.vcl"), backends(origins)).unwrap();
        let edge = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/edge/default.vcl");
        let vcl_path = format!("vcl_path={}", directory.path().display());
        let mut command = tool("varnishd", directory.path());
        command.args([
            "-a",
            "127.0.0.1:0",
            "-j",
            "none",
            "-s",
            "malloc,16m",
            "-p",
            &vcl_path,
            "-f",
        ]);
        // It returns when the server answers.
        let started = command.arg(edge).arg("-P").arg(directory.path().join("pid")).output();
        let started = started.expect("varnishd, of the Debian package varnish");
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        let told = tool("varnishadm", directory.path()).arg("debug.listen_address").output();
        let told = String::from_utf8(told.unwrap().stdout).unwrap();
        let mut words = told.split_whitespace().skip(1);
        let (host, port) = (words.next().unwrap(), words.next().unwrap());
        Self { address: format!("http://{host}:{port}"), directory }
    }

    /// The number of requests that reached the processes.
    fn at_origin(&self) -> usize {
        let counted = tool("varnishstat", self.directory.path())
            .args(["-1", "-f", "MAIN.backend_req"])
            .output();
        let counted = String::from_utf8(counted.unwrap().stdout).unwrap();
        counted.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Varnish {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.directory.path().join("pid")).unwrap_or_default();
        // One that has ended already needs no signal.
        let _ = Command::new("kill").arg(pid.trim()).status();
    }
}

/// A program of Varnish for the instance in a directory.
fn tool(name: &str, directory: &Path) -> Command {
    let known = [PathBuf::from("/usr/sbin").join(name), PathBuf::from("/usr/bin").join(name)];
    let path = known.into_iter().find(|path| path.exists()).unwrap_or_else(|| name.into());
    let mut command = Command::new(path);
    command.arg("-n").arg(directory);
    command
}

/// Backends without probes: the test asks no sooner than all processes answer.
fn backends(origins: &[String]) -> String {
    let mut vcl = "vcl 4.1;\nimport directors;\n".to_owned();
    let mut added = String::new();
    for (number, origin) in origins.iter().enumerate() {
        let (host, port) = origin.split_once(':').unwrap();
        vcl += &format!("backend b{number} {{ .host = \"{host}\"; .port = \"{port}\"; }}\n");
        added += &format!("    origins.add_backend(b{number});\n");
    }
    format!("{vcl}sub vcl_init {{\n    new origins = directors.round_robin();\n{added}}}\n")
}

/// The status and the body of an address.
async fn read(client: &Client, address: &str) -> (u16, Value) {
    let answer = client.get(address).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// A line without the admission rate, which each process estimates by itself.
fn without_rate((status, mut line): (u16, Value)) -> (u16, Value) {
    line["admittedPerSecond"] = Value::Null;
    (status, line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_behind_a_cache_cost_two_processes_a_handful_of_requests() {
    let service = Service::start_without_janitor(StoreKind::Postgres).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let holders = [service.holder(&sale).await, service.holder(&sale).await];
    let mut settings = service.home.settings();
    settings.work.janitor = Switch::Off;
    let overrides = Overrides { clock: Some(service.clock.clone()), password_costs: None };
    let other = stagedoor::start(settings, overrides).await.unwrap();
    service.refresh().await;
    other.scheduler().refresh().await.unwrap();
    let origins = [service.running.address.to_string(), other.address.to_string()];
    let varnish = Varnish::start(&origins);
    let client = Client::new();
    let path = format!("{}/line", sale.room());

    let began = Instant::now();
    let address = format!("{}{path}", varnish.address);
    let reads = (0..READS).map(|number| {
        // Neither tokens, nor cookies, nor the spelling of the address make another copy.
        let request = client.get(format!("{address}?reader={number}"));
        request.bearer_auth(number).header("Cookie", format!("reader={number}")).send()
    });
    let answers: Vec<_> = stream::iter(reads).buffer_unordered(50).collect().await;
    let (seconds, at_origin) = (began.elapsed().as_secs() as usize, varnish.at_origin());

    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|it| it.status() == 200)));
    assert!(at_origin <= 4 + 2 * seconds, "{at_origin} requests in {seconds} s");
    let cached = without_rate(read(&client, &address).await);
    assert_eq!((cached.0, &cached.1["waiting"]), (200, &json!(2)));
    for origin in &origins {
        assert_eq!(without_rate(read(&client, &format!("http://{origin}{path}")).await), cached);
        let block = format!("http://{origin}{path}/0");
        assert_eq!(read(&client, &block).await, read(&client, &format!("{address}/0")).await);
    }
    assert_eq!(read(&client, &format!("{address}/7")).await.0, 404);
    for (holder, position) in holders.iter().zip([1, 2]) {
        let request = client.get(format!("{}/api/v1/queue-tokens/me", varnish.address));
        let place: Value = request
            .bearer_auth(holder.token.as_ref().unwrap())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(place["position"], position, "each token has an answer of its own");
    }

    // No process answers any more: for a while the cache gives out what it has.
    other.stop();
    other.wait().await.unwrap();
    service.stop().await;
    assert_eq!(read(&client, &address).await.0, 200);
}
