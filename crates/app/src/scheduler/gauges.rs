//! The gauges that have to be read: rooms, connections, lines.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use stagedoor_domain::ports::{Clock, Lines, Maintenance, RoomCount, Rooms, StoreError};
use stagedoor_domain::{PageSize, RoomId};

use crate::lines::MemoryLines;
use crate::periodic_job::PeriodicJob;

/// The most pages of rooms that are read; older rooms beyond them have no gauges.
const PAGES_MAX: usize = 10;

/// Reads gauges.
pub struct GaugeJob {
    lines: Arc<MemoryLines>,
    maintenance: Arc<dyn Maintenance>,
    rooms: Arc<dyn Rooms>,
    clock: Arc<dyn Clock>,
    /// Rooms whose gauges were not zero. Empty rooms get none, or there would be many for nothing.
    reported: Mutex<BTreeSet<RoomId>>,
}

impl GaugeJob {
    /// Reads the gauges of `lines` and of one store, behind both its ports.
    pub fn new(
        lines: Arc<MemoryLines>,
        maintenance: Arc<dyn Maintenance>,
        rooms: Arc<dyn Rooms>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { lines, maintenance, rooms, clock, reported: Mutex::default() }
    }

    async fn room_counts(&self) -> Result<Vec<RoomCount>, StoreError> {
        let now = self.clock.now();
        let size = PageSize::new(PageSize::MAX).unwrap_or(PageSize::DEFAULT);
        let mut counts = Vec::new();
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let page = self.rooms.room_counts(after, size, now).await?;
            counts.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(counts)
    }

    fn report(&self, counts: Vec<RoomCount>) {
        let mut reported = self.reported.lock();
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
impl PeriodicJob for GaugeJob {
    fn name(&self) -> &'static str {
        "gauges"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        crate::telemetry::keep_up();
        metrics::gauge!("stagedoor_heartbeats_waiting").set(self.lines.heartbeats_waiting() as f64);
        if let Some(lag) = self.lines.lag() {
            metrics::gauge!("stagedoor_line_lag_seconds").set(lag.as_seconds_f64());
        }
        let readiness = self.maintenance.readiness().await?;
        metrics::gauge!("stagedoor_database_commits").set(f64::from(u8::from(readiness.commits)));
        metrics::gauge!("stagedoor_database_connections", "state" => "busy")
            .set(f64::from(readiness.connections_busy));
        metrics::gauge!("stagedoor_database_connections", "state" => "idle")
            .set(f64::from(readiness.connections_idle));
        self.report(self.room_counts().await?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use mockall::predicate::{always, eq};
    use stagedoor_domain::ports::{MockMaintenance, MockRooms, Readiness};
    use stagedoor_domain::{Page, Room};
    use uuid::Uuid;

    use super::*;
    use crate::testing::{NOW, StoppedClock};

    /// A page of rooms, each with how many wait and are active, and whether there are more pages.
    type RoomPage = (Vec<(u128, i64, i64)>, bool);

    fn room(number: u128) -> Room {
        Room::open(RoomId(Uuid::from_u128(number)), None, NOW)
    }

    /// A job over a store whose rooms are read page by page.
    fn job(pages: Vec<RoomPage>) -> GaugeJob {
        let mut maintenance = MockMaintenance::new();
        maintenance.expect_readiness().returning(|| {
            Ok(Readiness {
                migrations_current: true,
                commits: true,
                connections_busy: 3,
                connections_idle: 5,
            })
        });
        let (mut rooms, mut pages) = (MockRooms::new(), pages.into_iter());
        rooms.expect_room_counts().with(always(), always(), eq(NOW)).returning(move |_, _, _| {
            let (counts, has_more) = pages.next().expect("a page more than there are");
            let count = |(id, waiting, active)| RoomCount { room: room(id), waiting, active };
            let next = has_more.then(|| room(1).id);
            Ok(Page { items: counts.into_iter().map(count).collect(), next })
        });
        let lines = Arc::new(MemoryLines::new(1));
        GaugeJob::new(lines, Arc::new(maintenance), Arc::new(rooms), Arc::new(StoppedClock(NOW)))
    }

    #[tokio::test]
    async fn rooms_with_people_have_gauges_which_return_to_zero() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _recording = metrics::set_default_local_recorder(&recorder);
        let first = (vec![(1, 7, 0), (2, 0, 4), (3, 0, 0)], true);
        let job = job(vec![first, (vec![(4, 5, 6)], false), (vec![(2, 1, 0)], false)]);
        let gauge = |what: &str, room: u128| {
            let line = format!("stagedoor_room_{what}{{room=\"{}\"}} ", Uuid::from_u128(room));
            let text = handle.render();
            let found = text.lines().find_map(|it| it.strip_prefix(&line));
            found.map(|value| value.parse::<i64>().unwrap())
        };
        let both = |room| (gauge("waiting", room), gauge("active", room));

        assert_eq!(job.name(), "gauges");
        job.run_once().await.unwrap();
        assert_eq!(both(1), (Some(7), Some(0)));
        assert_eq!(both(2), (Some(0), Some(4)));
        assert_eq!(both(3), (None, None), "an empty room has none");
        assert_eq!(both(4), (Some(5), Some(6)), "on the second page");
        let text = handle.render();
        assert!(text.contains("stagedoor_database_connections{state=\"busy\"} 3"), "{text}");
        assert!(text.contains("stagedoor_database_connections{state=\"idle\"} 5"), "{text}");
        assert!(text.contains("stagedoor_heartbeats_waiting 0"), "{text}");

        job.run_once().await.unwrap();
        assert_eq!(both(1), (Some(0), Some(0)));
        assert_eq!(both(2), (Some(1), Some(0)));
        assert_eq!(both(4), (Some(0), Some(0)));
    }

    #[tokio::test]
    async fn the_pages_that_are_read_are_bounded() {
        let pages = vec![(Vec::new(), true); PAGES_MAX];

        assert_eq!(job(pages).room_counts().await, Ok(Vec::new()));
    }
}
