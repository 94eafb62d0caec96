//! Deleting one's own account.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use stagedoor_domain::UserId;
use utoipa::ToSchema;

use super::password::check;
use crate::auth::{Access, Account};
use crate::edge::{Action, Allowance, LoadClass};
use crate::route::{Route, nothing, post, tagged};
use crate::services::Services;
use crate::wire::{ApiError, Body, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/users/me/deletion", delete)
            .operation("deleteMe", "Delete one's own account.")
            .description(
                "The name, the e-mail address and the password are removed at once, and all \
                 sessions end. Point entries, payments and reservations stay without them. Points and \
                 tickets cannot be used any more, and there is no way back. The address can sign up again. \
                 Organizers and operators first need an operator to make them fans. A wrong password counts as a failed log-in.",
            )
            .access(Access::Account)
            .limit(Action::LogIn)
            .class(LoadClass::Entry)
            .response(204, nothing("The account is deleted"))
            .refuses(&[WrongCurrentPassword, StaffAccount, NotFound(Resource::User)]),
    ];
    tagged("people", routes)
}

/// The password, as proof that the owner asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletionBody {
    #[schema(example = "correct horse battery")]
    password: String,
}

async fn delete(
    allowance: Allowance,
    services: Data<Services>,
    account: Result<Account, ApiError>,
    body: Result<Body<DeletionBody>, actix_web::Error>,
) -> Result<HttpResponse, actix_web::Error> {
    let sent = || Ok::<_, actix_web::Error>((account?, body?.value));
    // The limit of the address goes before what is wrong with the request, as for a log-in.
    let (Account(user_id), body) =
        sent().map_err(|unread| allowance.check().err().map_or(unread, Into::into))?;
    let version = remove(&allowance, &services, user_id, body).await?;
    services.sessions.note(user_id, version);
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the account. Answers the version of the sessions from now on.
async fn remove(
    allowance: &Allowance,
    services: &Services,
    user_id: UserId,
    body: DeletionBody,
) -> Result<i64, ApiError> {
    let found = services.people.users.user(user_id).await?;
    let user = found.ok_or(ApiError::NotFound(Resource::User))?;
    let checked = check(allowance, services, &user, body.password).await?;
    Ok(services.people.delete(checked).await??)
}
