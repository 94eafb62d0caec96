//! The rows a batch works on, and what it changed of them.
//!
//! A driven adapter locks and loads rows into a [`WorkingSet`], has the batch decided on it, and
//! writes the [`Changes`] that come out. Nothing else makes `Changes`, so an adapter can write only
//! what the rules allowed.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Debug, Display};

use crate::{
    Concert, ConcertId, Crowd, Instant, OperatorAction, OperatorActionId, Payment, PaymentId,
    PointAccount, PointEntry, PointEntryId, QueueToken, QueueTokenId, Reservation, ReservationId,
    Room, RoomId, Schedule, ScheduleId, Seat, SeatId, User, UserId,
};

/// The answer kept for an idempotency key (rule 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whose key.
    pub owner: UserId,
    /// The key.
    pub key: String,
    /// The name of the command it was used for.
    pub command: String,
    /// The digest of what was asked.
    pub fingerprint: String,
    /// The verdict, as JSON.
    pub verdict: String,
    /// When it was decided.
    pub recorded_at: Instant,
}

/// Rows contradict the rules or each other: a bug. Nothing of the batch may be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Corrupt(String);

impl Corrupt {
    /// A contradiction, in words.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    fn missing(id: impl Debug) -> Self {
        Self(format!("{id:?} is not in the working set"))
    }

    /// A transition that fails although a check has allowed it.
    pub(crate) fn transition(id: impl Debug, error: impl Display) -> Self {
        Self(format!("{id:?}: {error}"))
    }
}

/// Something kept in a table of the store.
pub trait Stored: Sized + PartialEq + 'static {
    /// What tells one from another.
    type Id: Ord + Clone + Debug + 'static;

    /// This one's id.
    fn id(&self) -> Self::Id;
    /// The table of these in a set.
    #[doc(hidden)]
    fn table(tables: &Tables) -> &Table<Self>;
    /// The table of these in a set.
    #[doc(hidden)]
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Loaded,
    Inserted,
    Updated,
}

/// Rows by id, each marked with what became of it.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Table<T: Stored>(BTreeMap<T::Id, (T, Mark)>);

impl<T: Stored> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

macro_rules! tables {
    ($($field:ident: $row:ty, $id:ty, |$self:ident| $key:expr;)*) => {
        /// One table for each kind of row.
        #[doc(hidden)]
        #[derive(Clone, Debug, Default)]
        pub struct Tables {
            $($field: Table<$row>,)*
        }

        impl Tables {
            fn settle(&mut self) {
                $(self.$field.0.values_mut().for_each(|(_, mark)| *mark = Mark::Loaded);)*
            }
        }

        $(impl Stored for $row {
            type Id = $id;

            fn id(&$self) -> Self::Id {
                $key
            }

            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$field
            }

            fn table_mut(tables: &mut Tables) -> &mut Table<Self> {
                &mut tables.$field
            }
        })*
    };
}

tables! {
    users: User, UserId, |self| self.id;
    concerts: Concert, ConcertId, |self| self.id;
    schedules: Schedule, ScheduleId, |self| self.id;
    seats: Seat, SeatId, |self| self.id;
    rooms: Room, RoomId, |self| self.id;
    queue_tokens: QueueToken, QueueTokenId, |self| self.id;
    reservations: Reservation, ReservationId, |self| self.id;
    point_accounts: PointAccount, UserId, |self| self.user_id;
    point_entries: PointEntry, PointEntryId, |self| self.id;
    payments: Payment, PaymentId, |self| self.id;
    operator_actions: OperatorAction, OperatorActionId, |self| self.id;
    answers: Answer, (UserId, String), |self| (self.owner, self.key.clone());
}

/// The locked rows that a batch works on, kept up to date while its commands are decided.
#[derive(Clone, Debug, Default)]
pub struct WorkingSet {
    tables: Tables,
    crowds: BTreeMap<RoomId, Crowd>,
    seats_by_number: BTreeMap<(ScheduleId, i32), SeatId>,
    tokens_by_owner: HashMap<(RoomId, UserId), Vec<QueueTokenId>>,
    live_holds: HashMap<(ScheduleId, UserId), Vec<ReservationId>>,
    seat_counts: HashMap<ConcertId, i64>,
}

