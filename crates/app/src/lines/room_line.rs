//! One room's line in memory.

use stagedoor_domain::{Instant, Line, Room};

use super::admissions::AdmissionMeter;

/// A room as last read, and its line.
#[derive(Debug)]
pub(super) struct RoomLine {
    pub(super) room: Room,
    pub(super) line: Line,
    /// Whether the whole line has been read once.
    pub(super) is_known: bool,
    meter: AdmissionMeter,
    /// The meter's estimate, made at each read: many polls are answered between two.
    admission_rate: Option<f64>,
}

impl RoomLine {
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            line: Line::default(),
            is_known: false,
            meter: AdmissionMeter::default(),
            admission_rate: None,
        }
    }

    pub(super) fn admission_rate(&self) -> Option<f64> {
        self.admission_rate
    }

    /// Takes in the room's row as read at `now`.
    pub(super) fn take_in(&mut self, room: Room, now: Instant) {
        self.meter.look(&room, self.line.waiting() > 0, now);
        self.admission_rate = self.meter.per_second(room.policy.admit_interval());
        self.room = room;
    }
}
