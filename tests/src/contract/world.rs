//! People, shows, tokens and holds to test with. All of them are made by commands.

use std::sync::{Arc, Mutex};

use stagedoor_domain::operations::{
    Admit, ChangeName, ChangePassword, ChangePoints, ChangePolicy, CreateConcert, CreateUser,
    HoldSeats, JoinRoom, KeepWaiting, LeaveRoom, Paid, Pay, PointChange, PolicyEdit,
    RecordHeartbeats, ReleaseHold, SchedulePlan, SeatChoice,
};
use stagedoor_domain::ports::Execute;
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::reservation::SEATS_PER_RESERVATION_MAX;
use stagedoor_domain::{
    BookingPolicy, BookingWindow, Command, ConcertDetails, ConcertId, Email, ExpectedVersion,
    Instant, KeptDeadline, NewTicket, NewTickets, PersonName, PointAccount, Points, QueueToken,
    QueueTokenId, Reservation, ReservationId, Role, Room, RoomId, RoomPolicy, ScheduleId,
    ScheduleTerms, Seat, SeatMap, Section, TicketId, TicketLimit, TicketNumber, Title, TokenState,
    User, UserId,
};
use time::Duration;
use time::macros::datetime;

use super::ids::{Known, NewId, fresh};
use super::store::{self, Ruling, Store};

/// When every test begins. Its microseconds show whether they are kept.
pub const OPENING: Instant = datetime!(2026-11-21 10:00:00.123457 UTC);
/// What a seat costs.
pub const PRICE: i64 = 10_000;
/// How long a hold lasts.
pub const HOLD_SECONDS: i64 = 300;
/// How much longer an extended hold may last.
pub const EXTENSION_SECONDS: i64 = 120;
/// The idle time of the rooms of a [`World`], unless a test sets another.
pub const IDLE_SECONDS: i32 = 120;
/// It allows more live holds of one user in one schedule than any test but that of the bound makes.
pub const POLICY: BookingPolicy = BookingPolicy {
    hold_time: Duration::seconds(HOLD_SECONDS),
    extension_time: Duration::seconds(EXTENSION_SECONDS),
    late_payment_time: Duration::seconds(10),
    holds_max: 10_000,
    needs_verified_email: false,
};
/// More tickets of a schedule than any test but those of the limit gives to one person.
pub const TICKETS_MAX: i64 = 1_000;
/// In.
pub const CHARGE: PointChange = PointChange::Charge;
/// Out.
pub const USE: PointChange = PointChange::Use;
/// More people than any test makes.
pub const MANY: i32 = 100_000;

/// Seconds after the beginning.
pub fn at(seconds: i64) -> Instant {
    OPENING + Duration::seconds(seconds)
}

/// The last instant before another.
pub fn before(instant: Instant) -> Instant {
    instant - Duration::microseconds(1)
}

/// An amount of points.
pub fn points(amount: i64) -> Points {
    Points::new(amount).expect("an amount within bounds")
}

/// A user gets another name.
pub fn rename(user_id: UserId, name: &str) -> ChangeName {
    ChangeName { user_id, name: PersonName::parse(name).expect("a name") }
}

/// A user gets another password, whose hash is this.
pub fn new_password(of: &User, hash: &str) -> ChangePassword {
    let checked_hash = of.password_hash.clone();
    ChangePassword { user_id: of.id, checked_hash, new_hash: hash.to_owned() }
}

/// A concert with its room and one schedule.
#[derive(Clone, Debug)]
pub struct Show {
    /// Who made it.
    pub organizer_id: UserId,
    /// Which concert.
    pub concert_id: ConcertId,
    /// The room before it.
    pub room_id: RoomId,
    /// Its schedule.
    pub schedule_id: ScheduleId,
}

/// A user with a token.
#[derive(Clone, Copy, Debug)]
pub struct Fan {
    /// Who.
    pub user_id: UserId,
    /// With which token.
    pub token_id: QueueTokenId,
    /// In which room.
    pub room_id: RoomId,
}

/// A store, and what a test has made in it.
#[derive(Clone)]
pub struct World<S> {
    /// The store.
    pub store: S,
    known: Arc<Mutex<Known>>,
}

