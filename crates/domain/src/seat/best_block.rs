//! The best block of adjacent seats.

use std::collections::HashSet;

use super::{Seat, SeatStatus};
use crate::{Instant, SeatId, SeatKind};

/// The wanted block.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'w> {
    /// The number of seats.
    pub size: usize,
    /// Only in sections with this name.
    pub section: Option<&'w str>,
    /// Only seats with these numbers.
    pub numbers: Option<HashSet<i32>>,
    /// Places for wheelchairs, with companions' seats beside them, instead of ordinary seats.
    pub accessible: bool,
}

impl Wanted<'_> {
    /// Whether the seat is in the wanted part of the chart.
    fn includes(&self, seat: &Seat) -> bool {
        self.section.is_none_or(|section| seat.label == section)
            && self.numbers.as_ref().is_none_or(|numbers| numbers.contains(&seat.number))
    }

    /// Whether blocks are made of seats of this kind.
    fn takes(&self, kind: SeatKind) -> bool {
        match kind {
            SeatKind::Accessible | SeatKind::Companion => self.accessible,
            SeatKind::Seat => !self.accessible,
            SeatKind::RestrictedView | SeatKind::Standing => false,
        }
    }
}

/// Picks the best adjacent free seats of a chart, or nothing when no row has as many side by side as are wanted.
///
/// `seats` are all the seats of one schedule in the order of their numbers. Only ordinary seats are picked
/// ([`SeatKind::Seat`]): places for wheelchairs, for companions and with a restricted view are for those who ask for them.
/// Blocks are compared by: the fewest neighbours left alone between taken seats or the row's ends, then the row
/// nearest the front, then the distance of the block's middle from the row's, then the lowest number.
///
/// A chart whose wanted part is without any ordinary seat gives standing places: the lowest numbers of the first area that
/// has enough of them free.
///
/// A block of accessible seats has one place for a wheelchair or more, and companions' seats. It has as few places for
/// wheelchairs as possible, before it is compared as other blocks are.
pub fn best_block<'a>(
    seats: impl IntoIterator<Item = &'a Seat>,
    wanted: &Wanted<'_>,
    now: Instant,
) -> Option<Vec<SeatId>> {
    let seats: Vec<&Seat> = seats.into_iter().collect();
    let rows = || seats.chunk_by(|a, b| a.row == b.row);
    let is_ordinary = |seat: &&Seat| seat.details.kind == SeatKind::Seat && wanted.includes(seat);
    if !wanted.accessible && !seats.iter().any(is_ordinary) {
        return rows().find_map(|area| standing_places(area, wanted, now));
    }
    rows()
        .flat_map(|row| blocks(row, wanted, now))
        .min_by_key(|block| block.rank)
        .map(|block| block.seats.iter().map(|seat| seat.id).collect())
}

/// The free places of an area with the lowest numbers, if there are enough.
fn standing_places(area: &[&Seat], wanted: &Wanted<'_>, now: Instant) -> Option<Vec<SeatId>> {
    let is_offered = |seat: &Seat| {
        let is_free = seat.status(now) == SeatStatus::Free;
        seat.details.kind == SeatKind::Standing && is_free && wanted.includes(seat)
    };
    let free = area.iter().filter(|seat| is_offered(seat)).map(|seat| seat.id);
    let places: Vec<_> = free.take(wanted.size).collect();
    (places.len() == wanted.size).then_some(places)
}

/// Smaller is better: places for wheelchairs, seats left alone, row, distance from the middle, first number.
type Rank = (usize, usize, i32, i32, i32);

struct Block<'r, 'a> {
    rank: Rank,
    seats: &'r [&'a Seat],
}

fn blocks<'r, 'a>(
    row: &'r [&'a Seat],
    wanted: &Wanted<'_>,
    now: Instant,
) -> impl Iterator<Item = Block<'r, 'a>> {
    let middle =
        row.first().map_or(0, |seat| seat.column) + row.last().map_or(0, |seat| seat.column);
    free_runs(row, wanted, now).flat_map(move |run| {
        run.windows(wanted.size.max(1)).enumerate().filter_map(move |(before, seats)| {
            let (first, last) = (seats.first()?, seats.last()?);
            let is_wheelchair = |seat: &&&Seat| seat.details.kind == SeatKind::Accessible;
            let wheelchairs = seats.iter().filter(is_wheelchair).count();
            let is_wanted = seats.iter().all(|seat| wanted.includes(seat));
            if !is_wanted || (wanted.accessible && wheelchairs == 0) {
                return None;
            }
            let after = run.len() - before - seats.len();
            let alone = usize::from(before == 1) + usize::from(after == 1);
            let off_middle = (first.column + last.column - middle).abs();
            Some(Block { rank: (wheelchairs, alone, first.row, off_middle, first.number), seats })
        })
    })
}

/// Splits a row into its longest stretches of free seats of the wanted kinds side by side.
fn free_runs<'r, 'a>(
    row: &'r [&'a Seat],
    wanted: &Wanted<'_>,
    now: Instant,
) -> impl Iterator<Item = &'r [&'a Seat]> {
    let is_offered =
        move |seat: &Seat| wanted.takes(seat.details.kind) && seat.status(now) == SeatStatus::Free;
    row.chunk_by(move |a, b| is_offered(a) && is_offered(b) && b.column == a.column + 1)
        .filter(move |run| run.iter().all(|seat| is_offered(seat)))
}
