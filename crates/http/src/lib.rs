//! The HTTP side of Stagedoor: `/api/v1` over the domain's use cases and ports.

mod auth;
mod contracts;
mod edge;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod openapi;
mod pages;
mod server;
mod services;
mod shared;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod v1;
mod wire;

pub use auth::metrics_token::MetricsToken;
pub use auth::signing_keys::{QueueTokenOf, SigningFailed, SigningKeys};
pub use edge::allowed_origins::AllowedOrigins;
pub use edge::client_address::{ProxyHeader, TrustedProxies};
pub use edge::rate_limits::{Rate, RateLimitSettings, Rates};
pub use openapi::document::openapi_json;
pub use server::serve;
pub use services::{HttpSettings, Services};
pub use wire::local_time::LocalTime;
