//! Heartbeats: gathering them in memory, and writing them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::RecordHeartbeats;
use stagedoor_domain::ports::{Clock, Execute, Heartbeat, StoreError, TooManyHeartbeats};
use stagedoor_domain::{QueueTokenId, Submission};

use super::MemoryLines;
use crate::periodic_job::PeriodicJob;

/// The most heartbeats written by one transaction.
const HEARTBEATS_PER_BATCH_MAX: usize = 1_000;

/// The latest heartbeat of each token, at most a bounded number.
#[derive(Debug)]
pub(super) struct PendingHeartbeats {
    latest: HashMap<QueueTokenId, Heartbeat>,
    heartbeats_max: usize,
}

impl PendingHeartbeats {
    pub(super) fn new(heartbeats_max: usize) -> Self {
        Self { latest: HashMap::new(), heartbeats_max }
    }

    pub(super) fn len(&self) -> usize {
        self.latest.len()
    }

    /// Keeps the latest heartbeat of a token, and since when there were any.
    pub(super) fn keep(&mut self, heartbeat: Heartbeat) -> Result<(), TooManyHeartbeats> {
        if let Some(kept) = self.latest.get_mut(&heartbeat.token_id) {
            kept.heartbeats = kept.heartbeats.and(heartbeat.heartbeats);
            return Ok(());
        }
        if self.latest.len() >= self.heartbeats_max {
            return Err(TooManyHeartbeats);
        }
        self.latest.insert(heartbeat.token_id, heartbeat);
        Ok(())
    }

    /// Takes all heartbeats out, and keeps room for as many.
    pub(super) fn take(&mut self) -> Vec<Heartbeat> {
        let heartbeats: Vec<Heartbeat> =
            self.latest.drain().map(|(_, heartbeat)| heartbeat).collect();
        self.latest.shrink_to(heartbeats.len());
        heartbeats
    }
}

/// Writes the heartbeats that were gathered.
pub struct HeartbeatFlusher<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<RecordHeartbeats> + ?Sized> HeartbeatFlusher<S> {
    /// Writes what `lines` gathers to `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock }
    }

    fn put_back(&self, heartbeats: &[Heartbeat]) {
        let mut kept = self.lines.heartbeats();
        let lost = heartbeats.iter().filter(|heartbeat| kept.keep(**heartbeat).is_err()).count();
        drop(kept);
        if lost > 0 {
            tracing::warn!(lost, "heartbeats were dropped because too many wait");
        }
    }
}

#[async_trait]
impl<S: Execute<RecordHeartbeats> + ?Sized + 'static> PeriodicJob for HeartbeatFlusher<S> {
    fn name(&self) -> &'static str {
        "heartbeat_flush"
    }

    /// Writes all heartbeats gathered so far. Those that may not have been written are kept: to write
    /// a heartbeat twice is to write it once.
    async fn run_once(&self) -> Result<(), StoreError> {
        let heartbeats = self.lines.heartbeats().take();
        let mut rest = heartbeats.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(HEARTBEATS_PER_BATCH_MAX));
            let submissions: Vec<_> = batch.iter().map(submission).collect();
            match self.store.execute(&submissions, self.clock.now()).await {
                Ok(_) => {}
                Err(error @ StoreError::Corrupt(_)) => {
                    self.put_back(later);
                    return Err(error);
                }
                Err(error) => {
                    self.put_back(rest);
                    return Err(error);
                }
            }
            rest = later;
        }
        Ok(())
    }
}

fn submission(heartbeat: &Heartbeat) -> Submission<RecordHeartbeats> {
    Submission::new(RecordHeartbeats {
        token_id: heartbeat.token_id,
        heartbeats: heartbeat.heartbeats,
    })
}
