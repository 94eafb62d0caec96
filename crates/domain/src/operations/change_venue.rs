//! Editing a venue.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Corrupt, DecideError, Decided, ExpectedVersion, Instant, Needs, NoKey, OperatorAction,
    OperatorActionId, OperatorDeed, OtherVersion, Refusal, User, UserId, Venue, VenueEdit, VenueId,
    VenueTerms, WorkingSet,
};

/// Changes some of a venue's fields (rule 19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeVenue {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Which venue.
    pub venue_id: VenueId,
    /// Who changes it.
    pub user_id: UserId,
    /// What is to change.
    pub edit: VenueEdit,
    /// Which versions of the venue it is meant for.
    pub expected: ExpectedVersion,
}

/// Why a venue was not changed, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangeVenueRefused {
    /// There is no such venue.
    #[error("there is no such venue")]
    VenueNotFound,
    /// The venue is another organizer's, and the user is no operator (rule 18).
    #[error("only the venue's organizer may change it")]
    NotManager,
    /// The venue was changed meanwhile.
    #[error("the venue was changed meanwhile")]
    OtherVersion,
}

impl Refusal for ChangeVenueRefused {}

/// The user does not manage the venue.
pub(super) struct NotManager;

/// Checks that a user manages a venue.
pub(super) fn check_manager(
    set: &WorkingSet,
    venue: &Venue,
    user_id: UserId,
) -> Result<Result<(), NotManager>, Corrupt> {
    let user = set.get::<User>(&user_id)?;
    let manages = user.is_some_and(|user| venue.is_managed_by(user));
    Ok(if manages { Ok(()) } else { Err(NotManager) })
}

impl Command for ChangeVenue {
    type Success = Venue;
    type Refusal = ChangeVenueRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_venue";

    fn needs(&self, needs: &mut Needs) {
        needs.users_read.insert(self.user_id);
        needs.venues.insert(self.venue_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let venue = set.get::<Venue>(&self.venue_id)?.ok_or(ChangeVenueRefused::VenueNotFound)?;
        check_manager(set, venue, self.user_id)?
            .map_err(|NotManager| DecideError::from(ChangeVenueRefused::NotManager))?;
        let expected = self.expected.check(venue.version);
        expected.map_err(|OtherVersion| ChangeVenueRefused::OtherVersion)?;
        let mut changed = venue.clone();
        changed.update(&self.edit);
        let (before, after) = (VenueTerms::from(venue), VenueTerms::from(&changed));
        if before != after {
            set.insert(OperatorAction {
                id: self.action_id,
                operator_id: self.user_id,
                deed: OperatorDeed::VenueEdited { venue_id: self.venue_id, before, after },
                at: now,
            });
        }
        set.replace(changed.clone())?;
        Ok(changed)
    }
}
