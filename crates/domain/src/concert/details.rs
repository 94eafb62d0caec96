//! What is told of a concert.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, Rule, between, folded, line_of_text, stored_line, visible};

/// What is told of a concert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcertDetails {
    /// What it is called.
    pub title: Title,
    /// A second line below the title; may be empty.
    #[serde(default)]
    pub subtitle: Subtitle,
    /// More about it; may be empty.
    pub description: Description,
    /// Words by which it is found.
    #[serde(default)]
    pub tags: Tags,
    /// How long it takes, if that is told.
    #[serde(default)]
    pub running_time: Option<RunningTime>,
    /// How old visitors must be, if that is told.
    #[serde(default)]
    pub age_limit: Option<AgeLimit>,
}

impl ConcertDetails {
    /// A title and nothing else.
    pub fn titled(title: Title) -> Self {
        Self {
            title,
            subtitle: Subtitle::default(),
            description: Description::default(),
            tags: Tags::default(),
            running_time: None,
            age_limit: None,
        }
    }
}

/// New values for some of what is told of a concert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailsEdit {
    /// See [`ConcertDetails::title`].
    pub title: Option<Title>,
    /// See [`ConcertDetails::subtitle`].
    pub subtitle: Option<Subtitle>,
    /// See [`ConcertDetails::description`].
    pub description: Option<Description>,
    /// See [`ConcertDetails::tags`].
    pub tags: Option<Tags>,
    /// See [`ConcertDetails::running_time`]; an inner nothing removes it.
    pub running_time: Option<Option<RunningTime>>,
    /// See [`ConcertDetails::age_limit`]; an inner nothing removes it.
    pub age_limit: Option<Option<AgeLimit>>,
}

impl DetailsEdit {
    /// The details with the new values in them.
    pub fn applied_to(&self, details: &ConcertDetails) -> ConcertDetails {
        let before = details.clone();
        ConcertDetails {
            title: self.title.clone().unwrap_or(before.title),
            subtitle: self.subtitle.clone().unwrap_or(before.subtitle),
            description: self.description.clone().unwrap_or(before.description),
            tags: self.tags.clone().unwrap_or(before.tags),
            running_time: self.running_time.unwrap_or(before.running_time),
            age_limit: self.age_limit.unwrap_or(before.age_limit),
        }
    }
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

/// A second line below a concert's title: up to 200 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subtitle(String);

impl Subtitle {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 200;

    /// Parses a subtitle; surrounding space is dropped.
    ///
    /// # Errors
    /// Names the field `subtitle`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "subtitle", 0, Self::CHARACTERS_MAX).map(Self)
    }

    /// The subtitle as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a concert is about: up to 2,000 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    /// Parses a description; space around it and around its lines is dropped, and tabs become spaces. Line breaks are
    /// kept.
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

/// Words by which a concert is found: up to 10 of 1 to 30 characters each, none twice. Tags that differ only in
/// their case or their Unicode form are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<String>);

impl Tags {
    /// The most tags of one concert.
    pub const COUNT_MAX: usize = 10;
    /// The most characters of one tag.
    pub const CHARACTERS_MAX: usize = 30;

    /// Parses tags, in their order; space around them is dropped.
    ///
    /// # Errors
    /// Names the field `tags`.
    pub fn parse(texts: &[String]) -> Result<Self, Invalid> {
        if texts.len() > Self::COUNT_MAX {
            return Err(Invalid::new("tags", Rule::Items(0, Self::COUNT_MAX)));
        }
        let parse = |text: &String| line_of_text(text, "tags", 1, Self::CHARACTERS_MAX);
        let tags: Vec<String> = texts.iter().map(parse).collect::<Result<_, _>>()?;
        let forms: BTreeSet<String> = tags.iter().map(|tag| folded(tag)).collect();
        if forms.len() < tags.len() {
            return Err(Invalid::new("tags", Rule::Distinct));
        }
        Ok(Self(tags))
    }

    /// The tags as they were written.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// How long a concert takes, in whole minutes: 1 to 1,440, a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunningTime(i32);

impl RunningTime {
    /// The most minutes.
    pub const MINUTES_MAX: i32 = 1_440;

    /// Checks a number of minutes.
    ///
    /// # Errors
    /// Names the field `runningMinutes`.
    pub fn parse(minutes: i64) -> Result<Self, Invalid> {
        let minutes = between(minutes, "runningMinutes", 1, Self::MINUTES_MAX.into())?;
        Ok(Self(i32::try_from(minutes).unwrap_or(Self::MINUTES_MAX)))
    }

    /// How many minutes.
    pub fn minutes(self) -> i32 {
        self.0
    }
}

/// How old visitors of a concert must be, in years: 0 to 99; 0 admits every age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgeLimit(i32);

impl AgeLimit {
    /// The most years.
    pub const YEARS_MAX: i32 = 99;

    /// Checks a number of years.
    ///
    /// # Errors
    /// Names the field `ageLimit`.
    pub fn parse(years: i64) -> Result<Self, Invalid> {
        let years = between(years, "ageLimit", 0, Self::YEARS_MAX.into())?;
        Ok(Self(i32::try_from(years).unwrap_or(Self::YEARS_MAX)))
    }

    /// How many years.
    pub fn years(self) -> i32 {
        self.0
    }
}
