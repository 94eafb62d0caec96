//! Heartbeats: gathering them in memory, and writing them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::{KeepWaiting, RecordHeartbeats};
use stagedoor_domain::ports::{Clock, Execute, Heartbeat, StoreError, TooManyHeartbeats};
use stagedoor_domain::pulse::WRITTEN_AHEAD;
use stagedoor_domain::{Command, Instant, QueueTokenId, Submission};

use super::MemoryLines;
use crate::periodic_job::PeriodicJob;

/// The most heartbeats written by one transaction.
const HEARTBEATS_PER_BATCH_MAX: usize = 1_000;
/// The most deadlines of a room that are written between two pulses, which takes about a second.
const WRITTEN_AT_ONCE_MAX: usize = 50_000;
/// A process that ends writes up to this number of heartbeats. With more, it ends as one that was lost.
const WRITTEN_AT_END_MAX: u64 = 20_000;
/// After all deadlines.
const LAST: Instant = time::PrimitiveDateTime::MAX.assume_utc();

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

/// Writes the heartbeats that were gathered: of tokens that are not known to wait or get less time, all, and of the others
/// those whose deadline in the store comes near.
pub struct HeartbeatFlusher<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S> HeartbeatFlusher<S>
where
    S: Execute<RecordHeartbeats> + Execute<KeepWaiting> + ?Sized,
{
    /// Writes what `lines` gathers to `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock }
    }

    /// Writes all heartbeats, those that are kept as well. Answers whether it did: with too many it would
    /// take too long.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn write_all(&self) -> Result<bool, StoreError> {
        let are_few = self.lines.heartbeats_waiting() <= WRITTEN_AT_END_MAX;
        let until = if are_few { LAST } else { self.clock.now() + WRITTEN_AHEAD };
        self.write(until).await?;
        Ok(are_few)
    }

    async fn write(&self, until: Instant) -> Result<(), StoreError> {
        let gathered = self.lines.heartbeats().take();
        let submission = |heartbeat: &Heartbeat| RecordHeartbeats {
            token_id: heartbeat.token_id,
            heartbeats: heartbeat.heartbeats,
        };
        self.in_batches(&gathered, submission, |rest| self.gather_again(rest)).await?;
        let kept = self.lines.take_kept(until, WRITTEN_AT_ONCE_MAX);
        self.in_batches(&kept, |kept| KeepWaiting(*kept), |rest| self.lines.put_back(rest)).await
    }

    /// Those that may not have been written are put back: to write a heartbeat twice is to write it once.
    async fn in_batches<T, C: Command>(
        &self,
        all: &[T],
        command: impl Fn(&T) -> C,
        put_back: impl Fn(&[T]),
    ) -> Result<(), StoreError>
    where
        S: Execute<C>,
    {
        let mut rest = all;
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(HEARTBEATS_PER_BATCH_MAX));
            let submissions: Vec<_> = batch.iter().map(&command).map(Submission::new).collect();
            if let Err(error) = self.store.execute(&submissions, self.clock.now()).await {
                put_back(if matches!(error, StoreError::Corrupt(_)) { later } else { rest });
                return Err(error);
            }
            rest = later;
        }
        Ok(())
    }

    fn gather_again(&self, heartbeats: &[Heartbeat]) {
        let mut kept = self.lines.heartbeats();
        let lost = heartbeats.iter().filter(|heartbeat| kept.keep(**heartbeat).is_err()).count();
        drop(kept);
        if lost > 0 {
            tracing::warn!(lost, "heartbeats were dropped because too many wait");
        }
    }
}

#[async_trait]
impl<S> PeriodicJob for HeartbeatFlusher<S>
where
    S: Execute<RecordHeartbeats> + Execute<KeepWaiting> + ?Sized + 'static,
{
    fn name(&self) -> &'static str {
        "heartbeat_flush"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        self.write(self.clock.now() + WRITTEN_AHEAD).await
    }
}
