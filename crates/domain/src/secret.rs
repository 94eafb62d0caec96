//! Secrets from which keys are made.

use std::collections::BTreeSet;

/// The shortest secret, in bytes: the length of a digest of SHA-256 (RFC 7518 section 3.2).
pub const SECRET_BYTES_MIN: usize = 32;
/// The fewest different bytes in a secret. A random one in hexadecimal has 14 on average.
pub const SECRET_BYTES_DIFFERENT_MIN: usize = 8;

/// Why no key is made of a secret. It does not show the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefused {
    /// It is too short.
    #[error("has {length} bytes; it must have {SECRET_BYTES_MIN} or more")]
    Short {
        /// Its length in bytes.
        length: usize,
    },
    /// It has too few different bytes, or repeats a shorter text.
    #[error(
        "is easy to guess: it has fewer than {SECRET_BYTES_DIFFERENT_MIN} different bytes, or repeats a shorter text"
    )]
    EasyToGuess,
}

/// Checks that a secret is long enough, and that it is not easy to guess.
///
/// # Errors
/// [`SecretRefused`].
pub fn check_secret(secret: &[u8]) -> Result<(), SecretRefused> {
    if secret.len() < SECRET_BYTES_MIN {
        return Err(SecretRefused::Short { length: secret.len() });
    }
    let different: BTreeSet<u8> = secret.iter().copied().collect();
    let repeats_after = |length: usize| secret[length..] == secret[..secret.len() - length];
    let repeats = (1..=secret.len() / 2).any(repeats_after);
    if different.len() < SECRET_BYTES_DIFFERENT_MIN || repeats {
        return Err(SecretRefused::EasyToGuess);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_refused_by_its_length() {
        let refused = check_secret(b"hunter2").unwrap_err();

        assert_eq!(refused.to_string(), "has 7 bytes; it must have 32 or more");
        assert_eq!(check_secret(&[]), Err(SecretRefused::Short { length: 0 }));
    }

    #[test]
    fn a_secret_that_is_easy_to_guess_is_refused() {
        for secret in [
            "a".repeat(32),
            "ab".repeat(64),
            "secret".repeat(6),
            "0123456789abcdef".repeat(2),
            format!("{}1234", "a".repeat(60)),
        ] {
            assert_eq!(
                check_secret(secret.as_bytes()),
                Err(SecretRefused::EasyToGuess),
                "{secret}"
            );
        }
        for secret in ["9f86d081884c7d659a2feaa0c55ad015", "correct horse battery staple, twice"] {
            assert_eq!(check_secret(secret.as_bytes()), Ok(()), "{secret}");
        }
    }
}
