//! Finding concerts by words.

use super::ConcertDetails;
use crate::invalid::{Invalid, folded, line_of_text};

/// The words of a search. A concert is found when its title, its subtitle or its tags contain each of them, in whatever
/// case and Unicode form they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// The most characters of a search.
    pub const CHARACTERS_MAX: usize = 100;

    /// Parses a search: words with space between them.
    ///
    /// # Errors
    /// Names the field `q`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = folded(&line_of_text(text, "q", 1, Self::CHARACTERS_MAX)?);
        Ok(Self(text.split_whitespace().map(str::to_owned).collect()))
    }

    /// The words, in their normal form.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether a concert is found.
    pub fn find(&self, details: &ConcertDetails) -> bool {
        let text = details.search_text();
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

impl ConcertDetails {
    /// The text in which searches look, in its normal form: the title, the subtitle and the tags, one a line.
    pub fn search_text(&self) -> String {
        let lines = [self.title.as_str(), self.subtitle.as_str()].map(str::to_owned);
        folded(&[&lines, self.tags.as_slice()].concat().join("\n"))
    }
}
