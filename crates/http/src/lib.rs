//! The HTTP side of Stagedoor: `/api/v1` over the domain's use cases and ports.

mod allowed_origins;
mod bearer;
mod body;
mod client_address;
mod commands;
mod contracts;
mod direct_charges;
mod docs;
mod edge;
mod error;
mod farewell;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod health_checks;
mod idempotency;
mod ids;
mod instants;
mod issuing;
mod jitter;
mod language;
mod load;
mod local_time;
mod metrics_token;
mod openapi;
mod pages;
mod paging;
mod pieces;
mod problem;
mod rate_limits;
mod refusals;
mod request_id;
mod routes;
mod seat_maps;
mod server;
mod services;
mod session_cookie;
mod shared_body;
mod shared_reads;
mod signing_keys;
mod staff;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unsent;
mod v1;
mod wakes;

pub use allowed_origins::AllowedOrigins;
pub use client_address::{ProxyHeader, TrustedProxies};
pub use local_time::LocalTime;
pub use metrics_token::MetricsToken;
pub use openapi::openapi_json;
pub use rate_limits::{Rate, RateLimitSettings, Rates};
pub use server::serve;
pub use services::{HttpSettings, Services};
pub use signing_keys::{QueueTokenOf, SigningFailed, SigningKeys};
