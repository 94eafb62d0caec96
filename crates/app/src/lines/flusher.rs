//! Writing signs of life.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::Request;
use stagedoor_domain::operations::SeeToken;
use stagedoor_domain::ports::{Clock, Execute, Sign, StoreError};

use super::MemoryLines;
use crate::periodic_job::PeriodicJob;

/// The most signs written by one transaction.
const SIGNS_PER_BATCH_MAX: usize = 1_000;

/// Writes the signs of life that were gathered.
pub struct SignFlusher<S: ?Sized> {
    lines: Arc<MemoryLines>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: Execute<SeeToken> + ?Sized> SignFlusher<S> {
    /// Writes what `lines` gathers to `store`.
    pub fn new(lines: Arc<MemoryLines>, store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { lines, store, clock }
    }

    fn put_back(&self, signs: &[Sign]) {
        let mut kept = self.lines.signs();
        let lost = signs.iter().filter(|sign| kept.keep(**sign).is_err()).count();
        drop(kept);
        if lost > 0 {
            tracing::warn!(lost, "signs of life were dropped because too many wait");
        }
    }
}

#[async_trait]
impl<S: Execute<SeeToken> + ?Sized + 'static> PeriodicJob for SignFlusher<S> {
    fn name(&self) -> &'static str {
        "sign_flush"
    }

    /// Writes all signs gathered so far. Those that may not have been written are kept: to write
    /// a sign twice is to write it once.
    async fn run_once(&self) -> Result<(), StoreError> {
        let signs = self.lines.signs().take();
        let mut rest = signs.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(SIGNS_PER_BATCH_MAX));
            let requests: Vec<_> = batch.iter().map(request).collect();
            match self.store.execute(&requests, self.clock.now()).await {
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

fn request(sign: &Sign) -> Request<SeeToken> {
    Request::new(SeeToken { token_id: sign.token_id, heartbeats: sign.heartbeats })
}
