//! `stagedoor serve`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::settings::Settings;
use crate::start::{Overrides, start};
use crate::telemetry;

/// How long the program may take to end after requests were drained.
const END_TIMEOUT: Duration = Duration::from_millis(1_700);

pub(super) async fn serve(settings: Settings) -> anyhow::Result<ExitCode> {
    telemetry::start_logs(&settings.logs)?;
    let mut signals = Signals::catch()?;
    let drain_timeout = Duration::from_secs(settings.server.drain_timeout_seconds);
    let started = tokio::select! {
        started = start(settings, Overrides::default()) => started?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let stop = started.stopper();
    let mut served = std::pin::pin!(started.wait());
    tokio::select! {
        ended = &mut served => {
            ended?;
            anyhow::bail!("the server ended without being stopped");
        }
        () = signals.next() => stop.cancel(),
    }
    tracing::info!("stopping: in-flight requests are answered, then the program ends");
    tokio::select! {
        ended = tokio::time::timeout(drain_timeout + END_TIMEOUT, &mut served) => {
            ended.context("the program did not end in time")??;
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        () = signals.next() => anyhow::bail!("a second signal ended the program at once"),
    }
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn catch() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
