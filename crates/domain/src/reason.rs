//! Why something was done, in words for the people it concerns.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, line_of_text, stored_line};

/// Why staff did something: 1 to 300 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 300;

    /// Parses a reason; surrounding space is dropped.
    ///
    /// # Errors
    /// Names the field `reason`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "reason", 1, Self::CHARACTERS_MAX).map(Self)
    }

    /// Takes a reason from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `reason`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "reason", 1, Self::CHARACTERS_MAX).map(Self)
    }

    /// The reason as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
