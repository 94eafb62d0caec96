//! What holders do with their tickets.

use stagedoor_domain::{Ticket, TicketId, UserId, WorkingSet};

use crate::intents::Intent;
use crate::simulation::Simulation;

/// One in this number of transfers names an e-mail address without an account.
const NO_ACCOUNT_ONE_IN: usize = 10;
/// Only this number of the newest tickets is used.
const NEWEST: usize = 12;

impl Simulation {
    /// Holders transfer tickets to others, or cancel their seats. Some ask twice, as with a double click.
    pub(super) fn holders_use_their_tickets(&mut self) {
        for _ in 0..1 + self.random.usize(..3) {
            let Some((person, ticket_id)) = self.some_ticket() else { return };
            let intent = match self.random.usize(..2) {
                0 => Intent::CancelTicket { ticket_id },
                _ => Intent::TransferTicket { ticket_id, recipient_id: self.some_recipient() },
            };
            let call = self.ask(person, intent);
            self.send(call);
            if self.history.calls[call].is_keyed && self.random.bool() {
                self.send(call);
            }
        }
    }

    /// One of the newest tickets, most often a valid one, and the person who holds or held it.
    fn some_ticket(&mut self) -> Option<(usize, TicketId)> {
        let takes_void = self.random.usize(..6) == 0;
        let tickets = self.shared.model.look(|set| tickets_in(set, takes_void));
        let newest = &tickets[tickets.len().saturating_sub(NEWEST)..];
        let (ticket_id, holder_id) = self.random.choice(newest).copied()?;
        let person = self.people.iter().position(|known| known.user_id == Some(holder_id))?;
        Some((person, ticket_id))
    }

    /// Mostly a user who takes part, sometimes the holder.
    fn some_recipient(&mut self) -> Option<UserId> {
        if self.random.usize(..NO_ACCOUNT_ONE_IN) == 0 {
            return None;
        }
        let recipient = self.some_person();
        self.people[recipient].user_id
    }
}

/// The tickets in the order of their ids, with or without void ones, and their holders.
fn tickets_in(set: &WorkingSet, takes_void: bool) -> Vec<(TicketId, UserId)> {
    let wanted = set.all::<Ticket>().filter(|it| takes_void || it.is_valid());
    let mut tickets: Vec<_> = wanted.map(|ticket| (ticket.id, ticket.holder_id)).collect();
    tickets.sort_unstable();
    tickets
}
