//! Letting people in from the line.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Corrupt, Decided, Instant, Needs, NeverRefused, NoKey, QueueToken, Room, RoomId,
    WorkingSet,
};

/// Lets in as many from the head of a room's line as its policy allows now (rules 3 and 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admit {
    /// Which room.
    pub room_id: RoomId,
}

impl Admit {
    /// The most tokens let in by one transaction; a larger `admitBatch` takes several.
    pub const TOKENS_MAX: usize = 10_000;

    fn most(set: &WorkingSet, room: &Room, now: Instant) -> Result<usize, Corrupt> {
        Ok(room.admission_quota(set.occupancy(room.id)?, now).min(Self::TOKENS_MAX))
    }

    /// Those whose turn it is: none behind a number whose token is not written yet.
    fn head(
        set: &WorkingSet,
        room: &Room,
        most: usize,
        now: Instant,
    ) -> Result<Vec<QueueToken>, Corrupt> {
        let first_open = set.first_open_number(room.id)?;
        let is_open =
            |token: &&QueueToken| first_open.is_some_and(|open| token.sequence > Some(open));
        let line = set.head_of_line(room.id, now)?.into_iter();
        Ok(line.take_while(|token| !is_open(token)).take(most).cloned().collect())
    }
}

/// How many were let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// The number of tokens.
    pub count: i32,
}

impl Command for Admit {
    type Success = Admitted;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "admit";

    fn needs(&self, needs: &mut Needs) {
        needs.occupancies.insert(self.room_id);
        needs.open_ranges.insert(self.room_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(room) = set.get::<Room>(&self.room_id)? {
            needs.heads_of_lines.insert(room.id, Self::most(set, room, now)?);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let Some(mut room) = set.get::<Room>(&self.room_id)?.cloned() else {
            return Ok(Admitted { count: 0 });
        };
        let most = Self::most(set, &room, now)?;
        let head = Self::head(set, &room, most, now)?;
        let mut count = 0;
        for mut token in head {
            let admitted = token.admit(&mut room, now);
            admitted.map_err(|error| Corrupt::transition(token.id, error))?;
            set.replace(token)?;
            count += 1;
        }
        if count > 0 {
            set.occupancy_mut(room.id)?.active += i64::from(count);
            room.note_admitted(count, now);
            set.replace(room)?;
        }
        Ok(Admitted { count })
    }
}
