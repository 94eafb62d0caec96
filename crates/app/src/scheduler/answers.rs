//! Forgetting old answers to idempotency keys.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, Maintenance, StoreError};
use time::Duration;

use super::Sweep;

/// The most answers deleted by one transaction.
const ANSWERS_MAX: usize = 1_000;
/// The most transactions of one sweep.
const ROUNDS_MAX: usize = 50;

/// Deletes answers that have been kept long enough.
pub struct AnswerSweep<S: ?Sized> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    kept: Duration,
}

impl<S: Maintenance + ?Sized> AnswerSweep<S> {
    /// Has `store` forget answers after the time `kept`.
    pub fn new(store: Arc<S>, clock: Arc<dyn Clock>, kept: Duration) -> Self {
        Self { store, clock, kept }
    }
}

#[async_trait]
impl<S: Maintenance + ?Sized + 'static> Sweep for AnswerSweep<S> {
    fn name(&self) -> &'static str {
        "answers"
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - self.kept;
        for _ in 0..ROUNDS_MAX {
            if self.store.forget_answers(before, ANSWERS_MAX).await? < ANSWERS_MAX {
                break;
            }
        }
        Ok(())
    }
}
