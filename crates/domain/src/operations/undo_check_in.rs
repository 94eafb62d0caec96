//! Taking back that the holder of a ticket came in.

use serde::{Deserialize, Serialize};

use super::door;
use crate::ticket::NotCheckedIn;
use crate::{
    Command, Corrupt, Decided, Instant, Needs, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, Reason, Refusal, Ticket, TicketId, UserId, WorkingSet,
};

/// Takes back that the holder of a ticket came in, and keeps a record of it with the reason (rule 24).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoCheckIn {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Who takes it back.
    pub user_id: UserId,
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Why.
    pub reason: Reason,
}

/// Why nothing was taken back, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum UndoCheckInRefused {
    /// There is no such ticket.
    #[error("there is no such ticket")]
    TicketNotFound,
    /// The user does not check tickets of the concert.
    #[error("the user does not check tickets of the concert")]
    NotStaff,
    /// The ticket is not checked in.
    #[error("the ticket is not checked in")]
    NotCheckedIn,
}

impl Refusal for UndoCheckInRefused {}

impl Command for UndoCheckIn {
    /// The ticket, now valid.
    type Success = Ticket;
    type Refusal = UndoCheckInRefused;
    type Key = NoKey;
    const NAME: &'static str = "undo_check_in";

    fn needs(&self, needs: &mut Needs) {
        door::needs(needs, self.user_id);
        needs.tickets.insert(self.ticket_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(ticket) = set.get::<Ticket>(&self.ticket_id)? {
            door::needs_besides(needs, self.user_id, ticket.concert_id);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let ticket = set.get::<Ticket>(&self.ticket_id)?.cloned();
        let mut ticket = ticket.ok_or(UndoCheckInRefused::TicketNotFound)?;
        if !door::admits(set, self.user_id, ticket.concert_id)? {
            return Err(UndoCheckInRefused::NotStaff.into());
        }
        ticket.undo_check_in().map_err(|NotCheckedIn| UndoCheckInRefused::NotCheckedIn)?;
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.user_id,
            deed: OperatorDeed::CheckInUndone {
                ticket_id: ticket.id,
                user_id: ticket.holder_id,
                reason: self.reason.clone(),
            },
            at: now,
        });
        set.replace(ticket.clone())?;
        Ok(ticket)
    }
}
