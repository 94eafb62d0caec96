//! Following the store's clock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::ports::{Maintenance, StoreError};

use crate::clock::StoreClock;
use crate::periodic_job::PeriodicJob;

/// How often the store is asked for its time.
pub(super) const CLOCK_INTERVAL: Duration = Duration::from_secs(1);

/// Asks the store for its time, so that the process's clock follows it.
pub(super) struct ClockJob<S: ?Sized> {
    pub(super) clock: Arc<StoreClock>,
    pub(super) store: Arc<S>,
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> PeriodicJob for ClockJob<S> {
    fn name(&self) -> &'static str {
        "clock"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        self.clock.measure(&*self.store).await
    }
}
