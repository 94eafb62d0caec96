//! The lines of all rooms in memory: positions, answered without the store.
//!
//! Only heartbeats have no other copy. They are kept here until the deadline that the store has comes near, and those of a
//! process that was lost give all who wait more time. Nothing else here is trusted for a write.

mod follower;
mod heartbeats;
mod peers;
mod room_line;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock};
use stagedoor_domain::ports::{Heartbeat, LineState, Lines, PositionInLine, TooManyHeartbeats};
use stagedoor_domain::{
    ConcertId, Instant, KeptDeadline, LineBlock, LineOverview, Position, Room, RoomId,
};
use time::Duration;
use tokio::time::Instant as Tick;

pub use follower::LineFollower;
pub use heartbeats::HeartbeatFlusher;
use heartbeats::PendingHeartbeats;
pub(crate) use peers::Company;
pub use peers::PeerWatch;
use room_line::RoomLine;

use crate::rounds::Rounds;

/// The lines as this process knows them.
pub struct MemoryLines {
    rooms: RwLock<KnownRooms>,
    heartbeats: Mutex<PendingHeartbeats>,
    refreshed_at: Mutex<Option<Tick>>,
}

#[derive(Default)]
struct KnownRooms {
    lines: HashMap<RoomId, Arc<KnownLine>>,
    of_concerts: HashMap<ConcertId, RoomId>,
}

/// One room's line, and the reading of it.
struct KnownLine {
    line: RwLock<RoomLine>,
    /// Changes must be taken in in their order, so it is read once at a time.
    reads: Rounds,
}

impl MemoryLines {
    /// No lines yet. At most `heartbeats_max` heartbeats are kept until they are written.
    pub fn new(heartbeats_max: usize) -> Self {
        Self {
            rooms: RwLock::default(),
            heartbeats: Mutex::new(PendingHeartbeats::new(heartbeats_max)),
            refreshed_at: Mutex::default(),
        }
    }

    /// The rooms where a token is known to wait.
    pub fn rooms_with_a_line(&self) -> Vec<Room> {
        let mut rooms: Vec<_> = self
            .all_lines()
            .iter()
            .map(|known| known.line.read())
            .filter(|line| line.line.waiting() > 0)
            .map(|line| line.room.clone())
            .collect();
        rooms.sort_unstable_by_key(|room| room.id);
        rooms
    }

    /// How many tokens have heartbeats that are not written.
    pub fn heartbeats_waiting(&self) -> u64 {
        let lines = self.all_lines();
        let kept: u64 = lines.iter().map(|known| known.line.read().line.kept()).sum();
        kept + self.heartbeats().len() as u64
    }

    /// Takes out the kept deadlines of tokens that the store lets wait until `until` or less, of each room at most `most`.
    fn take_kept(&self, until: Instant, most: usize) -> Vec<KeptDeadline> {
        let mut rooms: Vec<_> = self.rooms.read().lines.clone().into_iter().collect();
        rooms.sort_unstable_by_key(|(room_id, _)| *room_id);
        let take = |(room_id, known): (RoomId, Arc<KnownLine>)| {
            known.line.write().line.take_kept(room_id, until, most)
        };
        rooms.into_iter().flat_map(take).collect()
    }

    /// Keeps deadlines that were taken out and could not be written.
    fn put_back(&self, kept: &[KeptDeadline]) {
        for deadline in kept {
            if let Some(known) = self.line(deadline.room_id) {
                known.line.write().line.put_back(deadline);
            }
        }
    }

    fn all_lines(&self) -> Vec<Arc<KnownLine>> {
        self.rooms.read().lines.values().cloned().collect()
    }

    fn line(&self, room_id: RoomId) -> Option<Arc<KnownLine>> {
        self.rooms.read().lines.get(&room_id).cloned()
    }

    /// Reads a line, if it has been read from the store once.
    fn known<T>(&self, room_id: RoomId, read: impl FnOnce(&RoomLine) -> T) -> Option<T> {
        let known = self.line(room_id)?;
        let known = known.line.read();
        known.is_known.then(|| read(&known))
    }

    fn line_or_new(&self, room: &Room) -> Arc<KnownLine> {
        self.line(room.id).unwrap_or_else(|| {
            let line = RwLock::new(RoomLine::new(room.clone()));
            let new = Arc::new(KnownLine { line, reads: Rounds::default() });
            let mut rooms = self.rooms.write();
            rooms.of_concerts.extend(room.concert_id.map(|concert_id| (concert_id, room.id)));
            Arc::clone(rooms.lines.entry(room.id).or_insert(new))
        })
    }

    /// Forgets rooms that are gone with their concerts.
    fn forget_all_but(&self, rooms: &[Room]) {
        let ids: HashSet<RoomId> = rooms.iter().map(|room| room.id).collect();
        let mut known = self.rooms.write();
        known.lines.retain(|id, _| ids.contains(id));
        known.of_concerts.retain(|_, id| ids.contains(id));
    }

    fn heartbeats(&self) -> MutexGuard<'_, PendingHeartbeats> {
        self.heartbeats.lock()
    }
}

impl Lines for MemoryLines {
    fn look(&self, room_id: RoomId, sequence: i64, now: Instant) -> Option<PositionInLine> {
        let known = self.line(room_id)?;
        let known = known.line.read();
        if known.line.is_overdue(sequence, now) {
            return None;
        }
        let position = known.line.position(sequence)?;
        let admission_rate = known.admission_rate();
        Some(PositionInLine { room: known.room.clone(), position, admission_rate })
    }

    fn position_at(&self, room_id: RoomId, sequence: i64) -> Position {
        match self.line(room_id) {
            Some(known) => known.line.read().line.position_at(sequence),
            None => stagedoor_domain::Line::default().position_at(sequence),
        }
    }

    fn line_state(&self, room_id: RoomId) -> Option<LineState> {
        self.known(room_id, |known| LineState {
            room: known.room.clone(),
            version: known.line.version(),
            last_sequence: known.line.last_sequence(),
            waiting: known.line.waiting(),
            admission_rate: known.admission_rate(),
        })
    }

    fn overview(&self, room_id: RoomId) -> Option<LineOverview> {
        self.known(room_id, |known| known.line.overview())
    }

    fn block(&self, room_id: RoomId, number: u64) -> Option<LineBlock> {
        self.known(room_id, |known| known.line.block(number))?
    }

    fn waiting(&self, room_id: RoomId) -> u64 {
        self.line(room_id).map_or(0, |known| known.line.read().line.waiting())
    }

    fn room(&self, room_id: RoomId) -> Option<Room> {
        self.line(room_id).map(|known| known.line.read().room.clone())
    }

    fn room_of_concert(&self, concert_id: ConcertId) -> Option<RoomId> {
        self.rooms.read().of_concerts.get(&concert_id).copied()
    }

    fn admission_rate(&self, room_id: RoomId) -> Option<f64> {
        self.line(room_id).and_then(|known| known.line.read().admission_rate())
    }

    fn lag(&self) -> Option<Duration> {
        let refreshed_at = *self.refreshed_at.lock();
        refreshed_at.map(|at| Duration::try_from(at.elapsed()).unwrap_or(Duration::MAX))
    }

    fn note_heartbeat(&self, heartbeat: Heartbeat) -> Result<(), TooManyHeartbeats> {
        let Heartbeat { sequence, heartbeats, .. } = heartbeat;
        let is_kept = self
            .line(heartbeat.room_id)
            .is_some_and(|known| known.line.write().line.note_heartbeats(sequence, &heartbeats));
        if is_kept { Ok(()) } else { self.heartbeats().keep(heartbeat) }
    }
}
