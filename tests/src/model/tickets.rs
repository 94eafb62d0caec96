//! How the model reads tickets.

use async_trait::async_trait;
use stagedoor_domain::ports::{StoreError, TicketDetails, Tickets};
use stagedoor_domain::{
    Concert, Page, PageSize, ReservationId, Schedule, Ticket, TicketId, TicketNumber, User, UserId,
};

use super::Model;
use super::reads::newest_first;

#[async_trait]
impl Tickets for Model {
    async fn ticket(&self, id: TicketId) -> Result<Option<TicketDetails>, StoreError> {
        Ok(self.get(&id).map(|ticket| self.ticket_details(ticket)))
    }

    async fn ticket_numbered(&self, number: TicketNumber) -> Result<Option<TicketId>, StoreError> {
        Ok(self.all(|ticket: &Ticket| ticket.number == number).pop().map(|ticket| ticket.id))
    }

    async fn tickets(
        &self,
        holder_id: UserId,
        reservation_id: Option<ReservationId>,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<TicketDetails, TicketId>, StoreError> {
        let all = self.all(|ticket: &Ticket| {
            ticket.holder_id == holder_id
                && reservation_id.is_none_or(|id| ticket.reservation_id == id)
        });
        let all = all.into_iter().map(|ticket| self.ticket_details(ticket)).collect();
        Ok(newest_first(all, after, size, |details: &TicketDetails| details.ticket.id))
    }
}

impl Model {
    fn ticket_details(&self, ticket: Ticket) -> TicketDetails {
        let concert: Concert = self.get(&ticket.concert_id).expect("a ticket has a concert");
        let holder: User = self.get(&ticket.holder_id).expect("a ticket has a holder");
        let schedule: Schedule = self.get(&ticket.schedule_id).expect("a ticket has a schedule");
        TicketDetails {
            holder_name: holder.name,
            seat: self.get(&ticket.seat_id).expect("a ticket has a seat"),
            reservation: self.get(&ticket.reservation_id).expect("a ticket has a reservation"),
            title: concert.details.title,
            venue: self.venue_of(&schedule),
            schedule,
            ticket,
        }
    }
}
