//! Passwords.

use icu_normalizer::ComposingNormalizer;

use crate::invalid::{Invalid, Rule};

/// Passwords that many people use, one a line.
const COMMON: &str = include_str!("password/common.txt");

/// A password for an account, in the form that is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// The shortest, in characters (NIST SP 800-63B section 5.1.1.2).
    pub const CHARACTERS_MIN: usize = 8;
    /// The longest, in characters, so that hashing one has a bounded cost.
    pub const CHARACTERS_MAX: usize = 256;

    /// Checks a password's length, and that it is none of those that are guessed first: a common one,
    /// up to four characters repeated, or a run of successive characters.
    ///
    /// # Errors
    /// Names the field `password`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (low, high) = (Self::CHARACTERS_MIN, Self::CHARACTERS_MAX);
        let password = prepared(text);
        if !(low..=high).contains(&password.chars().count()) {
            return Err(Invalid::new("password", Rule::Characters(low, high)));
        }
        if is_common(&password) {
            return Err(Invalid::new("password", Rule::Uncommon));
        }
        Ok(Self(password))
    }

    /// The password as it is hashed.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A password in one form, however it was typed: in NFC and with plain spaces, as the profile
/// `OpaqueString` of RFC 8265 section 4.2.2 maps it. No character is refused.
fn prepared(text: &str) -> String {
    let is_space =
        |c: char| c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let spaced: String = text.chars().map(|c| if is_space(c) { ' ' } else { c }).collect();
    ComposingNormalizer::new_nfc().normalize(&spaced).into_owned()
}

/// What was typed in each form that may have been hashed: the one of today, and the typed one, which
/// older versions hashed, if that is another.
pub(crate) fn forms(typed: String) -> Vec<String> {
    let mut forms = vec![prepared(&typed), typed];
    forms.dedup();
    forms
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let characters: Vec<char> = lower.chars().collect();
    let repeats = |length: usize| characters.iter().zip(&characters[length..]).all(|(a, b)| a == b);
    let steps = |by: i64| {
        characters
            .windows(2)
            .all(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == by)
    };
    COMMON.lines().any(|common| common == lower)
        || (1..=4).any(repeats)
        || [-1, 1].into_iter().any(steps)
}
