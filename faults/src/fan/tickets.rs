//! What fans do with their tickets.

use reqwest::Method;
use serde_json::{Value, json};

use super::Fan;
use crate::history::{Asked, Request};

/// A valid ticket, as its holder reads it.
struct Ticket {
    id: String,
    reservation: String,
    seat: String,
}

impl Fan {
    /// Transfers a ticket to another fan, who may transfer it again.
    pub(super) async fn transfer_ticket(&mut self) {
        let others = self.sale.fans();
        let others: Vec<_> = others.iter().filter(|fan| fan.id != self.user.id).collect();
        let Some(recipient) = self.random.choice(&others).copied().cloned() else { return };
        let Some(ticket) = self.some_ticket().await else { return };
        let path = format!("/api/v1/tickets/{}/transfer", ticket.id);
        let body = json!({"email": recipient.email});
        let request = self.post(&path, false, Some(body));
        let asked = Asked::Transfer { ticket: ticket.id, recipient: recipient.id };
        self.ask(asked, request).await;
    }

    /// Cancels the seat of one ticket. The others of its reservation stay paid.
    pub(super) async fn cancel_ticket(&mut self) {
        let Some(Ticket { id, reservation, seat }) = self.some_ticket().await else { return };
        let request = self.post(&format!("/api/v1/tickets/{id}/cancellation"), false, None);
        self.ask(Asked::CancelTicket { ticket: id, reservation, seat }, request).await;
    }

    /// A valid ticket: of a reservation that was paid here, or any that the user holds.
    async fn some_ticket(&mut self) -> Option<Ticket> {
        let path = match self.random.choice(&self.tickets) {
            Some(paid) if self.random.bool() => format!("/api/v1/tickets?reservationId={paid}"),
            _ => "/api/v1/tickets".to_owned(),
        };
        let request = Request::new(Method::GET, path).by(&self.user.access);
        let Some((200, page)) = self.ask(Asked::ReadTickets, request).await else { return None };
        let tickets = page["items"].as_array()?.iter().filter(|it| it["status"] == "VALID");
        let tickets: Vec<&Value> = tickets.collect();
        let ticket = self.random.choice(&tickets).copied()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Ticket {
            id: text(&ticket["id"])?,
            reservation: text(&ticket["reservationId"])?,
            seat: text(&ticket["seat"]["id"])?,
        })
    }
}
