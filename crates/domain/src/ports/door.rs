//! Reading what is needed at the doors of performances.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    ConcertId, DoorName, DoorStaff, Email, Instant, Page, PageSize, PersonName, Schedule,
    ScheduleId, Seat, Ticket, TicketId, Title, User, UserId, Venue,
};

/// A performance whose tickets are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorDate {
    /// Its schedule.
    pub schedule: Schedule,
    /// The title of its concert.
    pub title: Title,
    /// Where it is, if the schedule has a seat plan.
    pub venue: Option<Venue>,
}

/// A ticket as the door knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorEntry {
    /// The ticket.
    pub ticket: Ticket,
    /// The name of its holder.
    pub holder_name: PersonName,
    /// Its seat.
    pub seat: Seat,
}

/// How many people have come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckInCount {
    /// The tickets that are not void, in or not.
    pub tickets: i64,
    /// By door, in the order of their names.
    pub doors: Vec<CheckInsOfDoor>,
}

impl CheckInCount {
    /// How many are in, over all doors.
    pub fn checked_in(&self) -> i64 {
        self.doors.iter().map(|door| door.checked_in).sum()
    }
}

/// How many people have come in at one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInsOfDoor {
    /// Which door.
    pub door: DoorName,
    /// How many.
    pub checked_in: i64,
    /// When the last one of them was scanned.
    pub last_scanned_at: Instant,
}

/// A user who is assigned to the doors of a concert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorStaffMember {
    /// The assignment.
    pub staff: DoorStaff,
    /// What the user is called.
    pub name: PersonName,
    /// The user's address.
    pub email: Email,
}

/// Reads what is needed at the doors of performances.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Doors: Send + Sync {
    /// The performances of published concerts whose tickets a user may check, that take place and have not ended at
    /// `now`, up to `size` of those that end first.
    ///
    /// # Errors
    /// A failure of the store.
    async fn door_dates(
        &self,
        user: &User,
        now: Instant,
        size: PageSize,
    ) -> Result<Vec<DoorDate>, StoreError>;

    /// The tickets of a schedule, void ones among them, in the order of their ids, from those above `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn door_list(
        &self,
        schedule_id: ScheduleId,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<DoorEntry, TicketId>, StoreError>;

    /// One ticket as the door knows it.
    ///
    /// # Errors
    /// A failure of the store.
    async fn door_entry(&self, id: TicketId) -> Result<Option<DoorEntry>, StoreError>;

    /// How many people have come in.
    ///
    /// # Errors
    /// A failure of the store.
    async fn check_in_count(&self, schedule_id: ScheduleId) -> Result<CheckInCount, StoreError>;

    /// Who is assigned to the doors of a concert, in the order of their ids. Deleted accounts are left out.
    ///
    /// # Errors
    /// A failure of the store.
    async fn door_staff(&self, concert_id: ConcertId) -> Result<Vec<DoorStaffMember>, StoreError>;

    /// Whether a user is assigned to the doors of a concert.
    ///
    /// # Errors
    /// A failure of the store.
    async fn is_assigned(&self, concert_id: ConcertId, user_id: UserId)
    -> Result<bool, StoreError>;
}
