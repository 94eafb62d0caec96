//! Failures of the store and of signing. Their causes are logged here once, and never sent.

use stagedoor_domain::ports::{StoreError, SubmitError};

use super::error::ApiError;
use super::request_id;
use crate::auth::signing_keys::SigningFailed;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(request_id = %request_id::current(), cause, "the store is unavailable");
                Self::Unavailable
            }
            StoreError::Overtaken(cause) => {
                tracing::warn!(request_id = %request_id::current(), cause, "another batch was faster");
                Self::Unavailable
            }
            StoreError::OutcomeUnknown(cause) => {
                tracing::error!(request_id = %request_id::current(), cause, "the outcome of a change is unknown");
                Self::OutcomeUnknown
            }
            StoreError::Corrupt(cause) => {
                tracing::error!(request_id = %request_id::current(), cause, "the stored data are inconsistent");
                Self::Internal
            }
        }
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Overloaded => Self::Overloaded,
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<SigningFailed> for ApiError {
    fn from(error: SigningFailed) -> Self {
        tracing::error!(request_id = %request_id::current(), %error, "a token could not be signed");
        Self::Internal
    }
}
