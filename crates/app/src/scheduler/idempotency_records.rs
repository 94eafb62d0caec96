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
    use mockall::predicate::eq;
    use parking_lot::Mutex;
    use stagedoor_domain::ports::MockMaintenance;

    use super::*;
    use crate::testing::{NOW, StoppedClock};

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
        for (records, rounds, left) in table {
            let old = Arc::new(Mutex::new(records));
            let (mut store, stored) = (MockMaintenance::new(), Arc::clone(&old));
            let deleting = store.expect_delete_idempotency_records().times(rounds);
            deleting.with(eq(NOW - Duration::DAY), eq(RECORDS_MAX)).returning(move |_, limit| {
                let mut old = stored.lock();
                let deleted = limit.min(*old);
                *old -= deleted;
                Ok(deleted)
            });
            let (clock, kept) = (Arc::new(StoppedClock(NOW)), Duration::hours(24));

            IdempotencyRecordJob::new(Arc::new(store), clock, kept).run_once().await.unwrap();

            assert_eq!(*old.lock(), left, "of {records} old answers");
        }
    }
}
