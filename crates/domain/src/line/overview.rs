//! A line in two parts that caches can serve to all who wait: an overview, and blocks of sequence
//! numbers. A client computes its own position from both.
//!
//! Both parts tell which sequence numbers have left the line. Numbers never come back, so each part
//! only grows with time. A position from two parts of different age is therefore between the exact
//! positions at these two instants.

use super::{Line, key};

/// The number of sequence numbers in one block: block 0 has the numbers 1 to 4,096.
pub const BLOCK_NUMBERS: u32 = 4_096;

/// The bytes of a block's bitmap.
const BLOCK_BYTES: usize = BLOCK_NUMBERS as usize / 8;

/// The count of sequence numbers of each block that have left a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineOverview {
    /// The stamp of the newest change that it contains.
    pub version: i64,
    /// The last sequence number that it knows.
    pub last_sequence: i64,
    /// The number of tokens that wait.
    pub waiting: u64,
    /// All numbers of this many blocks, from block 0 on, have left.
    pub empty_blocks: u64,
    /// The count of numbers of each later block that have left, up to the last block with any.
    pub removed: Vec<u16>,
}

/// The sequence numbers of one block that have left a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineBlock {
    /// One bit for each number: bit `n mod 8`, from the lowest, of byte `n / 8` is the number at index
    /// `n` of the block, counted from 0. It is set if that number has left.
    pub removed: [u8; BLOCK_BYTES],
}

/// The number of the block of a sequence number, and the index in it; both are counted from 0.
pub fn block_of(sequence: i64) -> (u64, usize) {
    let before = key(sequence.saturating_sub(1));
    let size = u64::from(BLOCK_NUMBERS);
    (before / size, usize::try_from(before % size).unwrap_or(0))
}

/// The number of tokens ahead of a token, as a client computes it: all numbers below its own, without those
/// that have left. Without its block, none of that block counts as having left.
pub fn ahead_from(overview: &LineOverview, block: Option<&LineBlock>, sequence: i64) -> u64 {
    let (number, index) = block_of(sequence);
    let in_block = block.map_or(0, |block| block.removed_before(index));
    let removed = overview.removed_before(number) + in_block;
    key(sequence.saturating_sub(1)).saturating_sub(removed)
}

impl Line {
    /// The overview of this line. It costs a rank for each block.
    pub fn overview(&self) -> LineOverview {
        let empty_blocks = match self.waiting.min() {
            Some(first) => (first - 1) / u64::from(BLOCK_NUMBERS),
            None => key(self.last_sequence) / u64::from(BLOCK_NUMBERS),
        };
        let blocks = key(self.last_sequence).div_ceil(u64::from(BLOCK_NUMBERS));
        let mut removed: Vec<u16> =
            (empty_blocks..blocks).map(|number| self.removed_in(number)).collect();
        let last = removed.iter().rposition(|count| *count > 0);
        removed.truncate(last.map_or(0, |last| last + 1));
        LineOverview {
            version: self.version,
            last_sequence: self.last_sequence,
            waiting: self.waiting.len(),
            empty_blocks,
            removed,
        }
    }

    /// A block of this line, by its number from 0; nothing if no known sequence number is in it.
    pub fn block(&self, number: u64) -> Option<LineBlock> {
        let (first, last) = self.numbers_of(number)?;
        let mut block = LineBlock { removed: [0; BLOCK_BYTES] };
        for index in 0..=last - first {
            block.removed[byte(index)] |= 1 << (index % 8);
        }
        let mut waiting = self.waiting.iter();
        waiting.advance_to(first);
        for index in waiting.take_while(|it| *it <= last).map(|it| it - first) {
            block.removed[byte(index)] &= !(1 << (index % 8));
        }
        Some(block)
    }

    /// Notes that all sequence numbers up to `last` have been given out, and that the changes which
    /// gave them out have been read.
    pub fn knows_up_to(&mut self, last: i64) {
        self.last_sequence = self.last_sequence.max(last);
    }

    fn removed_in(&self, number: u64) -> u16 {
        let Some((first, last)) = self.numbers_of(number) else { return 0 };
        let waiting = self.waiting.range_cardinality(first..=last);
        u16::try_from(last + 1 - first - waiting).unwrap_or(0)
    }

    /// The known sequence numbers of a block, from the first to the last.
    fn numbers_of(&self, number: u64) -> Option<(u64, u64)> {
        let size = u64::from(BLOCK_NUMBERS);
        let before = number.checked_mul(size)?;
        let last = before.checked_add(size)?.min(key(self.last_sequence));
        (before < last).then_some((before + 1, last))
    }
}

/// The byte of a block's bitmap that has the number at this index.
fn byte(index: u64) -> usize {
    (index / 8) as usize
}

impl LineOverview {
    /// The count of numbers of the blocks before this one that have left.
    pub fn removed_before(&self, block: u64) -> u64 {
        let empty = self.empty_blocks.min(block);
        let listed = usize::try_from(block - empty).unwrap_or(usize::MAX);
        let in_listed: u64 = self.removed.iter().take(listed).map(|count| u64::from(*count)).sum();
        empty * u64::from(BLOCK_NUMBERS) + in_listed
    }

    /// The count of numbers of this block that have left.
    pub fn removed_in(&self, block: u64) -> u64 {
        let Some(listed) = block.checked_sub(self.empty_blocks) else {
            return BLOCK_NUMBERS.into();
        };
        let count = usize::try_from(listed).ok().and_then(|index| self.removed.get(index));
        count.copied().unwrap_or(0).into()
    }
}

impl LineBlock {
    /// The count of numbers of the block that have left.
    pub fn count(&self) -> u64 {
        self.removed_before(BLOCK_NUMBERS as usize)
    }

    /// Whether the number at this index has left.
    pub fn has_left(&self, index: usize) -> bool {
        self.removed.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
    }

    fn removed_before(&self, index: usize) -> u64 {
        let whole: u32 = self.removed.iter().take(index / 8).map(|byte| byte.count_ones()).sum();
        let part = self.removed.get(index / 8).map_or(0, |byte| {
            let mask = (1_u16 << (index % 8)) - 1;
            (u16::from(*byte) & mask).count_ones()
        });
        u64::from(whole + part)
    }
}
