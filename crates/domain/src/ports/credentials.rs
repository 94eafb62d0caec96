//! Passwords.

use async_trait::async_trait;

use super::SubmitError;

/// Hashes and checks passwords (rule 17).
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Passwords: Send + Sync {
    /// The Argon2id hash of a password, in PHC form.
    ///
    /// MUST salt every hash anew. MUST NOT run on a thread that serves requests. MUST bound how
    /// many run at once.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many are waiting.
    async fn hash(&self, password: String) -> Result<String, SubmitError>;

    /// Whether a password belongs to a hash. Without a hash (an unknown user) it MUST take as long
    /// and answer no. MUST keep places for those who log in from where they are known
    /// (`is_known`), which other users cannot take.
    ///
    /// # Errors
    /// As [`Self::hash`].
    async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        is_known: bool,
    ) -> Result<bool, SubmitError>;
}
