//! Clients that wait in line, and what the service tells them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::Value;

use crate::client::{Client, Manners, Shared};
use crate::history::{Micros, Outcome, Request, code, now};
use crate::sale::User;

const ME: &str = "/api/v1/queue-tokens/me";
/// Between two looks of a client whether it is time to ask.
const LOOK: Duration = Duration::from_millis(20);
/// Between two attempts when the last one was not answered.
const RETRY: Micros = 150_000;
/// How often a client that polls does so.
const POLL: Micros = 150_000;
/// When a client that trusts its deadline polls for the first time: the store has the deadline of its join then.
const FIRST_POLL: Micros = 4_000_000;
/// How long before its deadline it polls again.
const POLL_BEFORE_DEADLINE: Micros = 1_000_000;
/// How long an admitted client stays inside.
const STAY: Duration = Duration::from_millis(200);

/// How a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It polls several times a second, and leaves soon after it was admitted.
    Polls,
    /// It polls as fast as it is answered, one replica after the other.
    PollsInTurn,
    /// It sends keep-alives, each within two fifths of the idle time, and seldom polls.
    KeepsAlive,
    /// It polls each time that three fifths of the idle time were available.
    PollsRarely,
    /// It asks once and never again until the end.
    GoesSilent,
    /// It polls once after a few seconds, and then a second before the deadline that it was told.
    TrustsItsDeadline,
    /// It stays inside once it was admitted, until it is told to leave.
    Occupies,
}

/// What the service told of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// `WAITING`, `ACTIVE` or `EXPIRED`.
    pub status: String,
    /// Why it expired.
    pub reason: String,
    /// The queue position; 0 once the token does not wait.
    pub position: i64,
    /// When it expires without another heartbeat, or expired.
    pub expires_at: Micros,
}

/// How one request of a waiting client was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// With the state of the token.
    Told(Told),
    /// As accepted, without a word: a keep-alive.
    Accepted,
    /// As refused: the code.
    Refused(String),
    /// Not at all, or with a status above 499.
    Nothing(String),
}

/// One request of a waiting client.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// When it was sent.
    pub begun: Micros,
    /// When its outcome was known.
    pub ended: Micros,
    /// How it was answered.
    pub reply: Reply,
}

impl Heartbeat {
    /// Whether the service accepted it as a heartbeat of a token that waits.
    pub fn is_accepted(&self) -> bool {
        match &self.reply {
            Reply::Told(told) => told.status == "WAITING",
            Reply::Accepted => true,
            Reply::Refused(_) | Reply::Nothing(_) => false,
        }
    }

    fn told(&self) -> Option<&Told> {
        if let Reply::Told(told) = &self.reply { Some(told) } else { None }
    }
}

/// All that one client asked and was told of one queue token, in order.
#[derive(Clone, Debug)]
pub struct Wait {
    /// The queue token's id.
    pub token: String,
    /// What the client asked, one request after the other.
    pub heartbeats: Vec<Heartbeat>,
}

/// A time in which no heartbeat could be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Not after it began.
    pub begun: Micros,
    /// Not before it ended.
    pub ended: Micros,
}

/// How much of the time between two instants was available: outages left out.
pub fn available(outages: &[Outage], from: Micros, to: Micros) -> Micros {
    let lost = |it: &Outage| (it.ended.min(to) - it.begun.max(from)).max(0);
    (to - from).max(0) - outages.iter().map(lost).sum::<Micros>()
}

/// What all waiting clients share.
#[derive(Debug, Default)]
pub struct Hall {
    /// The room's idle time.
    pub idle: Micros,
    outages: Mutex<Vec<Outage>>,
    stop: AtomicBool,
    make_room: AtomicBool,
    polls: AtomicU64,
    joined: AtomicU64,
}

impl Hall {
    /// Where the idle time is `idle`.
    pub fn new(idle: Micros) -> Self {
        Self { idle, ..Self::default() }
    }

    /// Notes that an outage begins; it lasts until it is noted that it ended.
    pub fn begin_outage(&self) {
        let outage = Outage { begun: now(), ended: Micros::MAX };
        self.outages.lock().push(outage);
    }

