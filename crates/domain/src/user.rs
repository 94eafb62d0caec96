//! People.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, Rule, line_of_text, stored_line, visible};
use crate::{Instant, UserId};

/// A person with an account (rule 17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// The address to sign in with, unique among users.
    pub email: Email,
    /// The Argon2id hash of the password, in PHC form, or [`User::NO_PASSWORD`].
    pub password_hash: String,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Instant,
}

impl User {
    /// The hash of a user who cannot log in: a guest of open mode.
    pub const NO_PASSWORD: &'static str = "";

    /// Whether the user can log in with a password.
    pub fn has_password(&self) -> bool {
        self.password_hash != Self::NO_PASSWORD
    }
}

/// What a person may do beyond their own affairs (rule 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// Queues, books and pays.
    Fan,
    /// Also creates concerts and their schedules.
    Organizer,
    /// Also steers rooms.
    Operator,
}

impl Role {
    /// Whether the role may create concerts.
    pub fn may_organize(self) -> bool {
        matches!(self, Self::Organizer)
    }

    /// Whether the role may read and steer rooms.
    pub fn may_operate(self) -> bool {
        matches!(self, Self::Operator)
    }
}

/// A person's name: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonName(String);

impl PersonName {
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

/// An e-mail address in lower case: 3 to 254 bytes, as RFC 5321 section 4.5.3.1.3 allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Parses an address: one `@` with something before it and a dotless or dotted host after it,
    /// no space and no control characters. Hidden characters and the space around it are dropped.
    /// Only a message sent to it could tell more.
    ///
    /// # Errors
    /// Names the field `email`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let email = visible(text).to_lowercase();
        let sound = email.len() <= 254
            && !email.chars().any(|c| c.is_control() || c.is_whitespace())
            && email.split_once('@').is_some_and(|(local, host)| {
                let host_is_sound = !host.is_empty() && !host.contains('@');
                !local.is_empty() && local.len() <= 64 && host_is_sound
            });
        if sound { Ok(Self(email)) } else { Err(Invalid::new("email", Rule::Email)) }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
