//! The queues of rooms as caches serve them: each version is serialized and compressed once.

use std::sync::Arc;

use actix_web::http::header::EntityTag;
use moka::sync::Cache;
use serde::Serialize;
use stagedoor_domain::ports::LineState;
use stagedoor_domain::{ConcertState, RoomId};

use crate::edge::unsent_bodies::UnsentBodies;
use crate::shared::shared_body::SharedBody;
use crate::wire::error::ApiError;
use crate::wire::request_id;

/// The most rooms whose newest overview is kept. A body is about 12 KB with ten million waiting.
const ROOMS_MAX: u64 = 256;

pub(crate) struct LineBodies {
    overviews: Cache<RoomId, Arc<SharedBody>>,
    unsent: UnsentBodies,
}

impl LineBodies {
    pub(crate) fn new(unsent: UnsentBodies) -> Self {
        Self { overviews: Cache::new(ROOMS_MAX), unsent }
    }

    /// The overview of a room's queue in this state, which `write` makes if no copy is kept.
    pub(crate) fn overview<B: Serialize>(
        &self,
        state: LineState,
        write: impl FnOnce(LineState) -> Result<B, ApiError>,
    ) -> Result<Arc<SharedBody>, ApiError> {
        let (id, tag) = (state.room.id, tag(&state));
        let kept = self.overviews.get(&id).filter(|kept| kept.is_tagged(&tag));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let content = json(&write(state)?)?;
        let body = Arc::new(SharedBody::with_tag(&self.unsent, content, tag)?);
        self.overviews.insert(id, Arc::clone(&body));
        Ok(body)
    }

    /// A block. It is so short that no copy is kept.
    pub(crate) fn block<B: Serialize>(&self, block: &B) -> Result<SharedBody, ApiError> {
        SharedBody::new(&self.unsent, json(block)?)
    }
}

/// The tag of a state, made of what all processes know alike, and of the step of the admission rate. The tag is weak: each
/// process estimates that rate, and rates of one step, which is about a fifth wide, have one tag.
fn tag(state: &LineState) -> EntityTag {
    let LineState { room, version, last_sequence, waiting, admission_rate } = state;
    let rate = admission_rate.map_or_else(|| "u".to_owned(), |rate| step(rate).to_string());
    let closed = if room.concert_state == ConcertState::Cancelled { "c" } else { "" };
    let policy = room.policy_version;
    let tag = format!("{version}-{last_sequence}-{waiting}-{policy}-{rate}{closed}");
    EntityTag::new_weak(tag)
}

/// The step of a rate: each doubling has four.
fn step(rate: f64) -> i64 {
    (rate.max(f64::MIN_POSITIVE).log2() * 4.0).floor() as i64
}

fn json<B: Serialize>(body: &B) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(request_id = %request_id::current(), %error, "a queue could not be written");
        ApiError::Internal
    })
}
