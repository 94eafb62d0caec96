//! Following the store's clock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::ports::{Maintenance, StoreError};

use super::Sweep;
use crate::clock::StoreClock;

/// How often the store is asked for its time.
pub(super) const CLOCK_INTERVAL: Duration = Duration::from_secs(1);

/// Asks the store for its time, so that the process's clock follows it.
pub(super) struct ClockSweep<S: ?Sized> {
    pub(super) clock: Arc<StoreClock>,
    pub(super) store: Arc<S>,
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> Sweep for ClockSweep<S> {
    fn name(&self) -> &'static str {
        "clock"
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        self.clock.measure(&*self.store).await
    }
}