impl<S: Store> World<S> {
    /// A world with the site-wide room in it.
    pub fn new(store: S) -> Self {
        let known = Known { rooms: vec![RoomId::SITE], ..Known::default() };
        Self { store, known: Arc::new(Mutex::new(known)) }
    }

    /// The ids used so far.
    pub fn known(&self) -> Known {
        self.known.lock().expect("no test panics while it holds the ids").clone()
    }

    /// A new id.
    pub fn id<I: NewId>(&self) -> I {
        I::note(fresh(), &mut self.known.lock().expect("no test panics while it holds the ids"))
    }

    /// Has one command carried out.
    pub async fn ask<C: Command>(&self, command: C, now: Instant) -> Ruling<C>
    where
        S: Execute<C>,
    {
        store::ask(&self.store, command, now).await
    }

    /// Has commands carried out as one batch.
    pub async fn ask_all<C: Command>(
        &self,
        commands: impl IntoIterator<Item = C>,
        now: Instant,
    ) -> Vec<Ruling<C>>
    where
        S: Execute<C>,
    {
        store::ask_all(&self.store, commands, now).await
    }

    /// Has one command carried out that no rule refuses.
    pub async fn done<C: Command>(&self, command: C, now: Instant) -> C::Success
    where
        S: Execute<C>,
    {
        self.ask(command, now).await.expect("no rule refuses it")
    }

    /// The sign-up of a new user.
    pub fn sign_up(&self, role: Role) -> CreateUser {
        let id: UserId = self.id();
        CreateUser {
            id,
            name: PersonName::parse("김관객").expect("a name"),
            email: Email::parse(&format!("{id}@예시.kr")).expect("an address"),
            password_hash: format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${id}"),
            role,
            verification: None,
        }
    }

    /// A new user.
    pub async fn user(&self, role: Role) -> UserId {
        self.done(self.sign_up(role), OPENING).await.id
    }

    /// New fans, made as one batch.
    pub async fn users(&self, count: usize) -> Vec<UserId> {
        let sign_ups: Vec<_> = (0..count).map(|_| self.sign_up(Role::Fan)).collect();
        let created = self.ask_all(sign_ups, OPENING).await;
        created.into_iter().map(|user| user.expect("no address is taken").id).collect()
    }

    /// A plan of a schedule that can be booked for a day from the beginning on.
    pub fn plan(&self, rows: i64, columns: i64) -> SchedulePlan {
        let section = Section::parse(rows, columns, PRICE, "R석").expect("a section");
        let seat_map = SeatMap::new(vec![section]).expect("a seat map");
        SchedulePlan {
            id: self.id(),
            terms: ScheduleTerms {
                starts_at: at(864_000),
                ends_at: at(871_200),
                booking: BookingWindow { opens_at: OPENING, closes_at: at(86_400) },
                cancellation_closes_at: Some(at(43_200)),
                ticket_limit: TicketLimit::parse(TICKETS_MAX).expect("a limit"),
            },
            seat_ids: (0..seat_map.seat_count()).map(|_| self.id()).collect(),
            seat_map,
        }
    }

    /// A concert to be announced by an organizer.
    pub fn announcement(
        &self,
        organizer_id: UserId,
        schedules: Vec<SchedulePlan>,
    ) -> CreateConcert {
        CreateConcert {
            id: self.id(),
            room_id: self.id(),
            organizer_id,
            details: ConcertDetails::titled(Title::parse("겨울밤의 콘서트").expect("a title")),
            schedules,
            is_draft: false,
            open_to_all: false,
        }
    }

    /// A show with a number of seats.
    pub async fn show(&self, rows: i64, columns: i64) -> Show {
        let organizer_id = self.user(Role::Organizer).await;
        let plan = self.plan(rows, columns);
        let schedule_id = plan.id;
        let command = self.announcement(organizer_id, vec![plan]);
        let (concert_id, room_id) = (command.id, command.room_id);
        self.done(command, OPENING).await;
        Show { organizer_id, concert_id, room_id, schedule_id }
    }

