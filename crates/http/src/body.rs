//! JSON bodies of requests.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, FieldRule};
use crate::services::HttpSettings;

/// A body read as JSON. What does not fit names its field.
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// The bytes as they came, for telling a repeated request from another.
    pub(crate) bytes: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(req);
        let settings = req.app_data::<web::Data<HttpSettings>>();
        let bytes_max = settings.map_or(0, |settings| settings.body_bytes_max);
        let bytes = Bytes::from_request(req, payload);
        async move {
            if !is_json {
                return Err(ApiError::NotAcceptedMediaType.into());
            }
            let bytes = bytes.await.map_err(|error| unreadable(&error, bytes_max))?;
            let value = read(&bytes)?;
            Ok(Self { value, bytes })
        }
        .boxed_local()
    }
}

fn is_json(req: &HttpRequest) -> bool {
    let kind = req.content_type().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn unreadable(error: &actix_web::Error, bytes_max: usize) -> ApiError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiError::BodyTooLarge { bytes_max },
        _ => ApiError::Http(error.as_response_error().status_code()),
    }
}

/// Reads bytes as JSON.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if [".", "?"].contains(&path.as_str()) { "body".to_owned() } else { path };
        ApiError::field(field, FieldRule::Form(error.into_inner().to_string()))
    })?;
    let rest = reader.end();
    rest.map_err(|error| ApiError::field("body", FieldRule::Form(error.to_string())))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is tested")]
    struct Charge {
        amount: i64,
    }

    #[test]
    fn a_body_that_does_not_fit_names_the_field() {
        let table = [
            (r#"{"amount":"many"}"#, "amount"),
            (r#"{"amount":1.5}"#, "amount"),
            (r#"{"amount":9223372036854775808}"#, "amount"),
            (r#"{"amount":1,"role":"OPERATOR"}"#, "role"),
            ("{}", "body"),
            ("", "body"),
            ("{", "body"),
            (r#"{"amount":1} {}"#, "body"),
            ("[]", "body"),
        ];
        for (body, field) in table {
            let ApiError::Validation(error) = read::<Charge>(body.as_bytes()).unwrap_err() else {
                panic!("{body} is refused in another way");
            };
            assert_eq!(error.field, field, "{body}");
        }
    }
}
