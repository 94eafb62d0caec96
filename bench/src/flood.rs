//! More than can be done, at a fixed rate: what is served, what is refused, and how quickly each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::open_loop::{histogram, status_of_answer};

/// How often requests that have become due are sent.
const TICK: Duration = Duration::from_millis(1);
/// An answer that comes later than this is not as usual.
const SLOW: Duration = Duration::from_millis(250);

const HELLO: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n";

/// The text of a request, by its number.
pub type Text = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// A crowd that asks.
pub struct Crowd<'a> {
    pub address: &'a str,
    pub text: Text,
    /// The number of its first request.
    pub first: u64,
    /// The status of a request that is served.
    pub expected: u16,
    pub connections: usize,
}

/// What came of it.
pub struct Flood {
    pub sent: u64,
    pub served: Histogram<u64>,
    pub refused: Histogram<u64>,
    /// Answers that are neither, by their status.
    pub failed: BTreeMap<u16, u64>,
    pub seconds: f64,
    /// When the last one was due that was refused or slow, from the start.
    pub trouble_until: Duration,
}

type Due = (Instant, u64);
type Idle = Arc<Mutex<Vec<usize>>>;
type Tally = Arc<Mutex<Flood>>;

impl Crowd<'_> {
    /// Asks at a rate for a time, whether or not earlier requests have been answered; a latency counts
    /// from when its request was due. Without a rate each connection asks again when it was answered.
    pub async fn run(&self, per_second: Option<f64>, time: Duration) -> Result<Flood> {
        let start = Instant::now();
        let tally = Arc::new(Mutex::new(Flood::new()?));
        let idle: Idle = Arc::default();
        let mut answers = JoinSet::new();
        let mut lines = Vec::new();
        for index in 0..self.connections {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            // A new connection that says nothing for seconds is given up; a kept one is not.
            stream.write_all(HELLO).await?;
            status_of_answer(&mut stream, &mut Vec::new()).await?;
            let (line, due) = mpsc::channel(1);
            lines.push(line);
            lock(&idle).push(index);
            let connection = Connection { stream, text: Arc::clone(&self.text), due };
            let (idle, tally, expected) = (Arc::clone(&idle), Arc::clone(&tally), self.expected);
            answers.spawn(connection.answer_all(index, idle, tally, expected, start));
        }
        let begun = Instant::now();
        let mut sent = 0;
        while begun.elapsed() < time {
            let so_far = begun.elapsed().as_secs_f64();
            let due = per_second.map_or(u64::MAX, |rate| (so_far * rate) as u64);
            while sent < due {
                let Some(line) = lock(&idle).pop().and_then(|index| lines.get(index)) else {
                    break;
                };
                let at = per_second.map_or(so_far, |rate| sent as f64 / rate);
                let at = begun + Duration::from_secs_f64(at);
                line.try_send((at, self.first + sent)).context("an idle connection")?;
                sent += 1;
            }
            sleep(TICK).await;
        }
        drop(lines);
        while let Some(ended) = answers.join_next().await {
            ended??;
        }
        let tally = Arc::into_inner(tally).context("every connection has ended")?;
        let flood = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let before = begun - start;
        let trouble_until = flood.trouble_until.saturating_sub(before);
        Ok(Flood { sent, seconds: time.as_secs_f64(), trouble_until, ..flood })
    }
}

struct Connection {
    stream: TcpStream,
    text: Text,
    due: mpsc::Receiver<Due>,
}

impl Connection {
    async fn answer_all(
        mut self,
        index: usize,
        idle: Idle,
        tally: Tally,
        expected: u16,
        start: Instant,
    ) -> Result<()> {
        let mut buffer = Vec::new();
        while let Some((due, number)) = self.due.recv().await {
            self.stream.write_all(&(self.text)(number)).await?;
            let status = status_of_answer(&mut self.stream, &mut buffer).await?;
            lock(&tally).count(status, expected, due - start, due.elapsed());
            lock(&idle).push(index);
        }
        Ok(())
    }
}

impl Flood {
    fn new() -> Result<Self> {
        Ok(Self {
            sent: 0,
            served: histogram()?,
            refused: histogram()?,
            failed: BTreeMap::new(),
            seconds: 0.0,
            trouble_until: Duration::ZERO,
        })
    }

    fn count(&mut self, status: u16, expected: u16, due: Duration, latency: Duration) {
        let is_served = status == expected;
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        match status {
            _ if is_served => self.served.saturating_record(micros),
            429 | 503 => self.refused.saturating_record(micros),
            _ => *self.failed.entry(status).or_default() += 1,
        }
        if !is_served || latency > SLOW {
            self.trouble_until = self.trouble_until.max(due);
        }
    }

    pub fn goodput(&self) -> f64 {
        self.served.len() as f64 / self.seconds
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
