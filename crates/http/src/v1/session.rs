//! Logging in.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;
use crate::error::ApiError;
use crate::rate_limits::{Allowance, LoggingIn};
use crate::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::session_cookie;
use crate::signing_keys::SigningKeys;

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
    body: Body<LogInBody>,
) -> Result<HttpResponse, ApiError> {
    let LogInBody { email, password, cookie } = body.value;
    if cookie {
        session_cookie::check_same_origin(&req)?;
    }
    let log_in = allowance.begin(&email)?;
    let user = match services.people.log_in(&email, password).await {
        Ok(user) => user?,
        Err(failed) => {
            log_in.came_to_nothing();
            return Err(failed.into());
        }
    };
    log_in.succeeded();
    let expires_in = settings.access_token_time.as_secs();
    let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
    let now = services.clock.now();
    let access_token = keys.access_token(user.id, user.name.as_str(), now, seconds)?;
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

/// End a browser's session. An access token that was given out is valid until it runs out.
#[utoipa::path(
    tag = "people",
    operation_id = "logOut",
    responses((status = 204, description = "The cookie is taken back"))
)]
#[delete("/sessions/me")]
pub(crate) async fn log_out() -> HttpResponse {
    HttpResponse::NoContent().cookie(session_cookie::end()).finish()
}
