//! The rows a batch works on, and what it changed of them.
//!
//! A driven adapter locks and loads rows into a [`WorkingSet`], has the batch decided on it, and
//! writes the [`Changes`] that come out. Nothing else makes `Changes`, so an adapter can write only
//! what the rules allowed.

mod changes;
mod deletion;
mod events;
mod indexes;
mod mails;
mod tickets;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{Debug, Display};

pub use changes::Changes;
use events::Told;
pub use indexes::Indexes;

use crate::concert::NotOwn;
use crate::mail::TokenDigest;
use crate::poster::PosterDigest;
use crate::{
    Concert, ConcertId, Delivery, DoorStaff, Email, Event, EventId, Hall, HallId, HallPlan,
    Instant, Mail, MailId, MailToken, Needs, NumberRange, Occupancy, OperatorAction,
    OperatorActionId, OperatorDeed, OwnTickets, Payment, PaymentId, PointAccount, PointEntry,
    PointEntryId, PosterImage, QueueToken, QueueTokenId, Reservation, ReservationId,
    ReservationStatus, Room, RoomId, Schedule, ScheduleId, Seat, SeatId, Ticket, TicketId, User,
    UserId, Venue, VenueId, Webhook, WebhookId,
};

/// What is stored under an idempotency key (rule 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
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

    /// A rule reads what its command does not [need](Needs).
    fn not_needed(what: &str, id: impl Debug) -> Self {
        Self(format!("{what} {id:?} was read but is not among the needs of the command"))
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
    /// Enters the row where it is found by something other than its id.
    #[doc(hidden)]
    fn index(&self, indexes: &mut Indexes);
    /// What others learn of a row that was inserted, or changed from what it was before.
    #[doc(hidden)]
    fn told(before: Option<&Self>, after: &Self) -> Option<Told>;
    /// Whether needs name the row with this id.
    #[doc(hidden)]
    fn is_named(id: &Self::Id, needs: &Needs) -> bool;
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
    Deleted,
}

/// Rows by id, each marked with what became of it.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub struct Table<T: Stored>(BTreeMap<T::Id, (T, Mark)>);

impl<T: Stored> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Stored> Table<T> {
    /// The rows that are there, without deleted ones.
    fn rows(&self) -> impl Iterator<Item = &T> {
        self.0.values().filter(|(_, mark)| *mark != Mark::Deleted).map(|(row, _)| row)
    }

    fn changes(&self) -> impl Iterator<Item = (&T, Mark)> {
        self.0.values().filter(|(_, mark)| *mark != Mark::Loaded).map(|(row, mark)| (row, *mark))
    }

    fn retain(&mut self, is_kept: impl Fn(&T) -> bool) {
        self.0.retain(|_, (row, _)| is_kept(row));
    }
}

