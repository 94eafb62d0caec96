//! Points, accounts, pages and choices.

use proptest::prelude::*;
use stagedoor_domain::operations::SeatChoice;
use stagedoor_domain::point::EntryOf;
use stagedoor_domain::{Page, PageSize, PointAccount, PointKind, Points};

use crate::builders::*;
use crate::strategies::config;

/// Any points, with the edges among them.
fn any_points() -> impl Strategy<Value = Points> {
    let most = Points::MAX.get();
    prop_oneof![3 => 0..=most, 2 => 0..50_i64, 1 => most - 3..=most].prop_map(points)
}

fn of(number: usize) -> EntryOf {
    EntryOf { id: entry(u128::try_from(number).unwrap()), payment_id: None, at: NOW }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn points_are_those_whole_numbers_that_every_reader_holds_exactly(value in any::<i64>()) {
        let fits = (0..=Points::MAX.get()).contains(&value);
        prop_assert_eq!(Points::new(value).map(Points::get), fits.then_some(value));
        prop_assert_eq!(Points::positive(value, "amount").is_ok(), fits && value > 0);
    }

    #[test]
    fn sums_of_points_are_those_of_whole_numbers_or_nothing(
        one in any_points(), two in any_points(), three in any_points(),
    ) {
        let sum = i128::from(one.get()) + i128::from(two.get());
        let exact = one.checked_add(two).map(|sum| i128::from(sum.get()));
        prop_assert_eq!(exact, (sum <= Points::MAX.get().into()).then_some(sum));
        prop_assert_eq!(one.checked_add(two), two.checked_add(one));
        if let Some(sum) = one.checked_add(two) {
            prop_assert_eq!(sum.checked_sub(two), Some(one));
        }
        prop_assert_eq!(one.checked_sub(two).is_some(), one >= two);
        let all = Points::checked_sum([one, two, three]);
        prop_assert_eq!(all, Points::checked_sum([three, one, two]), "in any order");
    }

    #[test]
    fn a_balance_is_the_sum_of_its_entries_and_within_its_bounds(
        changes in prop::collection::vec((prop::bool::ANY, any_points()), 0..40),
    ) {
        let mut account = PointAccount::open(user(1));
        let (mut balance, mut entries) = (0_i128, 0_i64);
        for (number, (is_charge, amount)) in changes.into_iter().enumerate() {
            let before = account.clone();
            let signed = i128::from(amount.get()) * if is_charge { 1 } else { -1 };
            let made = if is_charge {
                account.charge(amount, of(number))
            } else {
                account.spend(amount, of(number))
            };
            let fits = (0..=i128::from(Points::MAX.get())).contains(&(balance + signed));
            prop_assert_eq!(made.is_ok(), fits);
            let Ok(entry) = made else {
                prop_assert_eq!(&account, &before, "a refusal changes nothing");
                continue;
            };
            balance += signed;
            entries += 1;
            prop_assert_eq!((entry.number, entry.amount), (entries, amount));
            prop_assert_eq!(entry.kind == PointKind::Charge, is_charge);
            prop_assert_eq!(entry.balance_after, account.balance);
            prop_assert_eq!(i128::from(account.balance.get()), balance);
            prop_assert_eq!(account.entries, entries);
        }
    }

    #[test]
    fn a_page_has_1_to_100_items_and_nothing_else_is_a_size(limit in any::<i64>()) {
        let size = PageSize::new(limit).ok().map(|size| i64::try_from(size.items()).unwrap());
        prop_assert_eq!(size, (1..=100).contains(&limit).then_some(limit));
    }

    #[test]
    fn pages_read_one_after_the_other_are_the_whole_list(
        length in 0_usize..450, limit in 1_i64..=100,
    ) {
        let size = PageSize::new(limit).unwrap();
        let list: Vec<usize> = (0..length).rev().collect();
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let rest = list.iter().copied().filter(|row| after.is_none_or(|after| *row < after));
            let page = Page::of(rest.take(size.items() + 1).collect(), size, |row| *row);
            prop_assert!(page.items.len() <= size.items());
            prop_assert!(page.next.is_none() || page.items.len() == size.items());
            read.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        prop_assert_eq!(read, list);
    }

    #[test]
    fn a_choice_is_1_to_4_seats_none_twice(
        numbers in prop::collection::vec(1_i32..6, 0..7), best in 0_usize..9,
    ) {
        let mut distinct = numbers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let is_sound = (1..=4).contains(&numbers.len()) && distinct.len() == numbers.len();
        let ids = numbers.iter().map(|n| seat(u128::try_from(*n).unwrap())).collect();
        prop_assert_eq!(SeatChoice::Numbers(numbers).check().is_ok(), is_sound);
        prop_assert_eq!(SeatChoice::Ids(ids).check().is_ok(), is_sound);
        prop_assert_eq!(SeatChoice::best(best).check().is_ok(), (1..=4).contains(&best));
    }
}
