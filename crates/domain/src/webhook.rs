//! Webhooks: addresses of other systems that events are sent to.

mod secret;
mod url;

pub use secret::WebhookSecret;
pub use url::{Reach, URL_MAX, WebhookUrl};
