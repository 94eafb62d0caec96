//! How much is taken in hand: more requests than can be answered in good time are refused at once,
//! before they are read any further.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// What is always answered: without it nobody could see what is wrong.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The requests in hand. What only reads has a bound of its own, so that people who wait in line are
/// told their place, which costs next to nothing, while nothing more can be held or paid.
pub(crate) struct RequestsInHand {
    reads: Arc<Semaphore>,
    changes: Arc<Semaphore>,
}

/// A request that is in hand; it is not any more when this is dropped.
pub(crate) struct InHand(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);

impl RequestsInHand {
    pub(crate) fn new(most: usize) -> Self {
        let semaphore = || Arc::new(Semaphore::new(most));
        Self { reads: semaphore(), changes: semaphore() }
    }

    /// Takes a request in hand.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Result<Option<InHand>, ApiError> {
        if ALWAYS.contains(&path) {
            return Ok(None);
        }
        let kind = if method.is_safe() { &self.reads } else { &self.changes };
        let taken = Arc::clone(kind).try_acquire_owned();
        taken.map(|permit| Some(InHand(permit))).map_err(|_| ApiError::Overloaded)
    }
}

/// Waits for what a client has yet to send, for so long at most. Meanwhile the request is not in hand:
/// clients that send slowly keep nobody from being served.
pub(crate) async fn received<T>(
    req: &HttpRequest,
    sent: impl Future<Output = T>,
    time_max: Duration,
) -> Result<T, ApiError> {
    let was_in_hand = req.extensions_mut().remove::<InHand>().is_some();
    let received = tokio::time::timeout(time_max, sent).await;
    let received = received.map_err(|_| ApiError::BodyTooSlow)?;
    if was_in_hand
        && let Some(all) = req.app_data::<Data<RequestsInHand>>()
        && let Some(in_hand) = all.take(req.method(), req.path())?
    {
        req.extensions_mut().insert(in_hand);
    }
    Ok(received)
}

#[cfg(test)]
mod tests;
