//! What signs webhooks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What signs webhooks: `whsec_` and the base64 of 32 random bytes (Standard Webhooks 1.0). Its text appears in no log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// What every secret begins with.
    pub const PREFIX: &'static str = "whsec_";

    /// A secret, as text with its prefix.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret as text, for those who sign by it and for its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}
