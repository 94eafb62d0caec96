//! What is on sale, and to whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::client::{Client, Manners, Shared};
use crate::history::{Asked, Micros, Outcome, Request, now};
use crate::program::Program;

/// The password of all users.
const PASSWORD: &str = "stagedoor";
const ORGANIZER: &str = "organizer@faults.example";
const OPERATOR: &str = "operator@faults.example";
const CONCERTS: usize = 2;
const SCHEDULES: usize = 2;
const ROWS: u64 = 20;
const COLUMNS: u64 = 20;
/// How many seats are in demand at a time.
const HOT_SEATS: u64 = 30;

/// What one seat costs: more than there are serial numbers, which tell changes of points apart.
pub const PRICE: i64 = 10_000_000;

/// What is on sale.
#[derive(Debug)]
pub struct Sale {
    /// The concerts.
    pub concerts: Vec<Concert>,
    /// The organizer, who checks tickets too.
    pub organizer: User,
    sold: AtomicU64,
    fans: Mutex<Vec<Recipient>>,
    seen: Mutex<Vec<Seen>>,
}

/// A ticket that its holder has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Its schedule.
    pub schedule: String,
}

/// A user to whom tickets can be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub id: String,
    /// The address by which others know them.
    pub email: String,
}

/// A concert with its own room.
#[derive(Clone, Debug)]
pub struct Concert {
    /// Which.
    pub id: String,
    /// Its room.
    pub room: String,
    /// Its schedules.
    pub schedules: Vec<String>,
}

/// A user with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// An access token.
    pub access: String,
}

impl Sale {
    /// Makes those who sell; the store must be free.
    ///
    /// # Errors
    /// The program says why.
    pub fn create_staff(program: &Program) -> Result<()> {
        program.create_user("organizer", ORGANIZER)?;
        program.create_user("operator", OPERATOR)
    }

    /// Puts concerts on sale whose rooms take fewer people at a time than come.
    ///
    /// # Errors
    /// The service refused something.
    pub async fn open(client: &Client) -> Result<Self> {
        let policy = json!({
            "capacity": 6, "admitBatch": 4, "admitIntervalSeconds": 1, "activeSeconds": 4,
            "idleSeconds": 600,
        });
        Self::open_with(client, |_| policy.clone()).await
    }

    /// Puts concerts on sale, each room with a policy of its own.
    ///
    /// # Errors
    /// The service refused something.
    pub async fn open_with(client: &Client, policy: impl Fn(usize) -> Value) -> Result<Self> {
        let organizer = log_in(client, ORGANIZER).await?;
        let operator = log_in(client, OPERATOR).await?;
        let mut concerts = Vec::new();
        for number in 0..CONCERTS {
            let schedules: Vec<Value> =
                (0..SCHEDULES).map(|_| schedule()).collect::<Result<_>>()?;
            let body = json!({"title": format!("Concert {number}"), "schedules": schedules});
            let concert = Request::new(Method::POST, "/api/v1/concerts").by(&organizer).with(body);
            let concert = client.expect(&concert).await?;
            let ids = concert["schedules"].as_array().context("schedules")?.iter();
            let schedules = ids.map(|schedule| text(schedule, "id")).collect::<Result<_>>()?;
            let (id, room) = (text(&concert, "id")?, String::new());
            concerts.push(Concert { id, room, schedules });
        }
        let rooms = Request::new(Method::GET, "/api/v1/rooms?limit=100").by(&operator);
        let rooms = client.expect(&rooms).await?;
        for room in rooms["items"].as_array().context("rooms")? {
            let of_room = |concert: &Concert| room["concertId"] == concert.id;
            let Some(number) = concerts.iter().position(of_room) else { continue };
            concerts[number].room = text(room, "id")?;
            let path = format!("/api/v1/rooms/{}", concerts[number].room);
            let update = Request::new(Method::PATCH, path).by(&operator).with(policy(number));
            client.expect(&update).await?;
        }
        let me = Request::new(Method::GET, "/api/v1/users/me").by(&organizer);
        let id = text(&client.expect(&me).await?, "id")?;
        let organizer = User { id, email: ORGANIZER.to_owned(), access: organizer };
        let (sold, fans, seen) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Ok(Self { concerts, organizer, sold, fans, seen })
    }

