//! Letting people in.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::Admit;
use stagedoor_domain::ports::{Clock, Execute, StoreError};
use stagedoor_domain::{Occupancy, RoomId};

use crate::lines::MemoryLines;
use crate::periodic_job::PeriodicJob;

/// The most transactions for one room in one run: enough for the largest `admitBatch`.
const ROUNDS_MAX: usize = 100;

/// Lets people in from the line of every room.
pub struct AdmissionJob<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<Admit> + ?Sized> AdmissionJob<S> {
    /// Lets people in as `store` allows; `lines` only say where it is worth asking.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock }
    }

    async fn admit(&self, room_id: RoomId) -> Result<(), StoreError> {
        for _ in 0..ROUNDS_MAX {
            let admit = Admit { room_id };
            let Ok(admitted) = self.store.execute_one(admit, self.clock.now()).await?;
            let admitted = usize::try_from(admitted.count).unwrap_or(0);
            metrics::counter!("stagedoor_admitted_total").increment(admitted as u64);
            if admitted < Admit::TOKENS_MAX {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Execute<Admit> + ?Sized + 'static> PeriodicJob for AdmissionJob<S> {
    fn name(&self) -> &'static str {
        "admission"
    }

    /// Has every room admit that has a line and whose interval is not used up. A room that fails
    /// does not keep the others waiting.
    async fn run_once(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut outcome = Ok(());
        for room in self.lines.rooms_with_a_line() {
            if room.admission_quota(Occupancy::default(), now) == 0 {
                continue;
            }
            if let Err(error) = self.admit(room.id).await {
                outcome = Err(error);
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use stagedoor_domain::operations::Admitted;
    use stagedoor_domain::ports::{MockExecute, MockWaitingLines};
    use stagedoor_domain::room::Admissions;
    use stagedoor_domain::{LineChange, LinePage, Room};
    use uuid::Uuid;

    use super::*;
    use crate::lines::LineFollower;
    use crate::testing::{NOW, StoppedClock};

    fn room(number: u128) -> Room {
        let room = Room::open(RoomId(Uuid::from_u128(number)), None, NOW);
        Room { version: 1, last_sequence: 1, ..room }
    }

    /// Lines of these rooms, in which one waits unless the room's stamp is 0.
    async fn lines_of(rooms: Vec<Room>) -> Arc<MemoryLines> {
        let lines = Arc::new(MemoryLines::new(10));
        let mut store = MockWaitingLines::new();
        store.expect_all_rooms().return_once(move || Ok(rooms));
        let waits = LineChange { sequence: 1, waiting_until: Some(NOW) };
        let line = LinePage { changes: vec![waits], version: 1, ..LinePage::default() };
        store.expect_line_part().returning(move |_, _, _| Ok(line.clone()));
        let nothing = LinePage { version: 1, ..LinePage::default() };
        store.expect_line_changes().returning(move |_, _, _| Ok(nothing.clone()));
        let clock = Arc::new(StoppedClock(NOW));
        let follower = LineFollower::new(Arc::clone(&lines), Arc::new(store), clock);
        follower.run_once().await.unwrap();
        lines
    }

    /// The rooms that are asked to admit when each admits as many as `counts` says in turn.
    async fn asked(rooms: Vec<Room>, counts: &[usize]) -> Vec<u128> {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut counts = VecDeque::from(counts.to_vec());
        let mut store = MockExecute::<Admit>::new();
        let note = Arc::clone(&asked);
        store.expect_execute().returning(move |requests, _| {
            assert_eq!(requests.len(), 1, "one transaction is for one room");
            note.lock().unwrap().push(requests[0].command.room_id.0.as_u128());
            let count = counts.pop_front().unwrap_or(0);
            Ok(vec![Ok(Admitted { count: i32::try_from(count).unwrap() })])
        });
        let lines = lines_of(rooms).await;
        let job = AdmissionJob::new(lines, Arc::new(store), Arc::new(StoppedClock(NOW)));
        job.run_once().await.unwrap();
        asked.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn rooms_with_a_queue_that_may_admit_are_asked() {
        let empty = Room { version: 0, ..room(2) };
        let mut paused = room(3);
        paused.policy.paused = true;
        let mut used_up = room(4);
        used_up.admissions = Admissions { since: NOW, count: used_up.policy.admit_batch };

        let rooms = vec![room(1), empty, paused, used_up, room(5)];
        assert_eq!(asked(rooms, &[]).await, [1, 5]);
    }

    #[tokio::test]
    async fn a_room_is_asked_again_when_a_transaction_admitted_as_many_as_it_may() {
        let most = Admit::TOKENS_MAX;

        assert_eq!(asked(vec![room(1), room(2)], &[most, most, 5]).await, [1, 1, 1, 2]);
    }
}
