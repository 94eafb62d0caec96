//! Heartbeats.

use serde::{Deserialize, Serialize};

use crate::queue_token::{Heartbeats, NotWaiting};
use crate::{
    Command, DecideError, Instant, Needs, NoKey, QueueToken, QueueTokenId, Refusal, WorkingSet,
};

/// Notes heartbeats of a waiting token (rule 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeeToken {
    /// Whose token.
    pub token_id: QueueTokenId,
    /// The heartbeats; the last is not after the instant of the batch.
    pub heartbeats: Heartbeats,
}

/// Why a sign does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SeeRefused {
    /// The token was not in line when the sign was given, or there is none.
    #[error("the queue token was not waiting")]
    NotWaiting,
}

impl Refusal for SeeRefused {}

impl Command for SeeToken {
    type Success = ();
    type Refusal = SeeRefused;
    type Key = NoKey;
    const NAME: &'static str = "see_token";

    fn needs(&self, needs: &mut Needs) {
        needs.tokens.insert(self.token_id);
    }

    fn decide(&self, set: &mut WorkingSet, _now: Instant) -> Result<(), DecideError<SeeRefused>> {
        let token = set.get::<QueueToken>(&self.token_id)?;
        let mut token = token.cloned().ok_or(SeeRefused::NotWaiting)?;
        token.see(self.heartbeats).map_err(|NotWaiting| SeeRefused::NotWaiting)?;
        set.replace(token)?;
        Ok(())
    }
}
