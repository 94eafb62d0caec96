//! Confirming an e-mail address, and setting a new password by a link in an e-mail.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stagedoor_domain::mail::TokenDigest;
use stagedoor_domain::operations::{
    AskForPasswordReset, AskForVerification, ResetPassword, VerifyEmail,
};
use stagedoor_domain::use_cases::find_user;
use stagedoor_domain::{Email, NewPassword, Submission, UserId};
use utoipa::ToSchema;

use crate::auth::{Access, Account};
use crate::edge::{Action, Allowance, LoadClass};
use crate::route::{Route, nothing, post, put, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::error::MailRefused;
use crate::wire::language::Language;
use crate::wire::{ApiError, Body, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        post("/email-verifications", verify)
            .operation("verifyEmail", "Confirm an e-mail address by the token of an e-mail.")
            .description("A token that was used before is answered in the same way until it expires.")
            .limit(Action::SignUp)
            .class(LoadClass::Entry)
            .response(204, nothing("The address is confirmed"))
            .refuses(&[ApiError::Mail(MailRefused::LinkExpired)]),
        post("/users/me/email-verification", send_again)
            .operation("askForVerification", "Have the e-mail that confirms the address sent again.")
            .description(
                "Nothing is sent if the address is confirmed, or if one was sent in the same minute.",
            )
            .access(Access::Account)
            .limit(Action::SignUp)
            .response(202, nothing("The e-mail will be sent"))
            .refuses(&[ApiError::Mail(MailRefused::Off)]),
        post("/password-resets", ask_for_reset)
            .operation("askForPasswordReset", "Have a link to set a new password sent.")
            .description("The response is the same whether or not a user has the address.")
            .limit(Action::SignUp)
            .class(LoadClass::Entry)
            .response(202, nothing("The e-mail will be sent, if a user has the address"))
            .refuses(&[ApiError::Mail(MailRefused::Off)]),
        put("/password-resets/{token}", reset)
            .operation("resetPassword", "Set a new password by the token of an e-mail.")
            .description("All sessions of the user end. A token works once, within 30 minutes.")
            .path_text("token", Some("The token of the e-mail"))
            .limit(Action::SignUp)
            .class(LoadClass::Entry)
            .response(204, nothing("The password is set"))
            .refuses(&[ApiError::Mail(MailRefused::LinkExpired)]),
    ];
    tagged("people", routes)
}

/// The token of an e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerificationBody {
    #[schema(example = "1cJj1kQ2h0Jx3o6o2b6a2mB8W5vJqJ8m3c0yqv0hC9E")]
    token: String,
}

/// The address of the account whose password is to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordResetBody {
    #[schema(format = Email, max_length = 254, example = "fan@example.com")]
    email: String,
}

/// The new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPasswordBody {
    /// Not a common password, a repetition or a run of characters.
    #[schema(min_length = 8, max_length = 256, example = "another horse battery")]
    password: String,
}

/// What the store has of a token.
fn digest(token: &str) -> TokenDigest {
    let digest = Sha256::digest(token.as_bytes());
    TokenDigest::new(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn verify(
    services: Data<Services>,
    body: Body<VerificationBody>,
) -> Result<HttpResponse, ApiError> {
    let command = VerifyEmail { digest: digest(&body.value.token) };
    services.mails.verify_email.submit(Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}

/// Checks that the service sends e-mail.
fn check_sends(settings: &HttpSettings) -> Result<(), ApiError> {
    if settings.sends_mail { Ok(()) } else { Err(ApiError::Mail(MailRefused::Off)) }
}

async fn send_again(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    req: HttpRequest,
    Account(user_id): Account,
) -> Result<HttpResponse, ApiError> {
    check_sends(&settings)?;
    let language = Language::of(&req).of_mail();
    let command = AskForVerification { user_id, language };
    services.mails.ask_for_verification.submit(Submission::new(command)).await??;
    Ok(HttpResponse::Accepted().finish())
}

async fn ask_for_reset(
    allowance: Allowance,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    body: Body<PasswordResetBody>,
) -> Result<HttpResponse, ApiError> {
    let email = Email::parse(&body.value.email)?;
    check_sends(&settings)?;
    allowance.count_email(&email)?;
    let found = find_user(&*services.people.users, &body.value.email).await?;
    // An unknown address costs the same: the command looks for a user who does not exist.
    let user_id = found.map_or_else(|| UserId(ids::new_uuid()), |user| user.id);
    let command = AskForPasswordReset { user_id };
    services.mails.ask_for_password_reset.submit(Submission::new(command)).await??;
    Ok(HttpResponse::Accepted().finish())
}

async fn reset(
    allowance: Allowance,
    services: Data<Services>,
    token: Path<String>,
    body: Body<ResetPasswordBody>,
) -> Result<HttpResponse, ApiError> {
    let password = NewPassword::parse(&body.value.password)?;
    let _hashing = allowance.begin_hashing()?;
    let password_hash = services.people.passwords.hash(password.into_text()).await?;
    let command = ResetPassword { digest: digest(&token), password_hash };
    let ended = services.mails.reset_password.submit(Submission::new(command)).await??;
    services.sessions.note(ended.user_id, ended.version);
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests;
