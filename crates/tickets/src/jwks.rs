//! The public keys as other programs read them: a JWK Set (RFC 7517) of Ed25519 keys (RFC 8037).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A set of public keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// The keys. The first one signs new codes.
    pub keys: Vec<Jwk>,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// The type of key: `OKP`.
    pub kty: &'static str,
    /// The curve: `Ed25519`.
    pub crv: &'static str,
    /// The public key, in base64url.
    pub x: String,
    /// The key's id: its thumbprint (RFC 7638), in base64url.
    pub kid: String,
    /// The algorithm: `EdDSA`.
    pub alg: &'static str,
    /// What the key is for: `sig`.
    #[serde(rename = "use")]
    pub purpose: &'static str,
}

impl Jwk {
    /// The thumbprint of an Ed25519 public key, and its JWK.
    pub(crate) fn of(public: &[u8]) -> ([u8; 32], Self) {
        let x = URL_SAFE_NO_PAD.encode(public);
        // RFC 7638 section 3: the required members, in the order of their names, without spaces.
        let required = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let thumbprint: [u8; 32] = Sha256::digest(required.as_bytes()).into();
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        (thumbprint, Self { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", purpose: "sig" })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::TicketKeys;

    #[test]
    fn a_key_has_the_thumbprint_of_rfc_8037_appendix_a_3() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let (thumbprint, jwk) = Jwk::of(&URL_SAFE_NO_PAD.decode(x).unwrap());

        assert_eq!(jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(URL_SAFE_NO_PAD.decode(&jwk.kid).unwrap(), thumbprint);
        assert_eq!(
            serde_json::to_value(&jwk).unwrap(),
            json!({
                "kty": "OKP", "crv": "Ed25519", "x": x, "kid": jwk.kid, "alg": "EdDSA", "use": "sig",
            })
        );
    }

    #[test]
    fn the_first_key_of_the_set_is_the_one_that_signs_and_no_private_key_is_in_it() {
        let new = "the new secret of these tests and nothing else";
        let old = "the old secret of these tests and nothing else";
        let set = TicketKeys::parse(&format!("{new},{old}")).unwrap().jwks();
        let set = serde_json::to_value(set).unwrap();
        let alone = TicketKeys::parse(new).unwrap().jwks();

        assert_eq!(set["keys"][0]["x"], alone.keys[0].x);
        assert_eq!(set["keys"].as_array().unwrap().len(), 2);
        assert!(set["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    }
}
