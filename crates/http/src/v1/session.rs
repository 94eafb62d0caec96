//! Logging in.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, post};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::EndSessions;
use stagedoor_domain::{Request, User};
use utoipa::ToSchema;

use crate::auth::bearer::Account;
use crate::auth::session_cookie;
use crate::auth::signing_keys::SigningKeys;
use crate::edge::rate_limits::{Allowance, LoggingIn};
use crate::openapi::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::wire::body::Body;
use crate::wire::error::ApiError;

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogInBody {
    #[schema(example = "fan@example.com")]
    email: String,
    #[schema(example = "stagedoor")]
    password: String,
    /// `true`, for a page in a browser: the access token comes as a cookie that scripts cannot read.
    #[serde(default)]
    #[schema(example = false)]
    cookie: bool,
}

/// What to send with every request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBody {
    /// To be sent as `Authorization: Bearer`; left out when it came as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    access_token: Option<String>,
    /// `Bearer` or `Cookie`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long it is valid, in seconds.
    #[schema(example = 3600)]
    expires_in: u64,
}

refusals! {
    LogInErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`: the address and the password do not belong together",
        "403": "`FORBIDDEN`: a cookie was asked for from another site's page",
    }
    LogOutEverywhereErrors {
        "401": "`UNAUTHENTICATED`",
        "403": "`FORBIDDEN`: a queue token, or a cookie from another site's page",
        "404": "`USER_NOT_FOUND`",
    }
}

/// Log in.
#[utoipa::path(
    tag = "people",
    operation_id = "logIn",
    request_body = LogInBody,
    responses(
        (status = 200, body = SessionBody),
        LogInErrors,
    )
)]
#[post("/sessions")]
pub(crate) async fn log_in(
    allowance: Allowance<LoggingIn>,
    services: Data<Services>,
    keys: Data<SigningKeys>,
    settings: Data<HttpSettings>,
    req: HttpRequest,
    body: Result<Body<LogInBody>, actix_web::Error>,
) -> Result<HttpResponse, actix_web::Error> {
    let body = match body {
        Ok(body) => body.value,
        Err(unread) => return Err(allowance.check().err().map_or(unread, Into::into)),
    };
    if body.cookie {
        session_cookie::check_same_origin(&req)?;
    }
    let cookie = body.cookie;
    let user = check_password(&allowance, &services, body).await?;
    let expires_in = settings.access_token_time.as_secs();
    let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
    let now = services.clock.now();
    let version = user.sessions.version;
    let signed = keys.access_token(user.id, user.name.as_str(), version, now, seconds);
    let access_token = signed.map_err(ApiError::from)?;
    let mut answer = HttpResponse::Ok();
    if cookie {
        answer.cookie(session_cookie::keep(&req, access_token, seconds));
        return Ok(answer.json(SessionBody {
            access_token: None,
            token_type: "Cookie",
            expires_in,
        }));
    }
    let access_token = Some(access_token);
    Ok(answer.json(SessionBody { access_token, token_type: "Bearer", expires_in }))
}

async fn check_password(
    allowance: &Allowance<LoggingIn>,
    services: &Services,
    LogInBody { email, password, .. }: LogInBody,
) -> Result<User, ApiError> {
    let attempt = allowance.begin(&email)?;
    match services.people.log_in(&email, password, attempt.is_known()).await {
        Ok(user) => {
            let user = user?;
            attempt.succeeded();
            Ok(user)
        }
        Err(failed) => {
            attempt.came_to_nothing();
            Err(failed.into())
        }
    }
}

/// End a browser's session.
///
/// An access token that was given out is valid until it expires, or until all sessions are ended by
/// `DELETE /sessions`.
#[utoipa::path(
    tag = "people",
    operation_id = "logOut",
    responses((status = 204, description = "The cookie is taken back"))
)]
#[delete("/sessions/me")]
pub(crate) async fn log_out() -> HttpResponse {
    HttpResponse::NoContent().cookie(session_cookie::end()).finish()
}

/// End all of one's sessions, on every device.
///
/// Access tokens and queue tokens that were given out before are refused. Reservations and the place in
/// line stay; log in again to go on.
#[utoipa::path(
    tag = "people",
    operation_id = "logOutEverywhere",
    security(("accessToken" = [])),
    responses(
        (status = 204, description = "All sessions have ended"),
        LogOutEverywhereErrors,
    )
)]
#[delete("/sessions")]
pub(crate) async fn log_out_everywhere(
    services: Data<Services>,
    Account(user_id): Account,
) -> Result<HttpResponse, ApiError> {
    let command = EndSessions { user_id, role: None, password_hash: None };
    let version = services.end_sessions.submit(Request::new(command)).await??;
    services.sessions.note(user_id, version);
    Ok(HttpResponse::NoContent().cookie(session_cookie::end()).finish())
}