impl WorkingSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in rows as the store holds them.
    pub fn load<T: Stored>(&mut self, rows: impl IntoIterator<Item = T>) {
        let table = T::table_mut(&mut self.tables);
        table.0.extend(rows.into_iter().map(|row| (row.id(), (row, Mark::Loaded))));
    }

    /// Takes in seats as the store holds them, to be found by number too.
    pub fn load_seats(&mut self, seats: Vec<Seat>) {
        let numbers = seats.iter().map(|seat| ((seat.schedule_id, seat.number), seat.id));
        self.seats_by_number.extend(numbers);
        self.load(seats);
    }

    /// Takes in queue tokens as the store holds them, to be found by room and user too.
    pub fn load_queue_tokens(&mut self, tokens: Vec<QueueToken>) {
        for token in &tokens {
            self.index_token(token);
        }
        self.load(tokens);
    }

    /// Takes in how full a room is at the instant of the batch.
    pub fn load_crowd(&mut self, room_id: RoomId, crowd: Crowd) {
        self.crowds.insert(room_id, crowd);
    }

    /// Takes in the live holds that a user has in a schedule at the instant of the batch.
    pub fn load_live_holds(
        &mut self,
        schedule_id: ScheduleId,
        user_id: UserId,
        holds: Vec<ReservationId>,
    ) {
        self.live_holds.insert((schedule_id, user_id), holds);
    }

    /// Takes in how many seats a concert has on all its dates.
    pub fn load_seat_count(&mut self, concert_id: ConcertId, count: i64) {
        self.seat_counts.insert(concert_id, count);
    }

    /// One row.
    pub fn get<T: Stored>(&self, id: &T::Id) -> Option<&T> {
        T::table(&self.tables).0.get(id).map(|(row, _)| row)
    }

    /// One row that another one refers to.
    ///
    /// # Errors
    /// It is not in the set.
    pub fn require<T: Stored>(&self, id: &T::Id) -> Result<&T, Corrupt> {
        self.get(id).ok_or_else(|| Corrupt::missing(id))
    }

    /// All rows of a kind, in the order of their ids.
    pub fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        T::table(&self.tables).0.values().map(|(row, _)| row)
    }

    /// How full a room is, as far as the batch has been decided.
    pub fn crowd(&self, room_id: RoomId) -> Crowd {
        self.crowds.get(&room_id).copied().unwrap_or_default()
    }

    /// The live holds that a user has in a schedule, as far as the batch has been decided.
    pub fn live_holds(&self, schedule_id: ScheduleId, user_id: UserId) -> &[ReservationId] {
        self.live_holds.get(&(schedule_id, user_id)).map_or(&[], Vec::as_slice)
    }

    /// How many seats a concert has, as far as the batch has been decided.
    pub fn seat_count(&self, concert_id: ConcertId) -> i64 {
        self.seat_counts.get(&concert_id).copied().unwrap_or_default()
    }

    /// The seat of this number, if it was loaded.
    pub fn seat_numbered(&self, schedule_id: ScheduleId, number: i32) -> Option<SeatId> {
        self.seats_by_number.get(&(schedule_id, number)).copied()
    }

    /// The loaded seats of a schedule, in the order of their numbers.
    pub fn seats_of(&self, schedule_id: ScheduleId) -> impl Iterator<Item = &Seat> {
        self.seats_by_number
            .range((schedule_id, i32::MIN)..=(schedule_id, i32::MAX))
            .filter_map(|(_, id)| self.get::<Seat>(id))
    }

    /// Copies of the seats of a reservation.
    ///
    /// # Errors
    /// One of them is not in the set.
    pub(crate) fn reserved_seats(&self, of: &Reservation) -> Result<Vec<Seat>, Corrupt> {
        of.seats.iter().map(|seat| self.require(&seat.id).cloned()).collect()
    }

    /// The payment of a reservation, if it was loaded or made.
    pub fn payment_of(&self, reservation_id: ReservationId) -> Option<&Payment> {
        self.all::<Payment>().find(|payment| payment.reservation_id == reservation_id)
    }

    /// The user's tokens in a room that were loaded or made.
    pub fn tokens_of(&self, room_id: RoomId, user_id: UserId) -> impl Iterator<Item = &QueueToken> {
        let ids = self.tokens_by_owner.get(&(room_id, user_id));
        ids.into_iter().flatten().filter_map(|id| self.get::<QueueToken>(id))
    }

    pub(crate) fn insert<T: Stored>(&mut self, row: T) {
        T::table_mut(&mut self.tables).0.insert(row.id(), (row, Mark::Inserted));
    }

    pub(crate) fn insert_token(&mut self, token: QueueToken) {
        self.index_token(&token);
        self.insert(token);
    }

    /// Puts a changed copy in the place of a row. Nothing is written for a copy that equals it.
    ///
    /// # Errors
    /// The row is not in the set.
    pub(crate) fn replace<T: Stored>(&mut self, copy: T) -> Result<(), Corrupt> {
        let id = copy.id();
        let found = T::table_mut(&mut self.tables).0.get_mut(&id);
        let (row, mark) = found.ok_or_else(|| Corrupt::missing(id))?;
        if *row != copy {
            *row = copy;
            *mark = if *mark == Mark::Loaded { Mark::Updated } else { *mark };
        }
        Ok(())
    }

    /// As [`Self::replace`], for several copies.
    pub(crate) fn replace_all<T: Stored>(
        &mut self,
        copies: impl IntoIterator<Item = T>,
    ) -> Result<(), Corrupt> {
        copies.into_iter().try_for_each(|copy| self.replace(copy))
    }

    pub(crate) fn note_live_hold(&mut self, held: &Reservation) {
        self.live_holds.entry((held.schedule_id, held.user_id)).or_default().push(held.id);
    }

    pub(crate) fn count_seats(&mut self, concert_id: ConcertId, count: i64) {
        *self.seat_counts.entry(concert_id).or_default() += count;
    }

    pub(crate) fn crowd_mut(&mut self, room_id: RoomId) -> &mut Crowd {
        self.crowds.entry(room_id).or_default()
    }

    pub(crate) fn into_changes(self) -> Changes {
        Changes(self.tables)
    }

    fn index_token(&mut self, token: &QueueToken) {
        let owner = (token.room_id, token.user_id);
        self.tokens_by_owner.entry(owner).or_default().push(token.id);
    }
}

