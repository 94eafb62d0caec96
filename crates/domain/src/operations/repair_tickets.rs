//! Issuing and voiding the tickets that an older program left out.

use super::tickets::{issue_tickets, void_tickets};
use crate::{
    Command, Corrupt, Decided, Instant, Needs, NeverRefused, NewTickets, NoKey, Reservation,
    ReservationState, WorkingSet,
};

/// Issues the tickets of confirmed reservations without tickets, and voids those of cancelled reservations with tickets:
/// of as many as it has new tickets for. Programs before tickets leave such reservations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairTickets {
    /// What the tickets of each get.
    pub tickets: Vec<NewTickets>,
}

impl RepairTickets {
    /// The most reservations of one transaction.
    pub const RESERVATIONS_MAX: usize = 200;

    fn next(&self, set: &WorkingSet) -> Result<Vec<Reservation>, Corrupt> {
        let mut found = set.mismatched()?;
        found.truncate(self.tickets.len());
        Ok(found)
    }
}

impl Command for RepairTickets {
    /// How many reservations were repaired.
    type Success = usize;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "repair_tickets";

    fn needs(&self, needs: &mut Needs) {
        needs.mismatched = needs.mismatched.max(self.tickets.len());
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let ended = self.next(set)?.into_iter().filter(|reservation| reservation.tickets_issued);
        needs.tickets_of.extend(ended.map(|reservation| reservation.id));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let found = self.next(set)?;
        let repaired = found.len();
        for (mut reservation, new) in found.into_iter().zip(&self.tickets) {
            if matches!(reservation.state, ReservationState::Confirmed { .. }) {
                issue_tickets(set, &mut reservation, new, now)?;
            } else {
                void_tickets(set, &mut reservation, now)?;
            }
            set.replace(reservation)?;
        }
        Ok(repaired)
    }
}
