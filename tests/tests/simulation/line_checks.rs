//! What is checked of a process's lines right after it has followed the store.

use std::collections::BTreeSet;

use stagedoor_domain::ports::Lines;
use stagedoor_domain::{Instant, NumberRange, QueueToken, Room, RoomId, TokenState, WorkingSet};

use crate::process::Process;

/// No token is silent as early as that. A clock that is late may have set deadlines before the first instant.
const BEFORE_ALL: Instant = time::macros::datetime!(2000-01-01 00:00 UTC);

/// Checks that those stand in line who are written as waiting, and that each has as many ahead as
/// there are.
pub fn check(process: &Process, set: &WorkingSet) {
    for room in set.all::<Room>() {
        let waiting = waiting(set, room.id);
        for sequence in 1..=room.last_sequence {
            let known = process.lines.look(room.id, sequence, BEFORE_ALL);
            let ahead = waiting.contains(&sequence).then(|| waiting.range(..sequence).count());
            let known = known.map(|known| known.position.ahead.try_into().unwrap());
            assert_eq!(known, ahead, "sequence number {sequence} of {room:?}");
        }
    }
}

/// The sequence numbers of a room that are written as waiting, or reserved.
fn waiting(set: &WorkingSet, room_id: RoomId) -> BTreeSet<i64> {
    let tokens = set.all::<QueueToken>().filter(|token| token.room_id == room_id);
    let waits = |token: &&QueueToken| matches!(token.state, TokenState::Waiting { .. });
    let ranges = set.all::<NumberRange>().filter(|range| range.room_id == room_id);
    let open = ranges.flat_map(NumberRange::numbers);
    tokens.filter(waits).filter_map(|token| token.sequence).chain(open).collect()
}
