//! The door of a performance: who checks tickets there, and when (rule 24).

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::invalid::{Invalid, line_of_text, stored_line};
use crate::{ConcertId, Instant, Role, Schedule, User, UserId};

/// The name of a door, such as `North gate`: 1 to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DoorName(String);

impl DoorName {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 40;

    /// Parses a name; hidden characters and surrounding space are dropped.
    ///
    /// # Errors
    /// Names the field `door`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "door", 1, Self::CHARACTERS_MAX).map(Self)
    }

    /// Takes a name from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `door`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "door", 1, Self::CHARACTERS_MAX).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// That the holder of a ticket came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// When the ticket was scanned, by the clock of the device. A device without a network sends its scans later.
    pub scanned_at: Instant,
    /// At which door.
    pub door: DoorName,
    /// Who scanned it.
    pub user_id: UserId,
}

/// That a user checks tickets of a concert. It counts while the user has the role [`Role::Door`]. The lock of the user
/// guards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorStaff {
    /// Of which concert.
    pub concert_id: ConcertId,
    /// Who.
    pub user_id: UserId,
    /// Since when.
    pub assigned_at: Instant,
}

/// Whether a user may check tickets of a concert of this organizer: the organizer, an operator, or one of its door staff.
pub fn admits(user: &User, organizer_id: UserId, is_assigned: bool) -> bool {
    let by_role = match user.role {
        Role::Operator => true,
        Role::Door => is_assigned,
        Role::Fan | Role::Organizer => false,
    };
    by_role || user.id == organizer_id
}

impl Schedule {
    /// How long before the start tickets can be checked in.
    pub const DOORS_BEFORE: Duration = Duration::hours(12);

    /// From when on tickets can be checked in. They can until the end.
    pub fn doors_open_at(&self) -> Instant {
        self.starts_at - Self::DOORS_BEFORE
    }

    /// Whether a ticket that was scanned at this instant can be checked in.
    pub fn is_open_at(&self, scanned_at: Instant) -> bool {
        self.takes_place() && (self.doors_open_at()..self.ends_at).contains(&scanned_at)
    }
}
