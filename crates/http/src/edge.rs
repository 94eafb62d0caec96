//! What every request passes on its way in and out, before and after its handler.

pub(crate) mod allowed_origins;
pub(crate) mod chunked_body;
pub(crate) mod client_address;
pub(crate) mod compression;
pub(crate) mod graceful_shutdown;
pub(crate) mod jitter;
pub(crate) mod load_shedding;
pub(crate) mod middleware;
pub(crate) mod rate_limits;
pub(crate) mod rates;
pub(crate) mod unsent_bodies;
pub(crate) mod wake_batching;

pub(crate) use load_shedding::LoadClass;
pub(crate) use rate_limits::{Action, Allowance};
