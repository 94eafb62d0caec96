//! Signatures by Standard Webhooks 1.0.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderValue;
use sha2::Sha256;
use stagedoor_domain::ports::WebhookMessage;
use stagedoor_domain::webhook::WebhookSecret;

/// The header `webhook-signature`: a signature by each secret, separated by spaces. There is none if there is no
/// secret, or one is not base64.
pub(crate) fn header(message: &WebhookMessage) -> Option<HeaderValue> {
    if message.secrets.is_empty() {
        return None;
    }
    let signatures: Option<Vec<_>> =
        message.secrets.iter().map(|secret| signature(message, secret)).collect();
    let mut header = HeaderValue::try_from(signatures?.join(" ")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// `v1,` and the base64 of the HMAC-SHA256 of the message's id, its time in seconds and its body.
fn signature(message: &WebhookMessage, secret: &WebhookSecret) -> Option<String> {
    let encoded = secret.expose().strip_prefix(WebhookSecret::PREFIX)?;
    let key = STANDARD.decode(encoded).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    let WebhookMessage { id, at, body, .. } = message;
    mac.update(format!("{id}.{}.{body}", at.unix_timestamp()).as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::Instant;
    use stagedoor_domain::webhook::WebhookUrl;

    use super::*;

    fn message(secrets: &[&str]) -> WebhookMessage {
        WebhookMessage {
            url: WebhookUrl::stored("https://example.com/".to_owned()),
            secrets: secrets.iter().map(|text| WebhookSecret::new((*text).to_owned())).collect(),
            id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk".to_owned(),
            at: Instant::from_unix_timestamp(1_649_367_553).unwrap(),
            body: r#"{"email":"test@example.com","username":"test_user"}"#.to_owned(),
        }
    }

    #[test]
    fn the_signature_is_the_one_that_the_authors_of_the_standard_test_for() {
        let message = message(&["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]);

        let header = header(&message).unwrap();

        assert_eq!(header, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        assert_eq!(format!("{header:?}"), "Sensitive");
    }

    #[test]
    fn there_is_no_signature_without_a_secret_or_with_one_that_is_not_base64() {
        let good = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        for secrets in [&[][..], &["whsec_?"], &["C2FVsBQIhrscChlQIMV+b5sSYspob7oD"], &[good, ""]] {
            assert_eq!(header(&message(secrets)), None, "{secrets:?}");
        }
    }
}
