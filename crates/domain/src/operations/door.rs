//! Who works at the door of a concert.

use crate::{Concert, ConcertId, Corrupt, DoorStaff, Needs, User, UserId, WorkingSet, door};

/// Names what [`admits`] reads of a user.
pub(super) fn needs(needs: &mut Needs, user_id: UserId) {
    needs.users.insert(user_id);
}

/// Names what [`admits`] reads besides, once the concert is known.
pub(super) fn needs_besides(needs: &mut Needs, user_id: UserId, concert_id: ConcertId) {
    needs.concerts_read.insert(concert_id);
    needs.door_staff.insert((concert_id, user_id));
}

/// Whether a user may check tickets of a concert.
pub(super) fn admits(
    set: &WorkingSet,
    user_id: UserId,
    concert_id: ConcertId,
) -> Result<bool, Corrupt> {
    let Some(user) = set.get::<User>(&user_id)? else { return Ok(false) };
    let organizer_id = set.require::<Concert>(&concert_id)?.organizer_id;
    let is_assigned = set.get::<DoorStaff>(&(concert_id, user_id))?.is_some();
    Ok(door::admits(user, organizer_id, is_assigned))
}
