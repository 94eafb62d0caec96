//! Readable names of concerts in addresses.

use serde::{Deserialize, Serialize};

use super::Title;
use crate::ConcertId;
use crate::invalid::folded;

/// A concert's readable name in addresses: the words of its title in lower case with hyphens between them, and eight
/// characters of its id, which tell concerts of one title apart. Letters of every script are kept, so that a Korean
/// title stays readable. No slug can be read as an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

/// The digits of the part that tells concerts apart: no two look alike.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Slug {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 69;
    /// The most characters of the words.
    const WORDS_CHARACTERS_MAX: usize = 60;
    /// How many characters tell concerts apart: 40 random bits of the id.
    const SUFFIX_CHARACTERS: usize = 8;

    /// The slug of a title and an id.
    pub fn of(title: &Title, id: ConcertId) -> Self {
        let mut words = String::new();
        for c in folded(title.as_str()).chars().take(Self::WORDS_CHARACTERS_MAX) {
            if c.is_alphanumeric() {
                words.push(c);
            } else if !words.is_empty() && !words.ends_with('-') {
                words.push('-');
            }
        }
        let words = words.trim_end_matches('-');
        let words = if words.is_empty() { "concert" } else { words };
        let bits = id.0.as_u128();
        let digit = |at: usize| {
            let value = usize::try_from((bits >> (5 * at)) & 31).unwrap_or_default();
            char::from(DIGITS.get(value).copied().unwrap_or(b'0'))
        };
        let suffix: String = (0..Self::SUFFIX_CHARACTERS).rev().map(digit).collect();
        Self(format!("{words}-{suffix}"))
    }

    /// Takes a slug from a store or an address. Spellings that differ only in their case or their Unicode form are the
    /// same. None if no concert can have it.
    pub fn parse(text: &str) -> Option<Self> {
        let is_short = text.chars().count() <= 2 * Self::CHARACTERS_MAX;
        let slug = is_short.then(|| folded(text))?;
        let (words, suffix) = slug.rsplit_once('-')?;
        let is_slug = slug.chars().count() <= Self::CHARACTERS_MAX
            && !words.is_empty()
            && words.chars().all(|c| c == '-' || c.is_alphanumeric())
            && suffix.len() == Self::SUFFIX_CHARACTERS
            && suffix.bytes().all(|digit| DIGITS.contains(&digit));
        is_slug.then_some(Self(slug))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
