//! The best block of adjacent seats.

use super::{Seat, SeatStatus};
use crate::{Instant, SeatId, SeatKind};

/// Picks the best `size` adjacent free seats of a chart, or nothing when no row has that many side by
/// side.
///
/// `seats` are all the seats of one schedule in the order of their numbers. Only ordinary seats are picked
/// ([`SeatKind::Seat`]): places for wheelchairs, for companions and with a restricted view are for those who ask for them
/// by number. Blocks are compared by: the fewest neighbours left alone between taken seats or the row's ends, then the row
/// nearest the front, then the distance of the block's middle from the row's, then the lowest number.
///
/// A chart without any ordinary seat gives standing places: the lowest numbers of the first area that has `size` of them
/// free.
pub fn best_block<'a>(
    seats: impl IntoIterator<Item = &'a Seat>,
    size: usize,
    now: Instant,
) -> Option<Vec<SeatId>> {
    let seats: Vec<&Seat> = seats.into_iter().collect();
    let rows = || seats.chunk_by(|a, b| a.row == b.row);
    if !seats.iter().any(|seat| seat.details.kind == SeatKind::Seat) {
        return rows().find_map(|area| standing_places(area, size, now));
    }
    rows()
        .flat_map(|row| blocks(row, size, now))
        .min_by_key(|block| block.rank)
        .map(|block| block.seats.iter().map(|seat| seat.id).collect())
}

/// The free places of an area with the lowest numbers, if there are enough.
fn standing_places(area: &[&Seat], size: usize, now: Instant) -> Option<Vec<SeatId>> {
    let is_offered = |seat: &Seat| {
        seat.details.kind == SeatKind::Standing && seat.status(now) == SeatStatus::Free
    };
    let free = area.iter().filter(|seat| is_offered(seat)).map(|seat| seat.id);
    let places: Vec<_> = free.take(size).collect();
    (places.len() == size).then_some(places)
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

/// Splits a row into its longest stretches of free ordinary seats side by side.
fn free_runs<'r, 'a>(row: &'r [&'a Seat], now: Instant) -> impl Iterator<Item = &'r [&'a Seat]> {
    let is_offered = move |seat: &Seat| {
        seat.details.kind == SeatKind::Seat && seat.status(now) == SeatStatus::Free
    };
    row.chunk_by(move |a, b| is_offered(a) && is_offered(b) && b.column == a.column + 1)
        .filter(move |run| run.iter().all(|seat| is_offered(seat)))
}