    /// Notes that the outage ended.
    pub fn end_outage(&self) {
        let mut outages = self.outages.lock();
        if let Some(outage) = outages.last_mut() {
            outage.ended = now();
        }
    }

    /// The outages so far.
    pub fn outages(&self) -> Vec<Outage> {
        self.outages.lock().clone()
    }

    /// Stops all clients.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Has those leave who occupy places inside.
    pub fn make_room(&self) {
        self.make_room.store(true, Ordering::SeqCst);
    }

    /// How many polls were answered.
    pub fn polls(&self) -> u64 {
        self.polls.load(Ordering::SeqCst)
    }

    /// How often clients joined.
    pub fn joined(&self) -> u64 {
        self.joined.load(Ordering::SeqCst)
    }

    fn has_ended(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// One client that waits for one concert.
pub struct Waiter {
    client: Client,
    hall: Arc<Hall>,
    user: User,
    concert: String,
    behaviour: Behaviour,
    replica: usize,
}

/// A token that a client has.
struct Token {
    jwt: String,
    wait: Wait,
}

impl Waiter {
    /// A client with connections of its own.
    ///
    /// # Errors
    /// There are no connections to be had.
    pub fn new(
        shared: &Arc<Shared>,
        hall: &Arc<Hall>,
        user: User,
        concert: &str,
        behaviour: Behaviour,
    ) -> Result<Self> {
        let (client, hall) = (Client::new(shared, Manners::Hasty)?, Arc::clone(hall));
        Ok(Self { client, hall, user, concert: concert.to_owned(), behaviour, replica: 0 })
    }

    /// Joins, waits, leaves after it was admitted, and joins again, until all clients are stopped.
    pub async fn run(mut self) -> Vec<Wait> {
        let mut waits = Vec::new();
        while let Some(mut token) = self.join().await {
            self.wait(&mut token).await;
            if is_active(&token.wait) {
                self.stay_and_leave(&token.jwt).await;
            }
            waits.push(token.wait);
            if self.hall.has_ended() {
                break;
            }
        }
        waits
    }

    /// Each request goes to the next replica.
    fn turn(&mut self) -> usize {
        self.replica = (self.replica + 1) % self.client.shared.replicas().max(1);
        self.replica
    }

    async fn join(&mut self) -> Option<Token> {
        let key = format!("wait-{}", self.client.shared.serial());
        let path = format!("/api/v1/concerts/{}/queue-tokens", self.concert);
        let request = Request::new(Method::POST, path).by(&self.user.access).once(key);
        while !self.hall.has_ended() {
            let begun = now();
            let replica = self.turn();
            if let Outcome::Answered { status: 200 | 201, body } =
                self.client.send(&request, replica).await
            {
                let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
                let reply = Reply::Told(told(&body));
                self.hall.joined.fetch_add(1, Ordering::SeqCst);
                let heartbeats = vec![Heartbeat { begun, ended: now(), reply }];
                return Some(Token {
                    jwt: text("token"),
                    wait: Wait { token: text("id"), heartbeats },
                });
            }
            tokio::time::sleep(Duration::from_micros(RETRY.unsigned_abs())).await;
        }
        None
    }

    /// Asks as it behaves, until the token does not wait any more. The last request is a poll.
    async fn wait(&mut self, token: &mut Token) {
        while !has_expired(&token.wait) && !self.hall.has_ended() {
            match self.due(&token.wait) {
                Some(method) => self.heartbeat(token, method).await,
                None => tokio::time::sleep(LOOK).await,
            }
        }
        // The other replica must say the same of a token that was just admitted.
        if !has_expired(&token.wait) || self.behaviour == Behaviour::PollsInTurn {
            self.heartbeat(token, Method::GET).await;
        }
    }

    /// How to ask now, if it is time to.
    fn due(&self, wait: &Wait) -> Option<Method> {
        let last = wait.heartbeats.last()?;
        let is_lost = matches!(last.reply, Reply::Nothing(_));
        let silent = now() - last.begun;
        if is_lost {
            return (silent >= RETRY).then_some(Method::GET);
        }
        let waited = available(&self.hall.outages(), last.begun, now());
        let idle = self.hall.idle;
        match self.behaviour {
            Behaviour::PollsInTurn => Some(Method::GET),
            Behaviour::Polls => (silent >= POLL).then_some(Method::GET),
            Behaviour::Occupies => (silent >= POLL).then_some(Method::GET),
            Behaviour::PollsRarely => (waited >= idle * 3 / 5).then_some(Method::GET),
            Behaviour::KeepsAlive if wait.heartbeats.len().is_multiple_of(4) => {
                (waited >= idle * 2 / 5).then_some(Method::GET)
            }
            Behaviour::KeepsAlive => (waited >= idle * 2 / 5).then_some(Method::POST),
            Behaviour::GoesSilent => (wait.heartbeats.len() == 1).then_some(Method::GET),
            Behaviour::TrustsItsDeadline if wait.heartbeats.len() == 1 => {
                (silent >= FIRST_POLL).then_some(Method::GET)
            }
            Behaviour::TrustsItsDeadline => {
                let expires_at = last.told().map_or(0, |told| told.expires_at);
                (now() >= expires_at - POLL_BEFORE_DEADLINE).then_some(Method::GET)
            }
        }
    }

    /// A poll, or a keep-alive if the method is `POST`.
    async fn heartbeat(&mut self, token: &mut Token, method: Method) {
        let is_poll = method == Method::GET;
        let path = if is_poll { ME.to_owned() } else { format!("{ME}/keep-alive") };
        let request = Request::new(method, path).by(&token.jwt);
        let begun = now();
        let replica = self.turn();
        let reply = match self.client.send(&request, replica).await {
            Outcome::Answered { status: 200, body } => Reply::Told(told(&body)),
            Outcome::Answered { status: 204, .. } => Reply::Accepted,
            Outcome::Answered { status, body } => {
                Reply::Refused(format!("{status} {}", code(&body)))
            }
            Outcome::NotDone(why) | Outcome::Unknown(why) | Outcome::Broken(why) => {
                Reply::Nothing(why)
            }
        };
        if matches!(reply, Reply::Told(_)) {
            self.hall.polls.fetch_add(1, Ordering::SeqCst);
        }
        token.wait.heartbeats.push(Heartbeat { begun, ended: now(), reply });
    }

    async fn stay_and_leave(&mut self, jwt: &str) {
        tokio::time::sleep(STAY).await;
        while self.behaviour == Behaviour::Occupies
            && !self.hall.make_room.load(Ordering::SeqCst)
            && !self.hall.has_ended()
        {
            tokio::time::sleep(LOOK).await;
        }
        let request = Request::new(Method::DELETE, ME).by(jwt);
        loop {
            let replica = self.turn();
            let outcome = self.client.send(&request, replica).await;
            if matches!(outcome, Outcome::Answered { .. }) || self.hall.has_ended() {
                break;
            }
            tokio::time::sleep(Duration::from_micros(RETRY.unsigned_abs())).await;
        }
        // A place that was occupied is not wanted again.
        while self.behaviour == Behaviour::Occupies && !self.hall.has_ended() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn is_active(wait: &Wait) -> bool {
    wait.heartbeats.iter().filter_map(Heartbeat::told).any(|told| told.status == "ACTIVE")
}

/// Whether a token does not wait any more, or its client was refused.
fn has_expired(wait: &Wait) -> bool {
    wait.heartbeats.last().is_some_and(|last| match &last.reply {
        Reply::Told(told) => told.status != "WAITING",
        Reply::Refused(_) => true,
        Reply::Accepted | Reply::Nothing(_) => false,
    })
}

fn told(body: &Value) -> Told {
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    Told {
        status: text("status"),
        reason: text("reason"),
        position: body["position"].as_i64().unwrap_or_default(),
        expires_at: crate::history::instant(&body["expiresAt"]),
    }
}
