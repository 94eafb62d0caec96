//! A whole service on a store of its own, and people who use it over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use stagedoor::ids::new_id;
use stagedoor::passwords::Argon2Passwords;
use stagedoor::settings::Switch;
use stagedoor::{Overrides, PasswordCosts, Running, Settings, start};
use stagedoor_domain::ports::{Clock, Passwords, Violation};
use stagedoor_domain::{Email, Instant, PersonName, Role, RoomId};

pub use crate::home::{Home, METRICS_TOKEN, SIGNING_KEY, StoreKind};

/// The system's time, moved on by hand.
#[derive(Default)]
pub struct MovingClock {
    microseconds_ahead: AtomicI64,
}

impl MovingClock {
    /// Lets time pass at once.
    pub fn pass(&self, time: Duration) {
        let time = i64::try_from(time.as_micros()).expect("a short time");
        self.microseconds_ahead.fetch_add(time, Ordering::SeqCst);
    }
}

impl Clock for MovingClock {
    fn now(&self) -> Instant {
        let ahead = self.microseconds_ahead.load(Ordering::SeqCst);
        stagedoor::clock::SystemClock.now() + time::Duration::microseconds(ahead)
    }
}

/// What a password costs in tests.
fn cheap() -> PasswordCosts {
    PasswordCosts::new(8, 1, 1, None).expect("cheap costs")
}

/// A service that listens, and stops when it is told to.
pub struct Service {
    /// Moves the service's time on.
    pub clock: Arc<MovingClock>,
    /// The running service.
    pub running: Running,
    /// Where its data live.
    pub home: Home,
    client: Client,
}

impl Service {
    /// Starts a service on a new store.
    pub async fn start(kind: StoreKind) -> Self {
        Self::start_with(kind, |_| {}).await
    }

    /// Starts a service whose scheduler writes nothing: jobs run when a test says so.
    pub async fn start_without_janitor(kind: StoreKind) -> Self {
        Self::start_with(kind, |settings| settings.work.janitor = Switch::Off).await
    }

    /// Starts a service with other settings.
    pub async fn start_with(kind: StoreKind, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_in(Home::new(kind), change).await
    }

    /// Starts a service on a store that may have data already.
    pub async fn start_in(home: Home, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_after(home, Duration::ZERO, change).await
    }

    /// Starts a service on a store that may have data already, some time from now.
    pub async fn start_after(
        home: Home,
        time: Duration,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = home.settings();
        change(&mut settings);
        let clock = Arc::new(MovingClock::default());
        clock.pass(time);
        let overrides = Overrides { clock: Some(clock.clone()), password_costs: Some(cheap()) };
        let running = start(settings, overrides).await.expect("the service starts");
        Self { clock, running, home, client: Client::new() }
    }

    /// Stops the service and answers where its data live.
    pub async fn stop(self) -> Home {
        self.running.stop();
        self.running.wait().await.expect("the service ends well");
        self.home
    }

    /// Brings the lines in memory up to date now.
    pub async fn refresh(&self) {
        self.running.scheduler().refresh().await.expect("a refresh");
    }

    /// Runs every periodic job once; the lines in memory are up to date afterwards.
    pub async fn run_jobs(&self) {
        self.running.scheduler().run_once().await.expect("a round of jobs");
    }

    /// The violations of invariants in the store; there should be none.
    pub async fn audit(&self) -> Vec<Violation> {
        self.running.store().audit(self.clock.now()).await.expect("an audit")
    }

