//! Sending of webhooks: a driven adapter that makes HTTP requests signed by Standard Webhooks 1.0.

#![deny(missing_docs)]

mod address;
mod failure;
mod retry_after;
mod signature;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Response, redirect, retry};
use stagedoor_domain::ports::{SendWebhook, WebhookAnswer, WebhookMessage};
use stagedoor_domain::webhook::{NoAnswer, Reach};

/// How long an attempt takes at most: resolving the name, connecting, and reading the answer.
const ATTEMPT_SECONDS_MAX: u64 = 10;
/// After this number of bytes of an answer's body, no more are read and the connection is closed.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long an unused connection stays open.
const IDLE_SECONDS_MAX: u64 = 30;
/// The number of unused connections that stay open to one host.
const IDLE_PER_HOST_MAX: usize = 4;

const USER_AGENT: &str = concat!("Stagedoor/", env!("CARGO_PKG_VERSION"));

/// The HTTP client for webhooks could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the HTTP client for webhooks")]
pub struct SenderError(#[from] reqwest::Error);

/// Sends webhooks by HTTP/1.1 over TCP and TLS.
///
/// It trusts the certificate authorities of the operating system and those of Mozilla's list, which it contains: an
/// image without the former can send as well.
pub struct WebhookSender {
    reach: Reach,
    client: Client,
}

impl WebhookSender {
    /// Makes a sender that connects only to addresses that `reach` takes, and for [`Reach::Public`] only by `https`.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, SenderError> {
        Self::with_timeout(reach, Duration::from_secs(ATTEMPT_SECONDS_MAX))
    }

    fn with_timeout(reach: Reach, timeout: Duration) -> Result<Self, SenderError> {
        let contained = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let contained: Result<Vec<_>, _> =
            contained.map(|authority| Certificate::from_der(authority)).collect();
        let client = client(reach, timeout).tls_certs_merge(contained?).build()?;
        Ok(Self { reach, client })
    }

    async fn attempt(&self, message: &WebhookMessage) -> Result<WebhookAnswer, NoAnswer> {
        let url = address::checked(&message.url, self.reach)?;
        let Some(signature) = signature::header(message) else {
            // Only a defect of the service makes such a secret, and no request may leave unsigned.
            tracing::error!("a webhook is not sent: it has no secret, or one that is not base64");
            return Err(NoAnswer::Connection);
        };
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", message.id.as_str())
            .header("webhook-timestamp", message.at.unix_timestamp())
            .header("webhook-signature", signature)
            .body(message.body.clone());
        let answer = request.send().await.map_err(|error| failure::no_answer(&error))?;
        let status = answer.status().as_u16();
        let retry_after = retry_after::parse(answer.headers(), message.at);
        discard(answer).await;
        Ok(WebhookAnswer::Status { status, retry_after })
    }
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSender").field("reach", &self.reach).finish_non_exhaustive()
    }
}

#[async_trait]
impl SendWebhook for WebhookSender {
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer {
        self.attempt(message).await.unwrap_or_else(WebhookAnswer::None)
    }
}

/// A client that sends what it is given and nothing else. What reqwest does not do by the features of today is turned
/// off as well, because any crate of the workspace may add a feature.
fn client(reach: Reach, timeout: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .https_only(reach == Reach::Public)
        .dns_resolver(address::Resolver::new(reach))
        .timeout(timeout)
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX))
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
}

/// Reads a short body to its end, so that the connection can be used again. The connection of a longer one is closed.
/// A body that breaks off changes nothing: the status has been received.
async fn discard(mut answer: Response) {
    let mut bytes = 0;
    while bytes < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests;
