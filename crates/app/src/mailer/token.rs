//! The token of a link in an e-mail.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use stagedoor_domain::mail::TokenDigest;

/// 32 random bytes, in base64 for URLs. Its text appears in no log.
pub(super) struct Token(String);

impl Token {
    /// A new one.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Its text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the store has of it.
    pub(super) fn digest(&self) -> TokenDigest {
        let digest = Sha256::digest(self.0.as_bytes());
        TokenDigest::new(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}
