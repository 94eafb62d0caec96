//! What a handler asks for before it does what is limited.

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

use super::{Action, InHand, LogInKeys, RateLimits, Standing, fields};
use crate::auth::bearer::bearer;
use crate::edge::client_address::household;
use crate::settings::HttpSettings;
use crate::wire::error::ApiError;

/// What is left of the limits that a request was counted by, for the edge to write on its answer.
#[derive(Default)]
pub(crate) struct Announced(Vec<Standing>);

impl Announced {
    pub(crate) fn fields(&self) -> Option<(HeaderValue, HeaderValue)> {
        fields(&self.0)
    }
}

/// What a handler needs that counts a request by more than its address and account.
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

    /// Counts a request of a route with this limit. A log-in is refused by its handler: one to an account that
    /// was logged in to from the address is not refused for what others do.
    pub(crate) fn count_request(req: &HttpRequest, action: Action) -> Result<(), ApiError> {
        match Self::new(req)?.count(action) {
            Err(refused) if action == Action::LogIn => {
                req.extensions_mut().insert(AddressRefused(refused));
                Ok(())
            }
            counted => counted,
        }
    }

    /// Refuses what the address asks too often.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let extensions = self.req.extensions();
        extensions.get::<AddressRefused>().map_or(Ok(()), |refused| Err(refused.0.clone()))
    }

    /// Takes one of the places that the address's network has for requests whose passwords are hashed.
    pub(crate) fn take_in_hand(&self) -> Result<InHand, ApiError> {
        self.limits.take_in_hand(self.address)
    }

    /// Counts by the address, and by the account of a caller who is signed in.
    pub(crate) fn count(&self, action: Action) -> Result<(), ApiError> {
        self.note(self.limits.count_address(action, self.address))?;
        match action {
            Action::SignUp | Action::LogIn => Ok(()),
            Action::Join | Action::Hold | Action::ChangePoints | Action::Create => {
                match bearer(&self.req) {
                    Ok(bearer) => self.count_account(action, bearer.user_id),
                    Err(_) => Ok(()),
                }
            }
        }
    }

    fn note(&self, standing: Option<Standing>) -> Result<(), ApiError> {
        let Some(standing) = standing else { return Ok(()) };
        let mut extensions = self.req.extensions_mut();
        match extensions.get_mut::<Announced>() {
            Some(announced) => announced.0.push(standing),
            None => drop(extensions.insert(Announced(vec![standing]))),
        }
        standing.check()
    }

    fn count_account(&self, action: Action, account: impl Hash) -> Result<(), ApiError> {
        self.note(self.limits.count_account(action, account))
    }

    /// Counts by the e-mail address that is signed up.
    pub(crate) fn count_email(&self, email: &Email) -> Result<(), ApiError> {
        self.count_account(Action::SignUp, email)
    }

    /// Begins a log-in to the account of an e-mail address, whether or not there is one. It is counted
    /// together with the address it comes from: otherwise anybody could lock an account's owner out. One
    /// to an account that was logged in to from the address has limits of its own.
    pub(crate) fn begin(&self, email: &str) -> Result<LogIn, ApiError> {
        let account = Email::key(email);
        let keys = self.limits.keys(self.address, &account);
        let counted = self.count_account(Action::LogIn, (household(self.address), account));
        let in_hand = if keys.is_known {
            None
        } else {
            self.check().and(counted)?;
            Some(self.take_in_hand()?)
        };
        let begun = self.limits.begin_log_in(&keys);
        begun.map_err(|wait: Duration| ApiError::RateLimited { wait })?;
        Ok(LogIn { limits: Arc::clone(&self.limits), keys, _in_hand: in_hand })
    }
}

/// A log-in that counts as failed until it is said that it was not.
pub(crate) struct LogIn {
    limits: Arc<RateLimits>,
    keys: LogInKeys,
    _in_hand: Option<InHand>,
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

    /// The password was not looked at.
    pub(crate) fn came_to_nothing(self) {
        self.limits.take_back(&self.keys);
    }
}
