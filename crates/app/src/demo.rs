//! `--demo`: people and concerts to try the service with.

mod programme;

use std::sync::Arc;

use anyhow::Context;
use stagedoor_domain::operations::{CreateConcert, CreateSchedule, CreateUser};
use stagedoor_domain::ports::{Clock, Execute, Passwords};
use stagedoor_domain::{
    Command, Email, Instant, PersonName, Request, Role, RoomId, UserId, Verdict,
};

use crate::ids::new_id;
use crate::store::Store;
use programme::Show;

/// Everybody's password.
pub const PASSWORD: &str = "stagedoor";

const ORGANIZER: &str = "organizer@example.com";
const PEOPLE: [(&str, &str, Role); 3] = [
    (ORGANIZER, "Demo Organizer", Role::Organizer),
    ("fan@example.com", "Demo Fan", Role::Fan),
    ("operator@example.com", "Demo Operator", Role::Operator),
];

/// Makes what is missing of the demonstration's people and concerts, through the same commands as
/// everybody. A concert whose schedules have all closed gets new ones.
///
/// # Errors
/// The store holds other data and the demonstration may not join them, or the store failed.
pub async fn seed(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    passwords: &Arc<dyn Passwords>,
    may_join_others: bool,
) -> anyhow::Result<()> {
    let seed = Seed { store, now: clock.now() };
    let is_ours = store.user_by_email(&Email::parse(ORGANIZER)?).await?.is_some();
    if !is_ours && !may_join_others && store.count_users(1).await? > 0 {
        anyhow::bail!(
            "this PostgreSQL holds data that are no demonstration's. Its users would be joined by \
             some with a known password, and anyone could get a token for anyone. Use another \
             database, or say --force if you mean it"
        );
    }
    let mut organizer_id = None;
    for (email, name, role) in PEOPLE {
        let id = seed.person(&**passwords, email, name, role).await?;
        organizer_id = organizer_id.or(Some(id));
    }
    let organizer_id = organizer_id.context("nobody organizes")?;
    for show in programme::SHOWS {
        seed.show(show, organizer_id).await?;
    }
    Ok(())
}

struct Seed<'a> {
    store: &'a Arc<dyn Store>,
    now: Instant,
}

impl Seed<'_> {
    async fn person(
        &self,
        passwords: &dyn Passwords,
        email: &str,
        name: &str,
        role: Role,
    ) -> anyhow::Result<UserId> {
        let email = Email::parse(email)?;
        if let Some(user) = self.store.user_by_email(&email).await? {
            return Ok(user.id);
        }
        let command = CreateUser {
            id: UserId(new_id()),
            name: PersonName::parse(name)?,
            email: email.clone(),
            password_hash: passwords.hash(PASSWORD.to_owned()).await?,
            role,
        };
        if let Ok(created) = self.execute(command).await? {
            return Ok(created.id);
        }
        // Another process demonstrates on the same store and was faster.
        let user = self.store.user_by_email(&email).await?;
        Ok(user.context("a demonstration's user is missing")?.id)
    }

    async fn show(&self, show: &Show, organizer_id: UserId) -> anyhow::Result<()> {
        let id = show.concert_id();
        let Some(listing) = self.store.concert(id, self.now).await? else {
            let command = CreateConcert {
                id,
                room_id: RoomId(new_id()),
                organizer_id,
                title: show.title()?,
                description: show.description()?,
                schedules: show.schedules(self.now)?,
                open_to_all: true,
            };
            let announced = self.execute(command).await;
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
                self.execute(CreateSchedule { concert_id: id, organizer_id, plan }).await??;
            }
        }
        Ok(())
    }

    async fn execute<C>(&self, command: C) -> anyhow::Result<Verdict<C>>
    where
        C: Command,
        dyn Store: Execute<C>,
    {
        let verdicts = self.store.execute(&[Request::new(command)], self.now).await?;
        verdicts.into_iter().next().context("the store gave no answer")
    }
}
