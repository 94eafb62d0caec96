//! What the unit tests of this crate share.

use async_trait::async_trait;
use parking_lot::Mutex;
pub(crate) use stagedoor_domain::ports::StoppedClock;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Submission, Verdict};
use time::macros::datetime;

pub(crate) const NOW: Instant = datetime!(2026-11-21 10:00 UTC);

/// A store that notes how many commands of which name it is given, or fails.
#[derive(Default)]
pub(crate) struct Written {
    batches: Mutex<Vec<(&'static str, usize)>>,
    failure: Option<StoreError>,
}

impl Written {
    /// One that fails.
    pub(crate) fn failing(failure: StoreError) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    pub(crate) fn take(&self) -> Vec<(&'static str, usize)> {
        std::mem::take(&mut *self.batches.lock())
    }
}

#[async_trait]
impl<C: Command> Execute<C> for Written {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        _: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        self.batches.lock().push((C::NAME, submissions.len()));
        self.failure.clone().map_or_else(|| Ok(Vec::new()), Err)
    }
}
