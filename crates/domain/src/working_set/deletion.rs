//! What goes with a row that is deleted.

use std::collections::BTreeSet;

use super::{Mark, Tables};
use crate::ConcertId;

impl Tables {
    /// Drops deleted images, ranges and assignments, and deleted concerts with all that belongs to them.
    pub(super) fn drop_deleted(&mut self) {
        self.poster_images.0.retain(|_, (_, mark)| *mark != Mark::Deleted);
        self.number_ranges.0.retain(|_, (_, mark)| *mark != Mark::Deleted);
        self.webhooks.0.retain(|_, (_, mark)| *mark != Mark::Deleted);
        self.door_staff.0.retain(|_, (_, mark)| *mark != Mark::Deleted);
        let webhooks = &self.webhooks.0;
        self.deliveries.retain(|delivery| webhooks.contains_key(&delivery.webhook_id));
        let deleted = self.concerts.0.iter().filter(|(_, (_, mark))| *mark == Mark::Deleted);
        let deleted: BTreeSet<ConcertId> = deleted.map(|(id, _)| *id).collect();
        if deleted.is_empty() {
            return;
        }
        self.concerts.retain(|concert| !deleted.contains(&concert.id));
        self.poster_images.retain(|image| !deleted.contains(&image.concert_id));
        self.door_staff.retain(|staff| !deleted.contains(&staff.concert_id));
        self.schedules.retain(|schedule| !deleted.contains(&schedule.concert_id));
        self.rooms.retain(|room| room.concert_id.is_none_or(|id| !deleted.contains(&id)));
        let (schedules, rooms) = (&self.schedules.0, &self.rooms.0);
        self.seats.retain(|seat| schedules.contains_key(&seat.schedule_id));
        self.queue_tokens.retain(|token| rooms.contains_key(&token.room_id));
        self.number_ranges.retain(|range| rooms.contains_key(&range.room_id));
    }
}
