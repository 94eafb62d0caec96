//! Concerts.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, line_of_text, stored_line, visible};
use crate::{ConcertId, Instant, UserId};

/// A show with a title and an organizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concert {
    /// Which.
    pub id: ConcertId,
    /// Who made it, and alone may add schedules.
    pub organizer_id: UserId,
    /// What it is called.
    pub title: Title,
    /// More about it; may be empty.
    pub description: Description,
    /// When it was made.
    pub created_at: Instant,
}

/// A concert's title: 1 to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Title(String);

impl Title {
    /// Parses a title; surrounding space is dropped.
    ///
    /// # Errors
    /// Names the field `title`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "title", 1, 200).map(Self)
    }

    /// Takes a title from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `title`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "title", 1, 200).map(Self)
    }

    /// The title as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a concert is about: up to 2,000 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    /// Parses a description; space around it and around its lines is dropped, and tabs become spaces.
    ///
    /// # Errors
    /// Names the field `description`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let lines = text.replace("\r\n", "\n").replace('\t', " ");
        let lines: Vec<_> = lines.split(['\n', '\r']).map(visible).collect();
        let text = lines.join("\n").trim().to_owned();
        let line = line_of_text(&text.replace('\n', " "), "description", 0, 2_000)?;
        Ok(Self(if line.is_empty() { line } else { text }))
    }

    /// The description as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
