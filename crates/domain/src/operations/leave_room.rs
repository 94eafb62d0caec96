//! Leaving a room.

use serde::{Deserialize, Serialize};

use super::expire_holds;
use crate::{
    Command, Corrupt, Decided, ExpiryReason, Instant, Needs, NoKey, QueueTokenId, Refusal, Room,
    RoomId, WorkingSet,
};

/// Ends a queue token. Holds made with the token are released with it, because a token does not end
/// before them (rule 8). Leaving twice is leaving once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaveRoom {
    /// Which token.
    pub token_id: QueueTokenId,
    /// Its room.
    pub room_id: RoomId,
}

/// Why nothing was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LeaveRefused {
    /// There is no such token.
    #[error("there is no such queue token")]
    TokenNotFound,
}

impl Refusal for LeaveRefused {}

impl Command for LeaveRoom {
    type Success = ();
    type Refusal = LeaveRefused;
    type Key = NoKey;
    const NAME: &'static str = "leave_room";

    fn needs(&self, needs: &mut Needs) {
        needs.rooms.insert(self.room_id);
        needs.tokens.insert(self.token_id);
        needs.holds_of_tokens.insert(self.token_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let token = set.token_of(self.room_id, self.token_id)?.cloned();
        let mut token = token.ok_or(LeaveRefused::TokenNotFound)?;
        if !token.is_live(now) {
            return Ok(());
        }
        let mut room = set.require::<Room>(&token.room_id)?.clone();
        let ended = token.end(ExpiryReason::Left, &mut room, now);
        ended.map_err(|error| Corrupt::transition(token.id, error))?;
        for mut hold in set.holds_of_token(self.token_id, now)? {
            hold.cancel(now).map_err(|error| Corrupt::transition(hold.id, error))?;
            expire_holds::release_seats(set, &hold)?;
            set.replace(hold)?;
        }
        set.replace(token)?;
        set.replace(room)?;
        Ok(())
    }
}
