//! Entering a venue.

use serde::{Deserialize, Serialize};

use crate::venue::{Address, PlaceName, TimeZoneName};
use crate::{
    Command, Decided, Idempotency, Instant, Needs, Refusal, User, UserId, Venue, VenueId,
    WorkingSet,
};

/// Makes a venue (rule 19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateVenue {
    /// The id the venue gets.
    pub id: VenueId,
    /// Who makes it.
    pub organizer_id: UserId,
    /// What it is called.
    pub name: PlaceName,
    /// Where it is.
    pub address: Address,
    /// The time zone of its clocks.
    pub time_zone: TimeZoneName,
    /// Whether anyone may make venues, not organizers alone (open mode).
    pub open_to_all: bool,
}

/// Why no venue was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateVenueRefused {
    /// The user is no organizer (rule 18).
    #[error("only an organizer may make venues")]
    NotOrganizer,
}

impl Refusal for CreateVenueRefused {
    fn is_final(&self) -> bool {
        match self {
            // A user may be made an organizer.
            Self::NotOrganizer => false,
        }
    }
}

impl Command for CreateVenue {
    type Success = Venue;
    type Refusal = CreateVenueRefused;
    type Key = Idempotency;
    const NAME: &'static str = "create_venue";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.organizer_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.organizer_id)?;
        let organizes = user.is_some_and(|user| user.role.may_organize());
        if !organizes && !self.open_to_all {
            return Err(CreateVenueRefused::NotOrganizer.into());
        }
        let venue = Venue {
            id: self.id,
            organizer_id: self.organizer_id,
            name: self.name.clone(),
            address: self.address.clone(),
            time_zone: self.time_zone.clone(),
            version: 0,
            created_at: now,
        };
        set.insert(venue.clone());
        Ok(venue)
    }
}
