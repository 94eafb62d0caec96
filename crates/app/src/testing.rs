//! What the unit tests of this crate share.

use std::sync::{Arc, Once};

use async_trait::async_trait;
use parking_lot::Mutex;
pub(crate) use stagedoor_domain::ports::StoppedClock;
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Command, Instant, Submission, Verdict};
use time::macros::datetime;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

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

/// What this thread logs, without colours and times.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps what this thread logs at a level and above, as long as the guard lives.
pub(crate) fn log(max: Level) -> (Log, DefaultGuard) {
    log_of_other_threads();
    let log = Log::default();
    let writer = log.clone();
    let logs = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false);
    let logs = logs.with_max_level(max).without_time().finish();
    (log, tracing::subscriber::set_default(logs))
}

/// Drops what other threads log. While there is one subscriber only, `tracing` asks the thread that is the first to
/// reach a line whether anyone wants the line, and keeps the answer: a test without a log would switch it off for all.
fn log_of_other_threads() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let logs = tracing_subscriber::fmt().with_writer(std::io::sink);
        tracing::subscriber::set_global_default(logs.with_max_level(Level::TRACE).finish())
            .unwrap();
    });
}
