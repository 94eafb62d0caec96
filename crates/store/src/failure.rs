//! What goes wrong inside a transaction, before its commit.

use diesel::result::{DatabaseErrorKind, Error};
use stagedoor_domain::Corrupt;
use stagedoor_domain::ports::StoreError;

/// A failure after which nothing was applied.
#[derive(Debug)]
pub(crate) enum Failure {
    Database(Error),
    Corrupt(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<Corrupt> for Failure {
    fn from(error: Corrupt) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Corrupt(cause) => Self::Corrupt(cause),
            Failure::Database(error) if breaks_a_constraint(&error) => {
                Self::Corrupt(error.to_string())
            }
            Failure::Database(error) => Self::Unavailable(error.to_string()),
        }
    }
}

fn breaks_a_constraint(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, _) => matches!(
            kind,
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
        ),
        Error::DeserializationError(_) | Error::SerializationError(_) => true,
        _ => false,
    }
}
