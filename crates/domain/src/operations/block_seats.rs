//! Taking seats out of sale, and putting them back.

use serde::{Deserialize, Serialize};

use super::management::{Managed, NotManaged};
use super::named_seats::NamedSeats;
use crate::{
    Command, Corrupt, Decided, Instant, Needs, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, Reason, Refusal, ScheduleId, Seat, UserId, WorkingSet,
};

/// Blocks free seats of a schedule, so that they are not for sale, or unblocks blocked ones: all that are named or
/// none. A record of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSeats {
    /// The record's id, by which blocked seats name it.
    pub action_id: OperatorActionId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// The user who does it: the organizer of its concert, or an operator.
    pub manager_id: UserId,
    /// The seats: at most [`Self::SEATS_MAX`].
    pub seats: NamedSeats,
    /// The change.
    pub change: SeatBlocking,
}

/// A change of seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatBlocking {
    /// They are not for sale from now on.
    Block {
        /// Why, in words for staff.
        reason: Reason,
    },
    /// They are for sale again.
    Unblock,
}

/// The seats that were blocked or unblocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsChanged {
    /// Their numbers, in order.
    pub numbers: Vec<i32>,
    /// When.
    pub at: Instant,
}

/// Why no seat was blocked or unblocked, in the order in which the reasons are looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum BlockRefused {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The concert is another organizer's (rule 18).
    #[error("only the concert's organizer or an operator may block seats")]
    NotManager,
    /// The schedule does not have one of the seats.
    #[error("the schedule has no such seat")]
    SeatNotFound,
    /// The seats with these numbers are to be blocked and are held, sold or blocked.
    #[error("seats are held, sold or blocked: {0:?}")]
    NotFree(Vec<i32>),
    /// The seats with these numbers are to be unblocked and are not blocked.
    #[error("seats are not blocked: {0:?}")]
    NotBlocked(Vec<i32>),
}

impl Refusal for BlockRefused {}

impl From<NotManaged> for BlockRefused {
    fn from(refused: NotManaged) -> Self {
        match refused {
            NotManaged::NotFound => Self::ScheduleNotFound,
            NotManaged::NotManager => Self::NotManager,
        }
    }
}

impl BlockSeats {
    /// The most seats of one request.
    pub const SEATS_MAX: usize = 1_000;

    fn managed(&self) -> Managed {
        Managed { schedule_id: self.schedule_id, manager_id: self.manager_id }
    }

    /// Changes the seats. Answers by how many the schedule has more blocked ones.
    fn change(&self, seats: &mut [Seat], now: Instant) -> Result<i32, BlockRefused> {
        let is_blocking = matches!(self.change, SeatBlocking::Block { .. });
        let mut wrong = Vec::new();
        for seat in &mut *seats {
            let is_done = if is_blocking {
                seat.block(self.action_id, now).is_ok()
            } else {
                seat.unblock().is_ok()
            };
            wrong.extend((!is_done).then_some(seat.number));
        }
        let count = i32::try_from(seats.len()).unwrap_or(i32::MAX);
        match (wrong.is_empty(), is_blocking) {
            (true, true) => Ok(count),
            (true, false) => Ok(-count),
            (false, true) => Err(BlockRefused::NotFree(wrong)),
            (false, false) => Err(BlockRefused::NotBlocked(wrong)),
        }
    }

    fn deed(&self, numbers: Vec<i32>) -> OperatorDeed {
        let schedule_id = self.schedule_id;
        match &self.change {
            SeatBlocking::Block { reason } => {
                OperatorDeed::SeatsBlocked { schedule_id, numbers, reason: reason.clone() }
            }
            SeatBlocking::Unblock => OperatorDeed::SeatsUnblocked { schedule_id, numbers },
        }
    }
}

impl Command for BlockSeats {
    type Success = SeatsChanged;
    type Refusal = BlockRefused;
    type Key = NoKey;
    const NAME: &'static str = "block_seats";

    fn needs(&self, needs: &mut Needs) {
        self.managed().needs(needs);
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
        let mut schedule = self.managed().schedule(set)?.map_err(BlockRefused::from)?;
        let seats = self.seats.seats(set, self.schedule_id)?;
        let mut seats = seats.ok_or(BlockRefused::SeatNotFound)?;
        schedule.count_blocked(self.change(&mut seats, now)?);
        let numbers: Vec<i32> = seats.iter().map(|seat| seat.number).collect();
        set.replace_all(seats)?;
        set.replace(schedule)?;
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.manager_id,
            deed: self.deed(numbers.clone()),
            at: now,
        });
        Ok(SeatsChanged { numbers, at: now })
    }
}
