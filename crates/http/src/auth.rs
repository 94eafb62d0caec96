//! Who sends a request, what they may do, and the tokens that say so.

pub(crate) mod access;
pub(crate) mod authorization;
pub(crate) mod bearer;
pub(crate) mod metrics_token;
pub(crate) mod session_cookie;
pub(crate) mod signing_keys;
pub(crate) mod token_issuer;
