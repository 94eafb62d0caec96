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
            Failure::Database(error) if is_overtaken(&error) => {
                Self::Overtaken(format!("a user already has a token in the room: {error}"))
            }
            Failure::Database(error) if breaks_a_constraint(&error) => {
                Self::Corrupt(error.to_string())
            }
            Failure::Database(error) => Self::Unavailable(error.to_string()),
        }
    }
}

/// Whether another batch has written a token for the same user in the same room. A range is filled without the lock of the room, so
/// this can happen without a bug.
fn is_overtaken(error: &Error) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, about) = error else {
        return false;
    };
    // SQLite names no constraint, but its columns.
    about.constraint_name() == Some("queue_tokens_live")
        || about.message().ends_with("queue_tokens.room_id, queue_tokens.user_id")
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
