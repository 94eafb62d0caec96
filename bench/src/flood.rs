//! More than can be done, at a fixed rate: what is served, what is refused, and how quickly each.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::open_loop::{histogram, status_of};

/// Load, service and database share the processors: a thread of the crowd for each.
const LANES: usize = 2;
/// How often requests that have become due are sent.
const TICK: Duration = Duration::from_millis(1);
/// After how many answers the next requests are sent.
const ANSWERS: usize = 64;
/// An answer that comes later than this is not as usual.
const SLOW: Duration = Duration::from_millis(250);
const READ_BYTES: usize = 4 * 1024;

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
    /// The number after that of its last request.
    pub next: u64,
    pub served: Histogram<u64>,
    pub refused: Histogram<u64>,
    /// Answers that are neither, by their status.
    pub failed: BTreeMap<u16, u64>,
    pub seconds: f64,
    /// When the last one was due that was refused or slow, from the start.
    pub trouble_until: Duration,
}

impl Crowd<'_> {
    /// Asks at a rate for a time, whether or not earlier requests have been answered; a latency counts
    /// from when its request was due. Without a rate each connection asks again when it was answered.
    /// Of the connections that are idle the one used last is taken, as proxies do.
    pub fn run(&self, per_second: Option<f64>, time: Duration) -> Result<Flood> {
        let lanes = (0..LANES).map(|index| Lane::open(self, index)).collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        thread::scope(|scope| {
            let asking: Vec<_> = lanes
                .into_iter()
                .map(|lane| scope.spawn(move || lane.ask(begun, per_second, time)))
                .collect();
            let mut all = Flood::new(self.first, time)?;
            for lane in asking {
                all.add(&lane.join().map_err(|_| anyhow!("a lane of the crowd panicked"))??)?;
            }
            Ok(all)
        })
    }
}

/// A part of the crowd that one thread drives: every so manieth request, on connections of its own.
struct Lane<'a> {
    crowd: &'a Crowd<'a>,
    index: usize,
    poll: Poll,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    flood: Flood,
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    due: Duration,
}

impl<'a> Lane<'a> {
    fn open(crowd: &'a Crowd, index: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let open = |token| {
            let mut stream = greeted(crowd.address)?;
            poll.registry().register(&mut stream, Token(token), Interest::READABLE)?;
            Ok(Connection { stream, answer: Vec::new(), due: Duration::ZERO })
        };
        let connections =
            (0..crowd.connections / LANES).map(open).collect::<Result<Vec<Connection>>>()?;
        let idle = (0..connections.len()).collect();
        let flood = Flood::new(crowd.first, Duration::ZERO)?;
        Ok(Self { crowd, index, poll, connections, idle, flood })
    }

    fn ask(mut self, begun: Instant, per_second: Option<f64>, time: Duration) -> Result<Flood> {
        let mut events = Events::with_capacity(ANSWERS);
        loop {
            let elapsed = begun.elapsed();
            if elapsed < time {
                self.send_due(elapsed, per_second)?;
            } else if self.idle.len() == self.connections.len() {
                return Ok(self.flood);
            }
            self.poll.poll(&mut events, Some(TICK))?;
            for event in &events {
                self.receive(event.token().0, begun)?;
            }
        }
    }

    fn send_due(&mut self, elapsed: Duration, per_second: Option<f64>) -> Result<()> {
        loop {
            let number = self.flood.sent * LANES as u64 + self.index as u64;
            let due = per_second.map(|rate| Duration::from_secs_f64(number as f64 / rate));
            if due.is_some_and(|due| due > elapsed) {
                return Ok(());
            }
            let Some(index) = self.idle.pop() else { return Ok(()) };
            let connection = &mut self.connections[index];
            connection.due = due.unwrap_or(elapsed);
            let text = (self.crowd.text)(self.crowd.first + number);
            let written = connection.stream.write(&text)?;
            ensure!(written == text.len(), "a request does not fit into an idle connection");
            self.flood.sent += 1;
            self.flood.next = self.crowd.first + number + 1;
        }
    }

    /// Reads what there is of an answer.
    fn receive(&mut self, index: usize, begun: Instant) -> Result<()> {
        let connection = &mut self.connections[index];
        connection.read()?;
        if let Some(status) = status_of(&connection.answer)? {
            connection.answer.clear();
            let latency = begun.elapsed().saturating_sub(connection.due);
            self.flood.count(status, self.crowd.expected, connection.due, latency);
            self.idle.push(index);
        }
        Ok(())
    }
}

/// A new connection that says nothing for seconds is given up; one that has been used is kept.
fn greeted(address: &str) -> Result<TcpStream> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(HELLO)?;
    let (mut answer, mut bytes) = (Vec::new(), [0; READ_BYTES]);
    while status_of(&answer)?.is_none() {
        let read = stream.read(&mut bytes)?;
        ensure!(read > 0, "the connection was closed");
        answer.extend_from_slice(&bytes[..read]);
    }
    stream.set_nonblocking(true)?;
    Ok(TcpStream::from_std(stream))
}

impl Connection {
    fn read(&mut self) -> Result<()> {
        let mut bytes = [0; READ_BYTES];
        loop {
            let read = match self.stream.read(&mut bytes) {
                Ok(0) => bail!("the connection was closed"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("an answer"),
            };
            self.answer.extend_from_slice(&bytes[..read]);
            // What comes later is another event.
            if read < READ_BYTES {
                return Ok(());
            }
        }
    }
}

impl Flood {
    fn new(first: u64, time: Duration) -> Result<Self> {
        Ok(Self {
            sent: 0,
            next: first,
            served: histogram()?,
            refused: histogram()?,
            failed: BTreeMap::new(),
            seconds: time.as_secs_f64(),
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

    fn add(&mut self, other: &Self) -> Result<()> {
        self.sent += other.sent;
        self.next = self.next.max(other.next);
        self.served.add(&other.served)?;
        self.refused.add(&other.refused)?;
        for (status, count) in &other.failed {
            *self.failed.entry(*status).or_default() += count;
        }
        self.trouble_until = self.trouble_until.max(other.trouble_until);
        Ok(())
    }

    pub fn goodput(&self) -> f64 {
        self.served.len() as f64 / self.seconds
    }
}
