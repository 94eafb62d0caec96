//! A random history: the store answers and holds what the pure model does.

use fastrand::Rng;
use stagedoor_domain::operations::{
    Admit, CreateConcert, CreateSchedule, CreateUser, ExpireHolds, ExpireTokens, Pay, PolicyEdit,
    SeatChoice,
};
use stagedoor_domain::ports::{Execute, Reservations};
use stagedoor_domain::{
    BookingPolicy, Command, ExpectedVersion, Hall, Idempotency, Instant, PageSize, Reservation,
    ReservationStatus, Role, RoomId, Submission, UserId, Venue,
};
use time::Duration;

use super::complimentary_tickets::{by_staff, give};
use super::concerts::new_title;
use super::extend_and_cancel::{cancellation, extension};
use super::posters::a_poster;
use super::seat_blocks::{block, unblock};
use super::snapshot::Snapshot;
use super::store::{Store, assert_sound, execute};
use super::venues::{a_plan, change_plan, new_hall, new_venue, rename_venue, schedule_in};
use super::world::{
    CHARGE, Fan, OPENING, POLICY, Show, USE, World, heartbeat, leave, new_password, release, rename,
};
use crate::model::Model;

/// A store and its model, to which the same is done.
struct Twins<S> {
    world: World<S>,
    model: Model,
    random: Rng,
    now: Instant,
    shows: Vec<Show>,
    halls: Vec<(Venue, Hall)>,
    users: Vec<UserId>,
    fans: Vec<Fan>,
    held: Vec<Reservation>,
}

