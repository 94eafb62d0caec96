//! The live state of a date's seats, in two bits for each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use stagedoor_domain::{Instant, SeatState, SeatStatus};
use utoipa::ToSchema;

/// The state of each seat of a date.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatStatusBody {
    /// How many seats there are.
    #[schema(example = 5)]
    count: usize,
    /// Base64 (RFC 4648 section 4) of two bits for each seat in the order of their numbers: 0 free, 1 held, 2 sold, 3 not
    /// for sale. The seat of number n has the bits 2·((n − 1) mod 4) and the next of byte (n − 1) div 4.
    #[schema(example = "JAA=")]
    states: String,
}

/// How many seats have their state in one byte.
const SEATS_IN_BYTE: usize = 4;

impl SeatStatusBody {
    pub(crate) fn at(states: &[SeatState], now: Instant) -> Self {
        let byte = |states: &[SeatState]| {
            let bits = states.iter().map(|state| bits(state.status(now)));
            (0..).zip(bits).fold(0, |byte, (place, bits)| byte | bits << (2 * place))
        };
        let bytes: Vec<u8> = states.chunks(SEATS_IN_BYTE).map(byte).collect();
        Self { count: states.len(), states: STANDARD.encode(bytes) }
    }
}

fn bits(status: SeatStatus) -> u8 {
    match status {
        SeatStatus::Free => 0,
        SeatStatus::Held => 1,
        SeatStatus::Sold => 2,
        SeatStatus::Blocked => 3,
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::{OperatorActionId, ReservationId};
    use uuid::Uuid;

    use super::*;
    use crate::testing::NOW;

    #[test]
    fn four_seats_are_one_byte_from_its_lowest_bits_on() {
        let reservation_id = ReservationId(Uuid::from_u128(1));
        let held = |until| SeatState::Held { reservation_id, until };
        let sold = SeatState::Sold { reservation_id };
        let blocked = SeatState::Blocked { by: OperatorActionId(Uuid::from_u128(2)) };
        let soon = NOW + time::Duration::SECOND;
        let states = [SeatState::Free, held(soon), sold, held(NOW), sold, blocked];

        let body = SeatStatusBody::at(&states, NOW);

        assert_eq!(body.count, 6);
        assert_eq!(STANDARD.decode(body.states).unwrap(), [0b00_10_01_00, 0b11_10]);
        assert_eq!(SeatStatusBody::at(&[], NOW).states, "");
    }

    #[test]
    fn twenty_thousand_seats_take_less_than_seven_kilobytes() {
        let body = SeatStatusBody::at(&[SeatState::Free; 20_000], NOW);

        assert!(serde_json::to_string(&body).unwrap().len() < 7_000);
    }
}
