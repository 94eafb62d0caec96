//! Heartbeats.

use serde::{Deserialize, Serialize};

use crate::queue_token::{Heartbeats, NotWaiting};
use crate::{
    Command, Decided, Instant, Needs, NoKey, QueueToken, QueueTokenId, Refusal, WorkingSet,
};

/// Notes heartbeats of a waiting token (rule 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHeartbeats {
    /// Whose token.
    pub token_id: QueueTokenId,
    /// The heartbeats; the last is not after the instant of the batch.
    pub heartbeats: Heartbeats,
}

/// Why heartbeats do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum HeartbeatRefused {
    /// The token was not in line when the first was taken, or there is none.
    #[error("the queue token was not waiting")]
    NotWaiting,
}

impl Refusal for HeartbeatRefused {}

impl Command for RecordHeartbeats {
    type Success = ();
    type Refusal = HeartbeatRefused;
    type Key = NoKey;
    const NAME: &'static str = "record_heartbeats";

    fn needs(&self, needs: &mut Needs) {
        needs.tokens.insert(self.token_id);
    }

    fn decide(&self, set: &mut WorkingSet, _now: Instant) -> Decided<Self> {
        let token = set.get::<QueueToken>(&self.token_id)?;
        let mut token = token.cloned().ok_or(HeartbeatRefused::NotWaiting)?;
        token
            .record_heartbeats(self.heartbeats)
            .map_err(|NotWaiting| HeartbeatRefused::NotWaiting)?;
        set.replace(token)?;
        Ok(())
    }
}
