//! Numbers of tickets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digits: no letter that is mistaken for a digit, and no `U` (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many digits a number has, without the check digit.
const LENGTH: usize = 10;
const BITS: u32 = 50;
/// The modulus of the check digit.
const CHECK: u64 = 37;

/// A ticket's number: 50 random bits, written as ten digits of Crockford's base 32 and a check digit, such as
/// `7K3MQ-9XF2D-P`. The check digit finds each wrong digit and each two that changed places. A number whose check digit
/// would be a sign that people do not read aloud (`*`, `~`, `$`, `=` or `U`) is never issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketNumber(i64);

/// The text is no number of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no number of a ticket")]
pub struct NoTicketNumber;

impl TicketNumber {
    /// The number of these bits, of which the lowest 50 count; nothing if its check digit is not read aloud.
    pub fn of_bits(bits: u64) -> Option<Self> {
        let value = bits & ((1 << BITS) - 1);
        check_digit(value)?;
        i64::try_from(value).ok().map(Self)
    }

    /// The first number of what a source of random bits gives. About one in seven is never issued.
    ///
    /// # Errors
    /// That of the source.
    pub fn draw<E>(mut bits: impl FnMut() -> Result<u64, E>) -> Result<Self, E> {
        loop {
            if let Some(number) = Self::of_bits(bits()?) {
                return Ok(number);
            }
        }
    }

    /// The number as a store keeps it; nothing if it was never issued.
    pub fn stored(value: i64) -> Option<Self> {
        let bits = u64::try_from(value).ok().filter(|bits| bits >> BITS == 0)?;
        Self::of_bits(bits)
    }

    /// The number for a store, below 2^50.
    pub fn get(self) -> i64 {
        self.0
    }

    fn bits(self) -> u64 {
        self.0.unsigned_abs()
    }
}

/// The check digit of a number, if it is one of the digits.
fn check_digit(value: u64) -> Option<char> {
    let check = usize::try_from(value % CHECK).ok()?;
    DIGITS.get(check).map(|digit| char::from(*digit))
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (0..LENGTH).rev().map(|place| (self.bits() >> (5 * place)) & 31);
        for (index, digit) in digits.enumerate() {
            if index == LENGTH / 2 {
                f.write_str("-")?;
            }
            let digit = usize::try_from(digit).map_err(|_| fmt::Error)?;
            write!(f, "{}", char::from(DIGITS[digit]))?;
        }
        write!(f, "-{}", check_digit(self.bits()).ok_or(fmt::Error)?)
    }
}

impl FromStr for TicketNumber {
    type Err = NoTicketNumber;

    /// Reads a number as people write it: in any case, with or without hyphens and spaces, and with the letters `O`, `I`
    /// and `L` for the digits that look like them.
    fn from_str(text: &str) -> Result<Self, NoTicketNumber> {
        let mut digits = Vec::with_capacity(LENGTH + 1);
        for letter in text.chars().filter(|letter| !matches!(letter, '-' | ' ')) {
            digits.push(value_of(letter).ok_or(NoTicketNumber)?);
        }
        let Some((check, digits)) = digits.split_last() else { return Err(NoTicketNumber) };
        if digits.len() != LENGTH {
            return Err(NoTicketNumber);
        }
        let value = digits.iter().fold(0, |value, digit| value << 5 | digit);
        if value % CHECK == *check {
            Self::of_bits(value).ok_or(NoTicketNumber)
        } else {
            Err(NoTicketNumber)
        }
    }
}

/// What a letter is worth as a digit.
fn value_of(letter: char) -> Option<u64> {
    let digit = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = DIGITS.iter().position(|known| char::from(*known) == digit)?;
    u64::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(bits: u64) -> TicketNumber {
        TicketNumber::of_bits(bits).unwrap()
    }

    #[test]
    fn a_number_has_ten_digits_and_a_check_digit() {
        assert_eq!(number(0).to_string(), "00000-00000-0");
        assert_eq!(number(1 << 49).to_string(), "G0000-00000-F");
        assert_eq!(number(1234).to_string(), "00000-0016J-D");
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let number = number(1 << 49);

        for text in ["G0000-00000-F", "g000000000f", "GOOOO OOOOO F", " go-oo000000-f "] {
            assert_eq!(text.parse(), Ok(number), "{text}");
        }
        assert_eq!(
            "IL0OL-1234Z-9".parse::<TicketNumber>(),
            "11001-1234Z-9".parse::<TicketNumber>()
        );
    }

    #[test]
    fn a_number_is_drawn_until_its_check_digit_is_read_aloud() {
        let mut source = [32, 36, 37].map(Ok::<u64, ()>).into_iter();

        assert_eq!(TicketNumber::draw(|| source.next().unwrap()), Ok(number(37)));
        assert_eq!(TicketNumber::draw(|| Err(())), Err(()));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            "G0000-00000",
            "G0000-00000-3",
            "G0000-000000-F",
            "G0000-0000U-F",
            "é",
            "G0000-00000-*",
        ] {
            assert_eq!(text.parse::<TicketNumber>(), Err(NoTicketNumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(bits: u64) {
            let Some(number) = TicketNumber::of_bits(bits) else { return Ok(()) };

            prop_assert_eq!(number.to_string().parse(), Ok(number));
            prop_assert_eq!(TicketNumber::stored(number.get()), Some(number));
        }

        #[test]
        fn a_wrong_digit_and_two_that_changed_places_are_found(bits: u64, at in 0..10_usize, by in 1..32_u64) {
            let Some(number) = TicketNumber::of_bits(bits) else { return Ok(()) };
            let text: Vec<char> = number.to_string().chars().filter(|it| *it != '-').collect();
            let mut wrong = text.clone();
            let value = (value_of(wrong[at]).unwrap() + by) % 32;
            wrong[at] = char::from(DIGITS[usize::try_from(value).unwrap()]);
            let mut changed = text.clone();
            changed.swap(at, at + 1);

            prop_assert!(String::from_iter(wrong).parse::<TicketNumber>().is_err());
            if changed != text {
                prop_assert!(String::from_iter(changed).parse::<TicketNumber>().is_err());
            }
        }
    }
}
