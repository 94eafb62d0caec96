//! How rows are found by something other than their ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{QueueToken, QueueTokenId, Room, RoomId, ScheduleId, Seat, SeatId, UserId};

/// Ids of rows by what else they are found by.
#[doc(hidden)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Indexes {
    pub(super) seats_by_number: BTreeMap<(ScheduleId, i32), SeatId>,
    pub(super) tokens_by_owner: HashMap<(RoomId, UserId), BTreeSet<QueueTokenId>>,
    pub(super) tokens_by_place: HashMap<(RoomId, i64), QueueTokenId>,
    pub(super) room_versions: BTreeMap<RoomId, i64>,
}

impl Indexes {
    pub(super) fn by_number(&mut self, seat: &Seat) {
        self.seats_by_number.insert((seat.schedule_id, seat.number), seat.id);
    }

    pub(super) fn by_owner_and_place(&mut self, token: &QueueToken) {
        let place = token.sequence.map(|sequence| ((token.room_id, sequence), token.id));
        self.tokens_by_place.extend(place);
        self.tokens_by_owner.entry((token.room_id, token.user_id)).or_default().insert(token.id);
    }

    /// The stamp that a room has before the batch.
    pub(super) fn by_version(&mut self, room: &Room) {
        self.room_versions.insert(room.id, room.version);
    }
}
