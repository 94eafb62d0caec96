//! Changing one's own name.

use serde::{Deserialize, Serialize};

use crate::user::Profile;
use crate::{
    Command, Decided, Instant, Needs, NoKey, PersonName, Refusal, User, UserId, WorkingSet,
};

/// Changes what a person is called (rule 17). Sessions go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeName {
    /// Whose.
    pub user_id: UserId,
    /// The new name.
    pub name: PersonName,
}

/// Why a name was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangeNameRefused {
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

impl Refusal for ChangeNameRefused {}

impl Command for ChangeName {
    /// The user with the new name.
    type Success = Profile;
    type Refusal = ChangeNameRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_name";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?.ok_or(ChangeNameRefused::UserNotFound)?;
        let user = User { name: self.name.clone(), ..user.clone() };
        let profile = user.profile();
        set.replace(user)?;
        Ok(profile)
    }
}
