//! Who may read the metrics: operators, and whoever has the token that is made for it.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use sha2::{Digest, Sha256};

use crate::auth::authorization::Operator;
use crate::auth::bearer;
use crate::services::HttpSettings;
use crate::wire::error::ApiError;

/// The shortest token, in bytes.
const TOKEN_BYTES_MIN: usize = 32;

/// What a monitoring system sends to read the metrics. Its digest alone is kept and compared, so that
/// the time this takes says nothing about the token.
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

    fn is(&self, token: &str) -> bool {
        self.0 == <[u8; 32]>::from(Sha256::digest(token))
    }
}

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken")
    }
}

/// Somebody who may read the metrics.
pub(crate) struct MetricsReader;

impl FromRequest for MetricsReader {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let settings = req.app_data::<web::Data<HttpSettings>>();
        let known = settings.and_then(|settings| settings.metrics_token.as_ref());
        if known.is_some_and(|known| bearer::token(req).is_some_and(|token| known.is(token))) {
            return async { Ok(Self) }.boxed_local();
        }
        let operator = Operator::from_request(req, payload);
        async move { operator.await.map(|_| Self) }.boxed_local()
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
