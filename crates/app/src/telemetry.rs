//! Logs and metrics.

use std::io::IsTerminal;
use std::sync::OnceLock;

use anyhow::Context;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, LogSettings};

const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
const BATCH_SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The recorder of this process. Several servers in one process, as in tests, share it.
static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();

/// Starts recording metrics, if nothing has yet.
///
/// # Errors
/// Something else in this process records them.
pub fn record_metrics() -> anyhow::Result<()> {
    let recorder = RECORDER.get_or_init(|| install().map_err(|error| error.to_string()));
    recorder.as_ref().map(|_| ()).map_err(|error| anyhow::anyhow!("no metrics: {error}"))
}

fn install() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Full("stagedoor_batch_size".to_owned()), BATCH_SIZES)?
        .install_recorder()
}

/// All metrics, in the Prometheus text format.
pub fn render_metrics() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

/// Compacts what was recorded, which otherwise is kept until the metrics are read.
pub(crate) fn keep_up() {
    if let Some(handle) = handle() {
        handle.run_upkeep();
    }
}

fn handle() -> Option<&'static PrometheusHandle> {
    RECORDER.get().and_then(|recorder| recorder.as_ref().ok())
}

/// Starts to log to the standard error.
///
/// # Errors
/// The filter does not read, or something else in this process logs.
pub fn start_logs(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log_filter)
        .with_context(|| format!("log-filter: cannot read {:?}", settings.log_filter))?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match settings.log_format {
        LogFormat::Human => logs.with_target(false).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("cannot start to log: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_have_buckets_and_recording_starts_once() {
        record_metrics().unwrap();
        record_metrics().unwrap();
        metrics::histogram!("stagedoor_batch_size", "command" => "test").record(3.0);
        metrics::histogram!("test_seconds").record(0.03);

        let metrics = render_metrics();
        for expected in [
            "stagedoor_batch_size_bucket{command=\"test\",le=\"4\"} 1",
            "test_seconds_bucket{le=\"0.02\"} 0",
            "test_seconds_bucket{le=\"0.05\"} 1",
        ] {
            assert!(metrics.contains(expected), "{expected} is not in {metrics}");
        }
    }
}
