//! People.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, line_of_text, stored_line};
use crate::mail::Contact;
use crate::{Email, Instant, UserId};

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
    /// Which of the user's sessions are valid.
    pub sessions: Sessions,
    /// What is known of the address, and how e-mails to it are written.
    pub contact: Contact,
}

/// Which sessions of a user are valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// The version of valid sessions; tokens of an older one are refused.
    pub version: i64,
    /// When those before ended, if any did.
    pub ended_at: Option<Instant>,
}

/// What is told of a user: neither the password nor the sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// The address to sign in with.
    pub email: Email,
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

    /// Whether the user's personal data were removed.
    pub fn is_deleted(&self) -> bool {
        self.email == Email::of_deleted(self.id)
    }

    /// What is told of the user.
    pub fn profile(&self) -> Profile {
        Profile {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role,
            created_at: self.created_at,
        }
    }

    /// Replaces the name and the e-mail address by ones that tell nothing, and removes the password. The address is
    /// one that no person can have: `.invalid` (RFC 2606 section 2).
    pub(crate) fn remove_personal_data(&mut self) {
        self.name = PersonName("(deleted)".to_owned());
        self.email = Email::of_deleted(self.id);
        self.password_hash = Self::NO_PASSWORD.to_owned();
        self.contact.verified_at = None;
    }

    /// Ends all sessions, and answers the version of those that begin from now on.
    pub(crate) fn end_sessions(&mut self, now: Instant) -> i64 {
        let version = self.sessions.version.saturating_add(1);
        self.sessions = Sessions { version, ended_at: Some(now) };
        version
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
    /// Checks tickets of the concerts that it is assigned to.
    Door,
    /// Also controls rooms.
    Operator,
}

impl Role {
    /// Whether the role may create concerts.
    pub fn may_organize(self) -> bool {
        matches!(self, Self::Organizer)
    }

    /// Whether the role may read and control rooms.
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
