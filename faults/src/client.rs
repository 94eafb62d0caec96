//! Asking over HTTP, and keeping what was asked and answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::{StreamExt, stream};
use parking_lot::RwLock;
use reqwest::Method;
use serde_json::Value;

use crate::history::{Asked, Attempt, History, Outcome, Request, code, now};

/// A hasty client gives up earlier than the service does, a patient one later.
const HASTY_TIMEOUT: Duration = Duration::from_secs(2);
const PATIENT_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// An idle connection is not used again after this time. A service that ends leaves it open for longer, so no request
/// is sent on a connection that is being closed.
const IDLE_MAX: Duration = Duration::from_millis(250);
/// Before an unknown outcome is asked for again.
const PAUSE: Duration = Duration::from_millis(50);
/// How many unknown outcomes are asked for at once.
const SETTLE_AT_ONCE: usize = 16;

/// How a client takes what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// Gives up soon, and asks again at once, or later, or never.
    Hasty,
    /// Waits for its answer, and asks again, elsewhere, for what was surely not done.
    Patient,
}

/// What all clients share.
#[derive(Debug, Default)]
pub struct Shared {
    /// What was asked and answered.
    pub history: History,
    /// Where the replicas listen; a replica that was started again listens elsewhere.
    addresses: RwLock<Vec<String>>,
    serial: AtomicI64,
}

impl Shared {
    /// A unique number above 0.
    pub fn serial(&self) -> i64 {
        self.serial.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Tells where a replica listens.
    pub fn set_address(&self, replica: usize, address: &str) {
        let mut addresses = self.addresses.write();
        if addresses.len() <= replica {
            addresses.resize(replica + 1, String::new());
        }
        address.clone_into(&mut addresses[replica]);
    }

    /// Tells that another replica answers in the place of this one, which has ended.
    pub fn send_elsewhere(&self, replica: usize, other: usize) {
        let address = self.address(other);
        self.set_address(replica, &address);
    }

    /// How many replicas there are.
    pub fn replicas(&self) -> usize {
        self.addresses.read().len()
    }

    fn address(&self, replica: usize) -> String {
        let addresses = self.addresses.read();
        addresses.get(replica).cloned().unwrap_or_default()
    }
}

/// The connections of a client.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// What all clients share.
    pub shared: Arc<Shared>,
}

impl Client {
    /// Connections of one's own.
    ///
    /// # Errors
    /// There are none to be had.
    pub fn new(shared: &Arc<Shared>, manners: Manners) -> Result<Self> {
        let timeout = match manners {
            Manners::Hasty => HASTY_TIMEOUT,
            Manners::Patient => PATIENT_TIMEOUT,
        };
        let http = reqwest::Client::builder().timeout(timeout).connect_timeout(CONNECT_TIMEOUT);
        let http = http.pool_idle_timeout(IDLE_MAX);
        Ok(Self { http: http.build()?, shared: Arc::clone(shared) })
    }

    /// Asks a replica for something new; answers its number and how that ended.
    pub async fn ask(
        &self,
        user: &str,
        asked: Asked,
        request: Request,
        replica: usize,
    ) -> (usize, Outcome) {
        let operation = self.shared.history.begin(user, asked, request);
        (operation, self.attempt(operation, replica).await)
    }

    /// Asks for something in the same words as the first time.
    pub async fn attempt(&self, operation: usize, replica: usize) -> Outcome {
        let Some(request) = self.shared.history.request(operation) else {
            return Outcome::NotDone("it was never requested".to_owned());
        };
        let begun = now();
        let outcome = self.send(&request, replica).await;
        let attempt = Attempt { begun, ended: now(), replica, outcome: outcome.clone() };
        self.shared.history.note(operation, attempt);
        outcome
    }

    /// Sends a request without keeping it.
    pub async fn send(&self, request: &Request, replica: usize) -> Outcome {
        let url = format!("{}{}", self.shared.address(replica), request.path);
        let mut sent = self.http.request(request.method.clone(), url);
        if let Some(bearer) = &request.bearer {
            sent = sent.bearer_auth(bearer);
        }
        if let Some(key) = &request.key {
            sent = sent.header("Idempotency-Key", key);
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let answer = match sent.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Outcome::NotDone(words(&error)),
            Err(error) => return Outcome::Unknown(words(&error)),
        };
        let status = answer.status().as_u16();
        match answer.bytes().await {
            Ok(bytes) => judge(status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)),
            Err(error) => Outcome::Unknown(words(&error)),
        }
    }

    /// Asks again for everything whose outcome is unknown, with the same keys, until it is answered or
    /// the time has passed.
    pub async fn settle(&self, time: Duration) {
        let settled = async {
            loop {
                let open = self.shared.history.open();
                if open.is_empty() {
                    return;
                }
                let replicas = self.shared.replicas().max(1);
                let again = open.into_iter().map(|it| self.attempt(it, it % replicas));
                let outcomes = stream::iter(again).buffer_unordered(SETTLE_AT_ONCE);
                outcomes.collect::<Vec<_>>().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        // What is still open then, the checker finds.
        let _ = tokio::time::timeout(time, settled).await;
    }

    /// Asks for something that must be answered with success; for what comes before the load.
    ///
    /// # Errors
    /// It was not.
    pub async fn expect(&self, request: &Request) -> Result<Value> {
        match self.send(request, 0).await {
            Outcome::Answered { status: 200..300, body } => Ok(body),
            other => anyhow::bail!("{} {}: {other:?}", request.method, request.path),
        }
    }

    /// Waits until every replica says that it is ready.
    ///
    /// # Errors
    /// One does not within the time.
    pub async fn ready(&self, time: Duration) -> Result<()> {
        let ready = Request::new(Method::GET, "/readyz");
        let is_ready = async {
            for replica in 0..self.shared.replicas() {
                while !matches!(
                    self.send(&ready, replica).await,
                    Outcome::Answered { status: 200, .. }
                ) {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        ensure!(tokio::time::timeout(time, is_ready).await.is_ok(), "no /readyz within {time:?}");
        Ok(())
    }
}

impl Request {
    /// A request without anything but an address.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), bearer: None, key: None, body: None }
    }

    /// With a token.
    #[must_use]
    pub fn by(self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self }
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn once(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }

    /// With a body.
    #[must_use]
    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// What an answer means, by the API's documentation.
fn judge(status: u16, body: Value) -> Outcome {
    match (status, code(&body)) {
        (503, why @ ("OVERLOADED" | "UNAVAILABLE")) => Outcome::NotDone(why.to_owned()),
        // Too many requests, or a head that took too long to be read.
        (408 | 429, why) => Outcome::NotDone(format!("{status} {why}")),
        (503, why) => Outcome::Unknown(why.to_owned()),
        (500.., _) => Outcome::Broken(format!("{status} {body}")),
        _ => Outcome::Answered { status, body },
    }
}

fn words(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
