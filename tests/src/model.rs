//! A store in memory that is nothing but the rules: what every other store must do like.
//!
//! It holds one [`WorkingSet`] with all rows there are and reads by looking at each of them.

mod reads;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use stagedoor_domain::ports::{Audit, Execute, Maintenance, Readiness, StoreError, Violation};
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Command, ConcertId, Instant, Occupancy, OwnTickets, Peers, ProcessId, Pulse, QueueToken,
    Reservation, Room, RoomId, Schedule, ScheduleId, Stored, Submission, TokenStatus, UserId,
    Verdict, WorkingSet, decide_all,
};

use crate::contract::fixture::Fixture;

/// The pure store.
#[derive(Clone)]
pub struct Model(Arc<Mutex<WorkingSet>>, Arc<Mutex<Option<Instant>>>);

impl Default for Model {
    fn default() -> Self {
        let mut set = WorkingSet::new();
        set.load([Room::open(RoomId::SITE, None, Instant::UNIX_EPOCH)]);
        Self(Arc::new(Mutex::new(set)), Arc::default())
    }
}

impl Model {
    /// Looks at all rows there are.
    pub fn look<T>(&self, at: impl FnOnce(&WorkingSet) -> T) -> T {
        at(&self.set())
    }

    /// Puts other rows in the place of those there are, as only a broken store would.
    pub fn replace(&self, with: impl FnOnce(WorkingSet) -> WorkingSet) {
        let mut set = self.set();
        *set = with(std::mem::take(&mut *set));
    }

    fn set(&self) -> MutexGuard<'_, WorkingSet> {
        self.0.lock().expect("no command panics while it is decided")
    }

    fn all<T: Stored + Clone>(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.set().all::<T>().filter(|row| is_wanted(row)).cloned().collect()
    }

    fn get<T: Stored + Clone>(&self, id: &T::Id) -> Option<T> {
        self.set().get::<T>(id).expect("no limit").cloned()
    }
}

#[async_trait]
impl<C: Command> Execute<C> for Model {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let mut set = self.set();
        let mut loaded = std::mem::take(&mut *set);
        let rooms: Vec<_> = loaded.all::<Room>().cloned().collect();
        for room in rooms {
            let occupancy = occupancy(&loaded, &room, now);
            loaded.load_occupancy(room.id, occupancy);
        }
        loaded.load_own_tickets(own_tickets(&loaded, now));
        loaded.load_seat_counts(seat_counts(&loaded));
        let reserved: Vec<_> = loaded.all::<Reservation>().map(|it| it.concert_id).collect();
        loaded.load_reserved(reserved);
        let (verdicts, changes) = decide_all(loaded, submissions, now).expect("its answers read");
        *set = changes.into_working_set();
        Ok(verdicts)
    }
}

fn occupancy(set: &WorkingSet, room: &Room, now: Instant) -> Occupancy {
    let (waiting, active) = count(set, room, now);
    Occupancy { active, anyone_waits: waiting > 0 }
}

fn own_tickets(set: &WorkingSet, now: Instant) -> Vec<(ScheduleId, UserId, OwnTickets)> {
    let counted =
        |made: &Reservation| Some((made.schedule_id, made.user_id, made.own_tickets(now)?));
    set.all::<Reservation>().filter_map(counted).collect()
}

fn seat_counts(set: &WorkingSet) -> HashMap<ConcertId, i64> {
    let mut counts = HashMap::new();
    for schedule in set.all::<Schedule>() {
        *counts.entry(schedule.concert_id).or_default() += i64::from(schedule.seat_count);
    }
    counts
}

/// How many wait and how many are active.
fn count(set: &WorkingSet, room: &Room, now: Instant) -> (i64, i64) {
    let tokens = set.all::<QueueToken>().filter(|token| token.room_id == room.id);
    tokens.fold((0, 0), |(waiting, active), token| match token.status(now) {
        TokenStatus::Waiting { .. } => (waiting + 1, active),
        TokenStatus::Active { .. } => (waiting, active + 1),
        TokenStatus::Expired { .. } => (waiting, active),
    })
}

#[async_trait]
impl Maintenance for Model {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        Ok(Readiness { migrations_current: true, connections_busy: 0, connections_idle: 0 })
    }

    async fn pulse(&self, _: ProcessId, pulse: Pulse, now: Instant) -> Result<Peers, StoreError> {
        let last = self.1.lock().expect("nothing panics under it").replace(now);
        if let Some(outage) = last.and_then(|alive_at| pulse.outage(alive_at, now)) {
            let mut set = self.set();
            let waited = set.all().filter(|token: &&QueueToken| token.is_waiting(outage.began_at));
            let mut waited: Vec<QueueToken> = waited.cloned().collect();
            for token in &mut waited {
                let policy = set
                    .get::<Room>(&token.room_id)
                    .expect("the model has every row")
                    .map(|room| room.policy);
                let refunded = token.refund(&policy.expect("a token has a room"), outage);
                refunded.expect("the token waits");
            }
            set.load(waited);
        }
        Ok(Peers::Impossible)
    }

    async fn delete_idempotency_records(
        &self,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut set = self.set();
        let records = set.all::<IdempotencyRecord>();
        let old = records.filter(|record| record.recorded_at < before).map(Stored::id).take(limit);
        let old: BTreeSet<_> = old.collect();
        set.retain(|record: &IdempotencyRecord| !old.contains(&record.id()));
        Ok(old.len())
    }
}

#[async_trait]
impl Audit for Model {
    async fn audit(&self, _now: Instant) -> Result<Vec<Violation>, StoreError> {
        Ok(Vec::new())
    }
}

impl Fixture for Model {
    type Store = Self;

    async fn new() -> Self {
        Self::default()
    }

    fn store(&self) -> Self {
        self.clone()
    }
}
