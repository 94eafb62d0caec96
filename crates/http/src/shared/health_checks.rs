//! The last health checks of queue tokens, as this process took them.

use moka::sync::Cache;
use stagedoor_domain::{Instant, QueueTokenId};

/// The most tokens that are known.
const TOKENS_MAX: u64 = 100_000;

/// When tokens were last checked. The store is told of the heartbeats of waiting tokens a moment
/// later and of those of active ones never, so this is what their reader is shown at once.
pub(crate) struct HealthChecks(Cache<QueueTokenId, Instant>);

impl Default for HealthChecks {
    fn default() -> Self {
        Self(Cache::new(TOKENS_MAX))
    }
}

impl HealthChecks {
    /// Notes a health check.
    pub(crate) fn note(&self, id: QueueTokenId, at: Instant) {
        self.0.insert(id, at);
    }

    /// The last health check, if this process took it and still knows it.
    pub(crate) fn last(&self, id: QueueTokenId) -> Option<Instant> {
        self.0.get(&id)
    }
}
