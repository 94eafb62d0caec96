//! Taking back the numbers of a range.

use crate::{
    Command, Decided, Instant, Needs, NeverRefused, NoKey, NumberRange, RoomId, WorkingSet,
};

/// Takes back the numbers of a range whose tokens are not written. Answers whether it was still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoidRange {
    /// In which room.
    pub room_id: RoomId,
    /// The first number of the range.
    pub first: i64,
}

impl Command for VoidRange {
    type Success = bool;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "void_range";

    fn needs(&self, needs: &mut Needs) {
        needs.rooms.insert(self.room_id);
        needs.number_ranges.insert((self.room_id, self.first));
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let found = set.get::<NumberRange>(&(self.room_id, self.first))?.copied();
        if let Some(range) = found {
            set.void(&range)?;
        }
        Ok(found.is_some())
    }
}
