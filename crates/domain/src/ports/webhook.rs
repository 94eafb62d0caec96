//! Sending webhooks, and reading them.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::webhook::{NoAnswer, WebhookSecret, WebhookUrl};
use crate::{Delivery, EventId, Instant, Page, PageSize, UserId, Webhook, WebhookId};

/// One webhook to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// Where to.
    pub url: WebhookUrl,
    /// What signs it: the secret of today, and for a time after a change the one before. At least one.
    pub secrets: Vec<WebhookSecret>,
    /// Which event it tells; the same for each attempt, so that a receiver knows a repetition.
    pub id: String,
    /// When this attempt is made.
    pub at: Instant,
    /// What it tells: JSON.
    pub body: String,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// The receiver answered with this HTTP status.
    Status {
        /// The status.
        status: u16,
        /// How long the receiver asks to be left alone (`Retry-After`, in seconds).
        retry_after: Option<Duration>,
    },
    /// There was no answer.
    None(NoAnswer),
}

/// Sends webhooks (Standard Webhooks 1.0).
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SendWebhook: Send + Sync {
    /// Sends one, once. MUST end within 10 seconds, MUST NOT follow redirects, MUST read a bounded part of the answer,
    /// and MUST NOT connect to an address that webhooks may not have.
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer;
}

/// Reads webhooks and their deliveries.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// All webhooks of a user, the oldest first.
    ///
    /// # Errors
    /// A failure of the store.
    async fn webhooks_of(&self, owner_id: UserId) -> Result<Vec<Webhook>, StoreError>;

    /// The deliveries of a webhook, the newest first, from those before `after` on. A cursor is when a delivery was
    /// made, and its event.
    ///
    /// # Errors
    /// A failure of the store.
    async fn deliveries(
        &self,
        id: WebhookId,
        after: Option<(Instant, EventId)>,
        size: PageSize,
    ) -> Result<Page<Delivery, (Instant, EventId)>, StoreError>;
}
