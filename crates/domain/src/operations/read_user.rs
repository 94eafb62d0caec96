//! Reading what is another user's.

use crate::{
    Command, Decided, Instant, Needs, NeverRefused, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, UserId, UserPart, WorkingSet,
};

/// Records that an operator reads what is another user's, before it is shown (rule 18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadUser {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Who reads.
    pub operator_id: UserId,
    /// Whose.
    pub user_id: UserId,
    /// What.
    pub part: UserPart,
}

impl Command for ReadUser {
    type Success = ();
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "read_user";

    fn needs(&self, _: &mut Needs) {}

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let deed = OperatorDeed::UserRead { user_id: self.user_id, part: self.part };
        let operator_id = self.operator_id;
        set.insert(OperatorAction { id: self.action_id, operator_id, deed, at: now });
        Ok(())
    }
}
