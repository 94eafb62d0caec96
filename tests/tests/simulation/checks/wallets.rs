//! Balances and their histories.

use std::collections::BTreeMap;

use stagedoor_domain::{PointAccount, PointEntry, PointKind, UserId, WorkingSet};

use super::{Checks, Commit, changed};

impl Checks {
    /// Every new entry continues the history of its account, and the account ends with it.
    pub(super) fn check_wallets(&self, commit: &Commit<'_>) {
        let mut entries: BTreeMap<UserId, Vec<&PointEntry>> = BTreeMap::new();
        for (before, entry) in changed(&self.entries, commit.set) {
            assert!(before.is_none(), "{before:?} became {entry:?}");
            entries.entry(entry.user_id).or_default().push(entry);
        }
        for (user_id, mut new) in entries {
            new.sort_unstable_by_key(|entry| entry.number);
            let mut account = self.account(user_id);
            for entry in new {
                account = continued(&account, entry);
            }
            assert_eq!(
                commit.set.get(&user_id),
                Ok(Some(&account)),
                "it is the sum of its entries"
            );
        }
        for (before, account) in changed(&self.accounts, commit.set) {
            let entries = before.map_or(0, |account| account.entries);
            let is_new = before.is_none() && account.entries == 0 && account.balance.get() == 0;
            let is_continued = entries < account.entries && has_entry(commit.set, account);
            assert!(is_new || is_continued, "{before:?} became {account:?} without an entry");
        }
        for (before, payment) in changed(&self.payments, commit.set) {
            assert!(before.is_none(), "{before:?} became {payment:?}");
        }
    }

    fn account(&self, user_id: UserId) -> PointAccount {
        self.accounts.get(&user_id).cloned().unwrap_or_else(|| PointAccount::open(user_id))
    }
}

fn continued(account: &PointAccount, entry: &PointEntry) -> PointAccount {
    let balance = match entry.kind {
        PointKind::Charge | PointKind::Refund => account.balance.checked_add(entry.amount),
        PointKind::Use => account.balance.checked_sub(entry.amount),
    };
    let after = (account.entries + 1, balance);
    assert_eq!((entry.number, Some(entry.balance_after)), after, "{entry:?} after {account:?}");
    let (balance, entries) = (entry.balance_after, entry.number);
    PointAccount { balance, entries, ..account.clone() }
}

fn has_entry(set: &WorkingSet, account: &PointAccount) -> bool {
    let is_last = |e: &PointEntry| e.user_id == account.user_id && e.number == account.entries;
    set.all::<PointEntry>().any(is_last)
}
