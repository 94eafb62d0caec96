//! How much is taken in hand: more requests than can be answered in good time are refused at once,
//! before they are read any further.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::wire::error::ApiError;

/// What is always answered: without it nobody could see what is wrong.
const ALWAYS: [&str; 3] = ["live", "ready", "metrics"];

/// By which people come in: they sign up, log in, or join a line.
const COMING: [&str; 8] = [
    "joinConcertRoom",
    "joinSiteRoom",
    "logIn",
    "ostEnterQueue",
    "ostIssueToken",
    "reservationIssueToken",
    "signUp",
    "ticketingEnter",
];

/// By which bound a request is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoadClass {
    /// It is always answered.
    Exempt,
    /// It changes nothing.
    Read,
    /// It brings somebody in.
    Coming,
    /// It changes anything else.
    Inside,
}

impl LoadClass {
    /// The class of an operation by its id, which does not depend on how its path is written.
    pub(crate) fn of(operation_id: &str, method: &Method) -> Self {
        if ALWAYS.contains(&operation_id) {
            Self::Exempt
        } else if method.is_safe() {
            Self::Read
        } else if COMING.contains(&operation_id) {
            Self::Coming
        } else {
            Self::Inside
        }
    }
}

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
pub(crate) struct InHand {
    count: Count,
    class: LoadClass,
}

impl InHand {
    fn take(count: &Count, class: LoadClass) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self { count: Arc::clone(count), class }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl RequestsInHand {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, reads: Count::default(), coming: Count::default(), inside: Count::default() }
    }

    /// Takes a request in hand.
    pub(crate) fn take(&self, class: LoadClass) -> Result<Option<InHand>, ApiError> {
        let count = |of: &Count| of.load(Ordering::Relaxed);
        let (taken, in_hand, most) = match class {
            LoadClass::Exempt => return Ok(None),
            LoadClass::Read => (InHand::take(&self.reads, class), count(&self.reads), self.most),
            LoadClass::Coming => {
                let (taken, inside) = (InHand::take(&self.coming, class), count(&self.inside));
                let share = if inside > 0 { SHARE_OF_COMING } else { 1 };
                (taken, count(&self.coming) + inside, self.most.div_ceil(share))
            }
            LoadClass::Inside => {
                (InHand::take(&self.inside, class), count(&self.inside), self.most)
            }
        };
        if in_hand > most { Err(ApiError::Overloaded) } else { Ok(Some(taken)) }
    }
}

/// Waits for what a client has yet to send, for so long at most. Meanwhile the request is not in hand:
/// clients that send slowly keep nobody from being served.
pub(crate) async fn received<T>(
    req: &HttpRequest,
    sent: impl Future<Output = T>,
    time_max: Duration,
) -> Result<T, ApiError> {
    let class = req.extensions_mut().remove::<InHand>().map(|in_hand| in_hand.class);
    let received = tokio::time::timeout(time_max, sent).await;
    let received = received.map_err(|_| ApiError::BodyTooSlow)?;
    if let Some(class) = class
        && let Some(all) = req.app_data::<Data<RequestsInHand>>()
        && let Some(in_hand) = all.take(class)?
    {
        req.extensions_mut().insert(in_hand);
    }
    Ok(received)
}

#[cfg(test)]
mod tests;