    /// A request to a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.running.address))
    }

    /// Signs a new user up and in.
    pub async fn new_user(&self) -> Person<'_> {
        let email = format!("{}@example.com", new_id().simple());
        let body = json!({"name": "Fan", "email": email, "password": "stagedoor"});
        let created = self.anyone().post("/api/v1/users", body).await;
        assert_eq!(created.status, 201, "{created:?}");
        self.sign_in(&email).await
    }

    /// Signs new users up and in, a few at a time because hashing passwords takes time.
    pub async fn people(&self, count: usize) -> Vec<Person<'_>> {
        stream::iter(0..count).map(|_| self.new_user()).buffer_unordered(32).collect().await
    }

    /// A new user with a role, as `stagedoor user create` makes them.
    pub async fn new_user_as(&self, role: Role) -> Person<'_> {
        let email = format!("{}@example.com", new_id().simple());
        let passwords = Argon2Passwords::new(Some(cheap())).expect("a salt");
        let hash = passwords.hash("stagedoor".to_owned());
        let command = stagedoor_domain::operations::CreateUser {
            id: stagedoor_domain::UserId(new_id()),
            name: PersonName::parse("Some User").expect("a name"),
            email: Email::parse(&email).expect("an address"),
            password_hash: hash.await.expect("a hash"),
            role,
            verification: None,
        };
        let submission = stagedoor_domain::Submission::new(command);
        let store = self.running.store();
        let made =
            stagedoor_domain::ports::Execute::execute(&*store, &[submission], self.clock.now())
                .await;
        assert!(made.expect("the store works").iter().all(Result::is_ok));
        self.sign_in(&email).await
    }

    /// A user with the password `stagedoor`, who signs in.
    pub async fn sign_in(&self, email: &str) -> Person<'_> {
        let body = json!({"email": email, "password": "stagedoor"});
        let session = self.anyone().post("/api/v1/sessions", body).await;
        assert_eq!(session.status, 200, "{session:?}");
        Person { service: self, token: Some(session.text_at("accessToken")) }
    }

    /// The client that sends this token.
    pub fn with_token(&self, token: &str) -> Person<'_> {
        Person { service: self, token: Some(token.to_owned()) }
    }

    /// A client that has not signed in.
    pub fn anyone(&self) -> Person<'_> {
        Person { service: self, token: None }
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body, if it is JSON.
    pub body: Value,
}

impl Answer {
    /// The text at a field.
    pub fn text_at(&self, field: &str) -> String {
        let text = self.body.get(field).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {field} in {self:?}")).to_owned()
    }

    /// The whole number at a field.
    pub fn number_at(&self, field: &str) -> i64 {
        let number = self.body.get(field).and_then(Value::as_i64);
        number.unwrap_or_else(|| panic!("no number at {field} in {self:?}"))
    }

    /// The problem's code; empty for a success.
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// A header; empty if there is none.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The status and the problem's code.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.code())
    }
}

/// A client that sends requests.
#[derive(Clone)]
pub struct Person<'s> {
    service: &'s Service,
    /// What the person proves who they are with.
    pub token: Option<String>,
}

