//! Adding a hall to a venue.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::change_venue::{NotManager, check_manager};
use crate::venue::PlaceName;
use crate::{
    Command, DecideError, Decided, Hall, HallId, HallPlan, Idempotency, Instant, Needs,
    OperatorAction, OperatorActionId, OperatorDeed, Refusal, SeatPlan, UserId, Venue, VenueId,
    WorkingSet,
};

/// Makes a hall and the first version of its seat plan (rule 19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateHall {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// The id the hall gets.
    pub id: HallId,
    /// Of which venue.
    pub venue_id: VenueId,
    /// Who adds it.
    pub user_id: UserId,
    /// What it is called.
    pub name: PlaceName,
    /// Its seat plan.
    pub plan: Arc<SeatPlan>,
}

/// Why no hall was made, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateHallRefused {
    /// There is no such venue.
    #[error("there is no such venue")]
    VenueNotFound,
    /// The venue is another organizer's, and the user is no operator (rule 18).
    #[error("only the venue's organizer may add halls")]
    NotManager,
}

impl Refusal for CreateHallRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::VenueNotFound => true,
            // A user may be made an operator.
            Self::NotManager => false,
        }
    }
}

impl Command for CreateHall {
    type Success = Hall;
    type Refusal = CreateHallRefused;
    type Key = Idempotency;
    const NAME: &'static str = "create_hall";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.user_id);
        needs.venues.insert(self.venue_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let venue = set.get::<Venue>(&self.venue_id)?.ok_or(CreateHallRefused::VenueNotFound)?;
        check_manager(set, venue, self.user_id)?
            .map_err(|NotManager| DecideError::from(CreateHallRefused::NotManager))?;
        let hall = Hall {
            id: self.id,
            venue_id: self.venue_id,
            name: self.name.clone(),
            plan_version: 1,
            place_count: self.plan.place_count(),
            created_at: now,
        };
        set.insert(hall.clone());
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.user_id,
            deed: OperatorDeed::HallAdded { hall_id: self.id },
            at: now,
        });
        set.insert(HallPlan {
            hall_id: self.id,
            version: 1,
            plan: Arc::clone(&self.plan),
            created_by: self.user_id,
            created_at: now,
        });
        Ok(hall)
    }
}
