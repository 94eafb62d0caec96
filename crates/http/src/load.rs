//! How much is taken in hand: more requests than can be answered in good time are refused at once,
//! before they are read any further.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::error::ApiError;

/// What is always answered: without it nobody could see what is wrong.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// How the paths end by which people come in: they sign up, log in, or join a line.
const COMING: [&str; 6] =
    ["/users", "/sessions", "/queue-tokens", "/concert-queue", "/queues", "/token"];

/// While others are inside, who comes in is refused when both together take one in so many places.
const SHARE_OF_COMING: usize = 4;

/// The requests in hand. What only reads has a bound of its own, so that people who wait in line are
/// told their place, which costs next to nothing, while nothing more can be held or paid. So has what those who
/// come in change, and they are refused first: however many they are, who has been let in can hold and pay.
pub(crate) struct RequestsInHand {
    most: usize,
    reads: Count,
    coming: Count,
    inside: Count,
}

type Count = Arc<AtomicUsize>;

/// A request that is in hand; it is not any more when this is dropped.
pub(crate) struct InHand(Count);

impl InHand {
    fn take(count: &Count) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl RequestsInHand {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, reads: Count::default(), coming: Count::default(), inside: Count::default() }
    }

    /// Takes a request in hand.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Result<Option<InHand>, ApiError> {
        if ALWAYS.contains(&path) {
            return Ok(None);
        }
        let count = |of: &Count| of.load(Ordering::Relaxed);
        let (taken, in_hand, most) = if method.is_safe() {
            (InHand::take(&self.reads), count(&self.reads), self.most)
        } else if is_coming(method, path) {
            let (taken, inside) = (InHand::take(&self.coming), count(&self.inside));
            let share = if inside > 0 { SHARE_OF_COMING } else { 1 };
            (taken, count(&self.coming) + inside, self.most.div_ceil(share))
        } else {
            (InHand::take(&self.inside), count(&self.inside), self.most)
        };
        if in_hand > most { Err(ApiError::Overloaded) } else { Ok(Some(taken)) }
    }
}

fn is_coming(method: &Method, path: &str) -> bool {
    method == Method::POST && COMING.iter().any(|end| path.ends_with(end))
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
