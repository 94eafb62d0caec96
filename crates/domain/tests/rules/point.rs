//! The wallet (rule 14).

use stagedoor_domain::operations::{ChangePoints, PointChange, PointsRefused};
use stagedoor_domain::point::{BalanceRefused, EntryOf};
use stagedoor_domain::{PointAccount, PointEntry, PointKind, Points, Submission};

use crate::builders::*;
use crate::world::World;

const MAX: i64 = 9_007_199_254_740_991;

fn a_wallet(balance: i64) -> World {
    World::default().with([an_account(1, balance)])
}

#[test]
fn points_lie_between_zero_and_what_every_json_reader_holds_exactly() {
    assert_eq!(Points::MAX.get(), MAX);
    let table = [(i64::MIN, false), (-1, false), (0, true), (MAX, true), (MAX + 1, false)];
    for (value, sound) in table {
        assert_eq!(Points::new(value).is_some(), sound, "{value}");
    }
}

#[test]
fn an_amount_to_charge_or_use_is_above_zero() {
    let table = [(i64::MIN, false), (-1, false), (0, false), (1, true), (MAX, true)];
    for (value, sound) in table {
        let parsed = Points::positive(value, "amount");
        assert_eq!(parsed.is_ok(), sound, "{value}");
        let refused = parsed.err().map(|invalid| invalid.field);
        assert_eq!(refused.as_deref(), (!sound).then_some("amount"));
    }
    assert!(Points::positive(MAX + 1, "amount").is_err());
}

#[test]
fn sums_and_differences_stay_within_the_bounds_of_points() {
    let one = points(1);
    assert_eq!(points(MAX - 1).checked_add(one), Some(Points::MAX));
    assert_eq!(Points::MAX.checked_add(one), None);
    assert_eq!(one.checked_sub(one), Some(Points::ZERO));
    assert_eq!(Points::ZERO.checked_sub(one), None);
    assert_eq!(Points::checked_sum([]), Some(Points::ZERO));
    assert_eq!(Points::checked_sum([one, points(2), points(3)]), Some(points(6)));
    assert_eq!(Points::checked_sum([Points::MAX, one]), None);
}

#[test]
fn an_account_starts_empty_and_numbers_its_entries_from_one() {
    let mut account = PointAccount::open(user(1));
    assert_eq!((account.balance, account.entries), (Points::ZERO, 0));

    let of = |id| EntryOf { id: entry(id), payment_id: None, at: NOW };
    let charged = account.charge(points(30), of(1)).unwrap();
    let used = account.spend(points(10), of(2)).unwrap();

    assert_eq!((charged.number, charged.kind), (1, PointKind::Charge));
    assert_eq!((charged.amount, charged.balance_after), (points(30), points(30)));
    assert_eq!((used.number, used.kind), (2, PointKind::Use));
    assert_eq!((used.amount, used.balance_after), (points(10), points(20)));
    assert_eq!((account.balance, account.entries), (points(20), 2));
}

#[test]
fn refusals_come_in_their_order() {
    let unknown = ChangePoints { user_id: user(7), ..change_points(1, PointChange::Use, MAX) };
    let refused = PointsRefused::Balance;
    let table = [
        (a_wallet(0), unknown, PointsRefused::UserNotFound),
        (a_wallet(0), change_points(1, PointChange::Use, 1), refused(BalanceRefused::Insufficient)),
        (a_wallet(9), change_points(1, PointChange::Use, 10), {
            refused(BalanceRefused::Insufficient)
        }),
        (a_wallet(MAX), change_points(1, PointChange::Charge, 1), {
            refused(BalanceRefused::TooLarge)
        }),
        (a_wallet(1), change_points(1, PointChange::Charge, MAX), {
            refused(BalanceRefused::TooLarge)
        }),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command.clone(), NOW), expected, "{command:?}");
    }
}

#[test]
fn a_balance_may_reach_both_of_its_bounds() {
    let mut world = a_wallet(1);

    let full = world.decide(change_points(1, PointChange::Charge, MAX - 1), NOW).unwrap();
    assert_eq!(full.entry.balance_after, Points::MAX);
    let empty = world.decide(change_points(2, PointChange::Use, MAX), NOW).unwrap();
    assert_eq!(empty.entry.balance_after, Points::ZERO);
}

#[test]
fn a_charge_writes_one_entry_and_the_new_balance() {
    let world = a_wallet(5);

    let charge = Submission::new(change_points(7, PointChange::Charge, 10));
    let (mut verdicts, changes) = world.outcome(&[charge], NOW);

    let expected = PointEntry {
        id: entry(7),
        user_id: user(1),
        number: 2,
        kind: PointKind::Charge,
        amount: points(10),
        balance_after: points(15),
        payment_id: None,
        created_at: NOW,
    };
    assert_eq!(verdicts.remove(0).unwrap().entry, expected);
    assert_eq!(changes.inserted::<PointEntry>(), [&expected]);
    let account = PointAccount { balance: points(15), entries: 2, ..an_account(1, 5) };
    assert_eq!(changes.updated::<PointAccount>(), [&account]);
    assert_eq!(changes.count(), 2);
}

#[test]
fn every_change_of_a_batch_counts_once_and_a_refusal_undoes_no_other() {
    let mut world = a_wallet(0);

    let verdicts = world.decide_batch(
        &[
            change_points(1, PointChange::Charge, 100),
            change_points(2, PointChange::Use, 60),
            change_points(3, PointChange::Use, 60),
            change_points(4, PointChange::Use, 40),
            change_points(5, PointChange::Charge, 7),
        ],
        NOW,
    );

    let balances: Vec<_> = verdicts
        .into_iter()
        .map(|verdict| verdict.map(|changed| changed.entry.balance_after.get()))
        .collect();
    let insufficient = Err(PointsRefused::Balance(BalanceRefused::Insufficient));
    assert_eq!(balances, [Ok(100), Ok(40), insufficient, Ok(0), Ok(7)]);
    let numbers: Vec<_> = world.all::<PointEntry>().map(|entry| entry.number).collect();
    assert_eq!(numbers, [2, 3, 4, 5], "no gap where one was refused");
    assert_eq!(world.get::<PointAccount>(user(1)).balance, points(7));
}
