//! Cancelling a concert.

use serde::{Deserialize, Serialize};

use crate::concert::{NotOwn, NotPublished};
use crate::schedule::AlreadyCancelled;
use crate::{
    Command, Concert, ConcertId, Corrupt, Decided, Idempotency, Instant, Needs, OperatorAction,
    OperatorActionId, OperatorDeed, Reason, Refusal, Schedule, UserId, WorkingSet,
};

/// Ends the sale of a concert: no token is given out, no seat held and no hold paid any more. With a reason, each date
/// that has not ended is cancelled too, and [`SettleCancelled`](super::SettleCancelled) refunds its tickets afterwards.
/// A cancelled concert stays cancelled, and its dates keep the reasons that they have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelConcert {
    /// Which.
    pub concert_id: ConcertId,
    /// Who cancels it.
    pub organizer_id: UserId,
    /// Why, in words for the holders of tickets.
    pub reason: Option<Reason>,
    /// The ids of the records that are made: as many as dates may be cancelled.
    pub action_ids: Vec<OperatorActionId>,
}

/// Why a concert was not cancelled, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelConcertRefused {
    /// The concert is not the user's own.
    #[error("{0}")]
    NotOwn(NotOwn),
    /// It is a draft.
    #[error("the concert is a draft")]
    NotPublished,
    /// Seats of dates to come are paid, and no reason is told for the refunds.
    #[error("seats of the concert are sold, and there is no reason")]
    HasSales,
    /// It has more dates to cancel than there are ids for records. Some are to be cancelled first.
    #[error("the concert has too many dates to come")]
    TooManyDates,
}

impl Refusal for CancelConcertRefused {
    fn is_final(&self) -> bool {
        match self {
            // A draft may be published, and paid reservations and dates may be cancelled.
            Self::NotPublished | Self::HasSales | Self::TooManyDates => false,
            Self::NotOwn(_) => true,
        }
    }
}

impl Command for CancelConcert {
    /// The concert as it is now.
    type Success = Concert;
    type Refusal = CancelConcertRefused;
    type Key = Idempotency;
    const NAME: &'static str = "cancel_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.whole_concerts.insert(self.concert_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let own = set.own_concert(self.concert_id, self.organizer_id)?;
        let mut concert = own.map_err(CancelConcertRefused::NotOwn)?;
        concert.cancel().map_err(|NotPublished| CancelConcertRefused::NotPublished)?;
        let dates = set.schedules_of(concert.id)?.into_iter();
        let dates = dates.filter(|date| date.cancelled.is_none() && now < date.ends_at);
        let dates: Vec<Schedule> = dates.cloned().collect();
        match &self.reason {
            Some(_) if dates.len() > self.action_ids.len() => {
                return Err(CancelConcertRefused::TooManyDates.into());
            }
            Some(reason) => self.cancel_dates(set, dates, reason, now)?,
            None if dates.iter().any(|date| date.sold_count > 0) => {
                return Err(CancelConcertRefused::HasSales.into());
            }
            None => {}
        }
        set.replace_concert(concert.clone())?;
        Ok(concert)
    }
}

impl CancelConcert {
    /// The most dates that are cancelled with a concert.
    pub const DATES_MAX: usize = 1_000;

    fn cancel_dates(
        &self,
        set: &mut WorkingSet,
        dates: Vec<Schedule>,
        reason: &Reason,
        now: Instant,
    ) -> Result<(), Corrupt> {
        for (mut date, action_id) in dates.into_iter().zip(&self.action_ids) {
            let cancelled = date.cancel(reason.clone(), now);
            cancelled.map_err(|AlreadyCancelled| {
                Corrupt::transition(date.id, "it was cancelled before")
            })?;
            let (schedule_id, reason) = (date.id, reason.clone());
            set.insert(OperatorAction {
                id: *action_id,
                operator_id: self.organizer_id,
                deed: OperatorDeed::ScheduleCancelled { schedule_id, reason },
                at: now,
            });
            set.replace(date)?;
        }
        Ok(())
    }
}
