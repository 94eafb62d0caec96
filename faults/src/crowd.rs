//! Many people at once: a long queue of silent people, and a crowd that joins, polls and leaves in waves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::client::{Client, Manners, Shared};
use crate::fan::Fan;
use crate::history::{Asked, Outcome, Request};
use crate::sale::{Sale, User};
use crate::store::Connection;

/// Where the addresses of silent people end.
pub const SILENT_DOMAIN: &str = "@silent.example";
const ME: &str = "/api/v1/queue-tokens/me";
/// How often each member of a wave polls before it leaves, and the pause between two polls.
const POLLS: usize = 8;
const POLL_PAUSE: Duration = Duration::from_millis(60);
/// How often a member asks for what was surely not done, and the pause before it asks again.
const TRIES_MAX: usize = 400;
const RETRY_PAUSE: Duration = Duration::from_millis(25);

/// Puts silent people into a room's queue by SQL, as one batch of the service would: under the lock of the room, each with the next
/// sequence number and stamp.
///
/// # Errors
/// The store refused it.
pub fn insert_silent(connection: &mut Connection, room: &str, count: u32) -> Result<()> {
    connection.execute(&format!(
        "BEGIN;
        SELECT 1 FROM rooms WHERE id = '{room}' FOR UPDATE;
        WITH people AS (
            INSERT INTO users (id, name, email, password_hash, role, created_at, session_version)
            SELECT gen_random_uuid(), 'Fan', 'fan-' || n || '{SILENT_DOMAIN}', '-', role, now(), session_version
            FROM generate_series(1, {count}) AS n,
                (SELECT role, session_version FROM users WHERE email LIKE 'fan-%' LIMIT 1) AS fan
            RETURNING id
        ), numbered AS (SELECT id, row_number() OVER () AS n FROM people)
        INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, idle_at)
        SELECT gen_random_uuid(), rooms.id, numbered.id, last_place + n, version + n, now(), 'WAITING', now(),
            now() + interval '1 hour'
        FROM numbered, rooms WHERE rooms.id = '{room}';
        INSERT INTO point_accounts (user_id, balance, entries)
        SELECT id, 0, 0 FROM users WHERE email LIKE '%{SILENT_DOMAIN}';
        UPDATE rooms SET last_place = last_place + {count}, version = version + {count} WHERE id = '{room}';
        COMMIT"
    ))
}

/// All clients of a sale with long queues.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Fans, of whom some are the same person, come to the sale; all other users join the queues in waves.
    ///
    /// # Errors
    /// There are no connections to be had.
    pub fn gather(
        shared: &Arc<Shared>,
        sale: &Arc<Sale>,
        queues: &[String],
        mut users: Vec<User>,
        fans: usize,
        random: &mut Rng,
    ) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let of_fans: Vec<User> = users.drain(..fans * 3 / 4).collect();
        let mut clients = Vec::new();
        for user in of_fans.iter().cycle().take(fans) {
            let fan = Fan::new(shared, sale, user.clone(), random.fork(), Manners::Patient)?;
            clients.push(tokio::spawn(fan.run(Arc::clone(&stop))));
        }
        let client = Client::new(shared, Manners::Patient)?;
        let waves = Waves { client, queues: queues.to_vec(), users, random: random.fork() };
        clients.push(tokio::spawn(waves.run(Arc::clone(&stop))));
        Ok(Self { stop, clients })
    }

    /// Waits until all clients have done what they had begun.
    pub async fn disperse(self) {
        self.stop.store(true, Ordering::SeqCst);
        join_all(self.clients).await;
    }
}

/// Users who all join one queue at the same instant, so that a batch has many joins, and then the next queue.
struct Waves {
    client: Client,
    queues: Vec<String>,
    users: Vec<User>,
    random: Rng,
}

impl Waves {
    async fn run(mut self, stop: Arc<AtomicBool>) {
        for queue in self.queues.iter().cycle() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let visits = self.users.iter().map(|user| {
                Visit { client: &self.client, user, random: self.random.fork() }.run(queue)
            });
            join_all(visits).await;
        }
    }
}

/// One user in one wave.
struct Visit<'a> {
    client: &'a Client,
    user: &'a User,
    random: Rng,
}

impl Visit<'_> {
    async fn run(mut self, queue: &str) {
        // Joins under a key are never written in two steps.
        let path = format!("/api/v1/concerts/{queue}/queue-tokens");
        let request = Request::new(Method::POST, path).by(&self.user.access);
        let asked = Asked::Join { concert: queue.to_owned() };
        let Some(token) = self.ask(asked, request).await else { return };
        let text = |field: &str| token[field].as_str().unwrap_or_default().to_owned();
        let (id, jwt) = (text("id"), text("token"));
        for _ in 0..POLLS {
            sleep(POLL_PAUSE).await;
            self.ask(Asked::Poll, Request::new(Method::GET, ME).by(&jwt)).await;
        }
        self.ask(Asked::Leave { token: id }, Request::new(Method::DELETE, ME).by(&jwt)).await;
    }

    /// Asks any process, and the next one for what was surely not done.
    async fn ask(&mut self, asked: Asked, request: Request) -> Option<Value> {
        let replicas = self.client.shared.replicas().max(1);
        let mut replica = self.random.usize(..replicas);
        let (operation, mut outcome) =
            self.client.ask(&self.user.id, asked, request, replica).await;
        for _ in 1..TRIES_MAX {
            match outcome {
                Outcome::Answered { status: 200 | 201, body } => return Some(body),
                Outcome::NotDone(_) => {}
                Outcome::Answered { .. } | Outcome::Unknown(_) | Outcome::Broken(_) => return None,
            }
            replica = (replica + 1) % replicas;
            sleep(RETRY_PAUSE).await;
            outcome = self.client.attempt(operation, replica).await;
        }
        None
    }
}
