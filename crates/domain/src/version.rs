//! Versions of rows that several people edit.

/// The versions of a row that an edit accepts: those that its author has seen (RFC 9110 section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Any: the row has only to exist.
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

/// The row has another version than the author of an edit has seen: another edit came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the row was edited meanwhile")]
pub struct OtherVersion;

impl ExpectedVersion {
    /// Checks the version of the row as it is now, locked.
    ///
    /// # Errors
    /// [`OtherVersion`] unless it is accepted.
    pub fn check(&self, version: i64) -> Result<(), OtherVersion> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(OtherVersion),
            Self::Any | Self::OneOf(_) => Ok(()),
        }
    }
}
