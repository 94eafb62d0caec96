//! Announcing a concert.

use serde::{Deserialize, Serialize};

use super::create_schedule::SchedulePlan;
use crate::{
    Command, Concert, ConcertDetails, ConcertId, ConcertState, Decided, Idempotency, Instant,
    Needs, Refusal, Room, RoomId, Schedule, User, UserId, WorkingSet,
};

/// Makes a concert, its waiting room and its schedules, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateConcert {
    /// The id the concert gets.
    pub id: ConcertId,
    /// The id its room gets.
    pub room_id: RoomId,
    /// Who makes it.
    pub organizer_id: UserId,
    /// What is told of it.
    pub details: ConcertDetails,
    /// Its first schedules; may be none.
    pub schedules: Vec<SchedulePlan>,
    /// Whether it is a draft, to be published later.
    pub is_draft: bool,
    /// Whether anyone may create concerts, not organizers alone (open mode).
    pub open_to_all: bool,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcertCreated {
    /// The concert.
    pub concert: Concert,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
}

/// Why no concert was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateConcertRefused {
    /// The user is no organizer (rule 18).
    #[error("only an organizer may create concerts")]
    NotOrganizer,
}

impl Refusal for CreateConcertRefused {
    fn is_final(&self) -> bool {
        match self {
            // A user may be made an organizer.
            Self::NotOrganizer => false,
        }
    }
}

impl Command for CreateConcert {
    type Success = ConcertCreated;
    type Refusal = CreateConcertRefused;
    type Key = Idempotency;
    const NAME: &'static str = "create_concert";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.organizer_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let organizes =
            set.get::<User>(&self.organizer_id)?.is_some_and(|user| user.role.may_organize());
        if !organizes && !self.open_to_all {
            return Err(CreateConcertRefused::NotOrganizer.into());
        }
        let state = if self.is_draft { ConcertState::Draft } else { ConcertState::Published };
        let concert = Concert::new(self.id, self.organizer_id, self.details.clone(), now);
        let concert = Concert { state, ..concert };
        set.insert(concert.clone());
        let room = Room::open(self.room_id, Some(self.id), now);
        set.insert(Room { concert_state: state, ..room });
        let schedules = self.schedules.iter().map(|plan| plan.add_to(set, &concert, now)).collect();
        Ok(ConcertCreated { concert, schedules })
    }
}
