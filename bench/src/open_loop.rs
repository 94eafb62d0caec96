//! Load at a fixed rate: a request is due when its time comes, whether or not earlier ones have been
//! answered, and its latency counts from then on (no coordinated omission).

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::figures::Figures;
use crate::requests::Request;

/// How many requests may be on their way at once.
const CONNECTIONS: usize = 256;
const HEADERS_MAX: usize = 32;

type Due = (Instant, Arc<[u8]>);

/// Sends requests in turn at a rate, for a time.
pub async fn run(
    address: &str,
    requests: &[Request],
    per_second: f64,
    time: Duration,
    expected: u16,
) -> Result<Figures> {
    let texts: Vec<Arc<[u8]>> = requests.iter().map(|r| r.text().into_bytes().into()).collect();
    let (due, waiting) = mpsc::unbounded_channel();
    let waiting = Arc::new(Mutex::new(waiting));
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        connections.spawn(answer_all(stream, Arc::clone(&waiting), expected));
    }
    let start = Instant::now();
    let count = (per_second * time.as_secs_f64()) as usize;
    for (index, text) in texts.iter().cycle().take(count).enumerate() {
        let at = start + Duration::from_secs_f64(index as f64 / per_second);
        sleep_until(at).await;
        due.send((at, Arc::clone(text))).context("the connections are open")?;
    }
    drop(due);
    let mut all = histogram()?;
    let mut failed = 0;
    while let Some(done) = connections.join_next().await {
        let (histogram, wrong) = done??;
        all.add(histogram)?;
        failed += wrong;
    }
    let ms = |quantile| all.value_at_quantile(quantile) as f64 / 1e3;
    Ok(Figures {
        rate: all.len() as f64 / start.elapsed().as_secs_f64(),
        p50_ms: ms(0.5),
        p95_ms: ms(0.95),
        p99_ms: ms(0.99),
        failed,
        ..Figures::default()
    })
}

/// Microseconds, up to a minute.
pub fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

/// Sends what is due, one after another, until there is no more.
async fn answer_all(
    mut stream: TcpStream,
    waiting: Arc<Mutex<mpsc::UnboundedReceiver<Due>>>,
    expected: u16,
) -> Result<(Histogram<u64>, u64)> {
    let mut histogram = histogram()?;
    let mut failed = 0;
    let mut buffer = Vec::new();
    loop {
        let next = waiting.lock().await.recv().await;
        let Some((due, text)) = next else { return Ok((histogram, failed)) };
        stream.write_all(&text).await?;
        let status = status_of_answer(&mut stream, &mut buffer).await?;
        failed += u64::from(status != expected);
        let latency = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
        histogram.saturating_record(latency);
    }
}

/// Reads a whole answer with a `Content-Length`.
async fn status_of_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<u16> {
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
        if let Some(status) = status_of(buffer)? {
            return Ok(status);
        }
    }
}

/// The status of an answer with a `Content-Length`, if all of it is there.
pub fn status_of(answer: &[u8]) -> Result<Option<u16>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(answer)? else { return Ok(None) };
    let length = parsed.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
    let length = std::str::from_utf8(length.context("a length")?.value)?.parse::<usize>()?;
    Ok(if answer.len() < head + length { None } else { parsed.code })
}