/// What a decided batch inserted and updated. Only the rules make one.
#[derive(Debug)]
pub struct Changes(Tables);

impl Changes {
    /// The new rows of a kind, in the order of their ids.
    pub fn inserted<T: Stored>(&self) -> Vec<&T> {
        self.marked(Mark::Inserted)
    }

    /// The changed rows of a kind, in the order of their ids. All other columns than those that
    /// can change are as loaded.
    pub fn updated<T: Stored>(&self) -> Vec<&T> {
        self.marked(Mark::Updated)
    }

    fn marked<T: Stored>(&self, mark: Mark) -> Vec<&T> {
        let rows = T::table(&self.0).0.values();
        rows.filter(|(_, of_row)| *of_row == mark).map(|(row, _)| row).collect()
    }

    /// The set as it stands after the batch was written, for models of a store.
    pub fn into_working_set(self) -> WorkingSet {
        let mut set = WorkingSet { tables: self.0, ..WorkingSet::default() };
        set.tables.settle();
        let seats: Vec<_> = set.all::<Seat>().map(|s| ((s.schedule_id, s.number), s.id)).collect();
        set.seats_by_number.extend(seats);
        let tokens: Vec<_> = set.all::<QueueToken>().cloned().collect();
        tokens.iter().for_each(|token| set.index_token(token));
        set
    }
}
