//! Logging in.

use actix_web::post;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;
use crate::error::ApiError;
use crate::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::signing_keys::SigningKeys;

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogInBody {
    #[schema(example = "fan@example.com")]
    email: String,
    #[schema(example = "stagedoor")]
    password: String,
}

/// A token to send as `Authorization: Bearer`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBody {
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the token is valid, in seconds.
    #[schema(example = 3600)]
    expires_in: u64,
}

refusals! {
    LogInErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`: the address and the password do not belong together",
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
    services: Data<Services>,
    keys: Data<SigningKeys>,
    settings: Data<HttpSettings>,
    body: Body<LogInBody>,
) -> Result<Json<SessionBody>, ApiError> {
    let LogInBody { email, password } = body.value;
    let user = services.people.log_in(&email, password).await??;
    let expires_in = settings.access_token_time.as_secs();
    let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
    let now = services.clock.now();
    let access_token = keys.access_token(user.id, user.name.as_str(), now, seconds)?;
    Ok(Json(SessionBody { access_token, token_type: "Bearer", expires_in }))
}
