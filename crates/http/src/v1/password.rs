//! Changing one's own password.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use stagedoor_domain::use_cases::CheckedPassword;
use stagedoor_domain::{Invalid, NewPassword, User, UserId};
use utoipa::ToSchema;

use crate::auth::{Access, Account, SigningKeys};
use crate::edge::{Action, Allowance, LoadClass};
use crate::route::{Route, object, put, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::v1::session::{NewToken, SessionBody};
use crate::wire::{ApiError, Body, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        put("/users/me/password", change)
            .operation("changePassword", "Change one's own password.")
            .description(
                "All sessions end, as by `DELETE /sessions`: tokens that were issued before are \
                 rejected, that of this request included. The response has a new access token, or \
                 a new cookie if the request came by cookie. A wrong current password counts as a \
                 failed log-in. After `OUTCOME_UNKNOWN`, log in with the new password: if that \
                 fails, the old one is still valid.",
            )
            .access(Access::Account)
            .limit(Action::LogIn)
            .class(LoadClass::Entry)
            .response(200, object::<SessionBody>())
            .refuses(&[WrongCurrentPassword, NotFound(Resource::User)]),
    ];
    tagged("people", routes)
}

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewPasswordBody {
    #[schema(example = "correct horse battery")]
    current_password: String,
    /// Not a common password, a repetition or a run of characters.
    #[schema(min_length = 8, max_length = 256, example = "another horse battery")]
    new_password: String,
}

async fn change(
    allowance: Allowance,
    services: Data<Services>,
    keys: Data<SigningKeys>,
    settings: Data<HttpSettings>,
    req: HttpRequest,
    account: Result<Account, ApiError>,
    body: Result<Body<NewPasswordBody>, actix_web::Error>,
) -> Result<HttpResponse, actix_web::Error> {
    let sent = || Ok::<_, actix_web::Error>((account?, body?.value));
    // The limit of the address goes before what is wrong with the request, as for a log-in.
    let (Account(user_id), body) =
        sent().map_err(|unread| allowance.check().err().map_or(unread, Into::into))?;
    let (user, version) = replace(&allowance, &services, user_id, body).await?;
    services.sessions.note(user_id, version);
    let token = NewToken::sign(&keys, &settings, &user, version, services.clock.now())?;
    let came_by_cookie = !req.headers().contains_key(AUTHORIZATION);
    Ok(token.answer(came_by_cookie.then_some(&req)))
}

/// Replaces the password. Answers the user, and the version of the sessions that begin from now on.
async fn replace(
    allowance: &Allowance,
    services: &Services,
    user_id: UserId,
    NewPasswordBody { current_password, new_password }: NewPasswordBody,
) -> Result<(User, i64), ApiError> {
    let new = NewPassword::parse(&new_password)
        .map_err(|invalid| Invalid::new("newPassword", invalid.rule))?;
    let found = services.people.users.user(user_id).await?;
    let user = found.ok_or(ApiError::NotFound(Resource::User))?;
    let checked = check(allowance, services, &user, current_password).await?;
    let version = services.people.change_password(checked, new).await??;
    Ok((user, version))
}

/// Checks the current password, counted as a log-in to the account.
pub(super) async fn check(
    allowance: &Allowance,
    services: &Services,
    user: &User,
    password: String,
) -> Result<CheckedPassword, ApiError> {
    let attempt = allowance.begin(user.email.as_str())?;
    match services.people.check_password(user, password, attempt.is_known()).await {
        Ok(checked) => {
            let checked = checked?;
            attempt.succeeded();
            Ok(checked)
        }
        Err(failed) => {
            attempt.abandoned();
            Err(failed.into())
        }
    }
}

#[cfg(test)]
mod tests;
