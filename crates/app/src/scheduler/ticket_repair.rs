//! Issuing and voiding the tickets that an older program left out.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::RepairTickets;
use stagedoor_domain::ports::{Clock, Execute, StoreError};
use stagedoor_domain::{NewTicket, NewTickets, TicketId, TicketNumber};

use crate::ids::new_id;
use crate::periodic_job::PeriodicJob;

/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

/// Repairs the tickets of reservations that an older program confirmed or cancelled, batch by batch.
pub struct TicketRepairJob<S: ?Sized> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<RepairTickets> + ?Sized> TicketRepairJob<S> {
    /// Repairs them in `store`.
    pub fn new(store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl<S: Execute<RepairTickets> + ?Sized + 'static> PeriodicJob for TicketRepairJob<S> {
    fn name(&self) -> &'static str {
        "ticket_repair"
    }

    /// It begins with a small batch, because nearly always nothing is to be repaired.
    async fn run_once(&self) -> Result<(), StoreError> {
        let mut size = 1;
        for _ in 0..ROUNDS_MAX {
            let tickets: Result<Vec<NewTickets>, _> = (0..size).map(|_| new_tickets()).collect();
            let Ok(tickets) = tickets.inspect_err(|error| {
                tracing::error!(%error, "there are no random bytes");
            }) else {
                return Ok(());
            };
            let command = RepairTickets { tickets };
            let Ok(repaired) = self.store.execute_one(command, self.clock.now()).await?;
            if repaired < size {
                break;
            }
            size = RepairTickets::RESERVATIONS_MAX;
        }
        Ok(())
    }
}

fn new_tickets() -> Result<NewTickets, getrandom::Error> {
    Ok([new_ticket()?, new_ticket()?, new_ticket()?, new_ticket()?])
}

fn new_ticket() -> Result<NewTicket, getrandom::Error> {
    Ok(NewTicket { id: TicketId(new_id()), number: TicketNumber::draw(getrandom::u64)? })
}
