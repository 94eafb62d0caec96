//! Giving a hall another seat plan.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::change_venue::{NotManager, check_manager};
use crate::{
    Command, DecideError, Decided, Hall, HallId, HallPlan, Instant, Needs, NoKey, OperatorAction,
    OperatorActionId, OperatorDeed, Refusal, SeatPlan, UserId, Venue, WorkingSet,
};

/// Makes a new version of a hall's seat plan. A plan that equals the newest version makes none; older versions, and the
/// schedules made from them, stay as they are (rule 20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePlan {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Of which hall.
    pub hall_id: HallId,
    /// Who changes it.
    pub user_id: UserId,
    /// The plan.
    pub plan: Arc<SeatPlan>,
}

/// Why a plan was not changed, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangePlanRefused {
    /// There is no such hall.
    #[error("there is no such hall")]
    HallNotFound,
    /// The venue is another organizer's, and the user is no operator (rule 18).
    #[error("only the venue's organizer may change its plans")]
    NotManager,
}

impl Refusal for ChangePlanRefused {}

impl Command for ChangePlan {
    /// The hall, with the version that has this plan.
    type Success = Hall;
    type Refusal = ChangePlanRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_plan";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.user_id);
        needs.halls.insert(self.hall_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let hall = set.get::<Hall>(&self.hall_id)?.ok_or(ChangePlanRefused::HallNotFound)?;
        let venue = set.require::<Venue>(&hall.venue_id)?;
        check_manager(set, venue, self.user_id)?
            .map_err(|NotManager| DecideError::from(ChangePlanRefused::NotManager))?;
        let newest = set.require::<HallPlan>(&(hall.id, hall.plan_version))?;
        if newest.plan == self.plan {
            return Ok(hall.clone());
        }
        let mut hall = hall.clone();
        let before = hall.plan_version;
        hall.plan_version = hall.plan_version.saturating_add(1);
        hall.place_count = self.plan.place_count();
        set.insert(HallPlan {
            hall_id: hall.id,
            version: hall.plan_version,
            plan: Arc::clone(&self.plan),
            created_by: self.user_id,
            created_at: now,
        });
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.user_id,
            deed: OperatorDeed::PlanChanged { hall_id: hall.id, before, after: hall.plan_version },
            at: now,
        });
        set.replace(hall.clone())?;
        Ok(hall)
    }
}
