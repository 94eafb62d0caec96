//! A client that wants tickets, and does everything that fans do.

mod tickets;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Manners, Shared};
use crate::history::{Asked, Outcome, Request, code};
use crate::sale::{PRICE, Sale, User, a_newcomer};

/// Between two things that a fan does, in milliseconds.
const THINKS: (u64, u64) = (10, 70);
/// How often one thing is tried at once.
const TRIES_MAX: usize = 4;
/// How often a patient client tries, with a pause in between.
const PATIENT_TRIES_MAX: usize = 200;
const PATIENT_PAUSE: Duration = Duration::from_millis(25);
/// How many of its own things a fan remembers, to ask for them again.
const REMEMBERED_MAX: usize = 50;
const HOLDS_MAX: usize = 2;

/// One client. Several may be one person.
pub struct Fan {
    client: Client,
    sale: Arc<Sale>,
    user: User,
    random: Rng,
    manners: Manners,
    token: Option<Token>,
    holds: Vec<Hold>,
    tickets: Vec<String>,
    mine: Vec<usize>,
}

struct Token {
    id: String,
    jwt: String,
    concert: usize,
    is_active: bool,
}

struct Hold {
    id: String,
    price: i64,
}

impl Fan {
    /// A fan with connections of its own.
    ///
    /// # Errors
    /// There are no connections to be had.
    pub fn new(
        shared: &Arc<Shared>,
        sale: &Arc<Sale>,
        user: User,
        random: Rng,
        manners: Manners,
    ) -> Result<Self> {
        sale.note_fan(&user);
        let (client, sale) = (Client::new(shared, manners)?, Arc::clone(sale));
        let (holds, tickets, mine) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { client, sale, user, random, manners, token: None, holds, tickets, mine })
    }

    /// Goes on until told to stop.
    pub async fn run(mut self, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::SeqCst) {
            self.step().await;
            let pause = self.random.u64(THINKS.0..THINKS.1);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn step(&mut self) {
        let roll = self.random.u64(..100);
        let is_active = self.token.as_ref().map(|token| token.is_active);
        match (is_active, roll) {
            (_, 0..2) => self.newcomer().await,
            (_, 2..6) => self.read_balance().await,
            (_, 6..12) => self.repeat().await,
            (_, 12..22) => self.charge(0).await,
            (_, 22..26) => self.spend().await,
            (_, 26..28) => self.cancel().await,
            (_, 28..30) => self.transfer_ticket().await,
            (_, 30..32) => self.cancel_ticket().await,
            (_, 32..34) => self.show_ticket().await,
            (None, _) => self.join().await,
            (Some(_), 34..36) => self.leave().await,
            (Some(false), _) => self.poll().await,
            (Some(true), 36..38) => self.poll().await,
            (Some(true), 38..41) => self.read_reservation().await,
            (Some(true), 41..44) => self.extend().await,
            (Some(true), 44..50) => self.give_back().await,
            (Some(true), _) if self.holds.len() >= HOLDS_MAX => self.pay().await,
            (Some(true), 50..65) => self.pay().await,
            (Some(true), _) => self.hold().await,
        }
    }

    /// Asks as this user.
    async fn ask(&mut self, asked: Asked, request: Request) -> Option<(u16, Value)> {
        let is_sign_up = matches!(asked, Asked::SignUp { .. });
        let user = if is_sign_up { String::new() } else { self.user.id.clone() };
        self.ask_as(&user, asked, request).await
    }

    /// Asks as a user, and asks again as the manners are.
    async fn ask_as(&mut self, user: &str, asked: Asked, request: Request) -> Option<(u16, Value)> {
        let is_repeatable = request.key.is_some() || asked.is_idempotent();
        let replicas = self.client.shared.replicas().max(1) as u64;
        let mut replica = usize::try_from(self.random.u64(..replicas)).unwrap_or(0);
        let (operation, mut outcome) = self.client.ask(user, asked, request, replica).await;
        let tries = match self.manners {
            Manners::Hasty => TRIES_MAX,
            Manners::Patient => PATIENT_TRIES_MAX,
        };
        for _ in 1..tries {
            let again = match (&outcome, self.manners) {
                (Outcome::Answered { .. }, _) => false,
                (Outcome::NotDone(_), Manners::Patient) => true,
                (_, Manners::Patient) => false,
                (Outcome::NotDone(_), Manners::Hasty) => self.random.u64(..2) == 0,
                (_, Manners::Hasty) => is_repeatable && self.random.u64(..2) == 0,
            };
            if !again {
                break;
            }
            replica = (replica + 1) % usize::try_from(replicas).unwrap_or(1);
            tokio::time::sleep(PATIENT_PAUSE).await;
            outcome = self.client.attempt(operation, replica).await;
        }
        if self.mine.len() < REMEMBERED_MAX {
            self.mine.push(operation);
        } else if let Some(oldest) = self.mine.get_mut(operation % REMEMBERED_MAX) {
            *oldest = operation;
        }
        let Outcome::Answered { status, body } = outcome else { return None };
        self.learn(code(&body));
        Some((status, body))
    }

    /// What a refusal tells of one's own token.
    fn learn(&mut self, code: &str) {
        match (code, &mut self.token) {
            ("TOKEN_WAITING", Some(token)) => token.is_active = false,
            ("TOKEN_EXPIRED", token) => *token = None,
            _ => {}
        }
    }

    /// A request under a new key; now and then under none, as careless clients do.
    fn post(&mut self, path: &str, with_token: bool, body: Option<Value>) -> Request {
        let jwt = self.token.as_ref().map(|token| token.jwt.as_str()).filter(|_| with_token);
        let mut request = Request::new(Method::POST, path).by(jwt.unwrap_or(&self.user.access));
        request.body = body;
        if self.random.u64(..10) > 0 {
            request = request.once(format!("key-{}", self.client.shared.serial()));
        }
        request
    }

    async fn newcomer(&mut self) {
        let (asked, request) = a_newcomer(&self.client.shared);
        self.ask(asked, request).await;
    }

    async fn join(&mut self) {
        let concerts = self.sale.concerts.len() as u64;
        let concert = usize::try_from(self.random.u64(..concerts)).unwrap_or(0);
        let Some(id) = self.sale.concerts.get(concert).map(|concert| concert.id.clone()) else {
            return;
        };
        let request = self.post(&format!("/api/v1/concerts/{id}/queue-tokens"), false, None);
        let answer = self.ask(Asked::Join { concert: id }, request).await;
        if let Some((200 | 201, body)) = answer {
            let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
            let is_active = body["status"] == "ACTIVE";
            self.token = Some(Token { id: text("id"), jwt: text("token"), concert, is_active });
        }
    }

    fn with_token(&self, method: Method, path: &str) -> Option<Request> {
        Some(Request::new(method, path).by(&self.token.as_ref()?.jwt))
    }

    async fn poll(&mut self) {
        let Some(request) = self.with_token(Method::GET, "/api/v1/queue-tokens/me") else { return };
        if let Some((200, body)) = self.ask(Asked::Poll, request).await {
            match (body["status"].as_str(), &mut self.token) {
                (Some("EXPIRED"), token) => *token = None,
                (status, Some(token)) => token.is_active = status == Some("ACTIVE"),
                (_, None) => {}
            }
        }
    }

    async fn leave(&mut self) {
        let Some(request) = self.with_token(Method::DELETE, "/api/v1/queue-tokens/me") else {
            return;
        };
        if let Some(token) = self.token.take() {
            self.ask(Asked::Leave { token: token.id }, request).await;
        }
    }

    async fn hold(&mut self) {
        let Some(concert) = self.token.as_ref().map(|token| token.concert) else { return };
        let schedules = self.sale.concerts.get(concert).map(|it| it.schedules.clone());
        let Some(schedule) = self.random.choice(&schedules.unwrap_or_default()).cloned() else {
            return;
        };
        let count = self.random.u64(1..5);
        let body = if self.random.u64(..3) == 0 {
            json!({"scheduleId": schedule, "bestAvailable": count})
        } else {
            let hot = self.sale.hot_seats();
            let first = self.random.u64(hot.start..hot.end - count);
            let numbers: Vec<u64> = (first..first + count).collect();
            json!({"scheduleId": schedule, "seatNumbers": numbers})
        };
        let request = self.post("/api/v1/reservations", true, Some(body));
        if let Some((201, body)) = self.ask(Asked::Hold { schedule }, request).await {
            let id = body["id"].as_str().unwrap_or_default().to_owned();
            self.holds.push(Hold { id, price: body["totalPrice"].as_i64().unwrap_or_default() });
        }
    }

    async fn give_back(&mut self) {
        let Some(hold) = self.holds.pop() else { return };
        let path = format!("/api/v1/reservations/{}", hold.id);
        let request = Request::new(Method::DELETE, path).by(&self.user.access);
        self.ask(Asked::GiveBack { reservation: hold.id }, request).await;
    }

    async fn extend(&mut self) {
        let Some(reservation) = self.holds.last().map(|hold| hold.id.clone()) else { return };
        let request =
            self.post(&format!("/api/v1/reservations/{reservation}/extension"), false, None);
        self.ask(Asked::Extend { reservation }, request).await;
    }

    /// Gives a ticket back, which it may already have done.
    async fn cancel(&mut self) {
        let Some(reservation) = self.random.choice(&self.tickets).cloned() else { return };
        let request =
            self.post(&format!("/api/v1/reservations/{reservation}/cancellation"), false, None);
        self.ask(Asked::Cancel { reservation }, request).await;
    }

    async fn pay(&mut self) {
        let Some(hold) = self.holds.pop() else { return };
        if self.random.u64(..2) == 0 {
            self.charge(hold.price).await;
        }
        let body = json!({"reservationId": hold.id});
        let request = self.post("/api/v1/payments", true, Some(body));
        let asked = Asked::Pay { reservation: hold.id.clone() };
        match self.ask(asked, request).await {
            Some((201, _)) => {
                self.sale.note_sold(u64::try_from(hold.price / PRICE).unwrap_or(0));
                self.tickets.push(hold.id);
                self.token = None;
            }
            Some((409, body)) if code(&body) == "INSUFFICIENT_POINTS" => {
                self.charge(hold.price).await;
                self.holds.push(hold);
            }
            _ => {}
        }
    }

    /// Charges a price and a little more, which tells this charge from all others.
    async fn charge(&mut self, price: i64) {
        let amount = price + self.client.shared.serial();
        let body = Some(json!({"amount": amount}));
        let request = self.post("/api/v1/points/charges", true, body);
        self.ask(Asked::Charge { amount }, request).await;
    }

    async fn spend(&mut self) {
        let amount = self.client.shared.serial();
        let body = Some(json!({"amount": amount}));
        let request = self.post("/api/v1/points/uses", true, body);
        self.ask(Asked::Use { amount }, request).await;
    }

    async fn read_balance(&mut self) {
        let request = Request::new(Method::GET, "/api/v1/points").by(&self.user.access);
        self.ask(Asked::ReadBalance, request).await;
    }

    async fn read_reservation(&mut self) {
        let Some(hold) = self.holds.last() else { return };
        let path = format!("/api/v1/reservations/{}", hold.id);
        let request = Request::new(Method::GET, path).by(&self.user.access);
        let asked = Asked::ReadReservation { reservation: hold.id.clone() };
        self.ask(asked, request).await;
    }

    /// Asks again for something of before, whatever came of it.
    async fn repeat(&mut self) {
        let Some(operation) = self.random.choice(&self.mine).copied() else { return };
        let request = self.client.shared.history.request(operation);
        if request.is_some_and(|request| request.key.is_some()) {
            let replicas = self.client.shared.replicas() as u64;
            let replica = usize::try_from(self.random.u64(..replicas)).unwrap_or(0);
            self.client.attempt(operation, replica).await;
        }
    }
}