    /// A show whose room admits every user at once.
    pub async fn open_show(&self, rows: i64, columns: i64) -> Show {
        let show = self.show(rows, columns).await;
        let edit = PolicyEdit {
            capacity: Some(MANY),
            admit_batch: Some(MANY),
            idle_seconds: Some(IDLE_SECONDS),
            ..PolicyEdit::default()
        };
        self.update_controls(show.room_id, edit, OPENING).await;
        show
    }

    /// A show whose room admits no user at once.
    pub async fn closed_show(&self) -> Show {
        let show = self.show(1, 1).await;
        let edit = PolicyEdit {
            capacity: Some(0),
            idle_seconds: Some(IDLE_SECONDS),
            ..PolicyEdit::default()
        };
        self.update_controls(show.room_id, edit, OPENING).await;
        show
    }

    /// Changes a room's policy.
    pub async fn update_controls(&self, room_id: RoomId, edit: PolicyEdit, now: Instant) -> Room {
        self.done(self.change_policy(room_id, edit), now).await
    }

    /// Changes a room's capacity and nothing else of its policy.
    pub async fn set_capacity(&self, room_id: RoomId, capacity: i32, now: Instant) -> Room {
        let edit = PolicyEdit { capacity: Some(capacity), ..PolicyEdit::default() };
        self.update_controls(room_id, edit, now).await
    }

    /// An operator's edit of a room's policy.
    pub fn change_policy(&self, room_id: RoomId, edit: PolicyEdit) -> ChangePolicy {
        ChangePolicy {
            action_id: self.id(),
            operator_id: self.id(),
            room_id,
            edit,
            message: None,
            expected: ExpectedVersion::Any,
        }
    }

    /// A request for a token.
    pub fn join(&self, room_id: RoomId, user_id: UserId) -> JoinRoom {
        JoinRoom { token_id: self.id(), room_id, user_id }
    }

    /// The token that a user gets in a room.
    pub async fn enter(&self, room_id: RoomId, user_id: UserId, now: Instant) -> Fan {
        let joined = self.done(self.join(room_id, user_id), now).await;
        Fan { user_id, token_id: joined.token.id, room_id }
    }

    /// New users, who join a room one after the other.
    pub async fn fans(&self, room_id: RoomId, count: usize) -> Vec<Fan> {
        let users = self.users(count).await;
        let joins: Vec<_> = users.iter().map(|user| self.join(room_id, *user)).collect();
        let joined = self.ask_all(joins, OPENING).await;
        let tokens = joined.into_iter().map(|joined| joined.expect("the room exists").token);
        tokens.map(|token| Fan { user_id: token.user_id, token_id: token.id, room_id }).collect()
    }

    /// One new person in a room.
    pub async fn fan(&self, room_id: RoomId) -> Fan {
        self.fans(room_id, 1).await.remove(0)
    }

    /// A change of a balance.
    pub fn points(&self, user_id: UserId, change: PointChange, amount: i64) -> ChangePoints {
        ChangePoints { entry_id: self.id(), user_id, change, amount: points(amount) }
    }

    /// Gives a user points.
    pub async fn charge(&self, user_id: UserId, amount: i64) {
        self.done(self.points(user_id, CHARGE, amount), OPENING).await;
    }

    /// A request for seats by their numbers.
    pub fn hold(&self, fan: Fan, show: &Show, numbers: &[i32]) -> HoldSeats {
        self.hold_choice(fan, show, SeatChoice::Numbers(numbers.to_vec()))
    }

    /// A request for seats.
    pub fn hold_choice(&self, fan: Fan, show: &Show, choice: SeatChoice) -> HoldSeats {
        HoldSeats {
            reservation_id: self.id(),
            user_id: fan.user_id,
            token_id: fan.token_id,
            room_id: fan.room_id,
            schedule_id: show.schedule_id,
            choice,
            policy: POLICY,
            reference: None,
        }
    }

    /// Seats held for a user.
    pub async fn held(&self, fan: Fan, show: &Show, numbers: &[i32], now: Instant) -> Reservation {
        self.done(self.hold(fan, show, numbers), now).await
    }

