//! Expiring overdue holds.

use crate::{
    Command, Corrupt, Decided, Instant, Needs, NeverRefused, NoKey, Reservation, WorkingSet,
};

/// Records that overdue holds have expired and their seats are free (rules 12 and 13). Answers how many
/// were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpireHolds;

impl ExpireHolds {
    /// The most reservations written by one transaction.
    pub const RESERVATIONS_MAX: usize = 1_000;
}

impl Command for ExpireHolds {
    type Success = usize;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "expire_holds";

    fn needs(&self, needs: &mut Needs) {
        needs.overdue_holds = Self::RESERVATIONS_MAX;
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut written = 0;
        for mut reservation in set.overdue_holds()? {
            if reservation.expire_if_overdue(now) {
                release_seats(set, &reservation)?;
                set.replace(reservation)?;
                written += 1;
            }
        }
        Ok(written)
    }
}

/// Frees the seats that a reservation still holds; those of a later holder stay theirs.
pub(super) fn release_seats(
    set: &mut WorkingSet,
    reservation: &Reservation,
) -> Result<(), Corrupt> {
    for mut seat in set.reserved_seats(reservation)? {
        if seat.is_held_by(reservation.id) {
            let freed = seat.release(reservation.id);
            freed.map_err(|error| Corrupt::transition(seat.id, error))?;
            set.replace(seat)?;
        }
    }
    Ok(())
}
