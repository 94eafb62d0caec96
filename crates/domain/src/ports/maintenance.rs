//! Looking after a store.

use async_trait::async_trait;

use super::StoreError;
use crate::{Instant, Peers, ProcessId, Pulse};

/// What a store says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether every migration this program knows has been applied.
    pub migrations_current: bool,
    /// Whether changes are committed at present. They are not while a store of several machines has too few of them.
    pub commits: bool,
    /// Connections in use.
    pub connections_busy: u32,
    /// Connections open and unused.
    pub connections_idle: u32,
}

/// Rows that are kept for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Answers to requests with idempotency keys (rule 16).
    IdempotencyRecords,
    /// Changes of lines ([`LineDelta`](crate::LineDelta)). A reader that needs one which is gone reads the line anew.
    LineChanges,
    /// Events that are fanned out, deliveries of them and e-mails that are not open, and expired tokens of e-mails.
    Events,
}

/// Keeps a store in order.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Reaches the store.
    ///
    /// # Errors
    /// A failure of the store.
    async fn readiness(&self) -> Result<Readiness, StoreError>;

    /// Deletes up to `limit` rows older than an instant, the oldest first; returns how many.
    ///
    /// # Errors
    /// A failure of the store.
    async fn delete_old(
        &self,
        what: Kept,
        before: Instant,
        limit: usize,
    ) -> Result<usize, StoreError>;

    /// The time of the store's own clock, which all its processes follow. A store that belongs to one
    /// process has none: the machine's clock is its clock.
    ///
    /// # Errors
    /// A failure of the store.
    async fn time(&self) -> Result<Option<Instant>, StoreError> {
        Ok(None)
    }

    /// Notes that a process has the store at `now`, and tells of other processes: a store that one
    /// process has to itself knows that there are none. After an outage ([`Pulse::outage`]) the
    /// deadlines of all tokens that were waiting when it began move once
    /// ([`QueueToken::refund`](crate::QueueToken::refund)): those up to
    /// [`MOVED_AHEAD`](crate::pulse::MOVED_AHEAD) after `now` before this returns, the others in the order of
    /// their lines, by this pulse and those that follow, at most
    /// [`MOVED_AT_ONCE_MAX`](crate::pulse::MOVED_AT_ONCE_MAX) by each.
    ///
    /// # Errors
    /// A failure of the store.
    async fn pulse(
        &self,
        process: ProcessId,
        pulse: Pulse,
        now: Instant,
    ) -> Result<Peers, StoreError> {
        let _ = (process, pulse, now);
        Ok(Peers::Impossible)
    }

    /// Notes that a process answers no more.
    ///
    /// # Errors
    /// A failure of the store.
    async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        let _ = process;
        Ok(())
    }

    /// Lets go of what keeps other processes out. The store is not used afterwards.
    ///
    /// # Errors
    /// A failure of the store.
    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
