//! Asking for a queue token whose row is written later.

use serde::{Deserialize, Serialize};

use super::{JoinRefused, JoinRoom, Joined};
use crate::{Command, Corrupt, Decided, Idempotency, Instant, Needs, WorkingSet};

/// As [`JoinRoom`], but a newcomer who waits only gets a sequence number. The token is a fact once
/// [`FillRange`](super::FillRange) has written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveNumber(pub JoinRoom);

/// The user's token in the room, and whether it is still to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// The token.
    pub joined: Joined,
    /// Whether its number is part of a range that is to be filled.
    pub is_open: bool,
}

impl Command for ReserveNumber {
    type Success = Reserved;
    type Refusal = JoinRefused;
    type Key = Idempotency;
    const NAME: &'static str = "reserve_number";

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        self.0.needs_besides(set, now, needs)
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut is_open = false;
        let joined = self.0.join(set, now, |set, token| {
            is_open = set.reserve(&token);
            if !is_open {
                set.insert(token);
            }
        })?;
        Ok(Reserved { joined, is_open })
    }
}
