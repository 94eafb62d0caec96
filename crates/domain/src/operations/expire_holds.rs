//! Tidying up overdue holds.

use super::OnlyKeyReused;
use crate::{Command, Instant, Needs, Reservation, ReservationId, Seat, WorkingSet};

/// Writes down that overdue holds are over and their seats free (rules 12 and 13). Answers how many
/// were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpireHolds;

impl ExpireHolds {
    /// The most reservations written by one transaction.
    pub const RESERVATIONS_MAX: usize = 1_000;
}

impl Command for ExpireHolds {
    type Success = usize;
    type Refusal = OnlyKeyReused;
    const NAME: &'static str = "expire_holds";

    fn needs(&self, needs: &mut Needs) {
        needs.overdue_holds = Self::RESERVATIONS_MAX;
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Result<usize, OnlyKeyReused> {
        let ids: Vec<_> = set.all::<Reservation>().map(|reservation| reservation.id).collect();
        let mut written = 0;
        for id in ids {
            if set.change::<Reservation>(&id, |reservation| reservation.tidy(now)) {
                release_seats(set, id);
                written += 1;
            }
        }
        Ok(written)
    }
}

/// Frees the seats that a reservation still holds; those of a later holder stay theirs.
pub(super) fn release_seats(set: &mut WorkingSet, reservation_id: ReservationId) {
    let seats: Vec<_> = set
        .get::<Reservation>(&reservation_id)
        .map(|reservation| reservation.seats.iter().map(|seat| seat.id).collect())
        .unwrap_or_default();
    for id in seats {
        set.change::<Seat>(&id, |seat| seat.release(reservation_id));
    }
}
