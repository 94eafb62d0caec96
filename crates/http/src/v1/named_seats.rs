//! Seats that a request of staff names by their ids or by their numbers.

use stagedoor_domain::operations::NamedSeats;
use stagedoor_domain::{Invalid, Rule, SeatId};
use uuid::Uuid;

use crate::wire::Whole;

/// Reads exactly one of the fields `seatIds` and `seatNumbers`, which names 1 to `most` seats.
pub(super) fn named_seats(
    ids: Option<Vec<Uuid>>,
    numbers: Option<Vec<Whole>>,
    most: usize,
) -> Result<NamedSeats, Invalid> {
    let named = match (ids, numbers) {
        (Some(ids), None) => NamedSeats::Ids(ids.into_iter().map(SeatId).collect()),
        (None, Some(numbers)) => NamedSeats::Numbers(
            numbers.into_iter().map(|number| number.saturated(i32::MIN, i32::MAX)).collect(),
        ),
        _ => return Err(Invalid::new("seatIds, seatNumbers", Rule::ExactlyOne)),
    };
    named.check(most)
}
