//! How many streams of server-sent events are open, in all and of each user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stagedoor_domain::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::settings::HttpSettings;
use crate::wire::error::ApiError;

/// After how long one more stream is worth another try, for somebody who has enough.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The streams that are open.
pub(crate) struct EventStreams {
    free: Arc<Semaphore>,
    of_users: Arc<OfUsers>,
    per_user_max: usize,
}

#[derive(Default)]
struct OfUsers(Mutex<HashMap<UserId, usize>>);

/// A stream's place, given back when this is dropped.
pub(crate) struct StreamSlot {
    user_id: UserId,
    of_users: Arc<OfUsers>,
    _one: OwnedSemaphorePermit,
}

impl EventStreams {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            free: Arc::new(Semaphore::new(settings.event_streams_max)),
            of_users: Arc::default(),
            per_user_max: settings.event_streams_per_user_max,
        }
    }

    /// A place for one more stream of a user.
    pub(super) fn open(&self, user_id: UserId) -> Result<StreamSlot, ApiError> {
        let one = Arc::clone(&self.free).try_acquire_owned();
        let one = one.map_err(|_| ApiError::Overloaded)?;
        let mut of_users = self.of_users.lock();
        let open = of_users.entry(user_id).or_default();
        if *open >= self.per_user_max {
            return Err(ApiError::RateLimited { wait: TRY_AGAIN_AFTER });
        }
        *open += 1;
        drop(of_users);
        Ok(StreamSlot { user_id, of_users: Arc::clone(&self.of_users), _one: one })
    }
}

impl OfUsers {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut of_users = self.of_users.lock();
        let Some(open) = of_users.get_mut(&self.user_id) else { return };
        *open = open.saturating_sub(1);
        if *open == 0 {
            of_users.remove(&self.user_id);
        }
    }
}