/// Each line: the table, its rows, their ids, the fields of [`Needs`] that name them, an index, and what others learn of
/// a change.
macro_rules! tables {
    ($($field:ident: $row:ty, $id:ty, |$self:ident| $key:expr, [$($named:ident)*] $($index:ident)? $(, tells $event:ident)?;)*) => {
        /// One table for each kind of row.
        #[doc(hidden)]
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Tables {
            $($field: Table<$row>,)*
        }

        impl Tables {
            fn settle(&mut self, indexes: &mut Indexes) {
                $(for (row, mark) in self.$field.0.values_mut() {
                    row.index(indexes);
                    *mark = Mark::Loaded;
                })*
            }

            fn count_changes(&self) -> usize {
                [$(self.$field.changes().count()),*].iter().sum()
            }

            fn apply(&mut self, changes: &Self) {
                $(for (row, mark) in changes.$field.changes() {
                    self.$field.0.insert(row.id(), (row.clone(), mark));
                })*
            }
        }

        $(impl Stored for $row {
            type Id = $id;

            fn id(&$self) -> Self::Id {
                $key
            }

            fn index(&self, _indexes: &mut Indexes) {
                $(_indexes.$index(self);)?
            }

            fn told(_before: Option<&Self>, _after: &Self) -> Option<Told> {
                None$(.or_else(|| events::$event(_before, _after)))?
            }

            fn is_named(_id: &$id, _needs: &Needs) -> bool {
                let named: &[bool] = &[$(_needs.$named.contains(_id)),*];
                named.contains(&true)
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
    users: User, UserId, |self| self.id, [users users_read];
    door_staff: DoorStaff, (ConcertId, UserId), |self| (self.concert_id, self.user_id), [door_staff];
    concerts: Concert, ConcertId, |self| self.id, [concerts posters concerts_read whole_concerts deleted_concerts], tells of_concert;
    poster_images: PosterImage, (ConcertId, PosterDigest, i32), |self| (self.concert_id, self.digest.clone(), self.size.width), [];
    venues: Venue, VenueId, |self| self.id, [venues];
    halls: Hall, HallId, |self| self.id, [halls];
    hall_plans: HallPlan, (HallId, i32), |self| (self.hall_id, self.version), [plans_read];
    schedules: Schedule, ScheduleId, |self| self.id, [schedules], tells of_schedule;
    seats: Seat, SeatId, |self| self.id, [seats] by_number;
    rooms: Room, RoomId, |self| self.id, [rooms occupancies] by_version, tells of_room;
    number_ranges: NumberRange, (RoomId, i64), |self| (self.room_id, self.first), [number_ranges];
    queue_tokens: QueueToken, QueueTokenId, |self| self.id, [tokens tokens_and_rooms] by_owner_and_place;
    reservations: Reservation, ReservationId, |self| self.id, [reservations reservations_read], tells of_reservation;
    tickets: Ticket, TicketId, |self| self.id, [tickets tickets_read], tells of_ticket;
    point_accounts: PointAccount, UserId, |self| self.user_id, [accounts];
    point_entries: PointEntry, PointEntryId, |self| self.id, [];
    payments: Payment, PaymentId, |self| self.id, [];
    operator_actions: OperatorAction, OperatorActionId, |self| self.id, [];
    events: Event, EventId, |self| self.id, [];
    webhooks: Webhook, WebhookId, |self| self.id, [webhooks];
    deliveries: Delivery, (WebhookId, EventId), |self| (self.webhook_id, self.event_id), [deliveries];
    mails: Mail, MailId, |self| self.id, [mails];
    mail_tokens: MailToken, TokenDigest, |self| self.digest.clone(), [mail_tokens];
    idempotency_records: IdempotencyRecord, (UserId, String), |self| (self.owner, self.key.clone()), [keys];
}

/// The locked rows that a batch works on, kept up to date while its commands are decided.
///
/// A store limits the set to what the batch [needs](Needs). A rule that reads anything else gets [`Corrupt`] and never
/// an empty default: the command has not named it, so it was not loaded. All methods that read have this error. A set
/// without a limit contains all rows there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkingSet {
    tables: Tables,
    occupancies: BTreeMap<RoomId, Occupancy>,
    indexes: Indexes,
    own_tickets: HashMap<(ScheduleId, UserId), Vec<OwnTickets>>,
    seat_counts: HashMap<ConcertId, i64>,
    reserved: BTreeSet<ConcertId>,
    /// What others learn of the batch, in the order in which it changed.
    told: Vec<Told>,
    limit: Option<Vec<Needs>>,
}

impl WorkingSet {
    /// An empty set without a limit.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty set that is limited to needs which [`Self::expect`] is told.
    pub fn limited() -> Self {
        Self { limit: Some(Vec::new()), ..Self::default() }
    }

    /// Widens the limit by needs that have been loaded.
    pub fn expect(&mut self, needs: Needs) {
        if let Some(limit) = &mut self.limit {
            limit.push(needs);
        }
    }

    fn check_named(
        &self,
        what: &str,
        id: impl Debug,
        is_named: impl Fn(&Needs) -> bool,
    ) -> Result<(), Corrupt> {
        match &self.limit {
            Some(limit) if !limit.iter().any(is_named) => Err(Corrupt::not_needed(what, id)),
            _ => Ok(()),
        }
    }

    /// Takes in rows as the store holds them.
    pub fn load<T: Stored>(&mut self, rows: impl IntoIterator<Item = T>) {
        rows.into_iter().for_each(|row| self.put(row, Mark::Loaded));
    }

    fn put<T: Stored>(&mut self, row: T, mark: Mark) {
        row.index(&mut self.indexes);
        T::table_mut(&mut self.tables).0.insert(row.id(), (row, mark));
    }

    /// Takes in the occupancy of a room at the instant of the batch.
    pub fn load_occupancy(&mut self, room_id: RoomId, occupancy: Occupancy) {
        self.occupancies.insert(room_id, occupancy);
    }

    /// Takes in the tickets that users have in schedules at the instant of the batch.
    pub fn load_own_tickets(
        &mut self,
        tickets: impl IntoIterator<Item = (ScheduleId, UserId, OwnTickets)>,
    ) {
        for (schedule_id, user_id, tickets) in tickets {
            self.own_tickets.entry((schedule_id, user_id)).or_default().push(tickets);
        }
    }

    /// Takes in how many seats concerts have on all their dates.
    pub fn load_seat_counts(&mut self, counts: impl IntoIterator<Item = (ConcertId, i64)>) {
        self.seat_counts.extend(counts);
    }

    /// Takes in the concerts of which a reservation was ever made.
    pub fn load_reserved(&mut self, concerts: impl IntoIterator<Item = ConcertId>) {
        self.reserved.extend(concerts);
    }

    /// One row, if it exists.
    ///
    /// # Errors
    /// It is neither in the set nor needed.
    pub fn get<T: Stored>(&self, id: &T::Id) -> Result<Option<&T>, Corrupt> {
        let found = self.loaded(id);
        if !T::table(&self.tables).0.contains_key(id) {
            self.check_named("the row", id, |needs| T::is_named(id, needs))?;
        }
        Ok(found)
    }

    /// A token of a room, if it exists.
    pub(crate) fn token_of(
        &self,
        room_id: RoomId,
        id: QueueTokenId,
    ) -> Result<Option<&QueueToken>, Corrupt> {
        Ok(self.get::<QueueToken>(&id)?.filter(|token| token.room_id == room_id))
    }

    /// A user's own reservation, if it exists.
    pub(crate) fn reservation_of(
        &self,
        user_id: UserId,
        id: ReservationId,
    ) -> Result<Option<&Reservation>, Corrupt> {
        Ok(self.get::<Reservation>(&id)?.filter(|reservation| reservation.user_id == user_id))
    }

    /// One row that another one refers to.
    ///
    /// # Errors
    /// It is not in the set.
    pub fn require<T: Stored>(&self, id: &T::Id) -> Result<&T, Corrupt> {
        self.loaded(id).ok_or_else(|| Corrupt::missing(id))
    }

    fn loaded<T: Stored>(&self, id: &T::Id) -> Option<&T> {
        let found = T::table(&self.tables).0.get(id);
        found.filter(|(_, mark)| *mark != Mark::Deleted).map(|(row, _)| row)
    }

    /// All rows of a kind, in the order of their ids.
    pub fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        T::table(&self.tables).rows()
    }

    /// A copy of a concert that a user may change.
    pub(crate) fn own_concert(
        &self,
        id: ConcertId,
        user_id: UserId,
    ) -> Result<Result<Concert, NotOwn>, Corrupt> {
        let Some(concert) = self.get::<Concert>(&id)? else { return Ok(Err(NotOwn::NotFound)) };
        Ok(concert.check_own(user_id).map(|()| concert.clone()))
    }

    /// All schedules of a concert.
    pub(crate) fn schedules_of(&self, concert_id: ConcertId) -> Result<Vec<&Schedule>, Corrupt> {
        let named = |needs: &Needs| needs.concerts_as_a_whole().contains(&concert_id);
        self.check_named("the schedules of", concert_id, named)?;
        Ok(self.all::<Schedule>().filter(|it| it.concert_id == concert_id).collect())
    }

    /// Whether a reservation was ever made of a concert.
    pub(crate) fn was_reserved(&self, concert_id: ConcertId) -> Result<bool, Corrupt> {
        let named = |needs: &Needs| needs.deleted_concerts.contains(&concert_id);
        self.check_named("the reservations of", concert_id, named)?;
        Ok(self.reserved.contains(&concert_id))
    }

    /// The user with an e-mail address.
    pub(crate) fn user_with(&self, email: &Email) -> Result<Option<&User>, Corrupt> {
        self.check_named("the user", email, |needs| needs.emails.contains(email))?;
        Ok(self.all::<User>().find(|user| user.email == *email))
    }

    /// The occupancy of a room, as far as the batch has been decided.
    pub(crate) fn occupancy(&self, room_id: RoomId) -> Result<Occupancy, Corrupt> {
        let occupancy = self.occupancies.get(&room_id).copied();
        occupancy.ok_or_else(|| Corrupt::not_needed("the occupancy of", room_id))
    }

    /// The room of the concert that a schedule belongs to, if it has one.
    pub(crate) fn room_of(&self, schedule: &Schedule) -> Result<Option<&Room>, Corrupt> {
        let id = schedule.id;
        self.check_named("the room of", id, |needs| needs.rooms_of_schedules.contains(&id))?;
        Ok(self.all::<Room>().find(|room| room.concert_id == Some(schedule.concert_id)))
    }

    /// An operator's action on a room, if there is one.
    pub(crate) fn action_on(&self, room_id: RoomId) -> Result<Option<&OperatorAction>, Corrupt> {
        let named = |needs: &Needs| needs.actions_on_rooms.contains(&room_id);
        self.check_named("the action on", room_id, named)?;
        let is_on_room = |action: &&OperatorAction| match &action.deed {
            OperatorDeed::RoomChanged { room_id: id, .. } => *id == room_id,
            _ => false,
        };
        Ok(self.all::<OperatorAction>().find(is_on_room))
    }

    /// Schedules of a concert whose booking is not over: one that is not sold out if there is one.
    pub(crate) fn bookable(
        &self,
        concert_id: ConcertId,
        now: Instant,
    ) -> Result<Vec<&Schedule>, Corrupt> {
        let named = |needs: &Needs| needs.bookable.contains(&concert_id);
        self.check_named("a bookable schedule of", concert_id, named)?;
        let of_concert = self.all::<Schedule>().filter(|it| it.concert_id == concert_id);
        Ok(of_concert.filter(|it| !it.has_closed(now)).collect())
    }

    /// The head of a room's line: tokens that are waiting, in the order of their sequence numbers.
    pub(crate) fn head_of_line(
        &self,
        room_id: RoomId,
        now: Instant,
    ) -> Result<Vec<&QueueToken>, Corrupt> {
        let named = |needs: &Needs| needs.heads_of_lines.contains_key(&room_id);
        self.check_named("the head of the line of", room_id, named)?;
        let of_room = self.all::<QueueToken>().filter(|token| token.room_id == room_id);
        let mut line: Vec<_> = of_room.filter(|token| token.is_waiting(now)).collect();
        line.sort_by_key(|token| (token.sequence, token.id));
        Ok(line)
    }

    /// How many seats a concert has, as far as the batch has been decided.
    pub(crate) fn seat_count(&self, concert_id: ConcertId) -> Result<i64, Corrupt> {
        let named = |needs: &Needs| needs.concerts.contains(&concert_id);
        self.check_named("the number of seats of", concert_id, named)?;
        Ok(self.seat_counts.get(&concert_id).copied().unwrap_or_default())
    }

    /// The seat of this number, if it exists.
    pub(crate) fn seat_numbered(
        &self,
        schedule_id: ScheduleId,
        number: i32,
    ) -> Result<Option<SeatId>, Corrupt> {
        let of = (schedule_id, number);
        self.check_named("the seat", of, |needs| needs.numbered_seats.contains(&of))?;
        Ok(self.indexes.seats_by_number.get(&of).copied())
    }

    /// The seats of a schedule, in the order of their numbers.
    ///
    /// # Errors
    /// They are not needed.
    pub fn seats_of(
        &self,
        schedule_id: ScheduleId,
    ) -> Result<impl Iterator<Item = &Seat>, Corrupt> {
        let named = |needs: &Needs| needs.seats_of_schedules.contains(&schedule_id);
        self.check_named("the seats of", schedule_id, named)?;
        let of_schedule = (schedule_id, i32::MIN)..=(schedule_id, i32::MAX);
        let ids = self.indexes.seats_by_number.range(of_schedule);
        Ok(ids.filter_map(|(_, id)| self.loaded::<Seat>(id)))
    }

    /// Copies of the seats of a reservation.
    pub(crate) fn reserved_seats(&self, of: &Reservation) -> Result<Vec<Seat>, Corrupt> {
        of.seats.iter().map(|seat| self.require(&seat.id).cloned()).collect()
    }

    /// The payment of a reservation, if there is one.
    pub(crate) fn payment_of(&self, id: ReservationId) -> Result<Option<&Payment>, Corrupt> {
        self.check_named("the payment of", id, |needs| needs.payments_of.contains(&id))?;
        Ok(self.all::<Payment>().find(|payment| payment.reservation_id == id))
    }

    /// The user's tokens in a room that are written as waiting or active.
    pub(crate) fn tokens_of(
        &self,
        room_id: RoomId,
        user_id: UserId,
    ) -> Result<Vec<&QueueToken>, Corrupt> {
        let of = (room_id, user_id);
        self.check_named("the live tokens", of, |needs| needs.live_tokens.contains(&of))?;
        let ids = self.indexes.tokens_by_owner.get(&of).into_iter().flatten();
        Ok(ids.filter_map(|id| self.loaded::<QueueToken>(id)).collect())
    }

    /// The token with a sequence number in a room, if it exists.
    pub(crate) fn token_in_line(
        &self,
        room_id: RoomId,
        sequence: i64,
    ) -> Result<Option<&QueueToken>, Corrupt> {
        let of = (room_id, sequence);
        self.check_named("the token in line", of, |needs| needs.tokens_in_line.contains(&of))?;
        let id = self.indexes.tokens_by_place.get(&of);
        Ok(id.and_then(|id| self.loaded::<QueueToken>(id)))
    }

    /// The holds that were made with a token.
    pub(crate) fn holds_of_token(
        &self,
        token_id: QueueTokenId,
        now: Instant,
    ) -> Result<Vec<Reservation>, Corrupt> {
        let named = |needs: &Needs| needs.holds_of_tokens.contains(&token_id);
        self.check_named("the holds of", token_id, named)?;
        let made_with_it =
            self.all::<Reservation>().filter(|it| it.queue_token_id == Some(token_id));
        let held = made_with_it.filter(|it| it.status(now) == ReservationStatus::Held);
        Ok(held.cloned().collect())
    }

    /// Reservations that are overdue, or may be.
    pub(crate) fn overdue_holds(&self) -> Result<Vec<Reservation>, Corrupt> {
        self.check_named("the holds", "overdue", |needs| needs.overdue_holds > 0)?;
        Ok(self.all().cloned().collect())
    }

    /// Reservations above this id, among them those of cancelled schedules that are held or paid.
    pub(crate) fn unsettled(&self, after: ReservationId) -> Result<Vec<&Reservation>, Corrupt> {
        let named = |needs: &Needs| needs.unsettled.contains_key(&after);
        self.check_named("the unsettled reservations after", after, named)?;
        Ok(self.all::<Reservation>().filter(|reservation| reservation.id > after).collect())
    }

    /// Tokens that are overdue, or may be.
    pub(crate) fn overdue_tokens(&self) -> Result<Vec<QueueToken>, Corrupt> {
        self.check_named("the tokens", "overdue", |needs| needs.overdue_tokens > 0)?;
        Ok(self.all().cloned().collect())
    }

    /// Reserves the sequence number of a new token that waits, in the range that the batch has made in its room, or in a
    /// new one. Answers whether it waits.
    pub(crate) fn reserve(&mut self, token: &QueueToken) -> bool {
        let Some(new) = NumberRange::of(token) else { return false };
        let ranges = self.tables.number_ranges.0.range_mut(..=(token.room_id, i64::MAX));
        let made = ranges.rev().map(|(_, row)| row).find(|(_, mark)| *mark == Mark::Inserted);
        match made.and_then(|(range, _)| Some((range.and(new)?, range))) {
            Some((longer, range)) => *range = longer,
            None => self.insert(new),
        }
        true
    }

    /// Takes back the numbers of a range. Its room may be gone: an older program deletes a concert without its ranges.
    pub(crate) fn void(&mut self, range: &NumberRange) -> Result<(), Corrupt> {
        if let Some(mut room) = self.loaded::<Room>(&range.room_id).cloned() {
            room.stamp();
            self.replace(room)?;
        }
        self.delete::<NumberRange>(&range.id())
    }

    /// The lowest number of a room's ranges, if it has any.
    pub(crate) fn first_open_number(&self, room_id: RoomId) -> Result<Option<i64>, Corrupt> {
        let named = |needs: &Needs| needs.open_ranges.contains(&room_id);
        self.check_named("the ranges of", room_id, named)?;
        let of_room = self.all::<NumberRange>().filter(|range| range.room_id == room_id);
        Ok(of_room.map(|range| range.first).min())
    }

    /// Ranges that are stale, or may be.
    pub(crate) fn stale_ranges(&self) -> Result<Vec<NumberRange>, Corrupt> {
        self.check_named("the ranges", "stale", |needs| needs.stale_ranges > 0)?;
        Ok(self.all().copied().collect())
    }

    /// Adds a row. One that the batch has deleted is written with new values.
    pub(crate) fn insert<T: Stored>(&mut self, row: T) {
        self.told.extend(T::told(None, &row));
        let before = T::table(&self.tables).0.get(&row.id()).map(|(_, mark)| *mark);
        let is_deleted = before == Some(Mark::Deleted);
        self.put(row, if is_deleted { Mark::Updated } else { Mark::Inserted });
    }

    /// Puts a changed copy in the place of a row. Nothing is written for a copy that equals it.
    pub(crate) fn replace<T: Stored>(&mut self, copy: T) -> Result<(), Corrupt> {
        let id = copy.id();
        let found = T::table_mut(&mut self.tables).0.get_mut(&id);
        let (row, mark) = found.ok_or_else(|| Corrupt::missing(id))?;
        if *row != copy {
            self.told.extend(T::told(Some(row), &copy));
            *row = copy;
            *mark = if *mark == Mark::Loaded { Mark::Updated } else { *mark };
        }
        Ok(())
    }

    /// As [`Self::replace`], for a concert and the copies of its state.
    pub(crate) fn replace_concert(&mut self, concert: Concert) -> Result<(), Corrupt> {
        let (id, concert_state) = (concert.id, concert.state);
        let schedules = self.schedules_of(id)?.into_iter();
        let schedules: Vec<_> =
            schedules.map(|schedule| Schedule { concert_state, ..schedule.clone() }).collect();
        let rooms = self.all::<Room>().filter(|room| room.concert_id == Some(id));
        let rooms: Vec<_> = rooms.map(|room| Room { concert_state, ..room.clone() }).collect();
        self.replace_all(schedules)?;
        self.replace_all(rooms)?;
        self.replace(concert)
    }

    /// Puts images in the place of those of a concert's poster.
    pub(crate) fn replace_poster(
        &mut self,
        concert_id: ConcertId,
        images: Vec<PosterImage>,
    ) -> Result<(), Corrupt> {
        let named = |needs: &Needs| needs.posters.contains(&concert_id);
        self.check_named("the poster of", concert_id, named)?;
        let rows = &mut self.tables.poster_images.0;
        rows.retain(|_, (image, mark)| image.concert_id != concert_id || *mark != Mark::Inserted);
        let before = rows.values_mut().filter(|(image, _)| image.concert_id == concert_id);
        before.for_each(|(_, mark)| *mark = Mark::Deleted);
        for image in images {
            // An image that the batch deleted before is the same: it has the same digest.
            let found = rows.get(&image.id()).map(|_| Mark::Loaded);
            rows.insert(image.id(), (image, found.unwrap_or(Mark::Inserted)));
        }
        Ok(())
    }

    /// Deletes a row; of a concert, all that belongs to it as well. One that the batch has added is not written at all.
    pub(crate) fn delete<T: Stored>(&mut self, id: &T::Id) -> Result<(), Corrupt> {
        let rows = &mut T::table_mut(&mut self.tables).0;
        let (_, mark) = rows.get_mut(id).ok_or_else(|| Corrupt::missing(id))?;
        if *mark == Mark::Inserted {
            rows.remove(id);
        } else {
            *mark = Mark::Deleted;
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

    pub(crate) fn note_tickets(&mut self, of: &Reservation, now: Instant) {
        let own = self.own_tickets.entry((of.schedule_id, of.user_id)).or_default();
        own.extend(of.own_tickets(now));
    }

    pub(crate) fn count_seats(&mut self, concert_id: ConcertId, count: i64) {
        *self.seat_counts.entry(concert_id).or_default() += count;
    }

    pub(crate) fn occupancy_mut(&mut self, room_id: RoomId) -> Result<&mut Occupancy, Corrupt> {
        let occupancy = self.occupancies.get_mut(&room_id);
        occupancy.ok_or_else(|| Corrupt::not_needed("the occupancy of", room_id))
    }

    /// Takes in what another set's batch changed, for models of a store.
    pub fn apply(&mut self, changes: &Changes) {
        self.tables.apply(&changes.tables);
        self.tables.drop_deleted();
        self.tables.settle(&mut self.indexes);
    }

    /// Drops the rows of a kind that are not to be kept, for models of a store.
    pub fn retain<T: Stored>(&mut self, is_kept: impl Fn(&T) -> bool) {
        T::table_mut(&mut self.tables).retain(is_kept);
        self.indexes = Indexes::default();
        self.tables.settle(&mut self.indexes);
    }

    pub(crate) fn into_changes(self) -> Changes {
        Changes { tables: self.tables, room_versions: self.indexes.room_versions }
    }
}
