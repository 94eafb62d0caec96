//! Bringing the lines up to date.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::RwLock;
use stagedoor_domain::ports::{Clock, LinePage, StoreError, WaitingLines};
use stagedoor_domain::{Room, RoomId};
use tokio::time::Instant as Tick;

use super::{KnownLine, MemoryLines, RoomLine};
use crate::periodic_job::PeriodicJob;
use crate::rounds::Rounds;

/// The most changes read at once.
const CHANGES_MAX: usize = 5_000;

/// Follows the lines of a store.
pub struct LineFollower<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    jobs: Rounds,
}

impl<S: WaitingLines + ?Sized> LineFollower<S> {
    /// Keeps `lines` up to date with `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock, jobs: Rounds::default() }
    }

    /// Brings the line of one room up to an instant after the call.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError> {
        match self.lines.line(room_id) {
            Some(known) => self.read_changes(&known, room_id).await,
            None => self.refresh().await,
        }
    }

    async fn follow(&self, room: Room) -> Result<(), StoreError> {
        let known = self.lines.line_or_new(&room);
        if known.line.read().line.version() < room.version {
            self.read_changes(&known, room.id).await?;
        }
        let mut line = known.line.write();
        line.is_known = true;
        line.take_in(room, self.clock.now());
        Ok(())
    }

    async fn read_changes(&self, known: &KnownLine, room_id: RoomId) -> Result<(), StoreError> {
        let read_all = async || {
            let line = &known.line;
            let is_known = line.read().is_known;
            if !is_known {
                let page = self.store.whole_line(room_id).await?;
                take_in_page(line, page);
                line.write().is_known = true;
                return Ok(());
            }
            loop {
                let above = line.read().line.version();
                let page = self.store.line_changes(room_id, above, CHANGES_MAX).await?;
                let has_more = page.has_more;
                take_in_page(line, page);
                if !has_more || line.read().line.version() <= above {
                    return Ok(());
                }
            }
        };
        known.reads.join(read_all).await
    }

    /// Reads what changed in every room. A room that cannot be read does not keep the others from
    /// it; the lines count as refreshed only when all could be.
    async fn refresh(&self) -> Result<(), StoreError> {
        let refresh_all = async || {
            let started = Tick::now();
            let mut outcome = Ok(());
            let rooms = self.store.all_rooms().await?;
            self.lines.forget_all_but(&rooms);
            for room in rooms {
                if let Err(error) = self.follow(room).await {
                    outcome = Err(error);
                }
            }
            if outcome.is_ok() {
                *self.lines.refreshed_at.lock() = Some(started);
            }
            outcome
        };
        self.jobs.join(refresh_all).await
    }
}

fn take_in_page(line: &RwLock<RoomLine>, page: LinePage) {
    let mut known = line.write();
    for change in page.changes {
        known.line.apply(change);
    }
    known.line.read_up_to(page.version);
}

#[async_trait]
impl<S: WaitingLines + ?Sized + 'static> PeriodicJob for LineFollower<S> {
    fn name(&self) -> &'static str {
        "line_refresh"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        self.refresh().await
    }
}
