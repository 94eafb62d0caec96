//! The HTTP side of Stagedoor: `/api/v1` over the domain's use cases and ports.

mod auth;
mod contracts;
mod edge;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod openapi;
mod pages;
mod route;
mod server;
mod services;
mod settings;
mod shared;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod ticket_keys;
mod v1;
mod wire;

pub use auth::metrics_token::MetricsToken;
pub use auth::signing_keys::{QueueTokenOf, SigningFailed, SigningKeys};
pub use edge::allowed_origins::AllowedOrigins;
pub use edge::client_address::{ProxyHeader, TrustedProxies};
pub use edge::rates::{Rate, RateLimitSettings, Rates};
pub use server::{openapi_json, serve};
pub use services::{
    DoorServices, Mails, Posters, Services, Staff, TicketServices, VenueChanges, WebhookChanges,
};
pub use settings::HttpSettings;
pub use v1::event::webhook_body;
pub use wire::local_time::LocalTime;
