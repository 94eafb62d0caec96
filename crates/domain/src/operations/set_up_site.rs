//! Opening and closing the site-wide room by the mode that a server starts in.

use crate::{
    Command, Decided, Instant, Needs, NeverRefused, NoKey, Room, RoomId, RoomPolicy, WorkingSet,
};

/// Opens the site-wide room in open mode and closes it otherwise, until an operator changes its policy:
/// from then on it stays as operators have it. Answers its capacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUpSite {
    /// Whether tokens are issued for a bare user id.
    pub open_mode: bool,
}

impl Command for SetUpSite {
    type Success = i32;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "set_up_site";

    fn needs(&self, needs: &mut Needs) {
        needs.rooms.insert(RoomId::SITE);
        needs.actions_on_rooms.insert(RoomId::SITE);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let Some(mut room) = set.get::<Room>(&RoomId::SITE)?.cloned() else { return Ok(0) };
        let updated = set.action_on(RoomId::SITE)?.is_some();
        let opened = RoomPolicy::default().capacity;
        let capacity = if self.open_mode { opened } else { 0 };
        let is_own_choice = updated || ![0, opened].contains(&room.policy.capacity);
        if is_own_choice || room.policy.capacity == capacity {
            return Ok(room.policy.capacity);
        }
        let policy = RoomPolicy { capacity, ..room.policy };
        room.update_controls(policy, None, now);
        set.replace(room)?;
        Ok(capacity)
    }
}
