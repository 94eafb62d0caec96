//! Deleting what has been kept long enough.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, Kept, Maintenance, StoreError};
use time::Duration;

use crate::periodic_job::PeriodicJob;

/// The most rows deleted by one transaction.
const ROWS_MAX: usize = 1_000;
/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

/// Deletes what has been kept long enough.
pub struct RetentionJob<S: ?Sized> {
    what: Kept,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    time: Duration,
}

impl<S: Maintenance + ?Sized> RetentionJob<S> {
    /// Has `store` delete what is older than `time`.
    pub fn new(what: Kept, store: Arc<S>, clock: Arc<dyn Clock>, time: Duration) -> Self {
        Self { what, store, clock, time }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> PeriodicJob for RetentionJob<S> {
    fn name(&self) -> &'static str {
        match self.what {
            Kept::IdempotencyRecords => "answers",
            Kept::LineChanges => "line_changes",
            Kept::Events => "events",
        }
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - self.time;
        for _ in 0..ROUNDS_MAX {
            let deleted = self.store.delete_old(self.what, before, ROWS_MAX).await?;
            if deleted < ROWS_MAX {
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

    /// How many of `rows` old ones are left after a run, which takes `rounds` transactions.
    async fn left_after_a_run(what: Kept, rows: usize, rounds: usize) -> usize {
        let old = Arc::new(Mutex::new(rows));
        let (mut store, stored) = (MockMaintenance::new(), Arc::clone(&old));
        let delete = move |_, _, limit: usize| {
            let mut old = stored.lock();
            let deleted = limit.min(*old);
            *old -= deleted;
            Ok(deleted)
        };
        let deleting = store.expect_delete_old().times(rounds);
        deleting.with(eq(what), eq(NOW - Duration::DAY), eq(ROWS_MAX)).returning(delete);
        let clock = Arc::new(StoppedClock(NOW));
        let job = RetentionJob::new(what, Arc::new(store), clock, Duration::hours(24));
        job.run_once().await.unwrap();
        *old.lock()
    }

    #[tokio::test]
    async fn what_is_older_than_the_time_it_is_kept_is_deleted_in_bounded_rounds() {
        let all = ROUNDS_MAX * ROWS_MAX;
        let table = [
            (0, 1, 0),
            (1, 1, 0),
            (ROWS_MAX - 1, 1, 0),
            (ROWS_MAX, 2, 0),
            (2 * ROWS_MAX + 1, 3, 0),
            (all + 7, ROUNDS_MAX, 7),
        ];
        for what in [Kept::IdempotencyRecords, Kept::LineChanges, Kept::Events] {
            for (rows, rounds, left) in table {
                assert_eq!(left_after_a_run(what, rows, rounds).await, left, "of {rows} {what:?}");
            }
        }
    }
}
