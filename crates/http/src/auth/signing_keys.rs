//! Signing and checking tokens: HS256 JWTs (RFC 7519), told apart by their audience.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stagedoor_domain::secret::check_secret;
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::{Instant, QueueToken, QueueTokenId, RoomId, ScheduleId, UserId};
use uuid::Uuid;

const ACCESS_AUDIENCE: &str = "stagedoor:access";
const QUEUE_AUDIENCE: &str = "stagedoor:queue";
/// How many verified tokens are cached, so that a poll does not verify its token again.
const REMEMBERED_MAX: u64 = 100_000;

/// The keys that sign tokens. The first one signs and all verify, so that a key can be replaced without
/// signing users out.
#[derive(Clone)]
pub struct SigningKeys {
    first: Key,
    others: Vec<Key>,
    /// The claims of verified tokens, by their digests.
    verified: Cache<[u8; 32], Arc<Bearer>>,
}

#[derive(Clone)]
struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys({} keys)", 1 + self.others.len())
    }
}

/// The claims of a token, told apart by its audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "aud")]
enum Claims {
    #[serde(rename = "stagedoor:access")]
    Access(AccessClaims),
    #[serde(rename = "stagedoor:queue")]
    Queue(QueueClaims),
}

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessClaims {
    sub: Uuid,
    name: String,
    /// The version of the user's sessions; older tokens have none.
    #[serde(default, skip_serializing_if = "is_first")]
    session_version: i64,
    iat: i64,
    exp: i64,
}

/// The claims of a queue token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueClaims {
    token_id: Uuid,
    user_id: Uuid,
    name: String,
    #[serde(default, skip_serializing_if = "is_first")]
    session_version: i64,
    room_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_id: Option<Uuid>,
    iat: i64,
    exp: i64,
}

/// What the JWT of a queue token says besides the stored token.
#[derive(Clone, Copy, Debug)]
pub struct QueueTokenOf<'a> {
    /// Its user's name.
    pub name: &'a str,
    /// The version of its user's sessions.
    pub session_version: i64,
    /// The schedule it was issued for, if any.
    pub schedule_id: Option<ScheduleId>,
}

/// The sender of a request, by a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    /// The version of the user's sessions.
    pub(crate) session_version: i64,
    /// The queue token, if it is one.
    pub(crate) pass: Option<QueuePass>,
    /// The schedule that a queue token was issued for, if any.
    pub(crate) schedule_id: Option<ScheduleId>,
    /// When the token expires, in seconds since 1970.
    pub(crate) expires_at: i64,
}

/// Whether sessions are of the version that a token without one belongs to.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(version: &i64) -> bool {
    *version == 0
}

impl SigningKeys {
    /// Reads a comma-separated list of keys of 32 bytes or more each, none of them easy to guess.
    ///
    /// # Errors
    /// Says what is wrong without showing a key.
    pub fn parse(list: &str) -> Result<Self, String> {
        let keys = list.split(',').map(str::trim).enumerate().map(|(index, text)| {
            check_secret(text.as_bytes())
                .map(|()| Key::new(text))
                .map_err(|refused| format!("signing key {} {refused}", index + 1))
        });
        let mut keys = keys.collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = keys.next().ok_or("there is no signing key")?;
        let verified = Cache::new(REMEMBERED_MAX);
        Ok(Self { first, others: keys.collect(), verified })
    }

    /// An access token for a user's sessions of a version, valid for `seconds` from `now`.
    ///
    /// # Errors
    /// The library could not sign.
    pub fn access_token(
        &self,
        user_id: UserId,
        name: &str,
        session_version: i64,
        now: Instant,
        seconds: i64,
    ) -> Result<String, SigningFailed> {
        let iat = now.unix_timestamp();
        let claims = AccessClaims {
            sub: user_id.0,
            name: name.to_owned(),
            session_version,
            iat,
            exp: iat.saturating_add(seconds),
        };
        self.first.sign(&Claims::Access(claims))
    }

    /// The JWT of a queue token, valid for `seconds` from `now`.
    ///
    /// # Errors
    /// The library could not sign.
    pub fn queue_token(
        &self,
        token: &QueueToken,
        of: QueueTokenOf<'_>,
        now: Instant,
        seconds: i64,
    ) -> Result<String, SigningFailed> {
        let iat = now.unix_timestamp();
        let claims = QueueClaims {
            token_id: token.id.0,
            user_id: token.user_id.0,
            name: of.name.to_owned(),
            session_version: of.session_version,
            room_id: token.room_id.0,
            place: token.sequence,
            schedule_id: of.schedule_id.map(|id| id.0),
            iat,
            exp: iat.saturating_add(seconds),
        };
        self.first.sign(&Claims::Queue(claims))
    }

    /// The claims of a token, if one of the keys signed it and it is valid at `now`.
    pub(crate) fn verify(&self, token: &str, now: Instant) -> Option<Arc<Bearer>> {
        let digest = Sha256::digest(token.as_bytes()).into();
        let bearer = self.verified.get(&digest).or_else(|| {
            let bearer = Arc::new(Bearer::from(self.read(token)?));
            self.verified.insert(digest, Arc::clone(&bearer));
            Some(bearer)
        })?;
        (now.unix_timestamp() < bearer.expires_at).then_some(bearer)
    }

