//! Signs of life that wait to be written.

use std::collections::HashMap;

use stagedoor_domain::QueueTokenId;
use stagedoor_domain::ports::{Sign, TooManySigns};

/// The latest sign of each token, at most so many.
#[derive(Debug)]
pub(super) struct Signs {
    latest: HashMap<QueueTokenId, Sign>,
    signs_max: usize,
}

impl Signs {
    pub(super) fn new(signs_max: usize) -> Self {
        Self { latest: HashMap::new(), signs_max }
    }

    pub(super) fn len(&self) -> usize {
        self.latest.len()
    }

    /// Keeps the latest sign of a token, and since when there were any.
    pub(super) fn keep(&mut self, sign: Sign) -> Result<(), TooManySigns> {
        if let Some(kept) = self.latest.get_mut(&sign.token_id) {
            kept.heartbeats = kept.heartbeats.and(sign.heartbeats);
            return Ok(());
        }
        if self.latest.len() >= self.signs_max {
            return Err(TooManySigns);
        }
        self.latest.insert(sign.token_id, sign);
        Ok(())
    }

    /// Takes all signs out, and keeps room for as many.
    pub(super) fn take(&mut self) -> Vec<Sign> {
        let signs: Vec<Sign> = self.latest.drain().map(|(_, sign)| sign).collect();
        self.latest.shrink_to(signs.len());
        signs
    }
}
