//! What fans do with their tickets, and doors.

use reqwest::Method;
use serde_json::{Value, json};

use super::Fan;
use crate::history::{Asked, Request, now};
use crate::sale::{Seen, instant};

/// Doors scan some of this number of tickets that were seen last, so that several scan the same.
const LAST_SEEN: usize = 8;
/// How many scans a fan goes through at a time.
const SCANS: usize = 3;

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

    /// Shows one of the tickets that were seen last at a door, its own or another fan's. Two doors may scan it at once; a
    /// scan is taken back now and then.
    pub(super) async fn show_ticket(&mut self) {
        self.some_ticket().await;
        for ticket in self.some_seen() {
            let organizer = self.sale.organizer.clone();
            if self.random.u64(..4) == 0 {
                let path = format!("/api/v1/check-ins/{}/undo", ticket.id);
                let undo = Request::new(Method::POST, path).by(&organizer.access);
                let undo = undo.with(json!({"reason": "Scanned by mistake."}));
                self.ask_as(&organizer.id, Asked::UndoCheckIn { ticket: ticket.id }, undo).await;
                continue;
            }
            let Ok(scanned_at) = instant(now()) else { return };
            let door = format!("Door {}", self.random.u64(..4));
            let body = json!({
                "scheduleId": ticket.schedule, "number": ticket.number, "door": door, "scannedAt": scanned_at,
            });
            let scan = self.post("/api/v1/check-ins", false, Some(body)).by(&organizer.access);
            self.ask_as(&organizer.id, Asked::CheckIn { ticket: ticket.id }, scan).await;
        }
    }

    /// Some of the tickets that were seen last.
    fn some_seen(&mut self) -> Vec<Seen> {
        let mut seen = self.sale.seen(LAST_SEEN);
        self.random.shuffle(&mut seen);
        seen.truncate(SCANS);
        seen
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
        let (number, schedule) = (text(&ticket["number"])?, text(&ticket["scheduleId"])?);
        self.sale.note_seen(Seen { id: text(&ticket["id"])?, number, schedule });
        Some(Ticket {
            id: text(&ticket["id"])?,
            reservation: text(&ticket["reservationId"])?,
            seat: text(&ticket["seat"]["id"])?,
        })
    }
}