    fn read(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        keys.find(|key| header.kid.as_deref() == Some(key.id.as_str()))?.read(token)
    }
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed: {0}")]
pub struct SigningFailed(#[from] jsonwebtoken::errors::Error);

impl Key {
    fn new(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let short = digest.get(..6).unwrap_or_default();
        Self {
            id: URL_SAFE_NO_PAD.encode(short),
            encoding: EncodingKey::from_secret(text.as_bytes()),
            decoding: DecodingKey::from_secret(text.as_bytes()),
        }
    }

    fn sign(&self, claims: &Claims) -> Result<String, SigningFailed> {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.id.clone());
        Ok(jsonwebtoken::encode(&header, claims, &self.encoding)?)
    }

    /// Reads claims. The caller checks whether they have expired.
    fn read(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[ACCESS_AUDIENCE, QUEUE_AUDIENCE]);
        validation.set_required_spec_claims(&["aud", "exp"]);
        validation.validate_exp = false;
        jsonwebtoken::decode(token, &self.decoding, &validation).ok().map(|data| data.claims)
    }
}

impl From<Claims> for Bearer {
    fn from(claims: Claims) -> Self {
        match claims {
            Claims::Access(claims) => claims.into(),
            Claims::Queue(claims) => claims.into(),
        }
    }
}

impl From<QueueClaims> for Bearer {
    fn from(claims: QueueClaims) -> Self {
        let pass = QueuePass {
            token_id: QueueTokenId(claims.token_id),
            room_id: RoomId(claims.room_id),
            user_id: UserId(claims.user_id),
            sequence: claims.place,
        };
        let schedule_id = claims.schedule_id.map(ScheduleId);
        Self {
            user_id: pass.user_id,
            name: claims.name,
            session_version: claims.session_version,
            pass: Some(pass),
            schedule_id,
            expires_at: claims.exp,
        }
    }
}

impl From<AccessClaims> for Bearer {
    fn from(claims: AccessClaims) -> Self {
        Self {
            user_id: UserId(claims.sub),
            name: claims.name,
            session_version: claims.session_version,
            pass: None,
            schedule_id: None,
            expires_at: claims.exp,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: Instant = datetime!(2026-11-21 10:00 UTC);
    const OLD: &str = "the old key of these tests and nothing else";
    const NEW: &str = "the new key of these tests and nothing else";

    fn keys(list: &str) -> SigningKeys {
        SigningKeys::parse(list).unwrap()
    }

    fn access(keys: &SigningKeys) -> String {
        keys.access_token(UserId(Uuid::from_u128(1)), "Fan", 0, NOW, 60).unwrap()
    }

    #[test]
    fn a_token_speaks_for_its_user_until_its_last_second() {
        let keys = keys(OLD);
        let token = access(&keys);
        let bearer = keys.verify(&token, NOW + Duration::seconds(59)).unwrap();

        assert_eq!(bearer.user_id, UserId(Uuid::from_u128(1)));
        assert_eq!(bearer.pass, None);
        assert_eq!(keys.verify(&token, NOW + Duration::seconds(60)), None);
    }

    #[test]
    fn an_older_key_of_the_list_still_verifies_and_a_key_outside_it_does_not() {
        let token = access(&keys(OLD));
        let rotated = keys(&format!("{NEW},{OLD}"));

        assert!(rotated.verify(&token, NOW).is_some());
        assert!(keys(NEW).verify(&token, NOW).is_none());
        assert!(keys(OLD).verify(&access(&rotated), NOW).is_none());
    }

    #[test]
    fn a_token_with_another_algorithm_or_edited_claims_is_refused() {
        let keys = keys(OLD);
        let token = access(&keys);
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        parts[0] = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        let claims = URL_SAFE_NO_PAD.decode(&parts[1]).unwrap();
        let edited = String::from_utf8(claims).unwrap().replace("Fan", "Man");
        let forged = token.replace(&parts[1], &URL_SAFE_NO_PAD.encode(edited));

        for token in [unsigned, forged, String::new(), "a.b.c".to_owned()] {
            assert_eq!(keys.verify(&token, NOW), None, "{token}");
        }
    }

    #[test]
    fn a_short_key_is_refused_without_being_shown() {
        let refused = SigningKeys::parse(&format!("{OLD}, hunter2")).unwrap_err();

        assert_eq!(refused, "signing key 2 has 7 bytes; it must have 32 or more");
        assert_eq!(format!("{:?}", keys(OLD)), "SigningKeys(1 keys)");
    }

    #[test]
    fn a_key_that_is_easy_to_guess_is_refused() {
        for key in [
            "a".repeat(32),
            "ab".repeat(64),
            "secret".repeat(6),
            "0123456789abcdef".repeat(2),
            format!("{}1234", "a".repeat(60)),
            " ".repeat(2) + &"1234567".repeat(5),
        ] {
            let refused = SigningKeys::parse(&format!("{OLD},{key}")).unwrap_err();
            assert!(refused.starts_with("signing key 2 is easy to guess"), "{refused}");
        }
        for key in ["9f86d081884c7d659a2feaa0c55ad015", "correct horse battery staple, twice"] {
            keys(&key.replace(',', ";"));
        }
    }
}
