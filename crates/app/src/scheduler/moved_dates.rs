//! Telling the holders of tickets that their date was moved.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::TellMoves;
use stagedoor_domain::ports::{Clock, Execute, StoreError};

use crate::periodic_job::PeriodicJob;

/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

/// Writes the e-mails about moved dates, batch by batch.
pub struct MovedDatesJob<S: ?Sized> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<TellMoves> + ?Sized> MovedDatesJob<S> {
    /// Writes them in `store`.
    pub fn new(store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl<S: Execute<TellMoves> + ?Sized + 'static> PeriodicJob for MovedDatesJob<S> {
    fn name(&self) -> &'static str {
        "moved_dates"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        for _ in 0..ROUNDS_MAX {
            let Ok(told) = self.store.execute_one(TellMoves, self.clock.now()).await?;
            if told < TellMoves::RESERVATIONS_MAX {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use stagedoor_domain::ports::MockExecute;

    use super::*;
    use crate::testing::{NOW, StoppedClock};

    #[tokio::test]
    async fn a_run_goes_on_until_a_date_has_no_more_holders() {
        let runs = Arc::new(AtomicUsize::new(0));
        let mut store = MockExecute::<TellMoves>::new();
        let counted = Arc::clone(&runs);
        store.expect_execute().returning(move |_, _| {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            Ok(vec![Ok(if run < 2 { TellMoves::RESERVATIONS_MAX } else { 7 })])
        });

        MovedDatesJob::new(Arc::new(store), Arc::new(StoppedClock(NOW))).run_once().await.unwrap();

        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }
}