impl<'s> Person<'s> {
    /// A request to a path, signed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.service.request(method, path);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole answer");
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    /// The address with which the person signs in.
    pub async fn email(&self) -> String {
        self.get("/api/v1/users/me").await.text_at("email")
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` with a body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// `POST` with a body and an `Idempotency-Key`.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key);
        self.send(request.json(&body)).await
    }

    /// `PATCH` with a body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Asks for a queue token of a concert's room; the holder of it, and the answer.
    pub async fn join(&self, concert_id: &str) -> (Person<'s>, Answer) {
        let path = format!("/api/v1/concerts/{concert_id}/queue-tokens");
        let joined = self.send(self.request(Method::POST, &path)).await;
        assert!(joined.status.is_success(), "{joined:?}");
        (Person { service: self.service, token: Some(joined.text_at("token")) }, joined)
    }

    /// Asks for the queue token as it is now, which is a heartbeat.
    pub async fn poll(&self) -> Answer {
        self.get("/api/v1/queue-tokens/me").await
    }

    /// The balance of points.
    pub async fn balance(&self) -> i64 {
        self.get("/api/v1/points").await.number_at("balance")
    }

    /// Charges points.
    pub async fn charge(&self, amount: i64) {
        let charged = self.post("/api/v1/points/charges", json!({"amount": amount})).await;
        assert_eq!(charged.status, 201, "{charged:?}");
    }
}

/// A concert with one schedule that is open for booking.
pub struct OnSale {
    /// The concert.
    pub concert_id: String,
    /// The schedule.
    pub schedule_id: String,
    /// The concert's room.
    pub room_id: String,
    /// The access token of its organizer.
    pub organizer: String,
}

impl OnSale {
    /// A request to hold the seats of these numbers.
    pub fn seats(&self, numbers: &[i32]) -> Value {
        json!({"scheduleId": self.schedule_id, "seatNumbers": numbers})
    }

    /// The organizer of the concert.
    pub fn organizer<'s>(&self, service: &'s Service) -> Person<'s> {
        service.with_token(&self.organizer)
    }

    /// The path of the concert's room.
    pub fn room(&self) -> String {
        format!("/api/v1/rooms/{}", self.room_id)
    }
}

impl Service {
    /// Starts a service with a concert of one row on sale, whose room admits every user at once.
    pub async fn start_selling(kind: StoreKind) -> (Self, OnSale) {
        let service = Self::start(kind).await;
        let sale = service.on_sale(1, json!({})).await;
        (service, sale)
    }

    /// A new user with a queue token of the concert's room.
    pub async fn holder(&self, sale: &OnSale) -> Person<'_> {
        self.new_user().await.join(&sale.concert_id).await.0
    }

    /// Puts a concert on sale: `rows` of 10 seats of 10,000 points each, and a room of this policy.
    pub async fn on_sale(&self, rows: i64, policy: Value) -> OnSale {
        self.on_sale_on(self.a_schedule(rows), policy).await
    }

    /// Puts a concert on sale on one date, with a room of this policy.
    pub async fn on_sale_on(&self, schedule: Value, policy: Value) -> OnSale {
        let organizer = self.new_user_as(Role::Organizer).await;
        let body = json!({"title": "콘서트", "schedules": [schedule]});
        let concert = organizer.post("/api/v1/concerts", body).await;
        assert_eq!(concert.status, 201, "{concert:?}");
        let concert_id = concert.text_at("id");
        let operator = self.new_user_as(Role::Operator).await;
        let rooms = operator.get("/api/v1/rooms?limit=100").await;
        let room_id = rooms.body["items"]
            .as_array()
            .and_then(|rooms| rooms.iter().find(|room| room["concertId"] == concert_id.as_str()))
            .and_then(|room| room["id"].as_str())
            .expect("the concert has a room")
            .to_owned();
        let changed = operator.patch(&format!("/api/v1/rooms/{room_id}"), policy).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        self.refresh().await;
        let schedule_id = concert.body["schedules"][0]["id"].as_str().expect("an id").to_owned();
        let organizer = organizer.token.expect("an organizer has signed in");
        OnSale { concert_id, schedule_id, room_id, organizer }
    }

    /// Opens the site-wide room, as an operator does in closed mode.
    pub async fn open_the_site(&self) {
        let operator = self.new_user_as(Role::Operator).await;
        let path = format!("/api/v1/rooms/{}", RoomId::SITE);
        let opened = operator.patch(&path, json!({"capacity": 100})).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        self.refresh().await;
    }

    /// A schedule that is open for booking for an hour, to be made.
    pub fn a_schedule(&self, rows: i64) -> Value {
        use time::format_description::well_known::Rfc3339;
        let at = |hours| {
            let instant = self.clock.now() + time::Duration::hours(hours);
            instant.format(&Rfc3339).expect("an instant")
        };
        json!({
            "startsAt": at(24), "endsAt": at(26),
            "bookingOpensAt": at(-1), "bookingClosesAt": at(1), "cancellationClosesAt": at(12),
            "seatMap": {"rows": rows, "columns": 10, "price": 10_000},
        })
    }
}

/// A stream of server-sent events as it is read.
pub struct Events {
    answer: Response,
    text: String,
}

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

impl Events {
    /// Opens the stream.
    pub async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        Self { answer, text: String::new() }
    }

    /// Reads on until there is this text.
    pub async fn read_until(&mut self, wanted: &str) {
        let read = async {
            while !self.text.contains(wanted) {
                let chunk = self.answer.chunk().await.expect("no break");
                let chunk = chunk.expect("the stream goes on");
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let read = tokio::time::timeout(PATIENCE, read).await;
        read.unwrap_or_else(|_| panic!("no {wanted} came in {}", self.text));
    }

    /// Reads on until the stream ends.
    pub async fn read_to_the_end(&mut self) {
        let read = async { while self.answer.chunk().await.expect("no break").is_some() {} };
        tokio::time::timeout(PATIENCE, read).await.expect("the stream ends");
    }
}
