//! What holders do with their tickets, and doors.

use stagedoor_domain::{DoorName, Ticket, TicketId, UserId, WorkingSet};
use time::Duration;

use crate::history::Call;
use crate::intents::Intent;
use crate::people::Show;
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

    /// Tickets are scanned, now or before the device had a network again, some at two doors. Some scans are taken back.
    pub(super) fn doors_scan_tickets(&mut self) {
        for _ in 0..1 + self.random.usize(..3) {
            let Some((person, ticket_id)) = self.some_ticket() else { return };
            let ticket = self.shared.model.look(|set| set.require::<Ticket>(&ticket_id).cloned());
            let schedule_id = ticket.expect("it was drawn from the rows").schedule_id;
            let at = |show: &Show| (show.organizer_id, show.schedule_id == schedule_id);
            let of_date = self.shows.iter().map(at).find(|(_, is_date)| *is_date);
            let staff = of_date.map(|(organizer_id, _)| organizer_id);
            if self.random.usize(..4) == 0 {
                self.scan(person, staff, Intent::UndoCheckIn { ticket_id });
                continue;
            }
            for name in ["North", "South"] {
                let door = DoorName::parse(name).expect("a sound name");
                let ago = Duration::seconds(i64::try_from(self.random.usize(..600)).unwrap());
                let scanned_at = self.now - ago;
                let intent = Intent::CheckIn { schedule_id, ticket_id, door, scanned_at };
                self.scan(person, staff, intent);
                if self.random.usize(..3) > 0 {
                    break;
                }
            }
        }
    }

    /// A request of staff of the door. Some are sent twice, as after an answer that was lost.
    fn scan(&mut self, person: usize, staff: Option<UserId>, intent: Intent) {
        let mut call = Call::new(person, staff, intent, self.now);
        call.is_keyed = call.intent.takes_a_key() && self.random.usize(..8) > 0;
        let call = self.history.note(call);
        self.send(call);
        if self.history.calls[call].is_keyed && self.random.bool() {
            self.send(call);
        }
    }

    /// One of the newest tickets, most often one that is not void, and the person who holds or held it.
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
    let wanted = set.all::<Ticket>().filter(|it| takes_void || !it.is_void());
    let mut tickets: Vec<_> = wanted.map(|ticket| (ticket.id, ticket.holder_id)).collect();
    tickets.sort_unstable();
    tickets
}