    /// Notes that seats were sold, so that others are wanted from now on.
    pub fn note_sold(&self, seats: u64) {
        self.sold.fetch_add(seats, Ordering::SeqCst);
    }

    /// Notes a user who takes part.
    pub fn note_fan(&self, user: &User) {
        let fan = Recipient { id: user.id.clone(), email: user.email.clone() };
        let mut fans = self.fans.lock();
        if !fans.contains(&fan) {
            fans.push(fan);
        }
    }

    /// The users who take part.
    pub fn fans(&self) -> Vec<Recipient> {
        self.fans.lock().clone()
    }

    /// Notes a ticket that can be scanned from now on.
    pub fn note_seen(&self, ticket: Seen) {
        let mut seen = self.seen.lock();
        if !seen.contains(&ticket) {
            seen.push(ticket);
        }
    }

    /// The last tickets that were seen, up to this number.
    pub fn seen(&self, most: usize) -> Vec<Seen> {
        let seen = self.seen.lock();
        seen[seen.len().saturating_sub(most)..].to_vec()
    }

    /// The numbers of the seats of every schedule that are in demand now.
    pub fn hot_seats(&self) -> std::ops::Range<u64> {
        let of_each = self.sold.load(Ordering::SeqCst) / (CONCERTS * SCHEDULES) as u64;
        let first = of_each.min(ROWS * COLUMNS - HOT_SEATS) + 1;
        first..first + HOT_SEATS
    }
}

/// Signs people up and in; signing up is kept as part of the history.
///
/// # Errors
/// The service refused a client.
pub async fn sign_up(shared: &Arc<Shared>, count: usize) -> Result<Vec<User>> {
    let client = Client::new(shared, Manners::Patient)?;
    let mut users = Vec::new();
    for _ in 0..count {
        let (asked, request) = a_newcomer(shared);
        let Asked::SignUp { email } = asked.clone() else { continue };
        let (_, outcome) = client.ask("", asked, request, 0).await;
        let Outcome::Answered { status: 201, body } = outcome else {
            anyhow::bail!("no user could sign up: {outcome:?}");
        };
        let access = log_in(&client, &email).await?;
        users.push(User { id: text(&body, "id")?, email, access });
    }
    ensure!(users.len() == count, "a user did not sign up");
    Ok(users)
}

/// A client without an account signs up.
pub fn a_newcomer(shared: &Shared) -> (Asked, Request) {
    let serial = shared.serial();
    let email = format!("fan-{serial}@example.com");
    let body = json!({"name": "Fan", "email": email, "password": PASSWORD});
    let request = Request::new(Method::POST, "/api/v1/users").once(format!("sign-up-{serial}"));
    (Asked::SignUp { email }, request.with(body))
}

/// An access token of the organizer whose concerts these are.
///
/// # Errors
/// The service refused it.
pub async fn organizer(client: &Client) -> Result<String> {
    log_in(client, ORGANIZER).await
}

async fn log_in(client: &Client, email: &str) -> Result<String> {
    let body = json!({"email": email, "password": PASSWORD});
    let session = Request::new(Method::POST, "/api/v1/sessions").with(body);
    text(&client.expect(&session).await?, "accessToken")
}

/// A date whose doors are open already.
fn schedule() -> Result<Value> {
    let hour = 3_600_000_000;
    let at = |hours: i64| instant(now() + hours * hour);
    Ok(json!({
        "startsAt": at(10)?, "endsAt": at(12)?, "bookingOpensAt": at(-1)?, "bookingClosesAt": at(9)?,
        "cancellationClosesAt": at(9)?,
        "seatMap": {"rows": ROWS, "columns": COLUMNS, "price": PRICE},
    }))
}

/// An instant as requests have it.
///
/// # Errors
/// It is none that a calendar has.
pub fn instant(at: Micros) -> Result<String> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000)?;
    Ok(at.format(&Rfc3339)?)
}

fn text(value: &Value, field: &str) -> Result<String> {
    let text = value[field].as_str().with_context(|| format!("no {field} in {value}"))?;
    Ok(text.to_owned())
}
