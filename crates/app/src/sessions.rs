//! Which sessions have ended, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::RwLock;
use stagedoor_domain::ports::{Clock, EndedSessions, StoreError, Users};
use stagedoor_domain::{Instant, UserId};
use time::Duration;
use tokio::sync::Mutex;

use crate::periodic_job::PeriodicJob;

/// Longer than any token is valid: sessions that ended earlier have no token left.
const KEPT_FOR: Duration = Duration::days(31);
/// How far each read goes back before the one before it, for commits that took long and for processes
/// whose clocks differ.
const OVERLAP: Duration = Duration::minutes(5);

/// The users whose sessions ended lately.
#[derive(Default)]
pub struct MemorySessions(RwLock<HashMap<UserId, i64>>);

impl EndedSessions for MemorySessions {
    fn have_ended(&self, user_id: UserId, version: i64) -> bool {
        self.0.read().get(&user_id).is_some_and(|valid| version < *valid)
    }

    fn note(&self, user_id: UserId, version: i64) {
        let mut known = self.0.write();
        let valid = known.entry(user_id).or_default();
        *valid = version.max(*valid);
    }
}

/// Reads whose sessions ended, in this process or another.
pub struct SessionFollower<S: ?Sized> {
    sessions: Arc<MemorySessions>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    /// When the store was last read.
    read_at: Mutex<Option<Instant>>,
}

impl<S: Users + ?Sized> SessionFollower<S> {
    /// Keeps `sessions` up to date with `store`.
    pub fn new(sessions: Arc<MemorySessions>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, store, clock, read_at: Mutex::new(None) }
    }
}

#[async_trait]
impl<S: Users + ?Sized + 'static> PeriodicJob for SessionFollower<S> {
    fn name(&self) -> &'static str {
        "session_refresh"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        let mut read_at = self.read_at.lock().await;
        let now = self.clock.now();
        let since = read_at.map_or(now - KEPT_FOR, |at| at.min(now) - OVERLAP);
        for (user_id, version) in self.store.sessions_ended(since).await? {
            if self.sessions.0.read().get(&user_id) != Some(&version) {
                self.sessions.note(user_id, version);
            }
        }
        *read_at = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use stagedoor_domain::ports::MockUsers;
    use uuid::Uuid;

    use super::*;
    use crate::testing::{NOW, StoppedClock};

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn sessions_of_an_older_version_have_ended_and_of_other_users_have_not() {
        let sessions = MemorySessions::default();
        sessions.note(user(1), 2);
        sessions.note(user(1), 1);

        let ended = [0, 1, 2, 3].map(|version| sessions.have_ended(user(1), version));

        assert_eq!(ended, [true, true, false, false]);
        assert!(!sessions.have_ended(user(2), 0));
    }

    #[tokio::test]
    async fn the_first_read_goes_back_as_far_as_tokens_live_and_a_failed_one_is_made_up_for() {
        let (mut users, mut order) = (MockUsers::new(), Sequence::new());
        let answers = [
            (NOW - KEPT_FOR, Err(StoreError::Unavailable(String::new()))),
            (NOW - KEPT_FOR, Ok(vec![(user(1), 1)])),
            (NOW - OVERLAP, Ok(vec![(user(1), 1), (user(2), 7)])),
        ];
        for (since, answer) in answers {
            users
                .expect_sessions_ended()
                .withf(move |asked| *asked == since)
                .times(1)
                .in_sequence(&mut order)
                .returning(move |_| answer.clone());
        }
        let sessions = Arc::new(MemorySessions::default());
        let follower = SessionFollower::new(
            Arc::clone(&sessions),
            Arc::new(users),
            Arc::new(StoppedClock(NOW)),
        );

        assert!(follower.run_once().await.is_err());
        assert!(!sessions.have_ended(user(1), 0));
        assert_eq!(follower.run_once().await, Ok(()));
        assert!(sessions.have_ended(user(1), 0));
        assert_eq!(follower.run_once().await, Ok(()));
        assert!(sessions.have_ended(user(2), 6));
    }
}
