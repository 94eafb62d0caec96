//! Load at a fixed rate: a request is due when its time comes, whether or not earlier ones have been
//! answered, and its latency counts from then on (no coordinated omission).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use reqwest::{Client, Method};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::figures::Figures;
use crate::requests::Request;

/// Sends requests in turn at a rate, for a time.
pub async fn run(
    address: &str,
    requests: &[Request],
    per_second: f64,
    time: Duration,
    expected: u16,
) -> Result<Figures> {
    let client = Client::builder().pool_max_idle_per_host(1_000).build()?;
    let base = Arc::new(format!("http://{address}"));
    let failed = Arc::new(AtomicU64::new(0));
    let (told, mut latencies) = mpsc::unbounded_channel();
    let start = Instant::now();
    let count = (per_second * time.as_secs_f64()) as usize;
    for (index, request) in requests.iter().cycle().take(count).enumerate() {
        let due = start + Duration::from_secs_f64(index as f64 / per_second);
        sleep_until(due).await;
        let (client, base, request) = (client.clone(), Arc::clone(&base), request.clone());
        let (failed, told) = (Arc::clone(&failed), told.clone());
        tokio::spawn(async move {
            if send(&client, &base, &request).await != Some(expected) {
                failed.fetch_add(1, Ordering::Relaxed);
            }
            // The receiver outlives all senders.
            let _ = told.send(due.elapsed());
        });
    }
    drop(told);
    let mut histogram = Histogram::<u64>::new(3)?;
    while let Some(latency) = latencies.recv().await {
        histogram.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }
    let ms = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
    Ok(Figures {
        rate: histogram.len() as f64 / start.elapsed().as_secs_f64(),
        p50_ms: ms(0.5),
        p95_ms: ms(0.95),
        p99_ms: ms(0.99),
        failed: failed.load(Ordering::Relaxed),
        ..Figures::default()
    })
}

async fn send(client: &Client, base: &str, request: &Request) -> Option<u16> {
    let method = if request.method == "GET" { Method::GET } else { Method::POST };
    let mut call =
        client.request(method, format!("{base}{}", request.path)).bearer_auth(&request.token);
    if !request.body.is_empty() {
        call = call.header("Content-Type", "application/json").body(request.body.clone());
    }
    let answer = call.send().await.ok()?;
    let status = answer.status().as_u16();
    answer.bytes().await.ok()?;
    Some(status)
}
