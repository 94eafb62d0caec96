//! Seats of one schedule as a request names them.

use std::collections::BTreeSet;

use crate::invalid::{Invalid, Rule};
use crate::{Corrupt, Needs, ScheduleId, Seat, SeatId, WorkingSet};

/// Seats by their ids or by their numbers, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedSeats {
    /// By their ids.
    Ids(Vec<SeatId>),
    /// By their numbers in the schedule.
    Numbers(Vec<i32>),
}

impl NamedSeats {
    /// Checks that there are 1 to `most` seats and that none is named twice.
    ///
    /// # Errors
    /// Names the field: `seatIds` or `seatNumbers`.
    pub fn check(self, most: usize) -> Result<Self, Invalid> {
        match &self {
            Self::Ids(ids) => check_named(ids, "seatIds", most)?,
            Self::Numbers(numbers) => check_named(numbers, "seatNumbers", most)?,
        }
        Ok(self)
    }

    /// Names the seats.
    pub(super) fn needs(&self, schedule_id: ScheduleId, needs: &mut Needs) {
        match self {
            Self::Ids(ids) => needs.seats.extend(ids),
            Self::Numbers(numbers) => {
                needs.numbered_seats.extend(numbers.iter().map(|number| (schedule_id, *number)));
            }
        }
    }

    /// Copies of the seats, in the order of their numbers; `None` if the schedule does not have one of them.
    pub(super) fn seats(
        &self,
        set: &WorkingSet,
        schedule_id: ScheduleId,
    ) -> Result<Option<Vec<Seat>>, Corrupt> {
        let ids: Option<Vec<SeatId>> = match self {
            Self::Ids(ids) => Some(ids.clone()),
            Self::Numbers(numbers) => {
                let numbered = |number: &i32| set.seat_numbered(schedule_id, *number);
                numbers.iter().map(numbered).collect::<Result<_, _>>()?
            }
        };
        let mut seats = Vec::new();
        for id in ids.into_iter().flatten() {
            let seat = set.get::<Seat>(&id)?.filter(|seat| seat.schedule_id == schedule_id);
            seats.push(seat.cloned());
        }
        let seats: Option<Vec<Seat>> = seats.into_iter().collect();
        Ok(seats.filter(|seats| !seats.is_empty()).map(|mut seats| {
            seats.sort_by_key(|seat| seat.number);
            seats
        }))
    }
}

/// Checks that there are 1 to `most` seats and that none is named twice.
pub(super) fn check_named<T: Ord>(
    seats: &[T],
    field: &'static str,
    most: usize,
) -> Result<(), Invalid> {
    if seats.is_empty() || seats.len() > most {
        return Err(Invalid::new(field, Rule::Items(1, most)));
    }
    let distinct: BTreeSet<&T> = seats.iter().collect();
    if distinct.len() == seats.len() { Ok(()) } else { Err(Invalid::new(field, Rule::Distinct)) }
}
