//! Who may change what belongs to a concert.

use crate::{Concert, ConcertId, Corrupt, Needs, Schedule, ScheduleId, User, UserId, WorkingSet};

/// The user is neither the organizer of the concert nor an operator (rule 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotManager;

/// Checks that a user may change what belongs to a concert.
pub(super) fn check_manages(
    set: &WorkingSet,
    user_id: UserId,
    concert_id: ConcertId,
) -> Result<Result<(), NotManager>, Corrupt> {
    let concert = set.require::<Concert>(&concert_id)?;
    let operates = || -> Result<bool, Corrupt> {
        Ok(set.get::<User>(&user_id)?.is_some_and(|user| user.role.may_operate()))
    };
    let manages = concert.organizer_id == user_id || operates()?;
    Ok(if manages { Ok(()) } else { Err(NotManager) })
}

/// A schedule that a user wants to change.
pub(super) struct Managed {
    pub(super) schedule_id: ScheduleId,
    pub(super) manager_id: UserId,
}

/// Why a user may not change a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotManaged {
    /// There is no such schedule, or it is of another organizer's draft.
    NotFound,
    /// The user is neither the organizer of its concert nor an operator.
    NotManager,
}

impl Managed {
    /// Names the schedule and the user.
    pub(super) fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.manager_id);
        needs.schedules.insert(self.schedule_id);
    }

    /// Names the concert of the schedule, once that is known.
    pub(super) fn needs_besides(&self, set: &WorkingSet, needs: &mut Needs) -> Result<(), Corrupt> {
        let schedule = set.get::<Schedule>(&self.schedule_id)?;
        needs.concerts_read.extend(schedule.map(|schedule| schedule.concert_id));
        Ok(())
    }

    /// A copy of the schedule, if the user may change it.
    pub(super) fn schedule(
        &self,
        set: &WorkingSet,
    ) -> Result<Result<Schedule, NotManaged>, Corrupt> {
        let Some(schedule) = set.get::<Schedule>(&self.schedule_id)? else {
            return Ok(Err(NotManaged::NotFound));
        };
        let is_public = schedule.concert_state.is_public();
        Ok(match check_manages(set, self.manager_id, schedule.concert_id)? {
            Ok(()) => Ok(schedule.clone()),
            Err(NotManager) if is_public => Err(NotManaged::NotManager),
            Err(NotManager) => Err(NotManaged::NotFound),
        })
    }
}
