//! Adding a date to a concert.

use serde::{Deserialize, Serialize};

use crate::concert::NotOwn;
use crate::invalid::{Invalid, Rule};
use crate::{
    Command, Concert, ConcertId, ConcertState, Decided, Idempotency, Instant, Needs, Refusal,
    Schedule, ScheduleId, ScheduleTerms, SeatId, SeatMap, UserId, WorkingSet,
};

/// Makes a schedule and its seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSchedule {
    /// To which concert.
    pub concert_id: ConcertId,
    /// Who adds it.
    pub organizer_id: UserId,
    /// What it is to be.
    pub plan: SchedulePlan,
}

/// A schedule to be made. Its instants are in order ([`ScheduleTerms::check`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulePlan {
    /// The id the schedule gets.
    pub id: ScheduleId,
    /// When it is, when it may be booked and cancelled, and by how many.
    pub terms: ScheduleTerms,
    /// Its seats.
    pub seat_map: SeatMap,
    /// One id for each seat.
    pub seat_ids: Vec<SeatId>,
}

/// Why no schedule was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateScheduleRefused {
    /// There is no such concert.
    #[error("there is no such concert")]
    ConcertNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer may add schedules")]
    NotOrganizer,
    /// The concert was cancelled.
    #[error("the concert was cancelled")]
    Cancelled,
    /// The concert would have more than [`CreateSchedule::SEATS_OF_CONCERT_MAX`] seats.
    #[error("the concert has too many seats")]
    TooManySeats,
}

impl Refusal for CreateScheduleRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::ConcertNotFound | Self::NotOrganizer | Self::Cancelled | Self::TooManySeats => {
                true
            }
        }
    }
}

impl CreateSchedule {
    /// The most seats of one concert, on all its dates together: twenty dates of the largest hall.
    pub const SEATS_OF_CONCERT_MAX: i64 = 1_000_000;
}

impl SchedulePlan {
    /// The most seats that one command makes: an embedded store writes them in one transaction, in
    /// which no other command can write.
    pub const SEATS_PER_COMMAND_MAX: i64 = 100_000;

    /// Checks how many seats plans have that are made by one command.
    ///
    /// # Errors
    /// Names `schedules`.
    pub fn check_seats(plans: &[Self]) -> Result<(), Invalid> {
        let seats: i64 = plans.iter().map(|plan| i64::from(plan.seat_map.seat_count())).sum();
        let most = Self::SEATS_PER_COMMAND_MAX;
        if seats <= most { Ok(()) } else { Err(Invalid::new("schedules", Rule::Seats(0, most))) }
    }

    pub(super) fn add_to(&self, set: &mut WorkingSet, concert: &Concert, now: Instant) -> Schedule {
        let schedule = Schedule {
            id: self.id,
            concert_id: concert.id,
            concert_state: concert.state,
            starts_at: self.terms.starts_at,
            ends_at: self.terms.ends_at,
            booking: self.terms.booking,
            cancellation_closes_at: self.terms.cancellation_closes_at,
            seat_count: self.seat_map.seat_count(),
            sold_count: 0,
            blocked_count: 0,
            ticket_limit: self.terms.ticket_limit,
            version: 0,
            moved: None,
            cancelled: None,
            created_at: now,
            plan: self.seat_map.plan(),
        };
        set.insert(schedule.clone());
        for seat in self.seat_map.seats(self.id, &self.seat_ids) {
            set.insert(seat);
        }
        schedule
    }
}

impl Command for CreateSchedule {
    type Success = Schedule;
    type Refusal = CreateScheduleRefused;
    type Key = Idempotency;
    const NAME: &'static str = "create_schedule";

    fn needs(&self, needs: &mut Needs) {
        needs.concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let concert = own.map_err(|refused| match refused {
            NotOwn::NotFound => CreateScheduleRefused::ConcertNotFound,
            NotOwn::AnotherOrganizers => CreateScheduleRefused::NotOrganizer,
        })?;
        if concert.state == ConcertState::Cancelled {
            return Err(CreateScheduleRefused::Cancelled.into());
        }
        let seats = i64::from(self.plan.seat_map.seat_count());
        if set.seat_count(self.concert_id)? > Self::SEATS_OF_CONCERT_MAX - seats {
            return Err(CreateScheduleRefused::TooManySeats.into());
        }
        set.count_seats(self.concert_id, seats);
        Ok(self.plan.add_to(set, &concert, now))
    }
}
