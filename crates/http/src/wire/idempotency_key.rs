//! The `Idempotency-Key` header (rule 16).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use stagedoor_domain::{Command, Idempotency, Submission, UserId};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::wire::error::{ApiError, FieldRule};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The header in its usual spelling.
const FIELD: &str = "Idempotency-Key";
/// The longest key, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// The caller's key, if any.
pub(crate) struct IdempotencyKey(Option<Key>);

/// A key, and the method and path it is sent to.
struct Key {
    key: String,
    address: String,
}

/// The header, for the document.
pub(crate) fn parameter() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .min_length(Some(1))
        .max_length(Some(KEY_BYTES_MAX))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(FIELD)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes a repetition harmless"))
        .schema(Some(text))
        .build()
}

impl IdempotencyKey {
    /// The command as a submission under this key. `body` tells a repetition from a reuse: JSON is compared by
    /// its value, not by its spelling.
    pub(crate) fn submission<C>(self, owner: UserId, body: &[u8], command: C) -> Submission<C>
    where
        C: Command<Key = Idempotency>,
    {
        Submission { command, key: self.idempotency(owner, body) }
    }

    /// The key in the domain's form.
    pub(crate) fn idempotency(self, owner: UserId, body: &[u8]) -> Option<Idempotency> {
        let Key { key, address } = self.0?;
        let meaning = serde_json::from_slice::<serde_json::Value>(body)
            .map_or_else(|_| body.to_vec(), |value| value.to_string().into_bytes());
        let mut digest = Sha256::new();
        digest.update(address.as_bytes());
        digest.update([0]);
        digest.update(meaning);
        Some(Idempotency { owner, key, fingerprint: URL_SAFE_NO_PAD.encode(digest.finalize()) })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = req.headers().get(HEADER) else { return ready(Ok(Self(None))) };
        let is_key = |key: &&str| {
            (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
        };
        let key = value.to_str().ok().filter(is_key);
        let rule = FieldRule::VisibleAscii(KEY_BYTES_MAX);
        let key = key.map(str::to_owned).ok_or_else(|| ApiError::field(FIELD, rule));
        let address = || format!("{} {}", req.method(), req.path());
        ready(key.map(|key| Self(Some(Key { key, address: address() }))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(address: &str, body: &str) -> String {
        let key = Key { key: "key".to_owned(), address: address.to_owned() };
        IdempotencyKey(Some(key)).idempotency(UserId::NONE, body.as_bytes()).unwrap().fingerprint
    }

    #[test]
    fn the_same_json_in_another_spelling_is_the_same_request() {
        let first = fingerprint("POST /points/charges", r#"{"amount":1,"note":"a"}"#);

        assert_eq!(first, fingerprint("POST /points/charges", r#"{ "note": "a", "amount": 1 }"#));
        assert_ne!(first, fingerprint("POST /points/charges", r#"{"amount":2,"note":"a"}"#));
        assert_ne!(first, fingerprint("POST /points/uses", r#"{"amount":1,"note":"a"}"#));
    }
}
