//! A store in memory that is nothing but the rules: what every other store must do like.
//!
//! It holds one [`WorkingSet`] with all rows there are and reads by looking at each of them.

mod doors;
mod reads;
mod tickets;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use stagedoor_domain::operations::FillRange;
use stagedoor_domain::ports::{
    Audit, Execute, Kept, Maintenance, Readiness, StoreError, Violation,
};
use stagedoor_domain::pulse::lost_before;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Changes, Command, ConcertId, Delivery, Event, Instant, LineDelta, Mail, MailToken, NumberRange,
    Occupancy, Outage, OwnTickets, Peers, ProcessId, Pulse, QueueToken, Reservation, Room, RoomId,
    Schedule, ScheduleId, Stored, Submission, TokenState, TokenStatus, UserId, Verdict, WorkingSet,
    decide_all,
};

use crate::contract::fixture::Fixture;

/// The pure store.
#[derive(Clone)]
pub struct Model {
    rows: Arc<Mutex<WorkingSet>>,
    pulses: Arc<Mutex<Pulses>>,
    /// What each batch changed in lines, and when.
    deltas: Arc<Mutex<Vec<(Instant, LineDelta)>>>,
}

/// Who pulsed when.
#[derive(Debug, Default)]
struct Pulses {
    last: Option<Instant>,
    up_since: Option<Instant>,
    processes: BTreeMap<ProcessId, Instant>,
}

impl Pulses {
    /// Notes a pulse, and answers the outages that have ended with it.
    fn note(&mut self, process: ProcessId, pulse: Pulse, now: Instant) -> Vec<Outage> {
        let outage = self.last.replace(now).and_then(|last| pulse.outage(last, now));
        let lost = if outage.is_none() { self.take_lost(process, now) } else { None };
        self.processes.insert(process, now);
        self.up_since = outage.map(|outage| outage.ended_at).or(self.up_since);
        outage.into_iter().chain(lost).collect()
    }

    fn take_lost(&mut self, process: ProcessId, now: Instant) -> Option<Outage> {
        let up_since = self.up_since.unwrap_or(Instant::UNIX_EPOCH);
        let before = lost_before(up_since, now)?;
        let is_lost = |id: &ProcessId, last: &Instant| *id != process && *last < before;
        let lost = self.processes.extract_if(.., |id, last| is_lost(id, last));
        lost.map(|(_, last)| last).min().map(|last| Outage::of_lost_process(last, now))
    }
}

impl Default for Model {
    fn default() -> Self {
        let mut set = WorkingSet::new();
        set.load([Room::open(RoomId::SITE, None, Instant::UNIX_EPOCH)]);
        Self { rows: Arc::new(Mutex::new(set)), pulses: Arc::default(), deltas: Arc::default() }
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
        self.rows.lock().expect("no command panics while it is decided")
    }

    fn deltas(&self) -> MutexGuard<'_, Vec<(Instant, LineDelta)>> {
        self.deltas.lock().expect("nothing panics under it")
    }

    fn all<T: Stored + Clone>(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.set().all::<T>().filter(|row| is_wanted(row)).cloned().collect()
    }

    fn get<T: Stored + Clone>(&self, id: &T::Id) -> Option<T> {
        self.set().get::<T>(id).expect("no limit").cloned()
    }
}

impl Model {
    fn refund(&self, outage: Outage) {
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

    fn delete_records(&self, before: Instant, limit: usize) -> usize {
        let mut set = self.set();
        let records = set.all::<IdempotencyRecord>();
        let old = records.filter(|record| record.recorded_at < before).map(Stored::id).take(limit);
        let old: BTreeSet<_> = old.collect();
        set.retain(|record: &IdempotencyRecord| !old.contains(&record.id()));
        old.len()
    }

    fn delete_events(&self, before: Instant, limit: usize) -> usize {
        let mut set = self.set();
        let is_old = |it: &&Event| it.at < before && it.fanned_out;
        let old: BTreeSet<_> = set.all().filter(is_old).map(|it| it.id).take(limit).collect();
        set.retain(|event: &Event| !old.contains(&event.id));
        let ended = |it: &&Delivery| it.created_at < before && it.due_at().is_none();
        let ended_deliveries: BTreeSet<_> =
            set.all().filter(ended).map(Stored::id).take(limit).collect();
        set.retain(|delivery: &Delivery| !ended_deliveries.contains(&delivery.id()));
        let ended = |it: &&Mail| it.created_at < before && it.due_at().is_none();
        let mails: BTreeSet<_> = set.all().filter(ended).map(Stored::id).take(limit).collect();
        set.retain(|mail: &Mail| !mails.contains(&mail.id));
        let expired = |it: &&MailToken| it.expires_at < before;
        let tokens: BTreeSet<_> = set.all().filter(expired).map(Stored::id).take(limit).collect();
        set.retain(|token: &MailToken| !tokens.contains(&token.digest));
        old.len().max(ended_deliveries.len()).max(mails.len()).max(tokens.len())
    }

    fn delete_deltas(&self, before: Instant, limit: usize) -> usize {
        let mut deleted = 0;
        self.deltas().retain(|(written_at, _)| {
            let is_old = *written_at < before && deleted < limit;
            deleted += usize::from(is_old);
            !is_old
        });
        deleted
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
        // A range is filled without the lock of its room, so the constraint of one token for each user decides.
        let before = (C::NAME == FillRange::NAME).then(|| loaded.clone());
        let (verdicts, changes) = decide_all(loaded, submissions, now).expect("its answers read");
        if let Some(before) = before.filter(|before| is_overtaken(before, &changes)) {
            *set = before;
            return Err(StoreError::Overtaken("a user has got another token".to_owned()));
        }
        self.deltas().extend(changes.line_deltas().into_iter().map(|delta| (now, delta)));
        *set = changes.into_working_set();
        Ok(verdicts)
    }
}

/// Whether a user of a new token already has one in that room.
fn is_overtaken(before: &WorkingSet, changes: &Changes) -> bool {
    let new = changes.inserted::<QueueToken>();
    let owners: HashSet<_> = new.iter().map(|token| (token.room_id, token.user_id)).collect();
    let live =
        before.all().filter(|it: &&QueueToken| !matches!(it.state, TokenState::Expired { .. }));
    live.map(|token| (token.room_id, token.user_id)).any(|owner| owners.contains(&owner))
}

fn occupancy(set: &WorkingSet, room: &Room, now: Instant) -> Occupancy {
    let (waiting, active) = count(set, room, now);
    let is_reserved = set.all::<NumberRange>().any(|range| range.room_id == room.id);
    Occupancy { active, anyone_waits: waiting > 0 || is_reserved }
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
        Ok(Readiness {
            migrations_current: true,
            commits: true,
            connections_busy: 0,
            connections_idle: 0,
        })
    }

    async fn pulse(
        &self,
        process: ProcessId,
        pulse: Pulse,
        now: Instant,
    ) -> Result<Peers, StoreError> {
        let mut pulses = self.pulses.lock().expect("nothing panics under it");
        let outages = pulses.note(process, pulse, now);
        outages.into_iter().for_each(|outage| self.refund(outage));
        Ok(Peers::Impossible)
    }

    async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        let mut pulses = self.pulses.lock().expect("nothing panics under it");
        pulses.processes.remove(&process);
        Ok(())
    }

    async fn delete_old(
        &self,
        what: Kept,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let deleted = match what {
            Kept::IdempotencyRecords => self.delete_records(before, limit),
            Kept::LineChanges => self.delete_deltas(before, limit),
            Kept::Events => self.delete_events(before, limit),
        };
        Ok(deleted)
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
