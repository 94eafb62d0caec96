//! The token with which a monitoring system reads the metrics.

use std::fmt;

use sha2::{Digest, Sha256};

/// The shortest token, in bytes.
const TOKEN_BYTES_MIN: usize = 32;

/// The token that a monitoring system sends to read the metrics. Only its digest is kept and compared, so
/// that the time of a comparison reveals nothing about it.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken([u8; 32]);

impl MetricsToken {
    /// Reads a token of 32 visible ASCII characters or more.
    ///
    /// # Errors
    /// Says what is wrong without showing the token.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() < TOKEN_BYTES_MIN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "metrics-token must have {TOKEN_BYTES_MIN} visible ASCII characters or more"
            ));
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    pub(super) fn is(&self, token: &str) -> bool {
        self.0 == <[u8; 32]>::from(Sha256::digest(token))
    }
}

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_short_or_not_visible_is_refused_without_being_shown() {
        for text in ["", "hunter2", &"x".repeat(31), &format!("{} hunter2", "x".repeat(32))] {
            let refused = MetricsToken::parse(text).unwrap_err();
            assert_eq!(refused, "metrics-token must have 32 visible ASCII characters or more");
        }
        let token = MetricsToken::parse(&"x".repeat(32)).unwrap();
        assert_eq!(format!("{token:?}"), "MetricsToken");
        assert!(token.is(&"x".repeat(32)) && !token.is(&"x".repeat(33)));
    }
}
