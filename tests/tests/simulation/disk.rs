//! The store that all processes share, as each of them reaches it: over a connection that fails.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use fastrand::Rng;
use stagedoor_domain::operations::FillRange;
use stagedoor_domain::ports::{
    Events, Execute, Kept, Maintenance, Readiness, StoreError, Subject, WaitingLines,
};
use stagedoor_domain::{
    Command, Event, EventId, Instant, LinePage, Room, RoomId, Submission, Verdict,
};
use stagedoor_tests::model::Model;

use crate::calls::at_once;
use crate::checks::Checks;
use crate::plants::{Plant, Planted};
use crate::trace::Trace;

/// One in this number of calls to the store fails in each of three ways.
const FAILURES_ONE_IN: usize = 60;

/// The store, what is checked of it, and what happened to it.
pub struct Shared {
    pub model: Model,
    notes: Mutex<Notes>,
}

pub struct Notes {
    pub random: Rng,
    pub checks: Checks,
    pub trace: Trace,
    pub planted: Planted,
    pub is_faulty: bool,
    pub commits: usize,
    pub commands: usize,
    pub failures: usize,
}

impl Shared {
    pub fn new(model: Model, seed: u64, plant: Option<Plant>) -> Self {
        let notes = Notes {
            random: Rng::with_seed(!seed),
            checks: model.look(Checks::new),
            trace: Trace::default(),
            planted: Planted::new(plant, seed),
            is_faulty: true,
            commits: 0,
            commands: 0,
            failures: 0,
        };
        Self { model, notes: Mutex::new(notes) }
    }

    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap()
    }
}

/// How a call to the store goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nothing is done, and that is known.
    NotDone,
    /// Nothing is done, and no answer comes.
    LostBefore,
    /// All is done, and no answer comes.
    LostAfter,
}

/// The way of one process to the store.
pub struct Disk {
    shared: Arc<Shared>,
    process: usize,
    /// The process is killed before the commit or after it, this number of calls from now.
    killed: Mutex<Option<(usize, Fault)>>,
    is_dead: Mutex<bool>,
}

impl Disk {
    pub fn new(shared: Arc<Shared>, process: usize) -> Self {
        Self { shared, process, killed: Mutex::default(), is_dead: Mutex::default() }
    }

    /// Has the process killed at some call to come.
    pub fn kill_after(&self, calls: usize, is_done: bool) {
        let fault = if is_done { Fault::LostAfter } else { Fault::LostBefore };
        *self.killed.lock().unwrap() = Some((calls, fault));
    }

    /// Has the process not killed after all.
    pub fn spare(&self) {
        *self.killed.lock().unwrap() = None;
    }

    pub fn is_dead(&self) -> bool {
        *self.is_dead.lock().unwrap()
    }

    fn fault(&self) -> Option<Fault> {
        if self.is_dead() {
            return Some(Fault::NotDone);
        }
        let mut killed = self.killed.lock().unwrap();
        match killed.as_mut() {
            Some((0, fault)) => {
                *self.is_dead.lock().unwrap() = true;
                return Some(*fault);
            }
            Some((calls, _)) => *calls -= 1,
            None => {}
        }
        let mut notes = self.shared.notes();
        if !notes.is_faulty {
            return None;
        }
        match notes.random.usize(..FAILURES_ONE_IN) {
            0 => Some(Fault::NotDone),
            1 => Some(Fault::LostBefore),
            2 => Some(Fault::LostAfter),
            _ => None,
        }
    }

    fn reading(&self) -> Result<(), StoreError> {
        match self.fault() {
            Some(_) => Err(StoreError::Unavailable("the connection broke".to_owned())),
            None => Ok(()),
        }
    }

    fn commit<C: Command>(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let mut notes = self.shared.notes();
        let verdicts = notes.planted.execute(&self.shared.model, submissions, now)?;
        notes.commits += 1;
        notes.commands += submissions.len();
        self.shared.model.look(|set| notes.checks.after_commit(C::NAME, set, now));
        let mut lines: Vec<_> = verdicts.iter().map(|verdict| format!("{verdict:?}")).collect();
        if C::NAME == "record_heartbeats" {
            // Heartbeats come out of a hash map, in any order.
            lines.sort();
        }
        notes.trace.note(&(self.process, C::NAME, now, lines));
        Ok(verdicts)
    }
}

#[async_trait]
impl<C: Command> Execute<C> for Disk {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        if C::NAME == FillRange::NAME {
            // Other processes do something first.
            tokio::task::yield_now().await;
        }
        let fault = self.fault();
        self.shared.notes().failures += usize::from(fault.is_some());
        let lost = || StoreError::OutcomeUnknown("the connection broke".to_owned());
        match fault {
            None => self.commit(submissions, now),
            Some(Fault::NotDone) => {
                self.shared.notes().planted.refuse(&self.shared.model, submissions, now)
            }
            Some(Fault::LostBefore) => Err(lost()),
            Some(Fault::LostAfter) => {
                self.commit(submissions, now)?;
                Err(lost())
            }
        }
    }
}

#[async_trait]
impl Events for Disk {
    async fn events(&self, ids: &[EventId]) -> Result<Vec<(Event, Subject)>, StoreError> {
        self.reading()?;
        self.shared.model.events(ids).await
    }
}

#[async_trait]
impl WaitingLines for Disk {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        self.reading()?;
        self.shared.model.all_rooms().await
    }

    async fn line_part(
        &self,
        room_id: RoomId,
        after: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.reading()?;
        self.shared.model.line_part(room_id, after, limit).await
    }

    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.reading()?;
        let page = at_once(self.shared.model.line_changes(room_id, above, limit))?;
        Ok(self.shared.notes().planted.page(page))
    }
}

#[async_trait]
impl Maintenance for Disk {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        self.shared.model.readiness().await
    }

    async fn delete_old(
        &self,
        what: Kept,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.reading()?;
        let deleted = at_once(self.shared.model.delete_old(what, before, limit))?;
        self.shared.notes().trace.note(&(self.process, "delete", what, before, deleted));
        Ok(deleted)
    }
}
