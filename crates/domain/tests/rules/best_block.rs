//! The best block of adjacent seats.

use proptest::prelude::*;
use stagedoor_domain::seat::best_block::{Wanted, best_block};
use stagedoor_domain::{Seat, SeatDetails, SeatKind, SeatMap, SeatStatus};

use crate::builders::*;
use crate::strategies::config;

/// A chart drawn from above, front row first: `.` is free, `x` taken, `o` an expired hold.
fn a_drawn_chart(rows: &[&str]) -> Vec<Seat> {
    let sections = rows.iter().map(|row| a_section(1, row.len().try_into().unwrap())).collect();
    let marks: Vec<char> = rows.concat().chars().collect();
    let ids: Vec<_> = (1..=marks.len() as u128).map(seat).collect();
    let chart = SeatMap::new(sections).unwrap().seats(schedule(1), &ids);
    let state = |mark, seat: Seat| match mark {
        'x' => Seat { state: held_by(1, NOW + TICK), ..seat },
        'o' => Seat { state: held_by(1, NOW), ..seat },
        _ => seat,
    };
    chart.into_iter().zip(marks).map(|(seat, mark)| state(mark, seat)).collect()
}

fn best(chart: &[Seat], size: usize) -> Option<Vec<i32>> {
    best_of(chart, &Wanted { size, ..Wanted::default() })
}

fn best_of(chart: &[Seat], wanted: &Wanted<'_>) -> Option<Vec<i32>> {
    let ids = best_block(chart, wanted, NOW)?;
    Some(chart.iter().filter(|seat| ids.contains(&seat.id)).map(|seat| seat.number).collect())
}

