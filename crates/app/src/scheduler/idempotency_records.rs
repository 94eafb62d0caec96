//! Deleting old idempotency records.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, Maintenance, StoreError};
use time::Duration;

use crate::periodic_job::PeriodicJob;

/// The most answers deleted by one transaction.
const RECORDS_MAX: usize = 1_000;
/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

/// Deletes answers that have been kept long enough.
pub struct IdempotencyRecordJob<S: ?Sized> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    kept: Duration,
}

impl<S: Maintenance + ?Sized> IdempotencyRecordJob<S> {
    /// Has `store` forget answers after the time `kept`.
    pub fn new(store: Arc<S>, clock: Arc<dyn Clock>, kept: Duration) -> Self {
        Self { store, clock, kept }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> PeriodicJob for IdempotencyRecordJob<S> {
    fn name(&self) -> &'static str {
        "answers"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - self.kept;
        for _ in 0..ROUNDS_MAX {
            if self.store.delete_idempotency_records(before, RECORDS_MAX).await? < RECORDS_MAX {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use stagedoor_domain::Instant;
    use stagedoor_domain::ports::Readiness;

    use super::*;
    use crate::testing::{NOW, StoppedClock};

    /// A store with this many old records.
    struct Answers {
        old: Mutex<usize>,
        asked: Mutex<Vec<(Instant, usize)>>,
    }

    #[async_trait]
    impl Maintenance for Answers {
        async fn readiness(&self) -> Result<Readiness, StoreError> {
            Err(StoreError::Unavailable("not asked".to_owned()))
        }

        async fn delete_idempotency_records(
            &self,
            before: Instant,
            limit: usize,
        ) -> Result<usize, StoreError> {
            self.asked.lock().unwrap().push((before, limit));
            let mut old = self.old.lock().unwrap();
            let forgotten = limit.min(*old);
            *old -= forgotten;
            Ok(forgotten)
        }
    }

    #[tokio::test]
    async fn answers_older_than_the_time_they_are_kept_are_deleted_in_bounded_rounds() {
        let all = ROUNDS_MAX * RECORDS_MAX;
        let table = [
            (0, 1, 0),
            (1, 1, 0),
            (RECORDS_MAX - 1, 1, 0),
            (RECORDS_MAX, 2, 0),
            (2 * RECORDS_MAX + 1, 3, 0),
            (all + 7, ROUNDS_MAX, 7),
        ];
        for (old, rounds, left) in table {
            let store = Arc::new(Answers { old: Mutex::new(old), asked: Mutex::default() });
            let kept = Duration::hours(24);
            let job = IdempotencyRecordJob::new(Arc::clone(&store), Arc::new(StoppedClock), kept);

            job.run_once().await.unwrap();

            let expected = vec![(NOW - Duration::DAY, RECORDS_MAX); rounds];
            assert_eq!(*store.asked.lock().unwrap(), expected, "{old} old answers");
            assert_eq!(*store.old.lock().unwrap(), left);
        }
    }
}
