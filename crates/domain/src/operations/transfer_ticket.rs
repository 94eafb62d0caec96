//! Transferring a ticket to another user.

use serde::{Deserialize, Serialize};

use crate::ticket::NotValid;
use crate::{
    Command, Corrupt, Decided, Idempotency, Instant, Needs, NewTicket, Refusal, Schedule, Ticket,
    TicketId, User, UserId, WorkingSet,
};

/// Transfers a ticket to another account: the old one is void at once, and the other user has a new one for the same
/// seat, with a number of its own (rule 22). No points move, and the reservation stays the payer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferTicket {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Whose it is.
    pub holder_id: UserId,
    /// To whom; nothing if no user has the given e-mail address.
    pub recipient_id: Option<UserId>,
    /// What the new ticket gets.
    pub new: NewTicket,
}

/// Why no ticket was transferred, in the order in which the reasons are looked at. The recipient comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum TransferRefused {
    /// The user has no such ticket.
    #[error("there is no such ticket")]
    TicketNotFound,
    /// It is void.
    #[error("the ticket is void")]
    TicketVoid,
    /// Its holder came in.
    #[error("the ticket was checked in")]
    CheckedIn,
    /// The performance has ended, or was cancelled.
    #[error("the performance has ended or was cancelled")]
    Ended,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// It would go to its holder.
    #[error("the ticket is the recipient's")]
    OwnTicket,
}

impl From<NotValid> for TransferRefused {
    fn from(error: NotValid) -> Self {
        match error {
            NotValid::Void => Self::TicketVoid,
            NotValid::CheckedIn => Self::CheckedIn,
        }
    }
}

impl Refusal for TransferRefused {
    fn is_final(&self) -> bool {
        match self {
            // The address may get an account, and a check-in may be undone.
            Self::UserNotFound | Self::CheckedIn => false,
            Self::TicketNotFound | Self::TicketVoid | Self::Ended | Self::OwnTicket => true,
        }
    }
}

impl Command for TransferTicket {
    /// The old ticket, now void.
    type Success = Ticket;
    type Refusal = TransferRefused;
    type Key = Idempotency;
    const NAME: &'static str = "transfer_ticket";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.extend(self.recipient_id);
        needs.tickets.insert(self.ticket_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let own = set.ticket_of(self.holder_id, self.ticket_id)?;
        let mut old = own.cloned().ok_or(TransferRefused::TicketNotFound)?;
        old.check_valid().map_err(TransferRefused::from)?;
        let schedule = set.require::<Schedule>(&old.schedule_id)?;
        if schedule.ends_at <= now || !schedule.takes_place() {
            return Err(TransferRefused::Ended.into());
        }
        let recipient_id = self.recipient_id.ok_or(TransferRefused::UserNotFound)?;
        let recipient = set.get::<User>(&recipient_id)?.ok_or(TransferRefused::UserNotFound)?;
        if recipient.id == self.holder_id {
            return Err(TransferRefused::OwnTicket.into());
        }
        let transferred = old.transfer(self.new, recipient.id, now);
        let new = transferred.map_err(|error| Corrupt::transition(old.id, error))?;
        set.replace(old.clone())?;
        set.insert(new);
        Ok(old)
    }
}
