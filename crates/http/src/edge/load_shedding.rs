//! Load shedding: when more requests are in flight than can be answered in time, new ones are rejected at
//! once, before their body is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::wire::error::ApiError;

/// Which in-flight budget counts a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoadClass {
    /// It is always answered: what operators need to see what is wrong, which is a few requests, and what caches read
    /// for all waiting users, which never waits for the store.
    Exempt,
    /// It changes nothing.
    Read,
    /// A user arrives: signs up, logs in, or joins a waiting room. A change of the password costs as much as a
    /// log-in, so it counts as one.
    Entry,
    /// It changes anything else.
    Booking,
}

/// While booking requests are in flight, entry requests have the budget divided by this.
const ENTRY_SHARE: usize = 4;

/// The requests in flight. Reads have their own budget: users still see their position, which costs little,
/// while nothing more can be held or paid. Entry requests have their own budget too, and are rejected first:
/// admitted users can always hold and pay.
pub(crate) struct RequestsInFlight {
    max: usize,
    reads: Count,
    entries: Count,
    bookings: Count,
}

type Count = Arc<AtomicUsize>;

/// A request that is in flight until this is dropped.
pub(crate) struct InFlight {
    count: Count,
    class: LoadClass,
}

impl InFlight {
    fn new(count: &Count, class: LoadClass) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self { count: Arc::clone(count), class }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl RequestsInFlight {
    pub(crate) fn new(max: usize) -> Self {
        let (reads, entries, bookings) = Default::default();
        Self { max, reads, entries, bookings }
    }

    /// Admits a request, or rejects it when its budget is used up.
    pub(crate) fn admit(&self, class: LoadClass) -> Result<Option<InFlight>, ApiError> {
        let count = |of: &Count| of.load(Ordering::Relaxed);
        let (admitted, in_flight, max) = match class {
            LoadClass::Exempt => return Ok(None),
            LoadClass::Read => (InFlight::new(&self.reads, class), count(&self.reads), self.max),
            LoadClass::Entry => {
                let (admitted, bookings) =
                    (InFlight::new(&self.entries, class), count(&self.bookings));
                let share = if bookings > 0 { ENTRY_SHARE } else { 1 };
                (admitted, count(&self.entries) + bookings, self.max.div_ceil(share))
            }
            LoadClass::Booking => {
                (InFlight::new(&self.bookings, class), count(&self.bookings), self.max)
            }
        };
        if in_flight > max { Err(ApiError::Overloaded) } else { Ok(Some(admitted)) }
    }
}

/// Waits for a body, at most `time_max`. Meanwhile the request is not in flight: clients that send slowly
/// use up no budget.
pub(crate) async fn received<T>(
    req: &HttpRequest,
    body: impl Future<Output = T>,
    time_max: Duration,
) -> Result<T, ApiError> {
    let class = req.extensions_mut().remove::<InFlight>().map(|in_flight| in_flight.class);
    let received = tokio::time::timeout(time_max, body).await;
    let received = received.map_err(|_| ApiError::BodyTooSlow)?;
    if let Some(class) = class
        && let Some(requests) = req.app_data::<Data<RequestsInFlight>>()
        && let Some(in_flight) = requests.admit(class)?
    {
        req.extensions_mut().insert(in_flight);
    }
    Ok(received)
}

#[cfg(test)]
mod tests;
