//! Reading events.

use async_trait::async_trait;

use super::StoreError;
use crate::{Concert, Event, EventId, Reservation, Room, Schedule, Ticket};

/// What an event is about, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A reservation.
    Reservation(Reservation),
    /// A ticket.
    Ticket(Ticket),
    /// A concert.
    Concert(Concert),
    /// A schedule.
    Schedule(Schedule),
    /// A room.
    Room(Room),
    /// Nothing that can be told: a test, or what was deleted meanwhile.
    None,
}

/// Reads events.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Events: Send + Sync {
    /// Events with what they are about, in any order; those that are kept no longer are left out.
    ///
    /// # Errors
    /// A failure of the store.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<(Event, Subject)>, StoreError>;
}
