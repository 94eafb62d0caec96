//! What is checked after every commit: that each row became only what it may become, and that
//! what must hold at any instant holds.

mod events;
mod tickets;
mod tokens;
mod users;
mod wallets;

use std::collections::{BTreeMap, HashMap};

use stagedoor_domain::operations::{CancelTicket, ExpireHolds, ExpireTokens};
use stagedoor_domain::{
    Command, Concert, ConcertId, EventKind, Instant, Payment, PaymentId, PointAccount, PointEntry,
    PointEntryId, QueueToken, QueueTokenId, Reservation, ReservationId, ReservationState,
    ReservationStatus, Seat, SeatId, SeatState, Stored, Ticket, TicketId, User, UserId, WorkingSet,
};

use crate::intents::GRACE;
use crate::invariants;
use crate::world::World;
pub use events::check_deliveries;
use tickets::is_rid_of_seats;
use tokens::Windows;

/// The domain's own invariants take long, so they are checked only once in this number of commits.
const COMMITS_PER_FULL_CHECK: usize = 100;

/// The rows as they were after the last commit.
pub struct Checks {
    users: HashMap<UserId, User>,
    concerts: HashMap<ConcertId, Concert>,
    tokens: HashMap<QueueTokenId, QueueToken>,
    seats: HashMap<SeatId, Seat>,
    reservations: HashMap<ReservationId, Reservation>,
    accounts: HashMap<UserId, PointAccount>,
    entries: HashMap<PointEntryId, PointEntry>,
    payments: HashMap<PaymentId, Payment>,
    tickets: HashMap<TicketId, Ticket>,
    windows: Windows,
    /// What became of each reservation, in order.
    histories: HashMap<ReservationId, Vec<EventKind>>,
    /// What is to be told of each ticket: its kind by its number.
    of_tickets: HashMap<TicketId, BTreeMap<i64, EventKind>>,
    commits: usize,
    /// The latest instant that any commit has seen. What has ended then stays ended.
    pub latest: Instant,
}

/// One commit, as it is checked.
struct Commit<'a> {
    set: &'a WorkingSet,
    /// Of the commands.
    name: &'a str,
    now: Instant,
    /// Whether it only wrote down what had run out, which changes no answer.
    is_expiring: bool,
}

impl Checks {
    pub fn new(set: &WorkingSet) -> Self {
        let mut checks = Self {
            users: HashMap::new(),
            concerts: HashMap::new(),
            tokens: HashMap::new(),
            seats: HashMap::new(),
            reservations: HashMap::new(),
            accounts: HashMap::new(),
            entries: HashMap::new(),
            payments: HashMap::new(),
            tickets: HashMap::new(),
            windows: Windows::default(),
            histories: HashMap::new(),
            of_tickets: HashMap::new(),
            commits: 0,
            latest: Instant::UNIX_EPOCH,
        };
        checks.remember(set);
        checks
    }

    /// Checks what a commit of commands of this name, as of `now`, made of the rows.
    pub fn after_commit(&mut self, name: &str, set: &WorkingSet, now: Instant) {
        self.latest = self.latest.max(now);
        let is_expiring = [ExpireTokens::NAME, ExpireHolds::NAME].contains(&name);
        let commit = Commit { set, name, now, is_expiring };
        self.check_users(&commit);
        self.check_concerts(&commit);
        self.check_tokens(&commit);
        self.check_seats(&commit);
        self.check_reservations(&commit);
        self.note_histories(&commit);
        self.check_wallets(&commit);
        self.check_tickets(&commit);
        self.commits += 1;
        if self.commits.is_multiple_of(COMMITS_PER_FULL_CHECK) {
            self.check_all(set);
        }
        self.remember(set);
    }

    /// The invariants that the domain's own tests look at.
    pub fn check_all(&self, set: &WorkingSet) {
        invariants::check_all(&World(set), self.latest);
    }

    fn remember(&mut self, set: &WorkingSet) {
        keep(&mut self.users, set);
        keep(&mut self.concerts, set);
        keep(&mut self.tokens, set);
        keep(&mut self.seats, set);
        keep(&mut self.reservations, set);
        keep(&mut self.accounts, set);
        keep(&mut self.entries, set);
        keep(&mut self.payments, set);
        keep(&mut self.tickets, set);
    }

    /// Each change of a concert is a version of its own, so that no one overwrites what they have not seen.
    fn check_concerts(&self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.concerts, commit.set) {
            let before = before.expect("concerts are made before it begins");
            assert!(after.version > before.version, "{before:?} became {after:?}");
            assert_eq!(after.slug, before.slug, "the address of a published concert stays");
        }
    }

    fn check_seats(&self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.seats, commit.set) {
            let before = before.expect("seats are made with their schedules");
            let may = seat_may_become(before.state, after.state, commit);
            assert!(may, "as of {}, {before:?} became {after:?}", commit.now);
            if commit.is_expiring {
                let statuses = [before, after].map(|seat| seat.status(commit.now));
                assert_eq!(statuses[0], statuses[1], "expiring {before:?} changes no answer");
            }
        }
    }

    fn check_reservations(&self, commit: &Commit<'_>) {
        let set = commit.set;
        for (before, after) in changed(&self.reservations, set) {
            let Some(before) = before else { continue };
            let may = reservation_may_become(before, after, commit);
            assert!(may, "as of {}, {before:?} became {after:?}", commit.now);
            if commit.is_expiring {
                let statuses = [before, after].map(|held| held.status(commit.now));
                assert_eq!(statuses[0], statuses[1], "expiring {before:?} changes no answer");
            }
        }
        for reservation in set.all::<Reservation>() {
            let (reservation_id, until) = (reservation.id, reservation.expires_at);
            let expected = match reservation.status(self.latest) {
                ReservationStatus::Held => SeatState::Held { reservation_id, until },
                ReservationStatus::Confirmed => SeatState::Sold { reservation_id },
                ReservationStatus::Expired | ReservationStatus::Cancelled => continue,
            };
            for seat in &reservation.seats {
                let state = set.get::<Seat>(&seat.id).unwrap().map(|seat| seat.state);
                assert_eq!(state, Some(expected), "{reservation:?} has its seats");
            }
        }
    }
}

