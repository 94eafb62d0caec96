//! The keys that sign the codes of tickets: Ed25519 (RFC 8032), made from secrets.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use stagedoor_domain::secret::check_secret;

use crate::jwks::{Jwk, Jwks};

/// What sets these keys apart from others that are made from the same secret (RFC 5869 section 3.2).
const PURPOSE: &[u8] = b"stagedoor ticket signature 1";
/// The length of an Ed25519 seed.
const SEED_BYTES: usize = 32;
/// The length of an Ed25519 signature.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// The keys that sign the codes of tickets. The first one signs and all verify, so that a key can be replaced while
/// tickets that it signed are valid.
#[derive(Clone)]
pub struct TicketKeys(Arc<[Key]>);

/// One key.
pub(crate) struct Key {
    pair: Ed25519KeyPair,
    public: ParsedPublicKey,
    jwk: Jwk,
    /// The digest that is the key's id.
    thumbprint: [u8; 32],
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketKeys({} keys)", self.0.len())
    }
}

impl TicketKeys {
    /// Makes a key from each secret of a comma-separated list. A secret has 32 bytes or more, and is not easy to guess.
    /// One that is named again makes no second key.
    ///
    /// # Errors
    /// Says what is wrong without showing a secret.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, secret) in list.split(',').map(str::trim).enumerate() {
            let number = index + 1;
            check_secret(secret.as_bytes())
                .map_err(|refused| format!("ticket key {number} {refused}"))?;
            let key = Key::of_secret(secret)
                .map_err(|_| format!("ticket key {number} cannot be made from its secret"))?;
            if keys.iter().all(|other| other.thumbprint != key.thumbprint) {
                keys.push(key);
            }
        }
        Ok(Self(keys.into()))
    }

    /// The public keys, with which other programs verify codes.
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.0.iter().map(|key| key.jwk.clone()).collect() }
    }

    /// The key that signs. There is one, since a list has an item.
    pub(crate) fn first(&self) -> &Key {
        &self.0[0]
    }

    /// The keys whose thumbprint begins with this byte.
    pub(crate) fn with_mark(&self, mark: u8) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| key.mark() == mark)
    }
}

/// Asks HKDF for a seed.
struct SeedLength;

impl KeyType for SeedLength {
    fn len(&self) -> usize {
        SEED_BYTES
    }
}

impl Key {
    fn of_secret(secret: &str) -> Result<Self, Unspecified> {
        let mut seed = [0; SEED_BYTES];
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret.as_bytes());
        extracted.expand(&[PURPOSE], SeedLength)?.fill(&mut seed)?;
        Self::of_seed(&seed)
    }

    fn of_seed(seed: &[u8; SEED_BYTES]) -> Result<Self, Unspecified> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Unspecified)?;
        let public = ParsedPublicKey::new(&ED25519, pair.public_key()).map_err(|_| Unspecified)?;
        let (thumbprint, jwk) = Jwk::of(pair.public_key().as_ref());
        Ok(Self { pair, public, jwk, thumbprint })
    }

    /// The first byte of the thumbprint, by which a code names its key.
    pub(crate) fn mark(&self) -> u8 {
        self.thumbprint[0]
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "the old secret of these tests and nothing else";
    const NEW: &str = "the new secret of these tests and nothing else";

    #[test]
    fn a_short_secret_and_one_that_is_easy_to_guess_are_refused_without_being_shown() {
        let short = TicketKeys::parse(&format!("{OLD}, hunter2")).unwrap_err();
        let easy = TicketKeys::parse(&"secret".repeat(6)).unwrap_err();

        assert_eq!(short, "ticket key 2 has 7 bytes; it must have 32 or more");
        assert!(easy.starts_with("ticket key 1 is easy to guess"), "{easy}");
        for refused in [short, easy] {
            assert!(!refused.contains("hunter2") && !refused.contains("secret"), "{refused}");
        }
        assert!(TicketKeys::parse("").is_err());
        assert!(TicketKeys::parse(&format!("{OLD},")).is_err());
    }

    #[test]
    fn keys_are_not_shown() {
        let keys = TicketKeys::parse(&format!("{OLD},{NEW}")).unwrap();

        assert_eq!(format!("{keys:?}"), "TicketKeys(2 keys)");
    }

    #[test]
    fn a_secret_that_is_named_twice_makes_one_key() {
        let keys = TicketKeys::parse(&format!("{OLD},{NEW}, {OLD}")).unwrap();

        assert_eq!(keys.jwks().keys.len(), 2);
        assert_eq!(keys.jwks().keys[0], TicketKeys::parse(OLD).unwrap().jwks().keys[0]);
    }

    #[test]
    fn a_seed_makes_the_key_pair_and_the_signature_of_rfc_8037_appendix_a() {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = Key::of_seed(&seed).unwrap();
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";

        assert_eq!(key.jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.sign(message)[..8], [0x86, 0x0c, 0x98, 0xd2, 0x29, 0x7f, 0x30, 0x60]);
        assert!(key.has_signed(message, &key.sign(message)));
    }
}
