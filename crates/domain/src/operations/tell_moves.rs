//! Telling the holders of tickets that their date was moved.

use crate::{
    Command, Corrupt, Decided, Instant, Mail, MailId, MailKind, Moved, Needs, NeverRefused, NoKey,
    Reservation, ReservationState, Schedule, Ticket, WorkingSet,
};

/// Writes the e-mails that tell of a move (rule 23): of one moved date, those about its next reservations. Answers the
/// number of these; fewer than [`Self::RESERVATIONS_MAX`] if all of the date have been told of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TellMoves;

impl TellMoves {
    /// The most reservations of one transaction.
    pub const RESERVATIONS_MAX: usize = 200;
}

impl Command for TellMoves {
    type Success = usize;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "tell_moves";

    fn needs(&self, needs: &mut Needs) {
        needs.untold_moves = 1;
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some((schedule, told_to)) = set.untold_move()? {
            needs.paid_of.insert((schedule.id, told_to), Self::RESERVATIONS_MAX);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let Some((schedule, told_to)) = set.untold_move()? else { return Ok(0) };
        let mut schedule = schedule.clone();
        let next = set.paid_of(schedule.id, told_to, Self::RESERVATIONS_MAX)?;
        for reservation in next.iter().filter(|it| concerns(it, &schedule)) {
            tell(set, reservation, &schedule, now)?;
        }
        let last = next.last().filter(|_| next.len() == Self::RESERVATIONS_MAX);
        let told_to = last.map(|reservation| reservation.id);
        schedule.moved = schedule.moved.map(|moved| Moved { told_to, ..moved });
        set.replace(schedule)?;
        Ok(next.len())
    }
}

/// Whether a reservation was paid for another time than the schedule has now. Who paid after the move knows of it, and whose
/// date was cancelled is told of that instead.
fn concerns(paid: &Reservation, schedule: &Schedule) -> bool {
    let ReservationState::Confirmed { at } = paid.state else { return false };
    schedule.takes_place() && schedule.moved.is_some_and(|moved| at <= moved.at)
}

/// Tells the payer once, whatever the number of tickets, and each user to whom one was transferred.
fn tell(
    set: &mut WorkingSet,
    reservation: &Reservation,
    schedule: &Schedule,
    now: Instant,
) -> Result<(), Corrupt> {
    let payer_id = reservation.user_id;
    let valid: Vec<_> =
        set.tickets_of(reservation.id)?.into_iter().filter(Ticket::is_valid).collect();
    if valid.iter().any(|ticket| ticket.holder_id == payer_id) {
        let id = MailId::of_move(reservation.id.0, schedule.version);
        set.insert(Mail::new(id, payer_id, MailKind::Moved, now));
    }
    for ticket in valid.iter().filter(|ticket| ticket.holder_id != payer_id) {
        let id = MailId::of_move(ticket.id.0, schedule.version);
        set.insert(Mail::new(id, ticket.holder_id, MailKind::TicketMoved, now));
    }
    Ok(())
}
