//! Cancelling a schedule.

use serde::{Deserialize, Serialize};

use super::management::{Managed, NotManaged};
use crate::schedule::AlreadyCancelled;
use crate::{
    Command, Corrupt, Decided, Instant, Needs, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, Reason, Refusal, Schedule, ScheduleId, UserId, WorkingSet,
};

/// Cancels a schedule: its sales stop at once. [`SettleCancelled`](super::SettleCancelled) refunds its tickets
/// afterwards. Cancelling twice is cancelling once, with the first reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelSchedule {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Which schedule.
    pub schedule_id: ScheduleId,
    /// Who cancels it: the organizer of its concert, or an operator.
    pub manager_id: UserId,
    /// Why, in words for the holders of tickets.
    pub reason: Reason,
}

/// Why a schedule was not cancelled, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelScheduleRefused {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer or an operator may cancel a schedule")]
    NotManager,
}

impl Refusal for CancelScheduleRefused {}

impl From<NotManaged> for CancelScheduleRefused {
    fn from(refused: NotManaged) -> Self {
        match refused {
            NotManaged::NotFound => Self::ScheduleNotFound,
            NotManaged::NotManager => Self::NotManager,
        }
    }
}

impl CancelSchedule {
    fn managed(&self) -> Managed {
        Managed { schedule_id: self.schedule_id, manager_id: self.manager_id }
    }
}

impl Command for CancelSchedule {
    type Success = Schedule;
    type Refusal = CancelScheduleRefused;
    type Key = NoKey;
    const NAME: &'static str = "cancel_schedule";

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
        let mut schedule = self.managed().schedule(set)?.map_err(CancelScheduleRefused::from)?;
        if schedule.cancel(self.reason.clone(), now) == Err(AlreadyCancelled) {
            return Ok(schedule);
        }
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.manager_id,
            deed: OperatorDeed::ScheduleCancelled {
                schedule_id: self.schedule_id,
                reason: self.reason.clone(),
            },
            at: now,
        });
        set.replace(schedule.clone())?;
        Ok(schedule)
    }
}