/// What the next command may do to a seat is to be added here.
fn seat_may_become(before: SeatState, after: SeatState, commit: &Commit<'_>) -> bool {
    let has_ended = |id: ReservationId| {
        let holder = commit.set.get::<Reservation>(&id).unwrap();
        holder.is_none_or(|holder| holder.check_held(commit.now).is_err())
    };
    let is_late = |id: ReservationId| {
        let buyer = commit.set.get::<Reservation>(&id).unwrap();
        buyer.is_some_and(|buyer| buyer.expires_at <= commit.now)
    };
    let is_given = |id: ReservationId| {
        let given = commit.set.get::<Reservation>(&id).unwrap();
        given.is_some_and(Reservation::is_complimentary)
    };
    match (before, after) {
        (SeatState::Free, SeatState::Held { .. }) => true,
        (
            SeatState::Held { reservation_id: old, until },
            SeatState::Held { reservation_id: new, .. },
        ) if old != new => until <= commit.now || has_ended(old),
        (SeatState::Held { until: old, .. }, SeatState::Held { until: new, .. }) => {
            commit.now < old && old < new
        }
        (
            SeatState::Held { reservation_id: holder, until },
            SeatState::Sold { reservation_id: buyer },
        ) => {
            let is_free = until <= commit.now;
            (holder == buyer && !is_free)
                || (is_free && is_late(buyer))
                || ((is_free || has_ended(holder)) && is_given(buyer))
        }
        (SeatState::Free, SeatState::Sold { reservation_id }) => {
            is_late(reservation_id) || is_given(reservation_id)
        }
        (SeatState::Blocked { .. }, SeatState::Sold { reservation_id }) => is_given(reservation_id),
        (SeatState::Held { reservation_id, .. }, SeatState::Free) => has_ended(reservation_id),
        (SeatState::Sold { reservation_id }, SeatState::Free) => {
            let cancelled = ReservationState::Cancelled { at: commit.now };
            let of = commit.set.require::<Reservation>(&reservation_id).unwrap();
            of.state == cancelled || commit.name == CancelTicket::NAME
        }
        (SeatState::Free, SeatState::Blocked { .. })
        | (SeatState::Blocked { .. }, SeatState::Free) => true,
        (SeatState::Held { reservation_id, until }, SeatState::Blocked { .. }) => {
            until <= commit.now || has_ended(reservation_id)
        }
        (SeatState::Free, SeatState::Free)
        | (SeatState::Sold { .. } | SeatState::Blocked { .. }, _) => false,
    }
}

/// What the next command may do to a reservation is to be added here.
fn reservation_may_become(before: &Reservation, after: &Reservation, commit: &Commit<'_>) -> bool {
    use ReservationState::{Cancelled, Confirmed, Expired, Held};
    let now = commit.now;
    let in_time = now < before.expires_at;
    let is_extended = before.extendable_until == Some(after.expires_at);
    let may = match (before.state, after.state) {
        (Held, Held) => in_time && is_extended && after.extendable_until.is_none(),
        (Held, Expired) => !in_time,
        (Held | Expired, Confirmed { at }) => at == now && now < before.expires_at + GRACE,
        (Held, Cancelled { at }) => at == now && in_time,
        (Confirmed { .. }, Cancelled { at }) => at == now,
        _ => false,
    };
    let is_paid = matches!(before.state, Confirmed { .. });
    let Reservation { expires_at, extendable_until, tickets_issued, .. } = *before;
    let rest = match (before.state, after.state) {
        (_, Held) => Reservation { expires_at, extendable_until, ..after.clone() },
        (Held | Expired, Confirmed { .. }) if after.tickets_issued => {
            Reservation { tickets_issued, ..after.clone() }
        }
        (Confirmed { .. }, Cancelled { .. }) if !after.tickets_issued => {
            Reservation { tickets_issued, ..after.clone() }
        }
        _ => after.clone(),
    };
    let rest = Reservation { state: before.state, ..rest };
    let takes_seats_off = commit.name == CancelTicket::NAME && is_rid_of_seats(before, &rest);
    may && rest == *before || is_paid && (may || after.state == before.state) && takes_seats_off
}

fn keep<T: Stored + Clone + PartialEq>(known: &mut HashMap<T::Id, T>, set: &WorkingSet)
where
    T::Id: std::hash::Hash,
{
    for row in set.all::<T>() {
        if known.get(&row.id()) != Some(row) {
            known.insert(row.id(), row.clone());
        }
    }
}

/// The rows that differ from what is known of them. No row is ever taken away.
fn changed<'a, T: Stored + PartialEq>(
    known: &'a HashMap<T::Id, T>,
    set: &'a WorkingSet,
) -> Vec<(Option<&'a T>, &'a T)>
where
    T::Id: std::hash::Hash,
{
    let mut found = 0;
    let mut changed = Vec::new();
    for row in set.all::<T>() {
        let before = known.get(&row.id());
        found += usize::from(before.is_some());
        if before != Some(row) {
            changed.push((before, row));
        }
    }
    assert_eq!(found, known.len(), "what was written stays: {}", std::any::type_name::<T>());
    changed
}
