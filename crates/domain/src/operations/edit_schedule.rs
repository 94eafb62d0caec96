//! Changing the terms of a schedule.

use serde::{Deserialize, Serialize};

use super::management::{Managed, NotManaged};
use crate::schedule::{NotEdited, OutOfOrder};
use crate::{
    BookingWindow, Command, Corrupt, Decided, ExpectedVersion, Instant, Needs, NoKey,
    OperatorAction, OperatorActionId, OperatorDeed, OtherVersion, Refusal, Schedule, ScheduleId,
    ScheduleTerms, TicketLimit, UserId, WorkingSet,
};

/// Changes when a schedule is, when it may be booked and cancelled, or how many tickets one person may have of it.
/// After tickets were sold, another time of the performance is a [move](crate::Moved).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSchedule {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Which schedule.
    pub schedule_id: ScheduleId,
    /// Who changes it: the organizer of its concert, or an operator.
    pub editor_id: UserId,
    /// Which versions of the schedule the edit is meant for.
    pub expected: ExpectedVersion,
    /// What is to change.
    pub edit: TermsEdit,
}

/// New values for some of a schedule's terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermsEdit {
    /// See [`ScheduleTerms::starts_at`].
    pub starts_at: Option<Instant>,
    /// See [`ScheduleTerms::ends_at`].
    pub ends_at: Option<Instant>,
    /// See [`BookingWindow::opens_at`].
    pub booking_opens_at: Option<Instant>,
    /// See [`BookingWindow::closes_at`].
    pub booking_closes_at: Option<Instant>,
    /// See [`ScheduleTerms::cancellation_closes_at`].
    pub cancellation_closes_at: Option<Option<Instant>>,
    /// See [`ScheduleTerms::ticket_limit`].
    pub ticket_limit: Option<TicketLimit>,
    /// The deadline of a move ([`Schedule::edit`]).
    pub refundable_until: Option<Instant>,
}

impl TermsEdit {
    /// The terms with the new values in them.
    pub fn applied_to(&self, terms: ScheduleTerms) -> ScheduleTerms {
        let closes_at = self.cancellation_closes_at;
        ScheduleTerms {
            starts_at: self.starts_at.unwrap_or(terms.starts_at),
            ends_at: self.ends_at.unwrap_or(terms.ends_at),
            booking: BookingWindow {
                opens_at: self.booking_opens_at.unwrap_or(terms.booking.opens_at),
                closes_at: self.booking_closes_at.unwrap_or(terms.booking.closes_at),
            },
            cancellation_closes_at: closes_at.unwrap_or(terms.cancellation_closes_at),
            ticket_limit: self.ticket_limit.unwrap_or(terms.ticket_limit),
        }
    }
}

/// Why a schedule was not changed, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EditScheduleRefused {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer or an operator may change a schedule")]
    NotManager,
    /// It was changed since the editor read it.
    #[error("the schedule was changed meanwhile")]
    OtherVersion,
    /// It was cancelled.
    #[error("the schedule was cancelled")]
    Cancelled,
    /// The instants would not be in order.
    #[error("{0}")]
    OutOfOrder(OutOfOrder),
    /// Tickets are sold, and the new start has passed.
    #[error("tickets are sold, and the new start has passed")]
    StartHasPassed,
    /// The deadline of a move does not lie between now and the new start.
    #[error("the deadline for refunds lies before now or after the start")]
    RefundableUntil,
}

impl Refusal for EditScheduleRefused {}

impl From<NotManaged> for EditScheduleRefused {
    fn from(refused: NotManaged) -> Self {
        match refused {
            NotManaged::NotFound => Self::ScheduleNotFound,
            NotManaged::NotManager => Self::NotManager,
        }
    }
}

impl From<NotEdited> for EditScheduleRefused {
    fn from(refused: NotEdited) -> Self {
        match refused {
            NotEdited::Cancelled => Self::Cancelled,
            NotEdited::OutOfOrder(wrong) => Self::OutOfOrder(wrong),
            NotEdited::StartHasPassed => Self::StartHasPassed,
            NotEdited::RefundableUntil => Self::RefundableUntil,
        }
    }
}

impl EditSchedule {
    fn managed(&self) -> Managed {
        Managed { schedule_id: self.schedule_id, manager_id: self.editor_id }
    }
}

impl Command for EditSchedule {
    type Success = Schedule;
    type Refusal = EditScheduleRefused;
    type Key = NoKey;
    const NAME: &'static str = "edit_schedule";

    fn needs(&self, needs: &mut Needs) {
        self.managed().needs(needs);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        self.managed().needs_besides(set, needs)
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut schedule = self.managed().schedule(set)?.map_err(EditScheduleRefused::from)?;
        let expected = self.expected.check(schedule.version);
        expected.map_err(|OtherVersion| EditScheduleRefused::OtherVersion)?;
        let before = schedule.terms();
        let after = self.edit.applied_to(before);
        schedule.edit(after, self.edit.refundable_until, now).map_err(EditScheduleRefused::from)?;
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.editor_id,
            deed: OperatorDeed::ScheduleEdited { schedule_id: self.schedule_id, before, after },
            at: now,
        });
        set.replace(schedule.clone())?;
        Ok(schedule)
    }
}
