//! The sender of a request: by the `Authorization` header, or else by a browser's session cookie.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::{PersonName, UserId};

use crate::auth::session_cookie;
use crate::auth::signing_keys::{Bearer, SigningKeys};
use crate::services::Services;
use crate::wire::error::{ApiError, RequiredAccess};

/// A caller with an access token or a queue token.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    /// The version of the user's sessions that the token belongs to.
    pub(crate) session_version: i64,
    /// When the queue token expires, in seconds since 1970; nothing with an access token.
    pub(crate) queue_token_until: Option<i64>,
}

/// A caller with a valid token: an access token, or a queue token that waits or is active.
pub(crate) struct AnyToken;

/// A caller with an access token.
pub(crate) struct Account(pub(crate) UserId);

/// A caller of what everyone may read, and the user of its access token, if it sent a valid one.
pub(crate) struct Caller(pub(crate) Option<UserId>);

/// A caller with a queue token, in any state.
pub(crate) struct Pass(pub(crate) QueuePass);

/// When the token of a request expires.
pub(crate) struct Expiry(Arc<Bearer>);

/// The token of the `Authorization` header: of the scheme `Bearer` (RFC 6750 section 2.1), or of no scheme,
/// as in the `ticketing` contract. Two headers are rejected: a proxy might have checked the other one.
pub(crate) fn token(req: &HttpRequest) -> Option<&str> {
    let mut headers = req.headers().get_all(AUTHORIZATION);
    let header = std::str::from_utf8(headers.next()?.as_bytes()).ok()?;
    if headers.next().is_some() {
        return None;
    }
    match header.split_once(' ') {
        Some((scheme, token)) => scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()),
        None => Some(header),
    }
}

/// The sender of a request. Its token is verified once: the rate limits and the handler both ask.
pub(crate) fn bearer(req: &HttpRequest) -> Result<Arc<Bearer>, ApiError> {
    if let Some(bearer) = req.extensions().get::<Arc<Bearer>>() {
        return Ok(Arc::clone(bearer));
    }
    let bearer = verified(req)?;
    req.extensions_mut().insert(Arc::clone(&bearer));
    Ok(bearer)
}

fn verified(req: &HttpRequest) -> Result<Arc<Bearer>, ApiError> {
    let keys = req.app_data::<web::Data<SigningKeys>>().ok_or(ApiError::Internal)?;
    let services = req.app_data::<web::Data<Services>>().ok_or(ApiError::Internal)?;
    let now = services.clock.now();
    let verified = if req.headers().contains_key(AUTHORIZATION) {
        token(req).and_then(|token| keys.verify(token, now))
    } else {
        let kept = session_cookie::access_token(req)?;
        let verified = kept.and_then(|token| keys.verify(&token, now));
        verified.filter(|bearer| bearer.pass.is_none())
    };
    let valid = verified.filter(|bearer| !has_ended(services, bearer));
    valid.ok_or(ApiError::Unauthenticated)
}

/// Whether the session that a token belongs to has ended.
fn has_ended(services: &Services, bearer: &Bearer) -> bool {
    services.sessions.have_ended(bearer.user_id, bearer.session_version)
}

impl Expiry {
    /// Whether the token has expired, or the session that it belongs to has ended.
    pub(crate) fn is_past(&self, services: &Services) -> bool {
        services.clock.now().unix_timestamp() >= self.0.expires_at || has_ended(services, &self.0)
    }
}

impl FromRequest for Expiry {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).map(Self))
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).map(Self::from))
    }
}

impl From<Arc<Bearer>> for SignedIn {
    fn from(bearer: Arc<Bearer>) -> Self {
        let queue_token_until = bearer.pass.as_ref().map(|_| bearer.expires_at);
        Self {
            user_id: bearer.user_id,
            name: bearer.name.clone(),
            session_version: bearer.session_version,
            queue_token_until,
        }
    }
}

impl SignedIn {
    /// A user who sent no token.
    pub(crate) fn account(user_id: UserId, name: &PersonName, session_version: i64) -> Self {
        let name = name.as_str().to_owned();
        Self { user_id, name, session_version, queue_token_until: None }
    }

    /// Checks that the user sent an access token: roles apply to nothing else.
    pub(crate) fn check_account(&self) -> Result<(), ApiError> {
        match self.queue_token_until {
            None => Ok(()),
            Some(_) => Err(ApiError::Forbidden(RequiredAccess::AccessToken)),
        }
    }

    /// Checks that a request names its sender (rule 18).
    pub(crate) fn check_is(&self, user_id: &str) -> Result<(), ApiError> {
        if user_id.parse() == Ok(self.user_id) {
            Ok(())
        } else {
            Err(ApiError::Forbidden(RequiredAccess::Oneself))
        }
    }
}

impl Pass {
    /// Checks that a request names the owner of its token (rule 18).
    pub(crate) fn check_user(&self, user_id: &str) -> Result<(), ApiError> {
        if user_id.parse() == Ok(self.0.user_id) {
            Ok(())
        } else {
            Err(ApiError::Forbidden(RequiredAccess::Oneself))
        }
    }
}

impl FromRequest for AnyToken {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bearer = bearer(req);
        let services = req.app_data::<web::Data<Services>>().cloned();
        async move {
            let services = services.ok_or(ApiError::Internal)?;
            if let Some(pass) = bearer?.pass {
                let position = services.waiting_room.keep_alive(&pass).await?;
                position.filter(|position| position.is_live()).ok_or(ApiError::TokenExpired)?;
            }
            Ok(Self)
        }
        .boxed_local()
    }
}

impl FromRequest for Account {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).and_then(|bearer| match bearer.pass {
            None => Ok(Self(bearer.user_id)),
            Some(_) => Err(ApiError::Forbidden(RequiredAccess::AccessToken)),
        }))
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bearer = bearer(req).ok().filter(|bearer| bearer.pass.is_none());
        ready(Ok(Self(bearer.map(|bearer| bearer.user_id))))
    }
}

impl FromRequest for Pass {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pass = bearer(req)
            .and_then(|bearer| bearer.pass.ok_or(ApiError::Forbidden(RequiredAccess::QueueToken)));
        ready(pass.map(Self))
    }
}
