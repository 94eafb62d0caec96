//! Cancelling a schedule.

use serde::{Deserialize, Serialize};

use super::management::{NotManager, check_manages};
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

impl From<NotManager> for CancelScheduleRefused {
    fn from(_: NotManager) -> Self {
        Self::NotManager
    }
}

impl Command for CancelSchedule {
    type Success = Schedule;
    type Refusal = CancelScheduleRefused;
    type Key = NoKey;
    const NAME: &'static str = "cancel_schedule";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.manager_id);
        needs.schedules.insert(self.schedule_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let schedule = set.get::<Schedule>(&self.schedule_id)?;
        needs.concerts_read.extend(schedule.map(|schedule| schedule.concert_id));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let schedule = set.get::<Schedule>(&self.schedule_id)?;
        let mut schedule = schedule.cloned().ok_or(CancelScheduleRefused::ScheduleNotFound)?;
        let manages = check_manages(set, self.manager_id, schedule.concert_id)?;
        manages.map_err(|refused| match schedule.concert_state.is_public() {
            true => CancelScheduleRefused::from(refused),
            false => CancelScheduleRefused::ScheduleNotFound,
        })?;
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
