//! Bringing the lines up to date.

use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use stagedoor_domain::Room;
use stagedoor_domain::ports::{Clock, LinePage, StoreError, WaitingLines};
use tokio::time::Instant as Tick;

use super::{MemoryLines, RoomLine, read, write};
use crate::scheduler::Sweep;

/// The most changes read at once.
const CHANGES_MAX: usize = 5_000;

/// Follows the lines of a store.
pub struct LineFollower<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    /// Changes must be taken in in their order, so there is one sweep at a time.
    sweeping: tokio::sync::Mutex<()>,
}

impl<S: WaitingLines + ?Sized> LineFollower<S> {
    /// Keeps `lines` up to date with `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock, sweeping: tokio::sync::Mutex::new(()) }
    }

    async fn follow(&self, room: Room) -> Result<(), StoreError> {
        let line = self.lines.line_or_new(&room);
        let is_known = read(&line).is_known;
        if !is_known && room.version > 0 {
            let page = self.store.whole_line(room.id).await?;
            take_in_page(&line, page);
        }
        write(&line).is_known = true;
        while read(&line).line.version() < room.version {
            let above = read(&line).line.version();
            let page = self.store.line_changes(room.id, above, CHANGES_MAX).await?;
            let has_more = page.has_more;
            take_in_page(&line, page);
            if !has_more || read(&line).line.version() <= above {
                break;
            }
        }
        write(&line).take_in(room, self.clock.now());
        Ok(())
    }
}

fn take_in_page(line: &RwLock<RoomLine>, page: LinePage) {
    let mut known = write(line);
    for change in page.changes {
        known.line.apply(change);
    }
    known.line.read_up_to(page.version);
}

#[async_trait]
impl<S: WaitingLines + ?Sized + 'static> Sweep for LineFollower<S> {
    fn name(&self) -> &'static str {
        "line_refresh"
    }

    /// Reads what changed in every room. A room that cannot be read does not keep the others from
    /// it; the lines count as refreshed only when all could be.
    async fn sweep_once(&self) -> Result<(), StoreError> {
        let _sweeping = self.sweeping.lock().await;
        let started = Tick::now();
        let mut outcome = Ok(());
        for room in self.store.all_rooms().await? {
            if let Err(error) = self.follow(room).await {
                outcome = Err(error);
            }
        }
        if outcome.is_ok() {
            *self.lines.refreshed_at() = Some(started);
        }
        outcome
    }
}
