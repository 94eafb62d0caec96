//! What a decided batch changed.

use std::collections::BTreeMap;

use super::{Mark, Stored, Tables, WorkingSet};
use crate::ticket::{Ticket, TicketState, VoidReason};
use crate::{
    Concert, ConcertId, DoorStaff, LineDelta, NumberRange, PosterImage, QueueToken, ReservationId,
    Room, RoomId, SeatId, Webhook, WebhookId,
};

/// What a decided batch inserted, updated and deleted. Only the rules make one.
#[derive(Debug)]
pub struct Changes {
    pub(super) tables: Tables,
    /// The stamps of the rooms before the batch.
    pub(super) room_versions: BTreeMap<RoomId, i64>,
}

impl Changes {
    /// The new rows of a kind, in the order of their ids.
    pub fn inserted<T: Stored>(&self) -> Vec<&T> {
        self.marked(Mark::Inserted)
    }

    /// The changed rows of a kind, in the order of their ids. All other columns than those that
    /// can change are as loaded.
    pub fn updated<T: Stored>(&self) -> Vec<&T> {
        self.marked(Mark::Updated)
    }

    /// The concerts that are deleted, with their schedules, seats, rooms and queue tokens.
    pub fn deleted_concerts(&self) -> Vec<ConcertId> {
        self.marked::<Concert>(Mark::Deleted).into_iter().map(|concert| concert.id).collect()
    }

    /// The images of posters that are deleted.
    pub fn deleted_images(&self) -> Vec<&PosterImage> {
        self.marked(Mark::Deleted)
    }

    /// The assignments to doors that are deleted.
    pub fn deleted_door_staff(&self) -> Vec<&DoorStaff> {
        self.marked(Mark::Deleted)
    }

    /// The webhooks that are deleted, with their deliveries.
    pub fn deleted_webhooks(&self) -> Vec<WebhookId> {
        self.marked::<Webhook>(Mark::Deleted).into_iter().map(|webhook| webhook.id).collect()
    }

    /// The seats that reservations lose while others of them stay paid.
    pub fn seats_taken_off(&self) -> Vec<(ReservationId, SeatId)> {
        let cancelled = |ticket: &&Ticket| match ticket.state {
            TicketState::Void { reason, .. } => reason == VoidReason::SeatCancelled,
            TicketState::Valid | TicketState::CheckedIn(_) => false,
        };
        let cancelled = self.updated::<Ticket>().into_iter().filter(cancelled);
        cancelled.map(|ticket| (ticket.reservation_id, ticket.seat_id)).collect()
    }

    /// The ranges of sequence numbers that are filled or void.
    pub fn ended_ranges(&self) -> Vec<&NumberRange> {
        self.marked(Mark::Deleted)
    }

    /// What changed in the lines of rooms: one for each room that got a new stamp.
    pub fn line_deltas(&self) -> Vec<LineDelta> {
        let rooms = self.inserted::<Room>().into_iter().chain(self.updated::<Room>());
        let stamped = rooms.filter_map(|room| {
            let since = self.room_versions.get(&room.id).copied().unwrap_or_default();
            (room.version > since).then(|| LineDelta::new(room.id, since, room.version))
        });
        let mut deltas: BTreeMap<RoomId, LineDelta> =
            stamped.map(|delta| (delta.room_id, delta)).collect();
        let tokens = self.inserted::<QueueToken>().into_iter().chain(self.updated());
        for token in tokens {
            let delta = deltas.get_mut(&token.room_id);
            if let Some(delta) = delta.filter(|delta| token.version > delta.since) {
                delta.take_in(token);
            }
        }
        for range in self.inserted::<NumberRange>() {
            if let Some(delta) = deltas.get_mut(&range.room_id) {
                delta.reserve(range);
            }
        }
        // A range that is filled stamps no room: its numbers joined when they were reserved.
        for range in self.ended_ranges() {
            if let Some(delta) = deltas.get_mut(&range.room_id) {
                delta.void(range);
            }
        }
        deltas.into_values().collect()
    }

    /// How many rows of all kinds are new, changed or deleted by themselves.
    pub fn count(&self) -> usize {
        self.tables.count_changes()
    }

    fn marked<T: Stored>(&self, mark: Mark) -> Vec<&T> {
        let rows = T::table(&self.tables).0.values();
        rows.filter(|(_, of_row)| *of_row == mark).map(|(row, _)| row).collect()
    }

    /// The set as it stands after the batch was written, for models of a store.
    pub fn into_working_set(self) -> WorkingSet {
        let mut set = WorkingSet { tables: self.tables, ..WorkingSet::default() };
        set.tables.drop_deleted();
        set.tables.settle(&mut set.indexes);
        set
    }
}
