//! Errors of the door.

use actix_web::http::StatusCode;
use stagedoor_domain::operations::{ChangeDoorStaffRefused, CheckInRefused, UndoCheckInRefused};
use stagedoor_domain::{CheckIn, Instant};

use super::{ApiError, CONFLICT, RequiredAccess, Resource};

/// Why a request of the door is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DoorRefused {
    /// The ticket was scanned too early or too late, or the performance was cancelled.
    Closed,
    /// The ticket is of another date; with its start if the concert is the same.
    OtherDate(Option<Instant>),
    /// The holder of the ticket came in before: when and where, but for the document.
    AlreadyCheckedIn(Option<CheckIn>),
    /// The ticket is not checked in.
    NotCheckedIn,
    /// A ticket that was checked in is neither transferred nor cancelled by its holder.
    TicketUsed,
    /// The role of the user is not `DOOR`.
    NoDoorRole,
}

impl DoorRefused {
    /// The status and the machine-readable code.
    pub(super) fn parts(&self) -> (StatusCode, &'static str) {
        let code = match self {
            Self::Closed => "DOORS_CLOSED",
            Self::OtherDate(_) => "OTHER_DATE",
            Self::AlreadyCheckedIn(_) => "ALREADY_CHECKED_IN",
            Self::NotCheckedIn => "NOT_CHECKED_IN",
            Self::TicketUsed => "TICKET_USED",
            Self::NoDoorRole => "NO_DOOR_ROLE",
        };
        (CONFLICT, code)
    }
}

impl ApiError {
    /// When and where the holder of the ticket came in.
    pub(crate) fn check_in(&self) -> Option<&CheckIn> {
        match self {
            Self::Door(DoorRefused::AlreadyCheckedIn(check_in)) => check_in.as_ref(),
            _ => None,
        }
    }

    /// When the date of the ticket starts, which is another one.
    pub(crate) fn other_start(&self) -> Option<Instant> {
        match self {
            Self::Door(DoorRefused::OtherDate(starts_at)) => *starts_at,
            _ => None,
        }
    }
}

impl From<CheckInRefused> for ApiError {
    fn from(refused: CheckInRefused) -> Self {
        match refused {
            CheckInRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
            CheckInRefused::NotStaff => Self::Forbidden(RequiredAccess::Door),
            CheckInRefused::DoorsClosed => Self::Door(DoorRefused::Closed),
            CheckInRefused::TicketNotFound => Self::NotFound(Resource::Ticket),
            CheckInRefused::OtherDate(start) => Self::Door(DoorRefused::OtherDate(start)),
            CheckInRefused::TicketVoid => Self::TicketVoid,
            CheckInRefused::AlreadyCheckedIn(first) => {
                Self::Door(DoorRefused::AlreadyCheckedIn(Some(first)))
            }
        }
    }
}

impl From<UndoCheckInRefused> for ApiError {
    fn from(refused: UndoCheckInRefused) -> Self {
        match refused {
            UndoCheckInRefused::TicketNotFound => Self::NotFound(Resource::Ticket),
            UndoCheckInRefused::NotStaff => Self::Forbidden(RequiredAccess::Door),
            UndoCheckInRefused::NotCheckedIn => Self::Door(DoorRefused::NotCheckedIn),
        }
    }
}

impl From<ChangeDoorStaffRefused> for ApiError {
    fn from(refused: ChangeDoorStaffRefused) -> Self {
        match refused {
            ChangeDoorStaffRefused::ConcertNotFound => Self::NotFound(Resource::Concert),
            ChangeDoorStaffRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
            ChangeDoorStaffRefused::UserNotFound => Self::NotFound(Resource::User),
            ChangeDoorStaffRefused::NoDoorRole => Self::Door(DoorRefused::NoDoorRole),
        }
    }
}
