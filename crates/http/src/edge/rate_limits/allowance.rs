//! Counting requests: before their handler runs, and by what only the handler knows.

use std::future::{Ready, ready};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use stagedoor_domain::Email;

use super::{Action, Hashing, LogInKeys, RateLimitStatus, RateLimits, fields};
use crate::auth::bearer::bearer;
use crate::edge::client_address::rate_limit_prefix;
use crate::settings::HttpSettings;
use crate::wire::error::ApiError;

/// The status of the limits that counted a request, for the headers of its response.
#[derive(Default)]
pub(crate) struct CountedBy(Vec<RateLimitStatus>);

impl CountedBy {
    pub(crate) fn fields(&self) -> Option<(HeaderValue, HeaderValue)> {
        fields(&self.0)
    }
}

/// Lets a handler count a request by more than its address and account.
pub(crate) struct Allowance {
    req: HttpRequest,
    limits: Data<RateLimits>,
    address: IpAddr,
}

/// Marks a request of an address that logs in too often.
struct AddressRefused(ApiError);

impl FromRequest for Allowance {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::new(req))
    }
}

impl Allowance {
    fn new(req: &HttpRequest) -> Result<Self, ApiError> {
        let limits = req.app_data::<Data<RateLimits>>().ok_or(ApiError::Internal)?.clone();
        let settings = req.app_data::<Data<HttpSettings>>().ok_or(ApiError::Internal)?;
        let address = settings.trusted_proxies.client_of(req);
        Ok(Self { req: req.clone(), limits, address })
    }

    /// Counts a request of a route with this limit. A log-in is rejected by its handler: one to an account
    /// that has a recent log-in from the address is not rejected because of other users.
    pub(crate) fn count_request(req: &HttpRequest, action: Action) -> Result<(), ApiError> {
        match Self::new(req)?.count(action) {
            Err(refused) if action == Action::LogIn => {
                req.extensions_mut().insert(AddressRefused(refused));
                Ok(())
            }
            counted => counted,
        }
    }

    /// Rejects the request if its address sends too many.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let extensions = self.req.extensions();
        extensions.get::<AddressRefused>().map_or(Ok(()), |refused| Err(refused.0.clone()))
    }

    /// Reserves password hashing for the address's network.
    pub(crate) fn begin_hashing(&self) -> Result<Hashing, ApiError> {
        self.limits.begin_hashing(self.address)
    }

    /// Counts by the address, and by the account of a signed-in caller.
    pub(crate) fn count(&self, action: Action) -> Result<(), ApiError> {
        self.note(self.limits.count_address(action, self.address))?;
        match action {
            Action::SignUp | Action::LogIn => Ok(()),
            Action::Join
            | Action::Hold
            | Action::ChangePoints
            | Action::Create
            | Action::Export => match bearer(&self.req) {
                Ok(bearer) => self.count_account(action, bearer.user_id),
                Err(_) => Ok(()),
            },
        }
    }

    fn note(&self, status: Option<RateLimitStatus>) -> Result<(), ApiError> {
        let Some(status) = status else { return Ok(()) };
        let mut extensions = self.req.extensions_mut();
        match extensions.get_mut::<CountedBy>() {
            Some(counted_by) => counted_by.0.push(status),
            None => drop(extensions.insert(CountedBy(vec![status]))),
        }
        status.check()
    }

    fn count_account(&self, action: Action, account: impl Hash) -> Result<(), ApiError> {
        self.note(self.limits.count_account(action, account))
    }

    /// Counts by the e-mail address of a sign-up.
    pub(crate) fn count_email(&self, email: &Email) -> Result<(), ApiError> {
        self.count_account(Action::SignUp, email)
    }

    /// Begins a log-in to the account of an e-mail address, whether or not it exists. It is counted together
    /// with the address it comes from: otherwise anyone could lock the account's owner out. A log-in from an
    /// address that is known to the account has limits of its own.
    pub(crate) fn begin(&self, email: &str) -> Result<LogIn, ApiError> {
        let account = Email::key(email);
        let keys = self.limits.keys(self.address, &account);
        let counted = self.count_account(Action::LogIn, (rate_limit_prefix(self.address), account));
        let hashing = if keys.is_known {
            None
        } else {
            self.check().and(counted)?;
            Some(self.begin_hashing()?)
        };
        let begun = self.limits.begin_log_in(&keys);
        begun.map_err(|wait: Duration| ApiError::RateLimited { wait })?;
        Ok(LogIn { limits: Arc::clone(&self.limits), keys, _hashing: hashing })
    }
}

/// A log-in that counts as failed until its outcome is reported.
pub(crate) struct LogIn {
    limits: Arc<RateLimits>,
    keys: LogInKeys,
    _hashing: Option<Hashing>,
}

impl LogIn {
    /// Whether there was a recent log-in to the account from the address.
    pub(crate) fn is_known(&self) -> bool {
        self.keys.is_known
    }

    /// The password was right.
    pub(crate) fn succeeded(self) {
        self.limits.logged_in(&self.keys);
    }

    /// The password was not checked.
    pub(crate) fn abandoned(self) {
        self.limits.take_back(&self.keys);
    }
}
