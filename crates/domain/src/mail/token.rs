//! Tokens of links in e-mails.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MailKind;
use crate::{Instant, Refusal, User, UserId};

/// The SHA-256 digest of a token, in hexadecimal digits. The token itself is only in the e-mail: who reads the store
/// cannot use it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// A digest, as hexadecimal digits.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The digest as hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest")
    }
}

/// A token of a link in an e-mail. It never changes: what makes it invalid are its time and a change of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailToken {
    /// Which.
    pub digest: TokenDigest,
    /// Whose.
    pub user_id: UserId,
    /// What it allows: what the e-mail tells.
    pub kind: MailKind,
    /// The version of the user's sessions when it was made. A new password raises it, so a password is reset once.
    pub session_version: i64,
    /// Until when it is valid.
    pub expires_at: Instant,
}

/// A token is not valid: it never was, it has expired, it was used, or the password was changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("the link is not valid, or no longer")]
pub struct TokenRefused;

impl Refusal for TokenRefused {}

impl MailToken {
    /// Checks that the token allows its user to do what e-mails of a kind tell.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, kind: MailKind, user: &User, now: Instant) -> Result<(), TokenRefused> {
        let is_usable = match kind {
            MailKind::ResetPassword => self.session_version == user.sessions.version,
            _ => true,
        };
        let is_valid = self.kind == kind && self.user_id == user.id && now < self.expires_at;
        if is_valid && is_usable && !user.is_deleted() { Ok(()) } else { Err(TokenRefused) }
    }
}
