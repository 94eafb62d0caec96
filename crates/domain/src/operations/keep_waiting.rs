//! Heartbeats that a process has kept to itself.

use super::HeartbeatRefused;
use crate::queue_token::NotWaiting;
use crate::{Command, Decided, Instant, KeptDeadline, Needs, NoKey, WorkingSet};

/// Moves the deadline of a waiting token to a kept one (rule 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepWaiting(pub KeptDeadline);

impl Command for KeepWaiting {
    type Success = ();
    type Refusal = HeartbeatRefused;
    type Key = NoKey;
    const NAME: &'static str = "keep_waiting";

    fn needs(&self, needs: &mut Needs) {
        needs.tokens_in_line.insert((self.0.room_id, self.0.sequence));
    }

    fn decide(&self, set: &mut WorkingSet, _now: Instant) -> Decided<Self> {
        let KeptDeadline { room_id, sequence, stored, idle_at } = self.0;
        let token = set.token_in_line(room_id, sequence)?.cloned();
        let mut token = token.ok_or(HeartbeatRefused::NotWaiting)?;
        token.keep_waiting(stored, idle_at).map_err(|NotWaiting| HeartbeatRefused::NotWaiting)?;
        set.replace(token)?;
        Ok(())
    }
}
