//! Charging points without a payment provider.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::settings::HttpSettings;
use crate::wire::error::ApiError;

/// Proof that users may charge points themselves: in open mode, or because an operator has said so.
/// Without it `commands::charge` cannot be called.
pub(crate) struct DirectCharges(());

impl FromRequest for DirectCharges {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let settings = req.app_data::<Data<HttpSettings>>();
        let is_allowed = settings.is_some_and(|settings| settings.direct_charges);
        ready(if is_allowed { Ok(Self(())) } else { Err(ApiError::ChargesDisabled) })
    }
}
