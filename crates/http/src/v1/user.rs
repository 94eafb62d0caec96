//! Users.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::ChangeName;
use stagedoor_domain::use_cases::{SignUp, find_user};
use stagedoor_domain::{
    Email, NewPassword, PageSize, PersonName, Profile, ReservationStatus, Role, Submission, User,
    UserId, UserPart,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Access, Account, Caller, Operator, SignedIn, authorization};
use crate::edge::{Action, Allowance, LoadClass};
use crate::route::{Route, get, object, patch, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::v1::concert::{self, ConcertBody};
use crate::v1::reservation::ReservationBody;
use crate::wire::language::Language;
use crate::wire::{ApiError, Body, IdempotencyKey, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/users", sign_up)
            .operation("signUp", "Sign up.")
            .limit(Action::SignUp)
            .class(LoadClass::Entry)
            .response(201, object::<UserBody>())
            .refuses(&[EmailTaken]),
        get("/users", find)
            .operation("findUser", "Find the user of an e-mail address.")
            .description("Reading the account is recorded.")
            .access(Access::Operator)
            .response(200, object::<UserBody>())
            .refuses(&[NotFound(Resource::User)]),
        get("/users/me", me)
            .operation("readMe", "Read one's own account.")
            .description(
                "With `concertId` the answer has that concert too, as the client that shows it needs \
                 both at once.",
            )
            .access(Access::AnyToken)
            .response(200, object::<UserBody>())
            .refuses(&[NotFound(Resource::User)]),
        patch("/users/me", change_name)
            .operation("changeName", "Change one's own name.")
            .description(
                "Sessions go on. A token that was issued before keeps the former name in its \
                 claim `name` until it expires; the older contracts answer with that.",
            )
            .access(Access::Account)
            .response(200, object::<UserBody>())
            .refuses(&[NotFound(Resource::User)]),
    ];
    tagged("people", routes)
}

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUpBody {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "김팬"
    )]
    #[schema(example = "김팬")]
    name: String,
    #[schema(format = Email, max_length = 254, example = "fan@example.com")]
    email: String,
    /// Not a common password, a repetition or a run of characters.
    #[schema(min_length = 8, max_length = 256, example = "correct horse battery")]
    password: String,
}

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserBody {
    id: Uuid,
    #[schema(example = "김팬")]
    name: String,
    #[schema(example = "fan@example.com")]
    email: String,
    #[schema(value_type = String, example = "FAN")]
    role: Role,
    created_at: Timestamp,
    /// When the user confirmed the e-mail address, null if that was not done; only in one's own account, and only if the
    /// service sends e-mail. Then booking requires it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Timestamp>)]
    email_verified_at: Option<Option<Timestamp>>,
    /// The reservations that are held now, at most 20, newest first; only in one's own account.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<Vec<ReservationBody>>,
    /// The concert of `concertId`, if the user may see it; only in one's own account. It is without its `price`.
    #[serde(skip_serializing_if = "Option::is_none")]
    concert: Option<ConcertBody>,
}

impl From<Profile> for UserBody {
    fn from(user: Profile) -> Self {
        Self {
            id: user.id.0,
            name: user.name.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            role: user.role,
            created_at: user.created_at.into(),
            email_verified_at: None,
            holds: None,
            concert: None,
        }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        user.profile().into()
    }
}

async fn sign_up(
    allowance: Allowance,
    services: Data<Services>,
    settings: Data<HttpSettings>,
    req: HttpRequest,
    key: IdempotencyKey,
    body: Body<SignUpBody>,
) -> Result<HttpResponse, ApiError> {
    let name = PersonName::parse(&body.value.name)?;
    let email = Email::parse(&body.value.email)?;
    let password = NewPassword::parse(&body.value.password)?;
    allowance.count_email(&email)?;
    let _hashing = allowance.begin_hashing()?;
    // A digest of the password is not stored: it would be easier to attack than its hash.
    let asked = format!("{}\n{}", name.as_str(), email.as_str());
    let sign_up = SignUp {
        id: UserId(ids::new_uuid()),
        name,
        email,
        password: Some(password),
        role: Role::Fan,
        verification: settings.sends_mail.then(|| Language::of(&req).of_mail()),
        idempotency: key.idempotency(UserId::NONE, asked.as_bytes()),
    };
    let user = services.people.sign_up(sign_up).await??;
    Ok(HttpResponse::Created().json(UserBody::from(user)))
}

/// The user to find.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserQuery {
    /// The e-mail address to sign in with.
    #[param(format = Email, max_length = 254)]
    email: String,
}

async fn find(
    services: Data<Services>,
    operator: Operator,
    query: Query<UserQuery>,
) -> Result<Json<UserBody>, ApiError> {
    Email::parse(&query.email)?;
    let found = find_user(&*services.people.users, &query.email).await?;
    let user = found.ok_or(ApiError::NotFound(Resource::User))?;
    authorization::record_read(&services, operator.0, user.id, UserPart::Account).await?;
    Ok(Json(user.into()))
}

/// What the answer has besides.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MeQuery {
    /// A concert whose details are wanted too.
    #[param(value_type = Option<Uuid>)]
    concert_id: Option<String>,
}

async fn me(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    caller: Caller,
    query: Query<MeQuery>,
) -> Result<Json<UserBody>, ApiError> {
    let concert_id = query.concert_id.as_deref();
    let concert_id = concert_id.map(|id| ids::parse_id(id, "concertId")).transpose()?;
    let found = services.people.users.user(user.user_id).await?;
    let found = found.ok_or(ApiError::NotFound(Resource::User))?;
    let (held, now) = (Some(ReservationStatus::Held), services.clock.now());
    let reservations = &services.reservations;
    let held = reservations.reservations(user.user_id, held, None, PageSize::DEFAULT, now).await?;
    let holds = held.items.into_iter().map(|held| ReservationBody::at(held, now)).collect();
    let concert = match concert_id {
        Some(id) => concert::seen(&services, &caller, id).await?,
        None => None,
    };
    let verified_at = found.contact.verified_at.map(Timestamp::from);
    let email_verified_at = settings.sends_mail.then_some(verified_at);
    Ok(Json(UserBody { email_verified_at, holds: Some(holds), concert, ..found.into() }))
}

/// The new name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNameBody {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "김팬"
    )]
    name: String,
}

async fn change_name(
    services: Data<Services>,
    Account(user_id): Account,
    body: Body<NewNameBody>,
) -> Result<Json<UserBody>, ApiError> {
    let name = PersonName::parse(&body.value.name)?;
    let command = ChangeName { user_id, name };
    let profile = services.change_name.submit(Submission::new(command)).await??;
    Ok(Json(profile.into()))
}

#[cfg(test)]
mod tests;
