//! `--demo`: people and concerts to try the service with.

mod programme;

use std::sync::Arc;

use anyhow::Context;
use stagedoor_domain::operations::{CreateConcert, CreateSchedule, CreateUser};
use stagedoor_domain::ports::{Clock, Passwords};
use stagedoor_domain::{Email, Instant, PersonName, Role, RoomId, UserId};
use uuid::Uuid;

use crate::ids::new_id;
use crate::store::Store;
use programme::Show;

/// The password of all demonstration users.
pub const PASSWORD: &str = "stagedoor";

/// A user of the demonstration.
struct Person {
    number: u128,
    email: &'static str,
    name: &'static str,
    role: Role,
}

impl Person {
    /// The id is fixed: it marks the store as a demonstration's.
    fn id(&self) -> UserId {
        UserId(Uuid::from_u128(FIRST_PERSON_ID + self.number))
    }
}

const FIRST_PERSON_ID: u128 = 0x019a_a000_0000_7000_8000_0000_0000_0100;

/// The organizer is first: concerts are made in their name.
const PEOPLE: [Person; 3] = [
    Person {
        number: 1,
        email: "organizer@example.com",
        name: "Demo Organizer",
        role: Role::Organizer,
    },
    Person { number: 2, email: "fan@example.com", name: "Demo Fan", role: Role::Fan },
    Person {
        number: 3,
        email: "operator@example.com",
        name: "Demo Operator",
        role: Role::Operator,
    },
];

/// Makes what is missing of the demonstration's people and concerts, through the same commands as
/// all users. A concert whose schedules have all closed gets new ones.
///
/// # Errors
/// The store holds data that no demonstration made, or the store failed.
pub async fn seed(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    passwords: &Arc<dyn Passwords>,
) -> anyhow::Result<()> {
    // Users are counted first: another process may mark an empty store in between.
    if store.count_users(1).await? > 0 && !is_marked(store, clock, passwords).await? {
        anyhow::bail!(
            "this store has users that no demonstration made. A demonstration would add users with \
             a known password, and give a token for any user to anyone. Choose an empty directory \
             with --data, or an empty database"
        );
    }
    let seed = Seed { store, now: clock.now() };
    let mut organizer_id = None;
    for person in &PEOPLE {
        let id = seed.person(&**passwords, person).await?;
        organizer_id = organizer_id.or(Some(id));
    }
    let organizer_id = organizer_id.context("there is no organizer")?;
    for show in programme::SHOWS {
        seed.show(show, organizer_id).await?;
    }
    Ok(())
}

/// Refuses a store that a demonstration filled: the passwords of its operator and organizer are public.
///
/// # Errors
/// Names the next step, or the store failed.
pub async fn refuse(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    passwords: &Arc<dyn Passwords>,
) -> anyhow::Result<()> {
    if is_marked(store, clock, passwords).await? {
        anyhow::bail!(
            "a demonstration filled this store, and everyone knows the password of its operator. \
             Choose another directory with --data (STAGEDOOR_DATA), or another database \
             (DATABASE_URL). To go on with the demonstration, add --demo"
        );
    }
    Ok(())
}

/// Whether a demonstration filled the store: it has a user or a concert with an id that only
/// demonstrations give. Before such ids, and before the first concert, a demonstration is known by an
/// operator or organizer with its e-mail and its password.
async fn is_marked(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    passwords: &Arc<dyn Passwords>,
) -> anyhow::Result<bool> {
    for show in programme::SHOWS {
        if store.concert(show.concert_id(), clock.now()).await?.is_some() {
            return Ok(true);
        }
    }
    for person in &PEOPLE {
        if store.user(person.id()).await?.is_some() {
            return Ok(true);
        }
    }
    for person in PEOPLE.iter().filter(|person| person.role != Role::Fan) {
        let user = store.user_by_email(&Email::parse(person.email)?).await?;
        if let Some(user) = user.filter(|user| user.role == person.role) {
            let known =
                passwords.verify(PASSWORD.to_owned(), Some(user.password_hash), true).await?;
            if known {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

struct Seed<'a> {
    store: &'a Arc<dyn Store>,
    now: Instant,
}

impl Seed<'_> {
    async fn person(&self, passwords: &dyn Passwords, person: &Person) -> anyhow::Result<UserId> {
        let email = Email::parse(person.email)?;
        if let Some(user) = self.store.user_by_email(&email).await? {
            return Ok(user.id);
        }
        let command = CreateUser {
            id: person.id(),
            name: PersonName::parse(person.name)?,
            email: email.clone(),
            password_hash: passwords.hash(PASSWORD.to_owned()).await?,
            role: person.role,
            verification: None,
        };
        let made = self.store.execute_one(command, self.now).await;
        // Another process may have been faster: then the id or the e-mail is taken.
        match self.store.user_by_email(&email).await? {
            Some(user) => Ok(user.id),
            None => Ok(made??.id),
        }
    }

    async fn show(&self, show: &Show, organizer_id: UserId) -> anyhow::Result<()> {
        let id = show.concert_id();
        let Some(listing) = self.store.concert(id, self.now).await? else {
            let command = CreateConcert {
                id,
                room_id: RoomId(new_id()),
                organizer_id,
                details: show.details()?,
                schedules: show.schedules(self.now)?,
                is_draft: false,
                open_to_all: true,
            };
            let announced = self.store.execute_one(command, self.now).await;
            // Another process may have been faster: then the concert's id is taken.
            if announced.is_err() && self.store.concert(id, self.now).await?.is_some() {
                return Ok(());
            }
            announced??;
            return Ok(());
        };
        // Booking closes when the performance starts, so no next date means that all have closed.
        if listing.next_dates.is_empty() {
            let organizer_id = listing.concert.organizer_id;
            for plan in show.schedules(self.now)? {
                let command = CreateSchedule { concert_id: id, organizer_id, plan };
                self.store.execute_one(command, self.now).await??;
            }
        }
        Ok(())
    }
}
