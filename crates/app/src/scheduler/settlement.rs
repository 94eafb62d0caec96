//! Refunding the tickets of cancelled schedules.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::SettleCancelled;
use stagedoor_domain::ports::{Clock, Execute, StoreError};
use stagedoor_domain::{PointEntryId, ReservationId};
use uuid::Uuid;

use crate::ids::new_id;
use crate::periodic_job::PeriodicJob;

/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

/// Refunds the tickets of cancelled schedules and ends their holds, batch by batch.
pub struct SettlementJob<S: ?Sized> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<SettleCancelled> + ?Sized> SettlementJob<S> {
    /// Settles what is cancelled in `store`.
    pub fn new(store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl<S: Execute<SettleCancelled> + ?Sized + 'static> PeriodicJob for SettlementJob<S> {
    fn name(&self) -> &'static str {
        "settlement"
    }

    /// A refund for which a balance has no room is passed over, so that it keeps no other refund waiting; the next
    /// run begins from the first reservation again.
    async fn run_once(&self) -> Result<(), StoreError> {
        let mut after = ReservationId(Uuid::nil());
        for _ in 0..ROUNDS_MAX {
            let ids = (0..SettleCancelled::RESERVATIONS_MAX).map(|_| PointEntryId(new_id()));
            let command = SettleCancelled { after, entry_ids: ids.collect() };
            let Ok(settled) = self.store.execute_one(command, self.clock.now()).await?;
            metrics::counter!("stagedoor_refunds_total").increment(settled.refunded as u64);
            if settled.left > 0 {
                tracing::error!(
                    refunds = settled.left,
                    "refunds of a cancelled schedule would pass the bound of a balance"
                );
            }
            match settled.last {
                Some(last) => after = last,
                None => break,
            }
        }
        Ok(())
    }
}
