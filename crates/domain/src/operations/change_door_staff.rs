//! Assigning people to the doors of a concert.

use serde::{Deserialize, Serialize};

use super::management::{NotManager, check_manages};
use crate::{
    Command, Concert, ConcertId, Corrupt, Decided, DoorStaff, Instant, Needs, NoKey, Refusal, Role,
    User, UserId, WorkingSet,
};

/// Assigns a user to the doors of a concert, or ends that (rule 24). The same again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeDoorStaff {
    /// Who changes it: the organizer of the concert, or an operator.
    pub manager_id: UserId,
    /// Of which concert.
    pub concert_id: ConcertId,
    /// Whom; nothing if no user has the given e-mail address.
    pub user_id: Option<UserId>,
    /// Whether the user is assigned from now on.
    pub is_assigned: bool,
}

/// Why no user was assigned, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangeDoorStaffRefused {
    /// There is no such concert, or it is another organizer's draft.
    #[error("there is no such concert")]
    ConcertNotFound,
    /// The user is neither the organizer of the concert nor an operator.
    #[error("the concert is another organizer's")]
    NotManager,
    /// There is no such user, or the account was deleted.
    #[error("there is no such user")]
    UserNotFound,
    /// The role of the user is not [`Role::Door`].
    #[error("the user has another role than DOOR")]
    NoDoorRole,
}

impl Refusal for ChangeDoorStaffRefused {}

impl ChangeDoorStaff {
    /// Whom to assign.
    fn user<'a>(&self, set: &'a WorkingSet) -> Result<Option<&'a User>, Corrupt> {
        let Some(id) = self.user_id else { return Ok(None) };
        Ok(set.get::<User>(&id)?.filter(|user| !user.is_deleted()))
    }
}

impl Command for ChangeDoorStaff {
    /// The assignment; nothing if it was ended.
    type Success = Option<DoorStaff>;
    type Refusal = ChangeDoorStaffRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_door_staff";

    fn needs(&self, needs: &mut Needs) {
        needs.users.extend(self.user_id);
        needs.users_read.insert(self.manager_id);
        needs.concerts.insert(self.concert_id);
        needs.door_staff.extend(self.user_id.map(|user_id| (self.concert_id, user_id)));
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let concert = set.get::<Concert>(&self.concert_id)?;
        let state = concert.ok_or(ChangeDoorStaffRefused::ConcertNotFound)?.state;
        check_manages(set, self.manager_id, self.concert_id)?.map_err(|NotManager| {
            if state.is_public() {
                ChangeDoorStaffRefused::NotManager
            } else {
                ChangeDoorStaffRefused::ConcertNotFound
            }
        })?;
        let id = (self.concert_id, self.user_id.ok_or(ChangeDoorStaffRefused::UserNotFound)?);
        let before = set.get::<DoorStaff>(&id)?.copied();
        if !self.is_assigned {
            return match before {
                Some(_) => Ok(set.delete::<DoorStaff>(&id).map(|()| None)?),
                None => Ok(None),
            };
        }
        let user = self.user(set)?.ok_or(ChangeDoorStaffRefused::UserNotFound)?;
        if user.role != Role::Door {
            return Err(ChangeDoorStaffRefused::NoDoorRole.into());
        }
        if before.is_some() {
            return Ok(before);
        }
        let staff = DoorStaff { concert_id: self.concert_id, user_id: user.id, assigned_at: now };
        set.insert(staff);
        Ok(Some(staff))
    }
}