    /// A request to pay.
    pub fn pay(&self, fan: Fan, reservation_id: ReservationId) -> Pay {
        Pay {
            payment_id: self.id(),
            entry_id: self.id(),
            user_id: fan.user_id,
            token_id: fan.token_id,
            room_id: fan.room_id,
            reservation_id,
            tickets: self.new_tickets(),
            grace: Duration::ZERO,
            expected: None,
        }
    }

    /// What the tickets of a reservation get.
    pub fn new_tickets(&self) -> NewTickets {
        [(); SEATS_PER_RESERVATION_MAX].map(|()| self.new_ticket())
    }

    /// A new ticket's id and number.
    pub fn new_ticket(&self) -> NewTicket {
        let id: TicketId = self.id();
        // Multiples of 37 have the check digit 0.
        let serial = id.0.as_u64_pair().1 & 0xffff_ffff;
        let number = TicketNumber::of_bits(37 * serial).expect("a number that is read aloud");
        NewTicket { id, number }
    }

    /// Seats held and paid for a user who gets the points for it.
    pub async fn sold(&self, fan: Fan, show: &Show, numbers: &[i32], now: Instant) -> Paid {
        let reservation = self.held(fan, show, numbers, now).await;
        self.charge(fan.user_id, reservation.total_price.get()).await;
        self.done(self.pay(fan, reservation.id), now).await
    }

    /// Lets people in and says how many.
    pub async fn admit(&self, room_id: RoomId, now: Instant) -> i32 {
        self.done(Admit { room_id }, now).await.count
    }

    /// The token as the store has it.
    pub async fn token(&self, token_id: QueueTokenId) -> QueueToken {
        let found = self.store.queue_token(token_id).await.expect("the store reads");
        found.expect("there is such a token").0
    }

    /// The user as the store has it.
    pub async fn stored_user(&self, user_id: UserId) -> User {
        let found = self.store.user(user_id).await.expect("the store reads");
        found.expect("there is such a user")
    }

    /// The account as the store has it.
    pub async fn account(&self, user_id: UserId) -> PointAccount {
        let found = self.store.point_account(user_id).await.expect("the store reads");
        found.expect("there is such an account")
    }

    /// The seats of a show as the store has them.
    pub async fn seats(&self, show: &Show) -> Vec<Seat> {
        self.store.seats(show.schedule_id).await.expect("the store reads")
    }

    /// The room as the store has it.
    pub async fn room(&self, room_id: RoomId) -> Room {
        let found = self.store.room(room_id).await.expect("the store reads");
        found.expect("there is such a room")
    }

    /// The reservation as the store has it.
    pub async fn reservation(&self, id: ReservationId) -> Reservation {
        let found = self.store.reservation(id).await.expect("the store reads");
        found.expect("there is such a reservation")
    }
}

/// Releases a hold.
pub fn release(reservation: &Reservation) -> ReleaseHold {
    ReleaseHold { reservation_id: reservation.id, user_id: reservation.user_id }
}

/// Leaves a room.
pub fn leave(fan: Fan) -> LeaveRoom {
    LeaveRoom { token_id: fan.token_id, room_id: fan.room_id }
}

/// Waiting since a heartbeat at this instant.
pub fn waiting(seen_at: Instant) -> TokenState {
    TokenState::Waiting { seen_at, idle_at: seen_at + Duration::seconds(IDLE_SECONDS.into()) }
}

/// Keeps someone who waits since the beginning waiting by heartbeats that a process has kept.
pub fn keep_waiting(fan: Fan, sequence: i64, idle_at: Instant) -> KeepWaiting {
    KeepWaiting(KeptDeadline { room_id: fan.room_id, sequence, stored: OPENING, idle_at })
}

/// A heartbeat.
pub fn heartbeat(fan: Fan, at: Instant) -> RecordHeartbeats {
    let policy = RoomPolicy { idle_seconds: IDLE_SECONDS, ..RoomPolicy::default() };
    RecordHeartbeats { token_id: fan.token_id, heartbeats: Heartbeats::one(&policy, at, true) }
}
