//! The `ost` contract: 21 operations, times without an offset, ids as JSON strings.

pub(crate) mod booking;
pub(crate) mod concert;
pub(crate) mod concert_queue;
pub(crate) mod payment;
pub(crate) mod point;
pub(crate) mod token;

use serde::Deserialize;
use stagedoor_domain::QueueTokenId;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::bearer::Pass;
use crate::openapi::refusals::refusals;
use crate::wire::error::{ApiError, Needs};

/// Mounts every operation but `POST /payment`, whose address is also another contract's.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(token::issue)
        .service(token::find)
        .service(token::keep_alive)
        .service(concert_queue::enter)
        .service(concert_queue::look)
        .service(concert::create)
        .service(concert::create_series)
        .service(concert::list)
        .service(concert::series)
        .service(concert::sheets)
        .service(booking::hold)
        .service(booking::find_hold)
        .service(booking::find)
        .service(booking::list)
        .service(payment::list)
        .service(payment::find)
        .service(point::find)
        .service(point::history)
        .service(point::charge)
        .service(point::spend);
}

/// Whose things are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnerQuery {
    /// One's own id.
    user_id: String,
}

refusals! {
    OwnErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "403": "`FORBIDDEN`: the user is another one",
        "404": "`*_NOT_FOUND`",
    }
}

/// Checks that a token that a request names is the one it is sent with.
fn check_is(pass: &Pass, token_id: &str) -> Result<(), ApiError> {
    let named: Option<QueueTokenId> = token_id.parse().ok();
    if named == Some(pass.0.token_id) { Ok(()) } else { Err(ApiError::Forbidden(Needs::Oneself)) }
}
