//! Signs of life.

use serde::{Deserialize, Serialize};

use super::refuses_reused_keys;
use crate::{Command, Instant, QueueToken, QueueTokenId, Refusal, Room, WorkingSet};

/// Notes that somebody in line was there (rule 5).
///
/// Load: the tokens, locked; their rooms, which need no lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeeToken {
    /// Whose token.
    pub token_id: QueueTokenId,
    /// The first heartbeat since the last that was written; not after `at`.
    pub since: Instant,
    /// The last heartbeat; not after the instant of the batch.
    pub at: Instant,
}

/// Why a sign does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SeeRefused {
    /// The token was not in line when the sign was given, or there is none.
    #[error("the queue token was not waiting")]
    NotWaiting,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

refuses_reused_keys!(SeeRefused);

impl Refusal for SeeRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::NotWaiting | Self::KeyReused => true,
        }
    }
}

impl Command for SeeToken {
    type Success = ();
    type Refusal = SeeRefused;
    const NAME: &'static str = "see_token";

    fn decide(&self, set: &mut WorkingSet, _now: Instant) -> Result<(), SeeRefused> {
        let room_id = set.get::<QueueToken>(&self.token_id).map(|token| token.room_id);
        let policy = room_id.and_then(|id| set.get::<Room>(&id)).map(|room| room.policy);
        let policy = policy.ok_or(SeeRefused::NotWaiting)?;
        let counts = set
            .change::<QueueToken>(&self.token_id, |token| token.see(&policy, self.since, self.at));
        if counts { Ok(()) } else { Err(SeeRefused::NotWaiting) }
    }
}
