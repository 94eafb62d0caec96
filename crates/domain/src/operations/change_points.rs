//! Charging and using points.

use serde::{Deserialize, Serialize};

use crate::point::{BalanceRefused, EntryOf};
use crate::{
    Command, Decided, Idempotency, Instant, Needs, PointAccount, PointEntry, PointEntryId, Points,
    Refusal, UserId, WorkingSet,
};

/// Adds points to a user's account or takes some off (rule 14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePoints {
    /// The id the entry gets.
    pub entry_id: PointEntryId,
    /// Whose account.
    pub user_id: UserId,
    /// In or out.
    pub change: PointChange,
    /// How many; above zero ([`Points::positive`]).
    pub amount: Points,
}

/// Which way points go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointChange {
    /// In.
    Charge,
    /// Out.
    Use,
}

/// The new line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsChanged {
    /// The entry; its `balance_after` is the balance.
    pub entry: PointEntry,
}

/// Why an account was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PointsRefused {
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// The balance does not allow it.
    #[error("{0}")]
    Balance(BalanceRefused),
}

impl Refusal for PointsRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::Balance(_) => false,
            Self::UserNotFound => true,
        }
    }
}

impl Command for ChangePoints {
    type Success = PointsChanged;
    type Refusal = PointsRefused;
    type Key = Idempotency;
    const NAME: &'static str = "change_points";

    fn needs(&self, needs: &mut Needs) {
        needs.accounts.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut account =
            set.get::<PointAccount>(&self.user_id)?.cloned().ok_or(PointsRefused::UserNotFound)?;
        let of = EntryOf { id: self.entry_id, payment_id: None, at: now };
        let entry = match self.change {
            PointChange::Charge => account.charge(self.amount, of),
            PointChange::Use => account.spend(self.amount, of),
        }
        .map_err(PointsRefused::Balance)?;
        set.replace(account)?;
        set.insert(entry.clone());
        Ok(PointsChanged { entry })
    }
}
