//! What each argument that a handler can take says about its route.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Query};
use serde::de::DeserializeOwned;
use utoipa::openapi::Required;
use utoipa::{IntoParams, ToSchema};

use super::{Argument, Arguments};
use crate::auth::access::Access;
use crate::auth::authorization::{MetricsReader, Operator, Viewer};
use crate::auth::bearer::{Account, AnyToken, Caller, Expiry, Pass, SignedIn};
use crate::auth::token_issuer::Issuer;
use crate::edge::rate_limits::Allowance;
use crate::openapi::operation::{object, pictures};
use crate::shared::commands::DirectCharges;
use crate::wire::body::{Body, BodyUpTo, Picture, Raw};
use crate::wire::entity_tags::{self, IfMatch, OptionalIfMatch};
use crate::wire::error::ApiError;
use crate::wire::idempotency_key::{self, IdempotencyKey};

impl<T: 'static> Argument for Data<T> {}
impl Argument for HttpRequest {}
impl Argument for Caller {}
impl Argument for Expiry {}
impl Argument for Raw {}

macro_rules! enforces {
    ($($argument:ident $access:ident;)+) => {$(
        impl Argument for $argument {
            fn describe(arguments: &mut Arguments) {
                arguments.enforced.push(Access::$access);
            }
        }
    )+};
}

enforces! {
    Account Account;
    AnyToken AnyToken;
    MetricsReader MetricsToken;
    Operator Operator;
    SignedIn AnyToken;
    Viewer Viewer;
}

/// The command checks whether the token is active, where it must be.
impl Argument for Pass {
    fn describe(arguments: &mut Arguments) {
        arguments.enforced.extend([Access::QueueToken, Access::Admitted]);
    }
}

/// Its handlers ask for the sender, which needs a token, or for a recipient, which needs none in open mode.
impl Argument for Issuer {
    fn describe(arguments: &mut Arguments) {
        arguments.enforced.extend([Access::AnyToken, Access::Guest]);
        arguments.limit_used = true;
    }
}

impl Argument for Allowance {
    fn describe(arguments: &mut Arguments) {
        arguments.limit_used = true;
    }
}

impl Argument for DirectCharges {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.refuses(&[ApiError::ChargesDisabled]);
    }
}

impl Argument for IdempotencyKey {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.parameters.push(idempotency_key::parameter());
        arguments.doc.refuses(&[ApiError::VALIDATION, ApiError::IdempotencyMismatch]);
    }
}

impl Argument for IfMatch {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.parameters.push(entity_tags::parameter(Required::True));
        arguments.doc.refuses(&[ApiError::PreconditionFailed, ApiError::PreconditionRequired]);
    }
}

impl Argument for OptionalIfMatch {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.parameters.push(entity_tags::parameter(Required::False));
        arguments.doc.refuses(&[ApiError::PreconditionFailed]);
    }
}

impl<T: DeserializeOwned + ToSchema + 'static, const MAX: usize> Argument for BodyUpTo<T, MAX> {
    fn describe(arguments: &mut Arguments) {
        Body::<T>::describe(arguments);
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Argument for Body<T> {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.body = Some((object::<T>(), Required::True));
        arguments.doc.refuses(&[ApiError::VALIDATION]);
    }
}

impl Argument for Picture {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.body = Some((pictures(), Required::True));
        arguments.doc.refuses(&[ApiError::VALIDATION]);
    }
}

impl<T: 'static> Argument for Path<T> {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.refuses(&[ApiError::VALIDATION]);
    }
}

impl<T: IntoParams + 'static> Argument for Query<T> {
    fn describe(arguments: &mut Arguments) {
        arguments.doc.parameters.extend(T::into_params(|| None));
        arguments.doc.refuses(&[ApiError::VALIDATION]);
    }
}

impl<T: Argument, E> Argument for Result<T, E> {
    fn describe(arguments: &mut Arguments) {
        T::describe(arguments);
    }
}

macro_rules! tuples {
    ($($argument:ident)*) => {
        impl<$($argument: Argument),*> Argument for ($($argument,)*) {
            fn describe(_arguments: &mut Arguments) {
                $($argument::describe(_arguments);)*
            }
        }
    };
}

tuples! {}
tuples! { A }
tuples! { A B }
tuples! { A B C }
tuples! { A B C D }
tuples! { A B C D E }
tuples! { A B C D E F }
tuples! { A B C D E F G }
tuples! { A B C D E F G H }
