//! The seats of dates as they are sent, each version of them written, compressed and kept once.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use serde::Serialize;
use stagedoor_domain::{ConcertId, Instant, ScheduleId, Seat};

use crate::error::{ApiError, Noun};
use crate::request_id;
use crate::services::Services;
use crate::shared_body::SharedBody;
use crate::shared_reads::SharedReads;
use crate::unsent::UnsentBodies;

/// How many schedules' concerts are remembered.
const CONCERTS_MAX: u64 = 10_000;
/// The most bytes of newest versions that are kept while nobody reads them, and for how long.
const KEPT_BYTES_MAX: u64 = 32 * 1024 * 1024;
const KEPT_FOR: Duration = Duration::from_secs(60);

/// In which form seats are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SeatForm {
    All,
    Free,
    OstSheets,
    TicketingSeats,
}

type Key = (SeatForm, Vec<ScheduleId>);
type Written = Result<Arc<SharedBody>, ApiError>;

pub(crate) struct SeatMaps {
    /// Of which concert schedules are, which never changes.
    concerts: Cache<ScheduleId, ConcertId>,
    /// One read for all who ask at once.
    reads: SharedReads<Key, Written>,
    /// The newest versions, so that the next reader of the same seats gets the same copy of them.
    newest: Cache<Key, Arc<SharedBody>>,
    unsent: UnsentBodies,
}

impl SeatMaps {
    pub(crate) fn new(unsent: UnsentBodies) -> Self {
        let newest = Cache::builder()
            .max_capacity(KEPT_BYTES_MAX)
            .weigher(|_, body: &Arc<SharedBody>| u32::try_from(body.len()).unwrap_or(u32::MAX))
            .time_to_idle(KEPT_FOR)
            .build();
        let concerts = Cache::new(CONCERTS_MAX);
        Self { concerts, reads: SharedReads::default(), newest, unsent }
    }

    /// Of which concert a schedule is.
    pub(crate) async fn concert_of(
        &self,
        services: &Services,
        id: ScheduleId,
    ) -> Result<ConcertId, ApiError> {
        if let Some(known) = self.concerts.get(&id) {
            return Ok(known);
        }
        let schedule = services.schedules.schedule(id).await?;
        let concert_id = schedule.ok_or(ApiError::NotFound(Noun::Schedule))?.concert_id;
        self.concerts.insert(id, concert_id);
        Ok(concert_id)
    }

    /// The seats of schedules as they are now, written as `form` has them.
    pub(crate) async fn seats<B: Serialize>(
        &self,
        services: &Services,
        form: SeatForm,
        ids: Vec<ScheduleId>,
        write: impl FnOnce(Vec<Seat>, Instant) -> B,
    ) -> Written {
        let key = (form, ids);
        self.reads.get(key.clone(), self.read(services, key, write)).await
    }

    async fn read<B: Serialize>(
        &self,
        services: &Services,
        key: Key,
        write: impl FnOnce(Vec<Seat>, Instant) -> B,
    ) -> Written {
        let mut seats = Vec::new();
        for id in &key.1 {
            seats.extend(services.schedules.seats(*id).await?);
        }
        let written = write(seats, services.clock.now());
        let content = serde_json::to_vec(&written).map_err(|error| {
            tracing::error!(request_id = %request_id::current(), %error, "seats could not be written");
            ApiError::Internal
        })?;
        drop(written);
        if let Some(known) = self.newest.get(&key).filter(|known| known.is(&content)) {
            return Ok(known);
        }
        let body = Arc::new(SharedBody::new(&self.unsent, content)?);
        self.newest.insert(key, Arc::clone(&body));
        Ok(body)
    }
}
