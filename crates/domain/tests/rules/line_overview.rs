//! A line as caches serve it: positions computed from its two parts (rule 3).

use proptest::prelude::*;
use stagedoor_domain::line::{BLOCK_NUMBERS, ahead_from, block_of};
use stagedoor_domain::{Line, LineBlock, LineChange, LineOverview};

use crate::builders::*;
use crate::strategies::config;

const SIZE: i64 = BLOCK_NUMBERS as i64;

/// A line that grows and shrinks as rooms do: numbers come without gaps, and leave once.
#[derive(Clone, Default)]
struct History {
    line: Line,
    version: i64,
    last: i64,
}

impl History {
    fn of(steps: &[Step]) -> Self {
        let mut history = Self::default();
        steps.iter().for_each(|step| history.take(*step));
        history
    }

    fn change(&mut self, sequence: i64, waits: bool) {
        self.version += 1;
        let waiting_until = waits.then_some(NOW);
        self.line.apply(LineChange { sequence, waiting_until });
        self.line.read_up_to(self.version);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Come(count) => {
                for _ in 0..count {
                    self.last += 1;
                    self.change(self.last, true);
                }
            }
            Step::Admit(count) => {
                let waiting = (1..=self.last).filter(|it| self.line.position(*it).is_some());
                for sequence in waiting.take(count).collect::<Vec<_>>() {
                    self.change(sequence, false);
                }
            }
            Step::Leave(share) if self.last > 0 => {
                self.change(1 + i64::from(share) * (self.last - 1) / 1_000, false);
            }
            Step::Leave(_) => {}
        }
    }

    fn parts(&self, sequence: i64) -> (LineOverview, Option<LineBlock>) {
        (self.line.overview(), self.line.block(block_of(sequence).0))
    }

    fn ahead(&self, sequence: i64) -> u64 {
        self.line.position_at(sequence).ahead
    }
}

/// One change to a line.
#[derive(Clone, Copy, Debug)]
enum Step {
    Come(u16),
    Admit(usize),
    /// The number at this share of all numbers, in thousandths, leaves.
    Leave(u16),
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => prop_oneof![1_u16..9, 1_000_u16..6_000].prop_map(Step::Come),
        2 => prop_oneof![1_usize..9, 500_usize..5_000].prop_map(Step::Admit),
        6 => (0_u16..=1_000).prop_map(Step::Leave),
    ];
    prop::collection::vec(step, 0..most)
}

/// Numbers at the edges of blocks, and many between.
fn samples(last: i64) -> impl Iterator<Item = i64> {
    (1..=last + 3).filter(|sequence| sequence % 89 == 0 || (sequence % SIZE) < 3)
}

#[test]
fn an_empty_line_has_no_blocks_and_tells_everyone_to_wait_for_all_numbers_below() {
    let line = Line::default();

    assert_eq!(line.overview(), LineOverview::default());
    assert_eq!((line.block(0), line.block(u64::MAX)), (None, None));
    assert_eq!(ahead_from(&line.overview(), None, 5), 4);
}

#[test]
fn an_overview_lists_the_blocks_from_the_first_that_waits_to_the_last_that_lost_a_number() {
    let mut history = History::of(&[Step::Come(20_000), Step::Admit(8_200)]);
    history.change(13_000, false);

    let overview = history.line.overview();

    assert_eq!((overview.last_sequence, overview.waiting), (20_000, 11_799));
    assert_eq!((overview.empty_blocks, overview.removed.as_slice()), (2, &[8, 1][..]));
    let counts: Vec<_> = (0..6).map(|block| overview.removed_in(block)).collect();
    assert_eq!(counts, [4_096, 4_096, 8, 1, 0, 0]);
    assert_eq!(history.line.block(3).map(|block| block.count()), Some(1));
    let index = block_of(13_000).1;
    assert!(history.line.block(3).is_some_and(|block| block.has_left(index)));
    assert!(history.line.block(4).is_some());
    assert_eq!(history.line.block(5), None, "no number of it was given out");
}

#[test]
fn the_last_block_counts_only_numbers_that_were_given_out() {
    let mut history = History::of(&[Step::Come(10), Step::Admit(10)]);
    assert_eq!(history.line.overview().removed, [10]);

    history.line.knows_up_to(4_097);

    let overview = history.line.overview();
    assert_eq!((overview.empty_blocks, overview.removed.as_slice()), (1, &[1][..]));
}

#[test]
fn a_number_is_in_the_block_that_begins_after_whole_blocks() {
    let table = [(1, (0, 0)), (4_096, (0, 4_095)), (4_097, (1, 0)), (0, (0, 0)), (-5, (0, 0))];
    for (sequence, expected) in table {
        assert_eq!(block_of(sequence), expected, "{sequence}");
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn a_client_computes_the_position_that_the_line_tells(steps in steps(24)) {
        let history = History::of(&steps);
        for sequence in samples(history.last) {
            let (overview, block) = history.parts(sequence);
            let ahead = ahead_from(&overview, block.as_ref(), sequence);
            prop_assert_eq!(ahead, history.ahead(sequence), "at {}", sequence);
            let (number, index) = block_of(sequence);
            let count = block.as_ref().map_or(0, LineBlock::count);
            prop_assert_eq!(overview.removed_in(number), count, "block {}", number);
            let is_known = sequence <= history.last;
            let has_left = block.is_some_and(|block| is_known && block.has_left(index));
            prop_assert_eq!(is_known && history.line.position(sequence).is_none(), has_left);
        }
    }

    #[test]
    fn a_position_from_parts_of_different_age_is_between_the_positions_then(
        before in steps(16),
        after in steps(8),
    ) {
        let older = History::of(&before);
        let mut newer = older.clone();
        after.iter().for_each(|step| newer.take(*step));
        for sequence in samples(older.last) {
            let bounds = newer.ahead(sequence)..=older.ahead(sequence);
            let (old, new) = (older.parts(sequence), newer.parts(sequence));
            for (overview, block) in [(&old.0, &new.1), (&new.0, &old.1)] {
                let ahead = ahead_from(overview, block.as_ref(), sequence);
                prop_assert!(bounds.contains(&ahead), "{ahead} at {sequence}");
            }
            prop_assert!(*bounds.start() <= ahead_from(&new.0, None, sequence));
        }
    }
}
