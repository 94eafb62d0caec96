//! Who sends a request: the `Authorization` header.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use stagedoor_domain::UserId;
use stagedoor_domain::use_cases::QueuePass;

use crate::error::{ApiError, Needs};
use crate::services::Services;
use crate::signing_keys::{Bearer, SigningKeys};

/// Anyone signed in, by an access token or a queue token.
pub(crate) struct SignedIn {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
}

/// Somebody signed in by an access token.
pub(crate) struct Account(pub(crate) UserId);

/// Somebody with a queue token, in whatever state it is.
pub(crate) struct Pass(pub(crate) QueuePass);

fn bearer(req: &HttpRequest) -> Result<Bearer, ApiError> {
    let keys = req.app_data::<web::Data<SigningKeys>>().ok_or(ApiError::Internal)?;
    let services = req.app_data::<web::Data<Services>>().ok_or(ApiError::Internal)?;
    let header = req.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let verified = token.and_then(|token| keys.verify(token, services.clock.now()));
    verified.ok_or(ApiError::Unauthenticated)
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).map(|bearer| Self { user_id: bearer.user_id, name: bearer.name }))
    }
}

impl FromRequest for Account {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).and_then(|bearer| match bearer.pass {
            None => Ok(Self(bearer.user_id)),
            Some(_) => Err(ApiError::Forbidden(Needs::AccessToken)),
        }))
    }
}

impl FromRequest for Pass {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pass = bearer(req)
            .and_then(|bearer| bearer.pass.ok_or(ApiError::Forbidden(Needs::QueueToken)));
        ready(pass.map(Self))
    }
}
