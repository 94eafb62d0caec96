//! The seats of dates and seat plans as they are sent: each version is serialized, compressed and kept once.

use std::collections::VecDeque;
use std::sync::Arc;

use moka::sync::Cache;
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use stagedoor_domain::{ConcertId, Instant, PlanVersion, ScheduleId, Seat, SeatState};

use crate::edge::unsent_bodies::UnsentBodies;
use crate::services::Services;
use crate::shared::shared_body::SharedBody;
use crate::shared::shared_reads::SharedReads;
use crate::wire::error::{ApiError, Resource};
use crate::wire::request_id;

/// The most schedules whose concert is remembered.
const CONCERTS_MAX: u64 = 10_000;
/// The most versions that are kept for their next reader.
const KEPT_MAX: usize = 256;

/// In which form seats are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SeatForm {
    All,
    Free,
    States,
    OstSheets,
    TicketingSeats,
}

/// What never changes once it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Immutable {
    HallPlan(PlanVersion),
    SchedulePlan(ScheduleId),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Seats(SeatForm, Vec<ScheduleId>),
    Immutable(Immutable),
}

type Written = Result<Arc<SharedBody>, ApiError>;

pub(crate) struct SeatMaps {
    /// The concert of each schedule, which never changes.
    concerts: Cache<ScheduleId, ConcertId>,
    /// One read for all concurrent requests.
    reads: SharedReads<Key, Written>,
    /// The newest versions, so that the next reader of the same seats gets the same copy of them.
    newest: Mutex<Newest>,
    unsent: UnsentBodies,
}

impl SeatMaps {
    pub(crate) fn new(unsent: UnsentBodies) -> Self {
        let concerts = Cache::new(CONCERTS_MAX);
        Self { concerts, reads: SharedReads::default(), newest: Mutex::default(), unsent }
    }

    /// The concert of a schedule.
    pub(crate) async fn concert_of(
        &self,
        services: &Services,
        id: ScheduleId,
    ) -> Result<ConcertId, ApiError> {
        if let Some(known) = self.concerts.get(&id) {
            return Ok(known);
        }
        let schedule = services.schedules.schedule(id).await?;
        let concert_id = schedule.ok_or(ApiError::NotFound(Resource::Schedule))?.concert_id;
        self.concerts.insert(id, concert_id);
        Ok(concert_id)
    }

    /// The seats of schedules as they are now, serialized in `form`.
    pub(crate) async fn seats<B: Serialize>(
        &self,
        services: &Services,
        form: SeatForm,
        ids: Vec<ScheduleId>,
        write: impl FnOnce(Vec<Seat>, Instant) -> B,
    ) -> Written {
        let read = async {
            let mut seats = Vec::new();
            for id in &ids {
                seats.extend(services.schedules.seats(*id).await?);
            }
            json(&write(seats, services.clock.now()))
        };
        self.shared(Key::Seats(form, ids.clone()), read).await
    }

    /// The states of a schedule's seats as they are now.
    pub(crate) async fn states<B: Serialize>(
        &self,
        services: &Services,
        id: ScheduleId,
        write: impl FnOnce(&[SeatState], Instant) -> B,
    ) -> Written {
        let read = async {
            let states = services.schedules.seat_states(id).await?;
            json(&write(&states, services.clock.now()))
        };
        self.shared(Key::Seats(SeatForm::States, vec![id]), read).await
    }

    /// What never changes: it is read only if no copy is kept.
    pub(crate) async fn immutable<B: Serialize>(
        &self,
        of: Immutable,
        read: impl Future<Output = Result<B, ApiError>>,
    ) -> Written {
        let key = Key::Immutable(of);
        let known = self.newest().take(&key);
        if let Some(known) = known {
            self.newest().keep(key, Arc::clone(&known), self.unsent.bytes_of_one_max());
            return Ok(known);
        }
        self.shared(key, async { json(&read.await?) }).await
    }

    /// One read for all concurrent requests, and one copy for those that read the same.
    async fn shared(
        &self,
        key: Key,
        read: impl Future<Output = Result<Vec<u8>, ApiError>>,
    ) -> Written {
        let kept = async { self.keep(key.clone(), read.await?) };
        self.reads.get(key.clone(), kept).await
    }

    fn keep(&self, key: Key, content: Vec<u8>) -> Written {
        let known = self.newest().take(&key);
        let body = match known.filter(|known| known.is(&content)) {
            Some(known) => known,
            None => {
                if !self.unsent.has_room_for(content.len()) {
                    *self.newest() = Newest::default();
                }
                Arc::new(SharedBody::new(&self.unsent, content)?)
            }
        };
        self.newest().keep(key, Arc::clone(&body), self.unsent.bytes_of_one_max());
        Ok(body)
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock()
    }
}

fn json<B: Serialize>(body: &B) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(request_id = %request_id::current(), %error, "seats could not be written");
        ApiError::Internal
    })
}

/// The newest versions, the last used first.
#[derive(Default)]
struct Newest(VecDeque<(Key, Arc<SharedBody>)>);

impl Newest {
    fn take(&mut self, key: &Key) -> Option<Arc<SharedBody>> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        self.0.remove(at).map(|(_, body)| body)
    }

    /// Keeps a version, and as many of the others as fit.
    fn keep(&mut self, key: Key, body: Arc<SharedBody>, bytes_max: usize) {
        self.0.push_front((key, body));
        let mut bytes: usize = self.0.iter().map(|(_, body)| body.len()).sum();
        while self.0.len() > KEPT_MAX || (self.0.len() > 1 && bytes > bytes_max) {
            let Some((_, last)) = self.0.pop_back() else { return };
            bytes -= last.len();
        }
    }
}
