//! Who sends a request, what they may do, and the tokens that say so.

pub(crate) mod access;
pub(crate) mod authorization;
pub(crate) mod bearer;
pub(crate) mod metrics_token;
pub(crate) mod session_cookie;
pub(crate) mod signing_keys;
pub(crate) mod token_issuer;

pub(crate) use access::Access;
pub(crate) use authorization::{MetricsReader, Operator, Viewer};
pub(crate) use bearer::{Account, AnyToken, Caller, Expiry, Pass, SignedIn};
pub(crate) use signing_keys::SigningKeys;
pub(crate) use token_issuer::{Issued, Issuer, JOIN_REFUSALS, Wanted};
