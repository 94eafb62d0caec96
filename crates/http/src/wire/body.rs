//! Bodies of requests.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use stagedoor_domain::Poster;
use stagedoor_domain::poster::PictureFormat;

use crate::edge::load_shedding;
use crate::settings::HttpSettings;
use crate::wire::error::{ApiError, FieldRule};

/// A body read as JSON. A field that cannot be read is named.
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// The bytes as sent, to tell a repeated request from another.
    pub(crate) bytes: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(req);
        let bytes = Raw::from_request(req, payload);
        async move {
            if !is_json {
                return Err(ApiError::NotAcceptedMediaType.into());
            }
            let Raw(bytes) = bytes.await?;
            let value = read(&bytes)?;
            Ok(Self { value, bytes })
        }
        .boxed_local()
    }
}

impl<T> Body<T> {
    /// The same body, read as something else.
    pub(crate) fn read_as<U: DeserializeOwned>(self) -> Result<Body<U>, ApiError> {
        Ok(Body { value: read(&self.bytes)?, bytes: self.bytes })
    }
}

/// A whole body, received in time.
pub(crate) struct Raw(pub(crate) Bytes);

impl FromRequest for Raw {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let settings = req.app_data::<web::Data<HttpSettings>>();
        let bytes_max = settings.map(|settings| settings.body_bytes_max).unwrap_or_default();
        let time_max = time_for(req, bytes_max);
        let is_coded = is_coded(req);
        let bytes = Bytes::from_request(req, payload);
        let req = req.clone();
        async move {
            if is_coded {
                return Err(ApiError::NotAcceptedContentEncoding.into());
            }
            let bytes = load_shedding::received(&req, bytes, time_max).await?;
            Ok(Self(bytes.map_err(|error| unreadable(&error, bytes_max))?))
        }
        .boxed_local()
    }
}

/// A body as [`Body`], of at most `MAX` bytes, whatever the setting for other bodies is.
pub(crate) struct BodyUpTo<T, const MAX: usize>(pub(crate) Body<T>);

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for BodyUpTo<T, MAX> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(req);
        let bytes = received_up_to(req, payload, MAX);
        async move {
            if !is_json {
                return Err(ApiError::NotAcceptedMediaType.into());
            }
            let bytes = bytes.await?;
            Ok(Self(Body { value: read(&bytes)?, bytes }))
        }
        .boxed_local()
    }
}

/// A whole body of up to `bytes_max` bytes, received in time, whatever the setting for other bodies is.
fn received_up_to(
    req: &HttpRequest,
    payload: &mut Payload,
    bytes_max: usize,
) -> impl Future<Output = Result<Bytes, actix_web::Error>> + use<> {
    let time_max = time_for(req, bytes_max);
    let is_coded = is_coded(req);
    let payload = web::Payload::from_request(req, payload);
    let req = req.clone();
    async move {
        if is_coded {
            return Err(ApiError::NotAcceptedContentEncoding.into());
        }
        let bytes = payload.await?.to_bytes_limited(bytes_max);
        let bytes = load_shedding::received(&req, bytes, time_max).await?;
        let bytes = bytes.map_err(|_| ApiError::BodyTooLarge { bytes_max })?;
        Ok(bytes.map_err(|error| unreadable(&error, bytes_max))?)
    }
}

/// How long a body of up to `bytes_max` bytes may take to come.
fn time_for(req: &HttpRequest, bytes_max: usize) -> Duration {
    let settings = req.app_data::<web::Data<HttpSettings>>();
    let bytes = content_length(req.headers()).unwrap_or(bytes_max).min(bytes_max);
    settings.map(|settings| settings.body_time(bytes)).unwrap_or_default()
}

/// The length of a body as its headers say it.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A picture for a poster, as it is sent.
pub(crate) struct Picture {
    pub(crate) format: PictureFormat,
    pub(crate) file: Bytes,
}

impl FromRequest for Picture {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let format = PictureFormat::of_media_type(req.content_type());
        let file = received_up_to(req, payload, Poster::BYTES_MAX);
        async move {
            let format = format.ok_or(ApiError::NotAcceptedMediaType)?;
            Ok(Self { format, file: file.await? })
        }
        .boxed_local()
    }
}

/// A value from a JSON object. Serde alone would also read it from a list of its values.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }

        reader.deserialize_map(Fields(PhantomData))
    }
}

/// An integer. As in JSON Schema (2020-12, section 4.2.1), `3.0` is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) i64);

impl Whole {
    /// The number, or the nearest one in the range of the type, for bounds to reject.
    pub(crate) fn saturated<T: TryFrom<i64>>(self, least: T, most: T) -> T {
        T::try_from(self.0).unwrap_or(if self.0 < 0 { least } else { most })
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
                if number.fract() == 0.0 {
                    Ok(Whole(number as i64))
                } else {
                    Err(E::invalid_type(Unexpected::Float(number), &self))
                }
            }
        }

        reader.deserialize_i64(Number)
    }
}

/// A field that is left out or has a value. `null` is a value, which its type accepts or rejects. Use it with
/// `#[serde(default)]`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

pub(crate) fn is_json(req: &HttpRequest) -> bool {
    let kind = req.content_type().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Whether a body has a content coding: bodies are not decoded.
fn is_coded(req: &HttpRequest) -> bool {
    let codings = req.headers().get_all(header::CONTENT_ENCODING);
    !codings.map(|value| value.as_bytes()).all(|codings| {
        let mut each = codings.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        each.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    })
}

fn unreadable(error: &actix_web::Error, bytes_max: usize) -> ApiError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiError::BodyTooLarge { bytes_max },
        _ => ApiError::Http(error.as_response_error().status_code()),
    }
}

/// Whether a body that may be left out has been.
pub(crate) fn is_left_out(body: &[u8]) -> bool {
    [&b""[..], b"null"].contains(&body.trim_ascii())
}

/// Reads bytes as a JSON object.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if ["", ".", "?"].contains(&path.as_str()) { "body".to_owned() } else { path };
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
        amount: Whole,
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        let table = [
            ("7", Ok(7)),
            ("7.0", Ok(7)),
            ("-0.0", Ok(0)),
            ("1e3", Ok(1_000)),
            ("1e300", Ok(i64::MAX)),
            ("18446744073709551615", Ok(i64::MAX)),
            ("7.5", Err(())),
            ("\"7\"", Err(())),
        ];
        for (text, expected) in table {
            let read = serde_json::from_str::<Whole>(text).map(|whole| whole.0).map_err(|_| ());
            assert_eq!(read, expected, "{text}");
        }
        assert_eq!(Whole(5_000_000_000).saturated(i32::MIN, i32::MAX), i32::MAX);
    }

    #[test]
    fn a_body_that_does_not_fit_names_the_field() {
        let table = [
            (r#"{"amount":"many"}"#, "amount"),
            (r#"{"amount":1.5}"#, "amount"),
            (r#"{"amount":1,"role":"OPERATOR"}"#, "role"),
            (r#"{"":1}"#, "body"),
            ("{}", "body"),
            ("", "body"),
            ("{", "body"),
            (r#"{"amount":1} {}"#, "body"),
            ("[]", "body"),
            ("[1]", "body"),
        ];
        for (body, field) in table {
            let ApiError::Validation(error) = read::<Charge>(body.as_bytes()).unwrap_err() else {
                panic!("{body} is refused in another way");
            };
            assert_eq!(error.field, field, "{body}");
        }
    }
}
