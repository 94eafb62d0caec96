//! The best block of adjacent seats.

use super::{Seat, SeatStatus};
use crate::{Instant, SeatId};

/// Picks the best `size` adjacent free seats of a chart, or nothing when no row has that many side by
/// side.
///
/// `seats` are all the seats of one schedule in the order of their numbers. Blocks are compared by:
/// the fewest neighbours left alone between taken seats or the row's ends, then the row nearest the
/// front, then the distance of the block's middle from the row's, then the lowest number.
pub fn best_block<'a>(
    seats: impl IntoIterator<Item = &'a Seat>,
    size: usize,
    now: Instant,
) -> Option<Vec<SeatId>> {
    let seats: Vec<&Seat> = seats.into_iter().collect();
    seats
        .chunk_by(|a, b| a.row == b.row)
        .flat_map(|row| blocks(row, size, now))
        .min_by_key(|block| block.rank)
        .map(|block| block.seats.iter().map(|seat| seat.id).collect())
}

/// Smaller is better: seats left alone, row, distance from the middle, first number.
type Rank = (usize, i32, i32, i32);

struct Block<'r, 'a> {
    rank: Rank,
    seats: &'r [&'a Seat],
}

fn blocks<'r, 'a>(
    row: &'r [&'a Seat],
    size: usize,
    now: Instant,
) -> impl Iterator<Item = Block<'r, 'a>> {
    let middle =
        row.first().map_or(0, |seat| seat.column) + row.last().map_or(0, |seat| seat.column);
    free_runs(row, now).flat_map(move |run| {
        run.windows(size.max(1)).enumerate().filter_map(move |(before, seats)| {
            let (first, last) = (seats.first()?, seats.last()?);
            let after = run.len() - before - seats.len();
            let alone = usize::from(before == 1) + usize::from(after == 1);
            let off_middle = (first.column + last.column - middle).abs();
            Some(Block { rank: (alone, first.row, off_middle, first.number), seats })
        })
    })
}

/// Splits a row into its longest stretches of free seats side by side.
fn free_runs<'r, 'a>(row: &'r [&'a Seat], now: Instant) -> impl Iterator<Item = &'r [&'a Seat]> {
    let is_free = move |seat: &Seat| seat.status(now) == SeatStatus::Free;
    row.chunk_by(move |a, b| is_free(a) && is_free(b) && b.column == a.column + 1)
        .filter(move |run| run.iter().all(|seat| is_free(seat)))
}
