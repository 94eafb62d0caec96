//! Logging in.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::EndSessions;
use stagedoor_domain::{Instant, Submission, User};
use utoipa::ToSchema;

use crate::auth::{Access, Account, SigningKeys, session_cookie};
use crate::edge::{Action, Allowance, LoadClass};
use crate::route::{Route, delete, nothing, object, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{ApiError, Body, RequiredAccess, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/sessions", log_in)
            .operation("logIn", "Log in.")
            .limit(Action::LogIn)
            .class(LoadClass::Entry)
            .response(200, object::<SessionBody>())
            .refuses(&[WrongPassword, Forbidden(RequiredAccess::OwnPage)]),
        delete("/sessions/me", log_out)
            .operation("logOut", "End a browser's session.")
            .description(
                "An access token is valid until it expires, or until `DELETE /sessions` ends \
                 all sessions.",
            )
            .response(204, nothing("The cookie is removed")),
        delete("/sessions", log_out_everywhere)
            .operation("logOutEverywhere", "End all of one's sessions, on every device.")
            .description(
                "Access tokens and queue tokens that were issued before are rejected. \
                 Reservations and queue positions stay: log in again to continue.",
            )
            .access(Access::Account)
            .response(204, nothing("All sessions have ended"))
            .refuses(&[NotFound(Resource::User)]),
    ];
    tagged("people", routes)
}

/// The credentials of a log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogInBody {
    #[schema(example = "fan@example.com")]
    email: String,
    #[schema(example = "stagedoor")]
    password: String,
    /// `true` for a page in a browser: the access token is set as a cookie that scripts cannot read.
    #[serde(default)]
    #[schema(example = false)]
    cookie: bool,
}

/// The credentials of further requests.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBody {
    /// To be sent as `Authorization: Bearer`; left out when it is set as a cookie.
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

async fn log_in(
    allowance: Allowance,
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
    let cookie = body.cookie.then_some(&req);
    let user = check_password(&allowance, &services, body).await?;
    let version = user.sessions.version;
    let token = NewToken::sign(&keys, &settings, &user, version, services.clock.now())?;
    Ok(token.answer(cookie))
}

/// The access token of a session that begins.
pub(super) struct NewToken {
    access_token: String,
    expires_in: u64,
}

impl NewToken {
    /// Signs a token for the sessions of this version.
    pub(super) fn sign(
        keys: &SigningKeys,
        settings: &HttpSettings,
        user: &User,
        version: i64,
        now: Instant,
    ) -> Result<Self, ApiError> {
        let expires_in = settings.access_token_time.as_secs();
        let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
        let access_token = keys.access_token(user.id, user.name.as_str(), version, now, seconds)?;
        Ok(Self { access_token, expires_in })
    }

    /// The token in a body, or as the cookie of a request from a browser's page.
    pub(super) fn answer(self, cookie_for: Option<&HttpRequest>) -> HttpResponse {
        let Self { access_token, expires_in } = self;
        let mut answer = HttpResponse::Ok();
        let Some(req) = cookie_for else {
            let access_token = Some(access_token);
            return answer.json(SessionBody { access_token, token_type: "Bearer", expires_in });
        };
        let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
        answer.cookie(session_cookie::keep(req, access_token, seconds));
        answer.json(SessionBody { access_token: None, token_type: "Cookie", expires_in })
    }
}

async fn check_password(
    allowance: &Allowance,
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
            attempt.abandoned();
            Err(failed.into())
        }
    }
}

async fn log_out() -> HttpResponse {
    HttpResponse::NoContent().cookie(session_cookie::end()).finish()
}

async fn log_out_everywhere(
    services: Data<Services>,
    Account(user_id): Account,
) -> Result<HttpResponse, ApiError> {
    let command = EndSessions { user_id, role: None, password_hash: None };
    let version = services.end_sessions.submit(Submission::new(command)).await??;
    services.sessions.note(user_id, version);
    Ok(HttpResponse::NoContent().cookie(session_cookie::end()).finish())
}
