//! Who may change what belongs to a concert.

use crate::{Concert, ConcertId, Corrupt, User, UserId, WorkingSet};

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
