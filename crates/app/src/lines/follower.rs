//! Bringing the lines up to date.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, StoreError, WaitingLines};
use stagedoor_domain::{Line, LinePage, Room, RoomId};
use tokio::time::Instant as Tick;

use super::{KnownLine, MemoryLines};
use crate::periodic_job::PeriodicJob;
use crate::rounds::Rounds;

/// The most changes read at once, each of one batch.
const BATCHES_MAX: usize = 1_000;
/// The most places of a line read at once, so that few of them are in memory in two forms.
const PLACES_MAX: usize = 10_000;

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
            let is_known = known.line.read().is_known;
            if !is_known || self.read_above(known, room_id).await?.has_gap {
                self.read_anew(known, room_id).await?;
            }
            Ok(())
        };
        known.reads.join(read_all).await
    }

    /// Reads the changes above what is known, up to the newest or to a gap. Answers the last page.
    async fn read_above(&self, known: &KnownLine, room_id: RoomId) -> Result<LinePage, StoreError> {
        loop {
            let above = known.line.read().line.version();
            let page = self.store.line_changes(room_id, above, BATCHES_MAX).await?;
            if page.has_gap {
                return Ok(page);
            }
            let is_last = !page.has_more || page.version <= above;
            known.line.write().line.take_in(&page);
            if is_last {
                return Ok(page);
            }
        }
    }

    /// Reads a line from scratch, and shows it when what changed meanwhile has been read as well. If such changes are missing
    /// too, the line stays at its stamp, and the next refresh finds the same gap and reads the line once more.
    async fn read_anew(&self, known: &KnownLine, room_id: RoomId) -> Result<(), StoreError> {
        let mut line = Line::default();
        let (mut after, mut version) = (0, None);
        loop {
            let part = self.store.line_part(room_id, after, PLACES_MAX).await?;
            version.get_or_insert(part.version);
            after = part.changes.last().map_or(after, |last| last.sequence);
            part.changes.iter().for_each(|change| line.apply(*change));
            if !part.has_more {
                break;
            }
        }
        line.read_up_to(version.unwrap_or_default());
        loop {
            let above = line.version();
            let page = self.store.line_changes(room_id, above, BATCHES_MAX).await?;
            if page.has_gap {
                break;
            }
            line.take_in(&page);
            if !page.has_more || page.version <= above {
                break;
            }
        }
        let mut known = known.line.write();
        line.keep_from(&known.line);
        (known.line, known.is_known) = (line, true);
        Ok(())
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

#[async_trait]
impl<S: WaitingLines + ?Sized + 'static> PeriodicJob for LineFollower<S> {
    fn name(&self) -> &'static str {
        "line_refresh"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        self.refresh().await
    }
}
