//! Giving seats away free of charge.

use serde::{Deserialize, Serialize};

use super::management::{Managed, NotManaged};
use super::named_seats::NamedSeats;
use super::tickets::issue_tickets;
use crate::seat::SeatTaken;
use crate::{
    Command, ConcertState, Corrupt, DecideError, Decided, Instant, Needs, NewTickets, NoKey,
    OperatorAction, OperatorActionId, OperatorDeed, Points, Reason, Refusal, Reservation,
    ReservationId, ReservationState, ReservedSeat, Schedule, ScheduleId, Seat, SeatState, User,
    UserId, WorkingSet,
};

/// Gives free or blocked seats of a schedule to a user as complimentary tickets: a confirmed reservation that costs
/// nothing. It needs no queue token, moves no points and does not count against the limit of tickets. A record of it is
/// kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveTickets {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// The id that the reservation gets.
    pub reservation_id: ReservationId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// The giver: the organizer of its concert, or an operator.
    pub manager_id: UserId,
    /// The user who gets them; nothing if no user has the given e-mail address.
    pub holder_id: Option<UserId>,
    /// The seats: 1 to 4.
    pub seats: NamedSeats,
    /// What the tickets get.
    pub tickets: NewTickets,
    /// Why, in words for staff.
    pub reason: Reason,
}

/// Why no ticket was given, in the order in which the reasons are looked at. The user comes last, so that no address can
/// be tried out without giving tickets to it, which is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum GiveRefused {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer or an operator may give tickets")]
    NotManager,
    /// The concert is a draft.
    #[error("the concert is a draft")]
    NotPublished,
    /// The concert was cancelled.
    #[error("the concert was cancelled")]
    ConcertCancelled,
    /// The schedule was cancelled.
    #[error("the schedule was cancelled")]
    ScheduleCancelled,
    /// The schedule does not have one of the seats.
    #[error("the schedule has no such seat")]
    SeatNotFound,
    /// The seats with these numbers are held or sold.
    #[error("seats are held or sold: {0:?}")]
    SeatsTaken(Vec<i32>),
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

impl Refusal for GiveRefused {}

impl From<NotManaged> for GiveRefused {
    fn from(refused: NotManaged) -> Self {
        match refused {
            NotManaged::NotFound => Self::ScheduleNotFound,
            NotManaged::NotManager => Self::NotManager,
        }
    }
}

impl GiveTickets {
    fn managed(&self) -> Managed {
        Managed { schedule_id: self.schedule_id, manager_id: self.manager_id }
    }

    fn check_on_sale(schedule: &Schedule) -> Result<(), GiveRefused> {
        match schedule.concert_state {
            ConcertState::Draft => Err(GiveRefused::NotPublished),
            ConcertState::Cancelled => Err(GiveRefused::ConcertCancelled),
            ConcertState::Published if schedule.cancelled.is_some() => {
                Err(GiveRefused::ScheduleCancelled)
            }
            ConcertState::Published => Ok(()),
        }
    }

    /// The seats, sold to the reservation, and how many of them were blocked.
    fn given_seats(
        &self,
        set: &WorkingSet,
        now: Instant,
    ) -> Result<(Vec<Seat>, i32), DecideError<GiveRefused>> {
        let seats = self.seats.seats(set, self.schedule_id)?;
        let mut seats = seats.ok_or(GiveRefused::SeatNotFound)?;
        let (mut blocked, mut taken) = (0, Vec::new());
        for seat in &mut seats {
            blocked += i32::from(matches!(seat.state, SeatState::Blocked { .. }));
            if let Err(SeatTaken) = seat.give(self.reservation_id, now) {
                taken.push(seat.number);
            }
        }
        if taken.is_empty() {
            Ok((seats, blocked))
        } else {
            Err(GiveRefused::SeatsTaken(taken).into())
        }
    }

    fn holder(&self, set: &WorkingSet) -> Result<UserId, DecideError<GiveRefused>> {
        let id = self.holder_id.ok_or(GiveRefused::UserNotFound)?;
        let known = set.get::<User>(&id)?.ok_or(GiveRefused::UserNotFound)?;
        Ok(known.id)
    }
}

impl Command for GiveTickets {
    type Success = Reservation;
    type Refusal = GiveRefused;
    type Key = NoKey;
    const NAME: &'static str = "give_tickets";

    fn needs(&self, needs: &mut Needs) {
        self.managed().needs(needs);
        needs.users_read.extend(self.holder_id);
        self.seats.needs(self.schedule_id, needs);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        self.managed().needs_besides(set, needs)
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut schedule = self.managed().schedule(set)?.map_err(GiveRefused::from)?;
        Self::check_on_sale(&schedule)?;
        let (seats, blocked) = self.given_seats(set, now)?;
        let user_id = self.holder(set)?;
        let free = |seat: &Seat| ReservedSeat { price: Points::ZERO, ..ReservedSeat::from(seat) };
        let mut reservation = Reservation {
            id: self.reservation_id,
            user_id,
            concert_id: schedule.concert_id,
            schedule_id: schedule.id,
            queue_token_id: None,
            seats: seats.iter().map(free).collect(),
            total_price: Points::ZERO,
            created_at: now,
            expires_at: now,
            extendable_until: None,
            reference: None,
            tickets_issued: false,
            state: ReservationState::Confirmed { at: now },
        };
        issue_tickets(set, &mut reservation, &self.tickets, now)?;
        schedule.count_blocked(-blocked);
        schedule.count_sold(reservation.seat_count());
        set.replace_all(seats)?;
        set.replace(schedule)?;
        set.insert(reservation.clone());
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.manager_id,
            deed: OperatorDeed::TicketsGiven {
                reservation_id: reservation.id,
                user_id,
                reason: self.reason.clone(),
            },
            at: now,
        });
        Ok(reservation)
    }
}
