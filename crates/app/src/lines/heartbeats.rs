//! Heartbeats that wait to be written.

use std::collections::HashMap;

use stagedoor_domain::QueueTokenId;
use stagedoor_domain::ports::{Heartbeat, TooManyHeartbeats};

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
