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

use crate::auth::Pass;
use crate::route::Route;
use crate::wire::{ApiError, RequiredAccess};

/// Its routes but `POST /payment`, whose path is also another contract's.
pub(super) fn routes() -> Vec<Route> {
    let groups = [
        token::routes(),
        concert_queue::routes(),
        concert::routes(),
        booking::routes(),
        payment::routes(),
        point::routes(),
    ];
    groups.into_iter().flatten().collect()
}

/// The owner of what is requested.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnerQuery {
    /// One's own id.
    user_id: String,
}

/// Checks that a request names the token that it is sent with.
fn check_is(pass: &Pass, token_id: &str) -> Result<(), ApiError> {
    let named: Option<QueueTokenId> = token_id.parse().ok();
    if named == Some(pass.0.token_id) {
        Ok(())
    } else {
        Err(ApiError::Forbidden(RequiredAccess::Oneself))
    }
}
