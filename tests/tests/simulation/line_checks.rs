//! What is checked of a process's lines right after it has followed the store.

use std::collections::BTreeMap;

use stagedoor_domain::ports::Lines;
use stagedoor_domain::{Instant, QueueToken, Room, RoomId, TokenState, WorkingSet};
use time::Duration;

use crate::process::Process;

/// A place that was dropped as silent is looked at again after six seconds; until a sweep after
/// that it may be missing.
const MAY_MISS_FOR: Duration = Duration::seconds(7);

/// Places that the line of a process lacks although they wait, and since when.
#[derive(Default)]
pub struct Missing(BTreeMap<(usize, RoomId, i64), Instant>);

impl Missing {
    /// Forgets what a process lacked that begins anew.
    pub fn forget(&mut self, process: usize) {
        self.0.retain(|(number, ..), _| *number != process);
    }

    /// Checks that nobody stands in line who does not wait, that those who wait do before long, and
    /// that each has as many ahead as there are.
    pub fn check(&mut self, number: usize, process: &Process, set: &WorkingSet, now: Instant) {
        for room in set.all::<Room>() {
            let waiting = waiting(set, room.id);
            let mut ahead = 0;
            for place in 1..=room.last_place {
                let standing = process.lines.standing(room.id, place, process.now());
                let missing = (number, room.id, place);
                match (standing, waiting.get(&place)) {
                    (Some(standing), Some(_)) => {
                        assert_eq!(standing.ahead, ahead, "place {place} of {room:?}");
                        ahead += 1;
                        self.0.remove(&missing);
                    }
                    (Some(_), None) => panic!("place {place} of {room:?} does not wait"),
                    (None, Some(seen_at)) if process.now() < *seen_at + room.policy.idle_time() => {
                        let since = *self.0.entry(missing).or_insert(now);
                        assert!(now < since + MAY_MISS_FOR, "place {place} is not in {room:?}");
                    }
                    (None, _) => {
                        self.0.remove(&missing);
                    }
                }
            }
        }
    }
}

/// The places of a room that are written as waiting, with their last signs of life.
fn waiting(set: &WorkingSet, room_id: RoomId) -> BTreeMap<i64, Instant> {
    let tokens = set.all::<QueueToken>().filter(|token| token.room_id == room_id);
    let waiting = tokens.filter_map(|token| match token.state {
        TokenState::Waiting { seen_at } => Some((token.place?, seen_at)),
        TokenState::Active { .. } | TokenState::Expired { .. } => None,
    });
    waiting.collect()
}