impl<S: Store> Twins<S> {
    fn new(store: S, seed: u64) -> Self {
        Self {
            world: World::new(store),
            model: Model::default(),
            random: Rng::with_seed(seed),
            now: OPENING,
            shows: Vec::new(),
            halls: Vec::new(),
            users: Vec::new(),
            fans: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Some commands as one batch.
    async fn ask_plain<C: Command>(&mut self, commands: Vec<C>) -> Vec<C::Success>
    where
        S: Execute<C>,
    {
        self.execute(commands.into_iter().map(Submission::new).collect()).await
    }

    /// Some commands as one batch, some of them under one of few keys.
    async fn ask<C>(&mut self, commands: Vec<C>) -> Vec<C::Success>
    where
        S: Execute<C>,
        C: Command<Key = Idempotency>,
    {
        let submissions = commands.into_iter().map(|command| self.submission(command)).collect();
        self.execute(submissions).await
    }

    async fn execute<C: Command>(&mut self, submissions: Vec<Submission<C>>) -> Vec<C::Success>
    where
        S: Execute<C>,
    {
        let answers = execute(&self.world.store, &submissions, self.now).await;
        let expected = execute(&self.model, &submissions, self.now).await;
        assert_eq!(answers, expected, "at {} to {submissions:#?}", self.now);
        answers.into_iter().filter_map(Result::ok).collect()
    }

    fn submission<C: Command<Key = Idempotency>>(&mut self, command: C) -> Submission<C> {
        let is_keyed = self.random.usize(..4) == 0 && !self.users.is_empty();
        let key = is_keyed.then(|| Idempotency {
            owner: self.users[self.random.usize(..self.users.len().min(3))],
            key: format!("{}-{}", std::any::type_name::<C>(), self.random.usize(..5)),
            fingerprint: format!("{}", self.random.usize(..5) / 4),
        });
        Submission { command, key }
    }

    /// Checks all that can be read, as of now and later.
    async fn assert_same(&self) {
        let known = self.world.known();
        for now in [self.now, self.now + Duration::seconds(45), self.now + Duration::days(2)] {
            let expected = Snapshot::of(&self.model, &known, now).await;
            Snapshot::of(&self.world.store, &known, now).await.assert_same(&expected);
            assert_sound(&self.world.store, now).await;
            for user_id in &known.users {
                let held = Some(ReservationStatus::Held);
                let size = PageSize::DEFAULT;
                assert_eq!(
                    self.world.store.reservations(*user_id, held, None, size, now).await,
                    self.model.reservations(*user_id, held, None, size, now).await,
                );
            }
        }
    }

    fn few(&mut self) -> usize {
        1 + self.random.usize(..5)
    }

    async fn begin(&mut self) {
        let organizer = self.world.sign_up(Role::Organizer);
        let made = self.ask(vec![organizer]).await;
        for (rows, columns) in [(2, 6), (3, 4)] {
            let plan = self.world.plan(rows, columns);
            let schedule_id = plan.id;
            let announcement = self.world.announcement(made[0].id, vec![plan]);
            self.shows.push(Show {
                organizer_id: made[0].id,
                concert_id: announcement.id,
                room_id: announcement.room_id,
                schedule_id,
            });
            self.ask(vec![announcement]).await;
        }
        let organizer_id = made[0].id;
        let venues = [(); 2].map(|()| new_venue(&self.world, organizer_id)).to_vec();
        for venue in self.ask(venues).await {
            let hall = new_hall(&self.world, &venue, a_plan(2));
            let hall = self.ask(vec![hall]).await.remove(0);
            self.halls.push((venue, hall));
        }
        for room_id in self.shows.iter().map(|show| show.room_id).collect::<Vec<_>>() {
            let edit = PolicyEdit {
                capacity: Some(8),
                admit_batch: Some(3),
                admit_interval_seconds: Some(20),
                active_seconds: Some(200),
                idle_seconds: Some(100),
                paused: None,
            };
            let update_controls = self.world.change_policy(room_id, edit);
            self.ask_plain(vec![update_controls]).await;
        }
    }

    /// One random batch.
    async fn step(&mut self) {
        let microseconds = i64::try_from(self.random.usize(..16_000_000)).expect("a small number");
        self.now += Duration::microseconds(microseconds);
        match self.random.usize(..21) {
            0..=1 => self.sign_up().await,
            2..=5 => self.join().await,
            6..=10 => self.hold().await,
            11 => self.change_holds().await,
            12..=13 => self.pay().await,
            14 => self.leave_and_see().await,
            15..=16 => self.change_points().await,
            17 => self.update_controls().await,
            18 => self.admit().await,
            19 => self.organize().await,
            _ => self.expire().await,
        }
    }

    async fn sign_up(&mut self) {
        let mut sign_ups: Vec<_> = (0..self.few()).map(|_| self.world.sign_up(Role::Fan)).collect();
        let first = sign_ups[0].email.clone();
        sign_ups.push(CreateUser { email: first, ..self.world.sign_up(Role::Fan) });
        let made = self.ask(sign_ups).await;
        let new: Vec<_> = made.iter().map(|user| user.id).collect();
        let charges = new.iter().map(|user| self.world.points(*user, CHARGE, 40_000)).collect();
        self.ask(charges).await;
        self.users.extend(new);
        self.change_users().await;
    }

    /// Some names, and one password twice from the same one.
    async fn change_users(&mut self) {
        let Some(user_id) = self.random.choice(&self.users).copied() else { return };
        let names = (0..self.few()).map(|n| rename(user_id, &format!("Fan {n}"))).collect();
        self.ask_plain(names).await;
        let user = self.world.stored_user(user_id).await;
        let hash = format!("{}+", user.password_hash);
        self.ask_plain(vec![new_password(&user, &hash), new_password(&user, "never")]).await;
    }

    async fn join(&mut self) {
        if self.users.is_empty() {
            return;
        }
        let mut joins = Vec::new();
        for _ in 0..self.few() {
            let room_id = match self.random.usize(..8) {
                0 => RoomId::SITE,
                _ => self.random.choice(&self.shows).expect("one of several").room_id,
            };
            joins.push(
                self.world.join(
                    room_id,
                    self.random.choice(&self.users).cloned().expect("one of several"),
                ),
            );
        }
        for joined in self.ask(joins).await {
            let (user_id, room_id) = (joined.token.user_id, joined.token.room_id);
            self.fans.push(Fan { user_id, token_id: joined.token.id, room_id });
        }
    }

    /// Mostly of the show whose room the user is in.
    fn show_for(&mut self, fan: Fan) -> Show {
        let own = self.shows.iter().find(|show| show.room_id == fan.room_id).cloned();
        match own {
            Some(own) if self.random.usize(..8) > 0 => own,
            _ => self.random.choice(&self.shows).cloned().expect("one of several"),
        }
    }

    async fn hold(&mut self) {
        if self.fans.is_empty() {
            return;
        }
        let mut holds = Vec::new();
        for _ in 0..self.few() {
            let fan = self.recent_fan();
            let show = self.show_for(fan);
            let choice = match self.random.usize(..3) {
                0 => SeatChoice::best(1 + self.random.usize(..4)),
                _ => {
                    let first = i32::try_from(self.random.usize(..13)).expect("a small number");
                    let last =
                        first + i32::try_from(self.random.usize(..3)).expect("a small number");
                    SeatChoice::Numbers((first..=last).rev().collect())
                }
            };
            let mut hold = self.world.hold_choice(fan, &show, choice);
            hold.policy = BookingPolicy {
                hold_time: Duration::seconds(90),
                extension_time: Duration::seconds(60),
                holds_max: 3,
                ..POLICY
            };
            holds.push(hold);
        }
        let held = self.ask(holds).await;
        self.held.extend(held);
    }

    fn recent_fan(&mut self) -> Fan {
        let recent = self.fans.len().saturating_sub(12);
        self.random.choice(&self.fans[recent..]).cloned().expect("one of several")
    }

    fn recent_hold(&mut self) -> Reservation {
        let recent = self.held.len().saturating_sub(6);
        self.random.choice(&self.held[recent..]).cloned().expect("one of several")
    }

    async fn change_holds(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let extensions = (0..self.few()).map(|_| extension(&self.recent_hold())).collect();
        self.ask(extensions).await;
        let gives = (0..self.few()).map(|_| release(&self.recent_hold())).collect();
        self.ask_plain(gives).await;
    }

    async fn pay(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut pays = Vec::new();
        for _ in 0..self.few() {
            let held = self.recent_hold();
            let own =
                self.fans.iter().rfind(|fan| Some(fan.token_id) == held.queue_token_id).copied();
            let fan = match own {
                Some(own) if self.random.usize(..6) > 0 => own,
                _ => self.recent_fan(),
            };
            let grace = Duration::seconds(60);
            pays.push(Pay { grace, ..self.world.pay(fan, held.id) });
        }
        self.ask(pays).await;
        let held = self.recent_hold();
        let cancel = cancellation(&self.world, &held);
        if self.random.usize(..3) == 0 {
            self.ask(vec![cancel]).await;
        }
    }

    async fn leave_and_see(&mut self) {
        if self.fans.is_empty() {
            return;
        }
        let signs = (0..self.few()).map(|_| heartbeat(self.recent_fan(), self.now)).collect();
        self.ask_plain(signs).await;
        let leaves = vec![
            leave(self.recent_fan()),
            leave(self.random.choice(&self.fans).cloned().expect("one of several")),
        ];
        self.ask_plain(leaves).await;
    }

    async fn change_points(&mut self) {
        if self.users.is_empty() {
            return;
        }
        let mut changes = Vec::new();
        for _ in 0..self.few() {
            let change = self.random.choice(&[CHARGE, USE]).cloned().expect("one of several");
            let amount = 1 + i64::try_from(self.random.usize(..30_000)).expect("a small number");
            changes.push(self.world.points(
                self.random.choice(&self.users).cloned().expect("one of several"),
                change,
                amount,
            ));
        }
        self.ask(changes).await;
    }

    async fn update_controls(&mut self) {
        let edit = PolicyEdit {
            capacity: Some(i32::try_from(3 + self.random.usize(..6)).expect("a small number")),
            paused: Some(self.random.usize(..5) == 0),
            ..PolicyEdit::default()
        };
        let show = self.random.choice(&self.shows).cloned().expect("one of several");
        let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
        let update_controls = self.world.change_policy(show.room_id, edit);
        self.ask_plain(vec![update_controls]).await;
        let (venue, hall) = self.random.choice(&self.halls).cloned().expect("one of several");
        let plan = match self.random.usize(..2) {
            0 => self.world.plan(1, 2),
            _ => schedule_in(&self.world, &hall).await,
        };
        self.ask(vec![CreateSchedule { concert_id, organizer_id, plan }]).await;
        self.change_venues(&venue, &hall).await;
        self.block_seats(&show).await;
    }

    /// Two seats are blocked, two others are not blocked any more, if they were, and two are given away, perhaps for a
    /// short time.
    async fn block_seats(&mut self, show: &Show) {
        let two = |random: &mut Rng| {
            let first = i32::try_from(1 + random.usize(..11)).expect("a small number");
            [first, first + 1]
        };
        let blocks = [(); 2].map(|()| block(&self.world, show, &two(&mut self.random)));
        let unblocking = unblock(&self.world, show, &two(&mut self.random));
        self.ask_plain(blocks.into_iter().chain([unblocking]).collect()).await;
        let Some(user_id) = self.random.choice(&self.users).copied() else { return };
        let gifts = [(); 2].map(|()| give(&self.world, show, user_id, &two(&mut self.random)));
        let given = self.ask_plain(gifts.to_vec()).await;
        let cancelled = given.iter().map(|given| by_staff(&self.world, show.organizer_id, given));
        if self.random.bool() {
            self.ask_plain(cancelled.collect()).await;
        }
    }

    /// Some plans of one hall, equal ones among them, and edits of a venue, most of them of an older version.
    async fn change_venues(&mut self, venue: &Venue, hall: &Hall) {
        let mut plans = Vec::new();
        for _ in 0..self.few() {
            let standing = i32::try_from(1 + self.random.usize(..3)).expect("a small number");
            plans.push(change_plan(&self.world, venue, hall, a_plan(standing)));
        }
        self.ask_plain(plans).await;
        let mut edits = Vec::new();
        for n in 0..self.few() {
            let seen = i64::try_from(self.random.usize(..6)).expect("a small number");
            let seen = ExpectedVersion::OneOf(vec![seen]);
            edits.push(rename_venue(&self.world, venue, &format!("Hall {n}"), seen));
        }
        self.ask_plain(edits).await;
    }

    /// Another concert, which is edited, published, joined, cancelled and deleted, or not.
    async fn organize(&mut self) {
        let organizer_id = self.shows[0].organizer_id;
        let plan = self.world.plan(1, 2);
        let schedule_id = plan.id;
        let announcement = self.world.announcement(organizer_id, vec![plan]);
        let (concert_id, room_id) = (announcement.id, announcement.room_id);
        let show = Show { organizer_id, concert_id, room_id, schedule_id };
        let is_draft = self.random.bool();
        self.ask(vec![CreateConcert { is_draft, ..announcement }]).await;
        let edits = (0..self.few()).map(|version| show.edit(new_title("새 제목"), version as i64));
        self.ask_plain(edits.collect()).await;
        let posters = (0..self.few()).map(|_| self.random.u8(0..3)).collect::<Vec<_>>();
        let poster = |digit: u8| (digit > 0).then(|| a_poster(digit, 640));
        self.ask_plain(posters.into_iter().map(|digit| show.show_poster(poster(digit))).collect())
            .await;
        if self.random.bool() {
            self.ask(vec![show.publish()]).await;
        }
        let joins = self.users.iter().take(2).map(|user_id| self.world.join(room_id, *user_id));
        self.ask(joins.collect()).await;
        if self.random.bool() {
            self.ask(vec![show.cancel(), show.cancel()]).await;
        }
        if self.random.bool() {
            self.ask_plain(vec![show.delete(), show.delete()]).await;
        }
    }

    async fn admit(&mut self) {
        let rooms = (0..self.few())
            .map(|_| self.random.choice(&self.shows).expect("one of several").room_id);
        let admits = rooms.map(|room_id| Admit { room_id }).collect();
        self.ask_plain(admits).await;
    }

    async fn expire(&mut self) {
        self.ask_plain(vec![ExpireHolds]).await;
        self.ask_plain(vec![ExpireTokens]).await;
    }
}

async fn live<S: Store>(store: S, seed: u64) {
    let mut twins = Twins::new(store, seed);
    twins.begin().await;
    for number in 1..=400 {
        twins.step().await;
        if number % 100 == 0 {
            twins.assert_same().await;
        }
    }
}

/// Batches of every command: the same verdicts, and the same rows in the end.
pub async fn a_random_history_is_as_in_the_model<S: Store>(store: S) {
    live(store, 2_026).await;
}

/// The same with other chances.
pub async fn another_random_history_is_as_in_the_model<S: Store>(store: S) {
    live(store, 1_121).await;
}
