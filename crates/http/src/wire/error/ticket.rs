//! Errors of tickets.

use stagedoor_domain::operations::{CancelTicketRefused, TransferRefused};

use super::{ApiError, DoorRefused, RequiredAccess, Resource};

impl From<CancelTicketRefused> for ApiError {
    fn from(refused: CancelTicketRefused) -> Self {
        match refused {
            CancelTicketRefused::TicketNotFound => Self::NotFound(Resource::Ticket),
            CancelTicketRefused::TicketVoid => Self::TicketVoid,
            CancelTicketRefused::CheckedIn => Self::Door(DoorRefused::TicketUsed),
            CancelTicketRefused::NotPayer => Self::Forbidden(RequiredAccess::Payer),
            CancelTicketRefused::Reservation(refused) => refused.into(),
        }
    }
}

impl From<TransferRefused> for ApiError {
    fn from(refused: TransferRefused) -> Self {
        match refused {
            TransferRefused::TicketNotFound => Self::NotFound(Resource::Ticket),
            TransferRefused::TicketVoid => Self::TicketVoid,
            TransferRefused::CheckedIn => Self::Door(DoorRefused::TicketUsed),
            TransferRefused::Ended => Self::PerformanceEnded,
            TransferRefused::UserNotFound => Self::NotFound(Resource::User),
            TransferRefused::OwnTicket => Self::OwnTicket,
        }
    }
}
