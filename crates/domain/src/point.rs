//! Points: the wallet.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, between};
use crate::{Instant, PaymentId, PointEntryId, UserId};

/// An amount of points, 1 point = 1 KRW, from 0 to [`Points::MAX`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(i64);

impl Points {
    /// None.
    pub const ZERO: Self = Self(0);
    /// The most points an account or a price may have: 2^53 - 1, which every JSON reader holds
    /// exactly (RFC 8259 section 6).
    pub const MAX: Self = Self((1 << 53) - 1);

    /// Points as read from a store; nothing outside 0 to [`Self::MAX`].
    pub fn new(value: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&value).then_some(Self(value))
    }

    /// Points to be charged, used or asked as a price: 1 to [`Self::MAX`] (rule 14).
    ///
    /// # Errors
    /// Names `field`.
    pub fn positive(value: i64, field: &'static str) -> Result<Self, Invalid> {
        between(value, field, 1, Self::MAX.0).map(Self)
    }

    /// The points as a whole number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum; nothing when it passes [`Self::MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// The difference; nothing when it falls below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::new)
    }

    /// The sum of all; nothing when it passes [`Self::MAX`].
    pub fn checked_sum(points: impl IntoIterator<Item = Self>) -> Option<Self> {
        points.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

/// What an entry did to its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PointKind {
    /// Points came in.
    Charge,
    /// Points went out, for a payment when the entry names one.
    Use,
    /// Points of a payment came back.
    Refund,
}

/// One line of an account's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointEntry {
    /// Which.
    pub id: PointEntryId,
    /// Whose account.
    pub user_id: UserId,
    /// Its number in the account's history: 1, 2, 3 … without a gap.
    pub number: i64,
    /// What it did.
    pub kind: PointKind,
    /// By how much; always above zero.
    pub amount: Points,
    /// The balance after it.
    pub balance_after: Points,
    /// The payment it belongs to, if any.
    pub payment_id: Option<PaymentId>,
    /// When.
    pub created_at: Instant,
}

/// A user's balance. It always equals the sum of its entries (rule 14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointAccount {
    /// Whose.
    pub user_id: UserId,
    /// What is left.
    pub balance: Points,
    /// How many entries there are; the number of the newest one.
    pub entries: i64,
}

/// Why an account was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum BalanceRefused {
    /// The balance is smaller than the amount.
    #[error("the balance is smaller than the amount")]
    Insufficient,
    /// The balance would pass [`Points::MAX`].
    #[error("the balance would pass its bound")]
    TooLarge,
}

/// Who and what an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryOf {
    /// The id the entry gets.
    pub id: PointEntryId,
    /// The payment it belongs to, if any.
    pub payment_id: Option<PaymentId>,
    /// When.
    pub at: Instant,
}

impl PointAccount {
    /// A new user's account.
    pub fn open(user_id: UserId) -> Self {
        Self { user_id, balance: Points::ZERO, entries: 0 }
    }

    /// Adds points.
    ///
    /// # Errors
    /// [`BalanceRefused::TooLarge`]; the account is unchanged.
    pub fn charge(&mut self, amount: Points, entry: EntryOf) -> Result<PointEntry, BalanceRefused> {
        self.add(PointKind::Charge, amount, entry)
    }

    /// Takes points off.
    ///
    /// # Errors
    /// [`BalanceRefused::Insufficient`]; the account is unchanged.
    pub fn spend(&mut self, amount: Points, entry: EntryOf) -> Result<PointEntry, BalanceRefused> {
        let balance = self.balance.checked_sub(amount).ok_or(BalanceRefused::Insufficient)?;
        Ok(self.record(PointKind::Use, amount, balance, entry))
    }

    /// Gives points of a payment back.
    ///
    /// # Errors
    /// [`BalanceRefused::TooLarge`]; the account is unchanged.
    pub fn refund(&mut self, amount: Points, entry: EntryOf) -> Result<PointEntry, BalanceRefused> {
        self.add(PointKind::Refund, amount, entry)
    }

    fn add(
        &mut self,
        kind: PointKind,
        amount: Points,
        entry: EntryOf,
    ) -> Result<PointEntry, BalanceRefused> {
        let balance = self.balance.checked_add(amount).ok_or(BalanceRefused::TooLarge)?;
        Ok(self.record(kind, amount, balance, entry))
    }

    fn record(
        &mut self,
        kind: PointKind,
        amount: Points,
        balance: Points,
        entry: EntryOf,
    ) -> PointEntry {
        self.balance = balance;
        self.entries += 1;
        PointEntry {
            id: entry.id,
            user_id: self.user_id,
            number: self.entries,
            kind,
            amount,
            balance_after: balance,
            payment_id: entry.payment_id,
            created_at: entry.at,
        }
    }
}
