//! Checking a ticket in.

use serde::{Deserialize, Serialize};

use super::door;
use crate::ticket::NotValid;
use crate::{
    CheckIn, Command, Corrupt, Decided, DoorName, Idempotency, Instant, Needs, Refusal, Schedule,
    ScheduleId, Ticket, TicketId, UserId, WorkingSet,
};

/// Lets the holder of a ticket in (rule 24). The first scan that arrives counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInTicket {
    /// Who scanned it.
    pub user_id: UserId,
    /// Of which schedule the door is.
    pub schedule_id: ScheduleId,
    /// Which ticket; nothing if none has the number that was scanned.
    pub ticket_id: Option<TicketId>,
    /// At which door.
    pub door: DoorName,
    /// When it was scanned, by the clock of the device.
    pub scanned_at: Instant,
}

/// Why no holder was let in, in the order in which the reasons are looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CheckInRefused {
    /// There is no such schedule, or the user is not staff of its concert, which is a draft.
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The user does not check tickets of the concert.
    #[error("the user does not check tickets of the concert")]
    NotStaff,
    /// The ticket was scanned too early or too late, or the performance was cancelled.
    #[error("the doors are closed")]
    DoorsClosed,
    /// There is no such ticket.
    #[error("there is no such ticket")]
    TicketNotFound,
    /// It is of another schedule: of the same concert if its start is told.
    #[error("the ticket is of another date")]
    OtherDate(Option<Instant>),
    /// It is void.
    #[error("the ticket is void")]
    TicketVoid,
    /// Its holder came in before.
    #[error("the ticket was checked in before")]
    AlreadyCheckedIn(CheckIn),
}

impl Refusal for CheckInRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::OtherDate(_) | Self::TicketVoid => true,
            // People are assigned, dates are moved, check-ins are undone. A ticket may be paid for by then.
            Self::ScheduleNotFound
            | Self::NotStaff
            | Self::DoorsClosed
            | Self::TicketNotFound
            | Self::AlreadyCheckedIn(_) => false,
        }
    }
}

impl CheckInTicket {
    /// The schedule, if the user checks tickets of it.
    fn schedule<'a>(
        &self,
        set: &'a WorkingSet,
    ) -> Result<Result<&'a Schedule, CheckInRefused>, Corrupt> {
        let Some(schedule) = set.get::<Schedule>(&self.schedule_id)? else {
            return Ok(Err(CheckInRefused::ScheduleNotFound));
        };
        Ok(match door::admits(set, self.user_id, schedule.concert_id)? {
            true => Ok(schedule),
            false if schedule.concert_state.is_public() => Err(CheckInRefused::NotStaff),
            false => Err(CheckInRefused::ScheduleNotFound),
        })
    }
}

impl Command for CheckInTicket {
    /// The ticket, now checked in.
    type Success = Ticket;
    type Refusal = CheckInRefused;
    type Key = Idempotency;
    const NAME: &'static str = "check_in_ticket";

    fn needs(&self, needs: &mut Needs) {
        door::needs(needs, self.user_id);
        needs.schedules.insert(self.schedule_id);
        needs.tickets.extend(self.ticket_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(schedule) = set.get::<Schedule>(&self.schedule_id)? {
            door::needs_besides(needs, self.user_id, schedule.concert_id);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let schedule = self.schedule(set)??;
        // A device whose clock is ahead scanned now at the latest.
        let scanned_at = self.scanned_at.min(now);
        if !schedule.is_open_at(scanned_at) {
            return Err(CheckInRefused::DoorsClosed.into());
        }
        let ticket_id = self.ticket_id.ok_or(CheckInRefused::TicketNotFound)?;
        let ticket = set.get::<Ticket>(&ticket_id)?.cloned();
        let mut ticket = ticket.ok_or(CheckInRefused::TicketNotFound)?;
        if ticket.schedule_id != schedule.id {
            let other = set.require::<Schedule>(&ticket.schedule_id)?;
            let is_of_concert = other.concert_id == schedule.concert_id;
            let starts_at = is_of_concert.then_some(other.starts_at);
            return Err(CheckInRefused::OtherDate(starts_at).into());
        }
        let before = ticket.check_in().cloned();
        let check_in = CheckIn { scanned_at, door: self.door.clone(), user_id: self.user_id };
        ticket.let_in(check_in).map_err(|error| match (error, before) {
            (NotValid::CheckedIn, Some(first)) => CheckInRefused::AlreadyCheckedIn(first),
            _ => CheckInRefused::TicketVoid,
        })?;
        set.replace(ticket.clone())?;
        Ok(ticket)
    }
}