/// What is shown, the chart, how many seats are asked for, and the numbers of the best ones.
type Case = (&'static str, &'static [&'static str], usize, Option<Vec<i32>>);

#[test]
fn a_block_is_as_near_the_front_and_the_middle_as_it_can_be_without_leaving_one_seat_alone() {
    let table: [Case; 18] = [
        ("the middle of the front row", &[".......", "......."], 3, Some(vec![3, 4, 5])),
        ("of two middles, the lower number", &["......"], 1, Some(vec![3])),
        ("an even block in an even row", &["......"], 2, Some(vec![3, 4])),
        ("the true middle of a longer even row", &["........"], 2, Some(vec![4, 5])),
        ("a whole row", &["...."], 4, Some(vec![1, 2, 3, 4])),
        ("not the middle, which would leave two alone", &["....."], 3, Some(vec![1, 2, 3])),
        ("beside taken seats, which leaves none alone", &["..x..."], 2, Some(vec![1, 2])),
        ("the back row, if the front would leave one alone", &["...", ".."], 2, Some(vec![4, 5])),
        ("one alone, if it cannot be helped", &["..."], 2, Some(vec![1, 2])),
        ("a single seat that is alone already", &["x.x", "..."], 1, Some(vec![2])),
        ("a single seat at the end, not the middle", &["..."], 1, Some(vec![1])),
        ("the next row, if the front is full", &["xxx", "..."], 3, Some(vec![4, 5, 6])),
        ("an expired hold is free", &["xoox"], 2, Some(vec![2, 3])),
        ("rows do not join", &["xx..", "..xx"], 4, None),
        ("taken seats part a row", &["..x.."], 3, None),
        ("a row too short", &["..", ".."], 3, None),
        ("everything taken", &["xx"], 1, None),
        ("no seats at all", &[], 1, None),
    ];
    for (case, rows, size, expected) in table {
        let chart = if rows.is_empty() { vec![] } else { a_drawn_chart(rows) };
        assert_eq!(best(&chart, size), expected, "{case}");
    }
}

#[test]
fn the_middle_of_a_row_is_its_own_even_if_seats_of_it_are_taken() {
    let chart = a_drawn_chart(&["xxx......"]);
    assert_eq!(best(&chart, 2), Some(vec![4, 5]), "next to the middle, seat 5");
}

#[test]
fn seats_on_both_sides_of_an_aisle_are_not_side_by_side() {
    let mut chart = a_drawn_chart(&["....."]);
    chart.remove(2);

    assert_eq!(best(&chart, 2), Some(vec![1, 2]));
    assert_eq!(best(&chart, 3), None);
}

#[test]
fn only_ordinary_seats_are_best_and_standing_places_where_there_are_no_others() {
    let kind = |kind, seat: &Seat| Seat {
        details: SeatDetails { kind, ..SeatDetails::default() },
        ..seat.clone()
    };
    let chart = a_drawn_chart(&["....", "...."]);
    let special = [SeatKind::Accessible, SeatKind::Companion, SeatKind::RestrictedView];
    for special in special {
        let mut front = chart.clone();
        front[1] = kind(special, &chart[1]);

        assert_eq!(best(&front, 2), Some(vec![3, 4]), "{special:?}");
        assert_eq!(best(&front, 3), Some(vec![5, 6, 7]), "{special:?}");
        assert_eq!(best(&[kind(special, &chart[0])], 1), None, "{special:?}");
    }
    let standing = |drawn: &[Seat]| -> Vec<Seat> {
        drawn.iter().map(|seat| kind(SeatKind::Standing, seat)).collect()
    };
    let mixed = [chart[..4].to_vec(), standing(&chart[4..])].concat();
    assert_eq!(best(&mixed, 4), Some(vec![1, 2, 3, 4]));
    let sold_out = [a_drawn_chart(&["xxxx"]), standing(&chart[4..])].concat();
    assert_eq!(best(&sold_out, 1), None, "those who want to sit are not sent to stand");
    let areas = standing(&a_drawn_chart(&["x.x", "x.x.o"]));
    assert_eq!(best(&areas, 1), Some(vec![2]));
    assert_eq!(best(&areas, 3), Some(vec![5, 7, 8]), "no neighbours are needed");
    assert_eq!(best(&areas, 4), None);
}

/// A chart drawn from above: `.` is an ordinary seat, `w` a place for a wheelchair, `c` one for a companion, `W` and `C` are taken.
fn an_accessible_chart(rows: &[&str]) -> Vec<Seat> {
    let kind = |mark: char| match mark {
        'w' | 'W' => SeatKind::Accessible,
        'c' | 'C' => SeatKind::Companion,
        _ => SeatKind::Seat,
    };
    let state = |mark: char, seat: &Seat| match mark {
        'W' | 'C' => held_by(1, NOW + TICK),
        _ => seat.state,
    };
    let marked = a_drawn_chart(rows).into_iter().zip(rows.concat().chars().collect::<Vec<_>>());
    let drawn = |(seat, mark): (Seat, char)| Seat {
        state: state(mark, &seat),
        details: SeatDetails { kind: kind(mark), ..SeatDetails::default() },
        ..seat
    };
    marked.map(drawn).collect()
}

#[test]
fn an_accessible_block_has_a_place_for_a_wheelchair_and_seats_of_companions_beside_it() {
    let table: [Case; 9] = [
        ("one place, not a companion's", &["..cw.."], 1, Some(vec![4])),
        ("a companion beside it", &["..cw.."], 2, Some(vec![3, 4])),
        ("companions on both sides", &["..cwc.."], 3, Some(vec![3, 4, 5])),
        ("few places for wheelchairs, in whatever row", &["ww", "wc"], 2, Some(vec![3, 4])),
        ("several, if there are no companions' seats", &["..ww"], 2, Some(vec![3, 4])),
        ("never ordinary seats", &["..w.."], 2, None),
        ("no companions alone", &["cc", "CW"], 1, None),
        ("only free ones", &["Wc", "wC"], 2, None),
        ("a chart without any", &["...."], 1, None),
    ];
    for (case, rows, size, expected) in table {
        let chart = an_accessible_chart(rows);
        let wanted = Wanted { size, accessible: true, ..Wanted::default() };
        assert_eq!(best_of(&chart, &wanted), expected, "{case}");
    }
}

#[test]
fn a_block_is_picked_from_the_wanted_part_of_a_chart_alone() {
    let mut chart = a_drawn_chart(&["......", "......"]);
    chart[6..].iter_mut().for_each(|seat| seat.label = "Balcony".to_owned());
    let of = |section, numbers: Option<&[i32]>, size| {
        let numbers = numbers.map(|numbers| numbers.iter().copied().collect());
        best_of(&chart, &Wanted { size, section, numbers, accessible: false })
    };

    assert_eq!(of(Some("Balcony"), None, 2), Some(vec![9, 10]));
    assert_eq!(of(Some("Gallery"), None, 1), None);
    assert_eq!(of(None, Some(&[5, 6]), 2), Some(vec![5, 6]));
    assert_eq!(of(None, Some(&[4, 5, 6]), 2), Some(vec![5, 6]), "seat 6 is not left alone");
    assert_eq!(of(None, Some(&[6, 7]), 2), None, "rows do not join");
    assert_eq!(of(Some("Balcony"), Some(&[5, 6]), 1), None);
    chart.iter_mut().for_each(|seat| seat.details.kind = SeatKind::Standing);
    chart[0].details.kind = SeatKind::Seat;
    let standing = Wanted { size: 4, section: Some("Balcony"), ..Wanted::default() };
    assert_eq!(best_of(&chart, &standing), Some(vec![7, 8, 9, 10]), "whatever is elsewhere");
}

fn charts() -> impl Strategy<Value = Vec<Seat>> {
    let row = prop::collection::vec(prop::sample::select(vec!['.', '.', 'x', 'o']), 1..9);
    let rows = prop::collection::vec(row.prop_map(String::from_iter), 1..5);
    rows.prop_map(|rows| a_drawn_chart(&rows.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// Every run of `size` free seats side by side, found the simple way.
fn all_blocks(chart: &[Seat], size: usize) -> Vec<Vec<i32>> {
    let is_block = |seats: &&[Seat]| {
        seats.iter().all(|seat| seat.status(NOW) == SeatStatus::Free && seat.row == seats[0].row)
    };
    let numbers = |seats: &[Seat]| seats.iter().map(|seat| seat.number).collect();
    chart.windows(size).filter(is_block).map(numbers).collect()
}

/// How many free seats have no free neighbour left.
fn alone(chart: &[Seat], taken: &[i32]) -> usize {
    let free = |seat: &&Seat| seat.status(NOW) == SeatStatus::Free && !taken.contains(&seat.number);
    let beside = |a: &Seat, b: &Seat| a.row == b.row && (a.column - b.column).abs() == 1;
    let has_neighbour = |seat: &Seat| chart.iter().filter(free).any(|other| beside(seat, other));
    chart.iter().filter(free).filter(|seat| !has_neighbour(seat)).count()
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_block_is_found_if_there_is_one_and_is_free_and_side_by_side(
        chart in charts(),
        size in 1_usize..=4,
    ) {
        let blocks = all_blocks(&chart, size);
        match best(&chart, size) {
            Some(found) => prop_assert!(blocks.contains(&found), "{found:?}"),
            None => prop_assert!(blocks.is_empty(), "{blocks:?}"),
        }
    }

    #[test]
    fn no_other_block_of_two_or_more_leaves_fewer_seats_alone(
        chart in charts(),
        size in 2_usize..=4,
    ) {
        let fewest = all_blocks(&chart, size).iter().map(|block| alone(&chart, block)).min();
        let found = best(&chart, size).map(|block| alone(&chart, &block));
        prop_assert_eq!(found, fewest);
    }
}
