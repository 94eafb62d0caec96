//! Finding concerts by words.

use super::ConcertDetails;
use crate::Venue;
use crate::invalid::{Invalid, folded, line_of_text};
use crate::venue::{Address, PlaceName};

/// The words of a search. A concert is found when its title, its subtitle or its tags contain each of them, in whatever
/// case and Unicode form they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// The most characters of a search.
    pub const CHARACTERS_MAX: usize = 100;

    /// Parses a search for concerts: words with space between them.
    ///
    /// # Errors
    /// Names the field `q`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::of_field(text, "q")
    }

    /// Parses a search for the place of concerts, in the same way.
    ///
    /// # Errors
    /// Names the field `place`.
    pub fn parse_place(text: &str) -> Result<Self, Invalid> {
        Self::of_field(text, "place")
    }

    fn of_field(text: &str, field: &'static str) -> Result<Self, Invalid> {
        let text = folded(&line_of_text(text, field, 1, Self::CHARACTERS_MAX)?);
        Ok(Self(text.split_whitespace().map(str::to_owned).collect()))
    }

    /// The words, in their normal form.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether there is no word, which everything contains.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a concert is found.
    pub fn find(&self, details: &ConcertDetails) -> bool {
        self.are_in(&details.search_text())
    }

    /// Whether a venue is found: its name and its address contain each word.
    pub fn find_venue(&self, venue: &Venue) -> bool {
        self.are_in(&venue.search_text())
    }

    fn are_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

impl Venue {
    /// The text in which searches look, in its normal form: the name and the address, one a line.
    pub fn search_text(&self) -> String {
        Self::search_text_of(&self.name, &self.address)
    }

    /// The same, of a venue with this name and this address.
    pub fn search_text_of(name: &PlaceName, address: &Address) -> String {
        folded(&format!("{}\n{}", name.as_str(), address.as_str()))
    }
}

impl ConcertDetails {
    /// The text in which searches look, in its normal form: the title, the subtitle and the tags, one a line.
    pub fn search_text(&self) -> String {
        let lines = [self.title.as_str(), self.subtitle.as_str()].map(str::to_owned);
        folded(&[&lines, self.tags.as_slice()].concat().join("\n"))
    }
}
