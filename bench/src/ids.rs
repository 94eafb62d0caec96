//! Ids that are computed from a kind and a number, as `bench_id` in SQL.

use uuid::Uuid;

/// What an id is of.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    User = 0,
    Concert = 1,
    Room = 2,
    QueueToken = 3,
    Schedule = 4,
    Seat = 5,
    Reservation = 6,
}

/// The id of this kind and number.
pub fn id(kind: Kind, n: u64) -> Uuid {
    let kind = (0x0190_0000_u128 + kind as u128) << 96;
    Uuid::from_u128(kind | (0x7000_u128 << 64) | (0x8000_u128 << 48) | u128::from(n))
}
