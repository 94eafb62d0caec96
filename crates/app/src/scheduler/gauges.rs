//! The gauges that have to be read: rooms, connections, lines.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, Lines, Maintenance, RoomCount, Rooms, StoreError};
use stagedoor_domain::{PageSize, RoomId};

use super::Sweep;
use crate::lines::MemoryLines;

/// The most pages of rooms that are read; older rooms beyond them have no gauges.
const PAGES_MAX: usize = 10;

/// Reads gauges.
pub struct GaugeSweep<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    /// Rooms whose gauges were not zero. Empty rooms get none, or there would be many for nothing.
    reported: Mutex<BTreeSet<RoomId>>,
}

impl<S: Maintenance + Rooms + ?Sized> GaugeSweep<S> {
    /// Reads the gauges of `lines` and `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock, reported: Mutex::default() }
    }

    async fn room_counts(&self) -> Result<Vec<RoomCount>, StoreError> {
        let now = self.clock.now();
        let size = PageSize::new(PageSize::MAX).unwrap_or(PageSize::DEFAULT);
        let mut counts = Vec::new();
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let page = self.store.room_counts(after, size, now).await?;
            counts.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(counts)
    }

    fn report(&self, counts: Vec<RoomCount>) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let mut emptied = std::mem::take(&mut *reported);
        for count in counts {
            let id = count.room.id;
            if count.waiting > 0 || count.active > 0 {
                reported.insert(id);
                emptied.remove(&id);
                set_gauges(id, count.waiting, count.active);
            }
        }
        emptied.into_iter().for_each(|id| set_gauges(id, 0, 0));
    }
}

fn set_gauges(room_id: RoomId, waiting: i64, active: i64) {
    let room = room_id.to_string();
    metrics::gauge!("stagedoor_room_waiting", "room" => room.clone()).set(waiting as f64);
    metrics::gauge!("stagedoor_room_active", "room" => room).set(active as f64);
}

#[async_trait]
impl<S: Maintenance + Rooms + ?Sized + 'static> Sweep for GaugeSweep<S> {
    fn name(&self) -> &'static str {
        "gauges"
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        crate::telemetry::keep_up();
        metrics::gauge!("stagedoor_signs_waiting").set(self.lines.signs_waiting() as f64);
        if let Some(lag) = self.lines.lag() {
            metrics::gauge!("stagedoor_line_lag_seconds").set(lag.as_seconds_f64());
        }
        let readiness = self.store.readiness().await?;
        metrics::gauge!("stagedoor_database_connections", "state" => "busy")
            .set(f64::from(readiness.connections_busy));
        metrics::gauge!("stagedoor_database_connections", "state" => "idle")
            .set(f64::from(readiness.connections_idle));
        self.report(self.room_counts().await?);
        Ok(())
    }
}
